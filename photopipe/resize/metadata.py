"""What of a photo's metadata goes with it: a list of welcome EXIF tags, and nothing else.

GPS, serial numbers, owner, maker notes, thumbnail, XMP and IPTC stay behind because they are not on the list.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from PIL import Image

from photopipe.resize.exif_block import ASCII, EXIF_POINTER, RATIONAL, SHORT, SRATIONAL, UNDEFINED, Field, exif_block
from photopipe.resize.exif_value import exif_field
from photopipe.resize.refusal import plain_reason
from photopipe.resize.taken_at import taken_at

ORIENTATION: Final = 274
LONGEST_BLOCK: Final = 65_000
"""A JPEG segment holds 65533 bytes. Source: ITU-T T.81, B.1.1.4."""
LONGEST_DATE: Final = 64
"""A date has 20 bytes, a fraction or an offset fewer."""
ALWAYS: Final = (
    Field(36864, UNDEFINED, 4, b"0232"),  # ExifVersion
    Field(40961, SHORT, 1, struct.pack("<H", 1)),  # ColorSpace: sRGB
)


class Welcome(NamedTuple):
    """A tag that is kept."""

    name: str
    tag: int
    type: int


MAIN_TAGS: Final = (
    Welcome("ImageDescription", 270, ASCII),
    Welcome("Make", 271, ASCII),
    Welcome("Model", 272, ASCII),
    Welcome("DateTime", 306, ASCII),
    Welcome("Artist", 315, ASCII),
    Welcome("Copyright", 33432, ASCII),
)
EXIF_TAGS: Final = (
    Welcome("ExposureTime", 33434, RATIONAL),
    Welcome("FNumber", 33437, RATIONAL),
    Welcome("ExposureProgram", 34850, SHORT),
    Welcome("PhotographicSensitivity", 34855, SHORT),
    Welcome("DateTimeOriginal", 36867, ASCII),
    Welcome("DateTimeDigitized", 36868, ASCII),
    Welcome("OffsetTime", 36880, ASCII),
    Welcome("OffsetTimeOriginal", 36881, ASCII),
    Welcome("OffsetTimeDigitized", 36882, ASCII),
    Welcome("ExposureBiasValue", 37380, SRATIONAL),
    Welcome("MeteringMode", 37383, SHORT),
    Welcome("Flash", 37385, SHORT),
    Welcome("FocalLength", 37386, RATIONAL),
    Welcome("UserComment", 37510, UNDEFINED),
    Welcome("SubSecTime", 37520, ASCII),
    Welcome("SubSecTimeOriginal", 37521, ASCII),
    Welcome("SubSecTimeDigitized", 37522, ASCII),
    Welcome("WhiteBalance", 41987, SHORT),
    Welcome("FocalLengthIn35mmFilm", 41989, SHORT),
    Welcome("LensMake", 42035, ASCII),
    Welcome("LensModel", 42036, ASCII),
)
"""Source of names, numbers and types: CIPA DC-008 (Exif 2.32), 4.6."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known about a photo beside its pixels.

    Attributes:
        orientation: EXIF orientation, 1 to 8; 1 if the file says nothing that makes sense.
        exif: the EXIF block to embed, empty if nothing is kept.
        taken_at: capture time, see `Rendition.taken_at`.
        warnings: what was lost.
    """

    orientation: int = 1
    exif: bytes = b""
    taken_at: str | None = None
    warnings: tuple[str, ...] = ()


def read_metadata(image: Image.Image) -> Metadata:
    """Read a loaded picture's metadata; broken metadata costs a warning, never the photo.

    Args:
        image: a loaded picture whose file is still open.

    Returns:
        The metadata that is kept, as far as it can be read.
    """
    try:
        exif = _exif(image)
        detail = exif.get_ifd(EXIF_POINTER)
    except Exception as error:  # noqa: BLE001 - Pillow raises anything on broken EXIF, and it must not cost the photo
        return Metadata(warnings=_warning(plain_reason(error)))
    lost: list[str] = []
    main_fields = dict(_welcome(exif, MAIN_TAGS, lost))
    detail_fields = dict(_welcome(detail, EXIF_TAGS, lost))
    block = _block(main_fields, detail_fields, lost)
    return Metadata(orientation_of(image), block, taken_at(_texts(main_fields | detail_fields)), _warning(*lost))


def _exif(image: Image.Image) -> Image.Exif:
    """The picture's EXIF; raises if it is broken, where `getexif` raises only when it is asked first."""
    block = image.info.get("exif")
    if not isinstance(block, bytes):
        return image.getexif()
    exif = Image.Exif()
    exif.load(block)
    return exif


def _warning(*lost: str) -> tuple[str, ...]:
    return (f"the metadata could not be kept: {', '.join(lost)}",) if lost else ()


def _welcome(directory: Mapping[int, Any], tags: Iterable[Welcome], lost: list[str]) -> Iterator[tuple[str, Field]]:
    """Yield the welcome entries of a directory by name; names of broken ones go to `lost`."""
    for name, tag, kind in tags:
        try:
            if tag in directory:  # Pillow decodes a value only when it is asked for
                yield name, exif_field(tag, kind, directory[tag])
        except Exception:  # noqa: BLE001 - one broken value must not cost the others, nor the photo
            lost.append(name)


def _block(main: Mapping[str, Field], detail: Mapping[str, Field], lost: list[str]) -> bytes:
    """Serialise the entries; if they are too long for a JPEG, only the dates."""
    if not main and not detail:
        return b""
    block = exif_block(main.values(), [*detail.values(), *ALWAYS])
    if len(block) <= LONGEST_BLOCK:
        return block
    lost.append("all but the dates, because it is too long")
    return _block(_dates(main), _dates(detail), lost)


def _dates(fields: Mapping[str, Field]) -> dict[str, Field]:
    return {name: field for name, field in fields.items() if "Time" in name and len(field.data) <= LONGEST_DATE}


def _texts(fields: Mapping[str, Field]) -> dict[str, str]:
    return {name: field.data.decode("latin-1") for name, field in fields.items() if field.type == ASCII}


def orientation_of(image: Image.Image) -> int:
    """What is left to turn, 1 to 8: Pillow has turned a TIFF already, pillow-heif a HEIC, and both reset the tag."""
    try:
        orientation = image.getexif().get(ORIENTATION)
    except Exception:  # noqa: BLE001 - a tag of the wrong type or length says nothing
        return 1
    return orientation if isinstance(orientation, int) and orientation in range(1, 9) else 1
