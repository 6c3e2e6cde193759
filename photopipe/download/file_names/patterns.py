"""Patterns as in a `.gitignore`."""

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
        if not lines:
            return None
        from pathspec import GitIgnoreSpec

        for line in lines:
            try:
                GitIgnoreSpec.from_lines([line])
            except Exception as error:  # pathspec's own error, or that of the regular expression it makes
                raise UsageError(
                    f"{option} {line!r} is not a pattern as in a .gitignore file ({error}). "
                    "A backslash in front of a special character makes it an ordinary one."
                ) from error
        return cls(GitIgnoreSpec.from_lines(lines))

    def match(self, path: str) -> bool:
        """True if they match a path.

        Args:
            path: relative to the source's folder, with `/` between the parts, and at the end if it is a folder.
        """
        return self.spec.match_file(path)
