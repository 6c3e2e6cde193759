"""Turn one EXIF value, as Pillow hands it out, into an entry of the type its tag must have."""

import struct
from collections.abc import Sequence
from fractions import Fraction
from numbers import Rational
from typing import Final

from photopipe.resize.metadata.exif_block import ASCII, BYTE, RATIONAL, SHORT, SRATIONAL, UNDEFINED, Field

CODES: Final = {SHORT: "H", RATIONAL: "I", SRATIONAL: "i"}
LARGEST_DENOMINATOR: Final = 1_000_000


def exif_field(tag: int, kind: int, value: object) -> Field:
    """Make the entry for one tag.

    Args:
        tag: number of the tag.
        kind: the type the tag must have: BYTE, ASCII, SHORT, RATIONAL, SRATIONAL or UNDEFINED.
        value: what the file says.

    Returns:
        The entry, with the numbers unrounded and a text's own bytes without padding.

    Raises:
        TypeError: the value is of another kind.
        ValueError: a text is not readable as one.
        struct.error: a number is out of the type's range.
    """
    if kind == ASCII:
        data = _text(value) + b"\0"
        return Field(tag, kind, len(data), data)
    if kind in (BYTE, UNDEFINED):
        if not isinstance(value, bytes):
            raise TypeError("bytes expected")
        return Field(tag, kind, len(value), value)
    values = value if isinstance(value, tuple) else (value,)
    return Field(tag, kind, len(values), b"".join(_number(kind, number) for number in values))


def text_field(tag: int, text: str) -> Field:
    """Make the entry for a text of our own.

    Args:
        tag: number of the tag.
        text: any text.

    Returns:
        The entry in UTF-8, which the type ASCII does not allow and nearly every program writes and reads there;
        Exif 3.0's own type for it is still unknown to most. Source: MWG Guidelines 2.0, 5.1.
    """
    data = text.encode("utf-8", "replace") + b"\0"
    return Field(tag, ASCII, len(data), data)


def _text(value: object) -> bytes:
    """The text's own bytes: Pillow reads them as Latin-1, whatever encoding the camera used."""
    text = value.encode("latin-1") if isinstance(value, str) else value
    if not isinstance(text, bytes):
        raise TypeError("text expected")
    return text.rstrip(b"\0 ")


def _number(kind: int, value: object) -> bytes:
    if kind == SHORT:
        return struct.pack("<H", value)
    return struct.pack("<2" + CODES[kind], *_ratio(value))


def _ratio(value: object) -> Sequence[int]:
    if isinstance(value, float):
        value = Fraction(value).limit_denominator(LARGEST_DENOMINATOR)
    if not isinstance(value, Rational):  # Pillow's own rational is one, and may say 1/0 for `unknown`
        raise TypeError("number expected")
    return int(value.numerator), int(value.denominator)
