"""Text with fields between braces: `{folder}`, `{taken_at:%Y-%m-%d}`."""

import string
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from photopipe.errors import UsageError
from photopipe.files.names import clean_text


class TextTemplate:
    """Text with fields between braces.

    Args:
        text: as Python's `str.format` reads it; no attributes, no indexes.
        examples: the fields that may be used, each with a value such as it may have.

    Raises:
        UsageError: it cannot be understood, names what is not known, or has a format that no value can take.
    """

    def __init__(self, text: str, examples: Mapping[str, Any]) -> None:
        self.text = text
        try:
            self._parts = list(string.Formatter().parse(text))
        except ValueError as error:
            raise UsageError(f"template {text!r}: {error}") from None
        for _, name, form, _ in self._parts:
            if name is not None and name not in examples:
                raise UsageError(f"template {text!r}: there is no {{{name}}}; there are {', '.join(examples)}")
            try:
                format(examples.get(name or "", "x"), form or "")
            except ValueError as error:
                raise UsageError(f"template {text!r}: {{{name}:{form}}}: {error}") from None

    def fill(self, value_of: Callable[[str], Any], quoted: Callable[[str, str], str] | None = None) -> str:
        """The text with values: valid UTF-8 on one line.

        Args:
            value_of: gives a field's value.
            quoted: makes a field's value, given its name and its text, fit for where the text is used.
        """
        pieces = []
        for literal, name, form, _ in self._parts:
            value = "" if name is None else _formatted(value_of(name), form)
            pieces += [literal, quoted(name, clean_text(value)) if quoted and name else value]
        return clean_text("".join(pieces)).strip()


def _formatted(value: Any, form: str | None) -> str:
    return value.isoformat() if isinstance(value, datetime) and not form else format(value, form or "")
