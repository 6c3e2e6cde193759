"""The formats a rendition can have, and which one a photo gets."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from PIL import features

from photopipe.errors import UsageError
from photopipe.settings import OutputFormat

FormatName = Literal["jpeg", "webp", "avif", "png"]


@dataclass(frozen=True, slots=True)
class Format:
    """A format that can be written.

    Attributes:
        name: as in the settings.
        content_type: its media type.
        extension: of file names, with the dot.
        longest_side_px: largest width and height.
        has_quality: whether a lower quality makes smaller files.
        has_alpha: whether pictures can be transparent.
        has_grey: whether grey is stored as grey, so that a profile for grey can go with it.
    """

    name: FormatName
    content_type: str
    extension: str
    longest_side_px: int
    has_quality: bool = True
    has_alpha: bool = True
    has_grey: bool = True


JPEG: Final = Format("jpeg", "image/jpeg", ".jpg", 65_500, has_alpha=False)
"""Source of the length: JPEG_MAX_DIMENSION in libjpeg's jmorecfg.h."""
WEBP: Final = Format("webp", "image/webp", ".webp", 16_383, has_grey=False)
"""Source of the length: WEBP_MAX_DIMENSION in libwebp's encode.h."""
AVIF: Final = Format("avif", "image/avif", ".avif", 32_768)
"""AV1 allows 65536, but decoders built on libavif refuse more than this unless told otherwise. Source:
AVIF_DEFAULT_IMAGE_DIMENSION_LIMIT in libavif's avif.h."""
PNG: Final = Format("png", "image/png", ".png", 1_000_000, has_quality=False)
"""Source of the length: PNG_USER_WIDTH_MAX in libpng, beyond which decoders refuse."""
FORMATS: Final = {one.name: one for one in (JPEG, WEBP, AVIF, PNG)}
KEPT: Final = {"JPEG": JPEG, "MPO": JPEG, "WEBP": WEBP, "AVIF": AVIF, "PNG": PNG}
"""Pillow's name of a source's format -> the same one; all others become JPEG."""


def output_format(wanted: OutputFormat, source_format: str) -> Format:
    """What a photo is written as.

    Args:
        wanted: as in the settings.
        source_format: Pillow's name of the source's format.

    Returns:
        The wanted format; for `keep`, the source's own if it is JPEG, WebP, AVIF or PNG, else JPEG.
    """
    if wanted != "keep":
        return FORMATS[wanted]
    kept = KEPT.get(source_format, JPEG)
    return kept if can_be_written(kept.name) else JPEG


def can_be_written(wanted: OutputFormat) -> bool:
    """False if this Pillow was built without the format's library, which is best said before a run.

    Args:
        wanted: as in the settings; `keep` can always be written, if need be as JPEG.
    """
    library = {"jpeg": "jpg", "png": "zlib", "webp": "webp", "avif": "avif", "keep": "jpg"}[wanted]
    return bool(features.check(library))


def require_formats(wanted: Iterable[OutputFormat]) -> None:
    """Say before a run what every photo would fail for.

    Args:
        wanted: as in the settings.

    Raises:
        UsageError: one of them cannot be written here.
    """
    for name in wanted:
        if not can_be_written(name):
            raise UsageError(
                f"--format {name}: this Pillow was built without {name}. Choose another format, or "
                "install a Pillow that has it."
            )
