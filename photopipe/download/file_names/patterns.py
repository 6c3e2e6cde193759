"""Patterns as in a `.gitignore`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from photopipe.errors import UsageError

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec


@dataclass(frozen=True, slots=True)
class Patterns:
    """Some patterns, of which the last that matches decides.

    Attributes:
        spec: what they match.

    Source:
        gitignore(5), "PATTERN FORMAT".
    """

    spec: "GitIgnoreSpec"

    @classmethod
    def of(cls, lines: Sequence[str], *, option: str) -> "Patterns | None":
        """The patterns in these lines, or None if there are none.

        Args:
            lines: one pattern each.
            option: where they were given, for the message.

        Raises:
            UsageError: one of them is no pattern.
        """
        if not any(lines):
            return None
        from pathspec import GitIgnoreSpec

        chosen = [line for line in lines if line.strip()]
        for line in chosen:
            try:
                (pattern,) = GitIgnoreSpec.from_lines([line]).patterns
            except (ValueError, re.error) as error:
                raise _refusal(option, line, str(error)) from error
            if pattern.include is None:
                raise _refusal(option, line, "it matches nothing")
        return cls(GitIgnoreSpec.from_lines(chosen)) if chosen else None

    def match(self, path: str) -> bool:
        """True if they match a path.

        Args:
            path: relative to the source's folder, with `/` between the parts, and at the end if it is a folder.
        """
        return self.spec.match_file(path)


def _refusal(option: str, line: str, why: str) -> UsageError:
    return UsageError(
        f"{option} {line!r} is not a pattern as in a .gitignore file: {why}. "
        "A backslash in front of a special character makes it an ordinary one."
    )
