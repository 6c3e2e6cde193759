"""Paths into a JSON answer, and the values expected there."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from photopipe.errors import UsageError
from photopipe.upload.galleries.contract import OutgoingPhoto
from photopipe.upload.galleries.template import Template
from photopipe.upload.http.answer import Answer

ANY: Final = "(any)"
EMPTY: Final = "(empty)"
STATUS: Final = "http"
HEADER: Final = "header."

MORE: Final = ("key", "album")
"""Fields that templates of a rule have besides the photo's own."""

Expected = bool | int | float | Template


def values_at(content: object, path: str) -> list[Any]:
    """All values at a path in a JSON document; none if there is no such path.

    Args:
        content: parsed JSON of any shape.
        path: names and numbers with dots between, `image.id` or `files.0.url`; `*` is every entry; `.` is all of it.
    """
    found: list[Any] = [content]
    for part in path.split(".") if path != "." else ():
        found = [value for inside in found for value in _entries(inside, part)]
    return found


def first_at(content: object, path: str) -> Any:
    """The first of `values_at`, or None."""
    return next(iter(values_at(content, path)), None)


def _entries(inside: object, part: str) -> Sequence[Any]:
    if isinstance(inside, dict):
        return list(inside.values()) if part == "*" else [inside[part]] if part in inside else []
    if not isinstance(inside, list):
        return []
    if part == "*":
        return inside
    return inside[int(part) : int(part) + 1] if re.fullmatch(r"[0-9]{1,9}", part) else []


@dataclass(frozen=True, slots=True)
class Condition:
    """One path of an answer and the values expected there.

    Attributes:
        path: `http` for the status, `header.NAME`, or a path as `values_at` takes it.
        expected: any of these.
    """

    path: str
    expected: tuple[Expected, ...]

    def holds(self, answer: Answer, content: object, photo: OutgoingPhoto) -> bool:
        """True if the answer has one of the expected values at the path."""
        return any(
            _is_expected(actual, expected, photo)
            for actual in self._actual(answer, content)
            for expected in self.expected
        )

    def _actual(self, answer: Answer, content: object) -> list[Any]:
        if self.path == STATUS:
            return [answer.status]
        if self.path.startswith(HEADER):
            value = answer.headers.get(self.path.removeprefix(HEADER))
            return [] if value is None else [value]
        return values_at(content, self.path)


@dataclass(frozen=True, slots=True)
class Rule:
    """What an answer must look like to mean something: at least one of several sets of conditions must hold completely.

    Attributes:
        choices: the sets.
    """

    choices: tuple[tuple[Condition, ...], ...]

    def fits(self, answer: Answer, photo: OutgoingPhoto) -> bool:
        """True if the answer to this photo matches the rule."""
        content = answer.json()
        return any(all(condition.holds(answer, content, photo) for condition in choice) for choice in self.choices)

    @property
    def says_status(self) -> bool:
        """True if every set of conditions checks the status."""
        return all(any(condition.path == STATUS for condition in choice) for choice in self.choices)


def read_rule(option: str, value: object) -> Rule:
    """A rule as the configuration writes it: statuses, a table of conditions, or a list of tables.

    Args:
        option: its name, for the message.
        value: `409`, `[200, 201]`, `{ http = 400, "error.code" = [101, 102] }` or a list of such tables.

    Raises:
        UsageError: it is none of these.
    """
    tables: list[object] = value if isinstance(value, list) else [value]
    if tables and all(isinstance(status, int) and not isinstance(status, bool) for status in tables):
        return Rule(((Condition(STATUS, tuple(tables)),),))  # type: ignore[arg-type]  # all() does not narrow
    if not tables or not all(isinstance(table, Mapping) and table for table in tables):
        raise UsageError(
            f"the option {option} must be a status, a list of statuses, or a table of paths in the answer "
            'and the values expected there: { http = 400, "error.code" = [101, 102] }'
        )
    return Rule(tuple(_conditions(option, table) for table in tables if isinstance(table, Mapping)))


def _conditions(option: str, table: Mapping[str, object]) -> tuple[Condition, ...]:
    return tuple(
        Condition(read_path(option, path), tuple(_expected(option, one) for one in _listed(option, value)))
        for path, value in table.items()
    )


def _listed(option: str, value: object) -> list[object]:
    listed = value if isinstance(value, list) else [value]
    if not listed:
        raise UsageError(f"the option {option} expects one of no values at all")
    return listed


def _expected(option: str, value: object) -> Expected:
    if isinstance(value, str):
        return Template(value, MORE)
    if isinstance(value, bool | int | float):
        return value
    raise UsageError(f"the option {option} can expect text, numbers, true and false, not {type(value).__name__}")


def read_path(option: str, path: object) -> str:
    """A path in an answer, as the configuration writes it.

    Raises:
        UsageError: it is not a path.
    """
    if not isinstance(path, str) or not path or (path != "." and "" in path.split(".")):
        raise UsageError(f'the option {option} needs a path in the answer, such as "image.id" or "files.0.url"')
    return path


def is_something(value: object) -> bool:
    """False for null, false and what is empty; true for all else, zero included."""
    return value is not None and value is not False and value not in ("", [], {})


def _is_expected(actual: object, expected: Expected, photo: OutgoingPhoto) -> bool:
    if isinstance(expected, bool) or isinstance(actual, bool):
        return actual is expected
    if not isinstance(expected, Template):
        return actual == expected or actual == str(expected)
    text = expected.fill(photo.photo, {"key": photo.key, "album": photo.album or ""})
    if text in {ANY, EMPTY}:
        return is_something(actual) == (text == ANY)
    return isinstance(actual, str | int) and _fits(str(actual), text)


def _fits(actual: str, text: str) -> bool:
    """True if they are equal regardless of case, where `*` matches anything."""
    pattern = ".*".join(re.escape(piece) for piece in text.split("*"))
    return re.fullmatch(pattern, actual, re.IGNORECASE | re.DOTALL) is not None
