"""The EXIF entries that go along with a photo: picked from what a camera wrote, and written again."""

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from PIL import Image

from photopipe.resize.decoders.decode_errors import plain_reason
from photopipe.resize.metadata.exif_block import (
    ASCII,
    COLOR_SPACE,
    EXIF_POINTER,
    GPS_POINTER,
    SHORT,
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
from photopipe.resize.metadata.exif_value import exif_field, text_field
from photopipe.resize.metadata.metadata_blocks import exif_of

LONGEST_BLOCK: Final = 65_000
"""A JPEG segment holds 65533 bytes. Source: ITU-T T.81, B.1.1.4."""
LONGEST_DATE: Final = 64
"""A date has 20 bytes, a fraction or an offset fewer."""
ALWAYS: Final = (
    Field(36864, UNDEFINED, 4, b"0232"),  # ExifVersion
    Field(COLOR_SPACE, SHORT, 1, struct.pack("<H", 1)),  # sRGB
)
NUMBERS: Final = {allowed_tags.name: allowed_tags.tag for allowed_tags in (*MAIN_TAGS, *EXIF_TAGS)}
MAIN_NAMES: Final = frozenset(allowed_tags.name for allowed_tags in MAIN_TAGS)


@dataclass(slots=True)
class ExifFields:
    """Entries of the three directories by name; whoever holds it may change it.

    Attributes:
        main: of IFD0.
        detail: of the Exif directory.
        gps: of the GPS directory.
    """

    main: dict[str, Field] = field(default_factory=dict)
    detail: dict[str, Field] = field(default_factory=dict)
    gps: dict[str, Field] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A text, decoded as far as it can be; empty if there is none of that name."""
        entry = self.main.get(name) or self.detail.get(name)
        if entry is None or entry.type != ASCII:
            return ""
        try:
            return entry.data.decode().rstrip("\0")
        except UnicodeDecodeError:
            return entry.data.decode("latin-1").rstrip("\0")

    def texts(self) -> dict[str, str]:
        """Every text by name."""
        return {name: self.text(name) for name in (*self.main, *self.detail)}

    def set_text(self, name: str, text: str) -> None:
        """Write a text of ours over whatever stands there; an empty one takes it away."""
        directory = self.main if name in MAIN_NAMES else self.detail
        directory.pop(name, None)
        if text:
            directory[name] = text_field(NUMBERS[name], text)


def read_exif(image: Image.Image, *, private: bool, lost: list[str]) -> ExifFields:
    """Pick the welcome entries out of a picture's EXIF.

    Args:
        image: a loaded picture whose file is still open.
        private: whether position, owner and serial numbers are welcome too.
        lost: gets a word about whatever cannot be read.

    Returns:
        What can be read.
    """
    try:
        exif = exif_of(image)
    except Exception as error:  # noqa: BLE001 - Pillow raises anything on broken EXIF, and it must not cost the photo
        lost.append(plain_reason(error))
        return ExifFields()
    if image.info.get("exif") and not exif:
        lost.append("EXIF (no entry can be read)")
    fields = ExifFields(dict(_welcome(exif, MAIN_TAGS, lost)), dict(_directory(exif, EXIF_POINTER, EXIF_TAGS, lost)))
    if private:
        fields.main.update(_welcome(exif, PRIVATE_MAIN_TAGS, lost))
        fields.detail.update(_directory(exif, EXIF_POINTER, PRIVATE_EXIF_TAGS, lost))
        fields.gps.update(_directory(exif, GPS_POINTER, GPS_TAGS, lost))
    return fields


def exif_bytes(fields: ExifFields, always: frozenset[str], lost: list[str]) -> bytes:
    """Serialise the entries.

    Args:
        fields: the entries.
        always: names in the main directory that must not be left out.
        lost: gets a word if something is left out.

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
        return list(_welcome(exif.get_ifd(pointer), tags, lost))
    except Exception as error:  # noqa: BLE001 - one broken directory must not cost the others, nor the photo
        lost.append(plain_reason(error))
        return []


def _welcome(directory: Mapping[int, Any], tags: Iterable[AllowedTag], lost: list[str]) -> Iterator[tuple[str, Field]]:
    """Yield the welcome entries of a directory by name; names of broken ones go to `lost`."""
    for name, tag, kind in tags:
        try:
            if tag in directory:  # Pillow decodes a value only when it is asked for
                yield name, exif_field(tag, kind, directory[tag])
        except Exception:  # noqa: BLE001 - one broken value must not cost the others, nor the photo
            lost.append(name)


def _dates(fields: Mapping[str, Field]) -> dict[str, Field]:
    return {name: entry for name, entry in fields.items() if "Time" in name and len(entry.data) <= LONGEST_DATE}
