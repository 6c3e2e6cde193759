"""The EXIF entries that are kept: picked from what a camera wrote, and converted to the types they must have."""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from numbers import Rational
from typing import Any, Final

from PIL import Image

from photopipe.resize.decoders.decode_errors import plain_reason
from photopipe.resize.metadata.exif_block import (
    ASCII,
    BYTE,
    COLOR_SPACE,
    EXIF_POINTER,
    GPS_POINTER,
    RATIONAL,
    SHORT,
    SRATIONAL,
    UNDEFINED,
    Field,
    exif_block,
)
from photopipe.resize.metadata.exif_tags import (
    EXIF_TAGS,
    GPS_TAGS,
    MAIN_TAGS,
    PRIVATE_EXIF_TAGS,
    PRIVATE_MAIN_TAGS,
    AllowedTag,
)

LONGEST_BLOCK: Final = 65_000
"""A JPEG segment holds 65533 bytes. Source: ITU-T T.81, B.1.1.4."""
LONGEST_DATE: Final = 64
"""A date has 20 bytes, a fraction or an offset fewer."""
ALWAYS: Final = (
    Field(36864, UNDEFINED, 4, b"0232"),  # ExifVersion
    Field(COLOR_SPACE, SHORT, 1, struct.pack("<H", 1)),  # sRGB
)
NUMBERS: Final = {allowed.name: allowed.tag for allowed in (*MAIN_TAGS, *EXIF_TAGS)}
MAIN_NAMES: Final = frozenset(allowed.name for allowed in MAIN_TAGS)
CODES: Final = {SHORT: "H", RATIONAL: "I", SRATIONAL: "i"}
LARGEST_DENOMINATOR: Final = 1_000_000


@dataclass(slots=True)
class ExifFields:
    """Entries of the three directories by name; mutable.

    Attributes:
        main: of IFD0.
        detail: of the Exif directory.
        gps: of the GPS directory.
    """

    main: dict[str, Field] = field(default_factory=dict)
    detail: dict[str, Field] = field(default_factory=dict)
    gps: dict[str, Field] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A text, decoded as UTF-8 or else Latin-1; empty if there is none of that name."""
        entry = self.main.get(name) or self.detail.get(name)
        if entry is None or entry.type != ASCII:
            return ""
        try:
            return entry.data.decode().rstrip("\0")
        except UnicodeDecodeError:
            return entry.data.decode("latin-1").rstrip("\0")

    def number(self, name: str) -> int | None:
        """A small whole number, or None if there is none of that name."""
        entry = self.main.get(name) or self.detail.get(name)
        return int.from_bytes(entry.data[:2], "little") if entry and entry.type == SHORT and entry.count else None

    def texts(self) -> dict[str, str]:
        """Every text by name."""
        return {name: self.text(name) for name in (*self.main, *self.detail)}

    def set_text(self, name: str, text: str) -> None:
        """Replace a text by one of ours; an empty one removes it."""
        directory = self.main if name in MAIN_NAMES else self.detail
        directory.pop(name, None)
        if text:
            directory[name] = _text_field(NUMBERS[name], text)


def allowed_fields(exif: Image.Exif, *, private: bool, lost: list[str]) -> ExifFields:
    """Pick the allowed entries out of a picture's EXIF.

    Args:
        exif: what the file says.
        private: whether position, owner and serial numbers are allowed too.
        lost: gets the name of what cannot be read.

    Returns:
        What can be read.
    """
    fields = ExifFields(dict(_allowed(exif, MAIN_TAGS, lost)), dict(_directory(exif, EXIF_POINTER, EXIF_TAGS, lost)))
    if private:
        fields.main.update(_allowed(exif, PRIVATE_MAIN_TAGS, lost))
        fields.detail.update(_directory(exif, EXIF_POINTER, PRIVATE_EXIF_TAGS, lost))
        fields.gps.update(_directory(exif, GPS_POINTER, GPS_TAGS, lost))
    return fields


def exif_bytes(fields: ExifFields, always: frozenset[str], lost: list[str]) -> bytes:
    """Serialise the entries.

    Args:
        fields: the entries.
        always: names in the main directory that must not be left out.
        lost: is told if something is left out.

    Returns:
        The block; empty for no entries. One too long for a JPEG keeps only the dates and `always`.
    """
    if not (fields.main or fields.detail or fields.gps):
        return b""
    has_photo = fields.detail or fields.gps or not always.issuperset(fields.main)
    detail = [*fields.detail.values(), *(ALWAYS if has_photo else ())]
    block = exif_block(list(fields.main.values()), detail, fields.gps.values())
    if len(block) <= LONGEST_BLOCK:
        return block
    lost.append("all but the dates, because it is too long")
    main = {name: entry for name, entry in fields.main.items() if name in always}
    return exif_bytes(ExifFields(main | _dates(fields.main), _dates(fields.detail)), always, lost)


def _directory(exif: Image.Exif, pointer: int, tags: Iterable[AllowedTag], lost: list[str]) -> list[tuple[str, Field]]:
    try:
        return list(_allowed(exif.get_ifd(pointer), tags, lost))
    except Exception as error:  # noqa: BLE001 - one broken directory must not cost the others, nor fail the photo
        lost.append(plain_reason(error))
        return []


def _allowed(directory: Mapping[int, Any], tags: Iterable[AllowedTag], lost: list[str]) -> Iterator[tuple[str, Field]]:
    """Yield the allowed entries of a directory by name; names of broken ones go to `lost`."""
    for name, tag, kind in tags:
        try:
            if tag in directory:  # Pillow decodes a value only when it is asked for
                yield name, _field(tag, kind, directory[tag])
        except Exception:  # noqa: BLE001 - one broken value must not cost the others, nor fail the photo
            lost.append(name)


def _dates(fields: Mapping[str, Field]) -> dict[str, Field]:
    return {name: entry for name, entry in fields.items() if "Time" in name and len(entry.data) <= LONGEST_DATE}


def _field(tag: int, kind: int, value: object) -> Field:
    """Turn a value, as Pillow hands it out, into an entry of the type its tag must have.

    Numbers are not rounded; a text keeps its own bytes, without padding. Raises TypeError, ValueError or struct.error
    if the value is of another kind.
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


def _text_field(tag: int, text: str) -> Field:
    """Make an entry of a text of our own, in UTF-8.

    The type ASCII does not allow that, but nearly every program writes and reads it there; the type that Exif 3.0 has
    for it is still unknown to most. Source: MWG Guidelines 2.0, 5.1.
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
