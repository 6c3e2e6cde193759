"""What must not leave photopipe as it is: the one list of characters that mislead, and what of an address is secret."""

import re
import unicodedata
from typing import Final

_CONTROLS: Final = r"\x00-\x1f\x7f-\x9f\u2028\u2029"
"""Categories Cc, Zl and Zp: they end a line, or steer a terminal."""
_SURROGATES: Final = r"\ud800-\udfff"
"""What Python makes of bytes that are not UTF-8, and what no UTF-8 can hold."""
_DIRECTION_MARKS: Final = r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
"""Source: Unicode Standard Annex 9, explicit directional formatting: they make `gpj.exe` look like `exe.jpg`."""
_BYTE_ORDER_MARK: Final = r"\ufeff"

SURROGATE: Final = re.compile(f"[{_SURROGATES}]")
NOT_ONE_LINE: Final = re.compile(f"[{_CONTROLS}{_SURROGATES}]")
"""What a single line of valid UTF-8 cannot contain."""
MISLEADING: Final = re.compile(f"[{_CONTROLS}{_DIRECTION_MARKS}]")
"""What can make one line look like another."""
INVISIBLE: Final = re.compile(f"[{_CONTROLS}{_SURROGATES}{_DIRECTION_MARKS}{_BYTE_ORDER_MARK}]")
"""All of them."""

_ESCAPED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories that are escaped on a terminal: all format characters, and those without a glyph, as well."""


def printable(text: str) -> str:
    """Text that cannot forge or spoil a line of terminal output.

    Control characters, line ends, marks that change the direction of writing, and bytes that are not
    UTF-8 are shown as escapes.
    """
    return "".join(_escaped(char) if unicodedata.category(char) in _ESCAPED else char for char in text)


def without_secrets(source: str) -> str:
    """Where photos come from or go to, without the login and the query that an address may hold."""
    if "://" not in source:
        return source
    scheme, rest = source.split("://", 1)
    host, slash, path = re.split("[?#]", rest, maxsplit=1)[0].partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def _escaped(char: str) -> str:
    if "\udc80" <= char <= "\udcff":
        return f"\\x{ord(char) - 0xDC00:02x}"
    return char.encode("unicode_escape").decode("ascii")
