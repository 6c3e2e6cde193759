"""START HERE for metadata: what of it goes with a photo, under one policy for EXIF, XMP and IPTC together.

In: a loaded picture. Out: one EXIF block and one XMP packet, both written from scratch from lists of welcome entries
(`exif_tags.py`, `xmp_names.py`). What is on no list stays behind, whatever it is called and wherever it stands, so a
position that is dropped from one family cannot survive in another. IPTC is carried into XMP.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from PIL import Image

from photopipe.resize.metadata.exif_block import UNDEFINED, Field
from photopipe.resize.metadata.exif_fields import ExifFields, exif_bytes, read_exif
from photopipe.resize.metadata.metadata_blocks import find_blocks
from photopipe.resize.metadata.orientation import orientation_of
from photopipe.resize.metadata.taken_at import exif_clock, taken_at
from photopipe.resize.metadata.xmp_names import CAPTION, CREATED, CREATOR, KEYWORDS, RIGHTS, TITLE
from photopipe.resize.metadata.xmp_properties import packet_that_fits, read_properties
from photopipe.resize.metadata.xmp_read import texts
from photopipe.resize.metadata.xmp_write import new_property
from photopipe.settings import ResizeSettings

__all__ = ["Metadata", "metadata_for_each", "orientation_of", "read_metadata"]

LONGEST_STAMP: Final = 1000
"""Letters of a stamp; more would crowd out the rest."""
LONGEST_SHARED: Final = 4000
"""Letters of a text that EXIF repeats; a longer one would crowd out the camera."""
STAMPED: Final = frozenset({"Artist", "Copyright"})
CAMERA_CLOCK: Final = ("Original", "Digitized")
USER_COMMENT: Final = 37510


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known about a photo beside its pixels, as far as the policy lets it go along.

    Attributes:
        orientation: EXIF orientation, 1 to 8; 1 if the file says nothing that makes sense.
        exif: the EXIF block to embed, empty if nothing is kept. It says that the picture is sRGB; for one that is
            not, see `exif_block.uncalibrated`.
        xmp: the XMP packet to embed, empty if EXIF says it all.
        taken_at: capture time, see `Rendition.taken_at`; known under every policy.
        title: as a person wrote it, or empty.
        caption: likewise.
        keywords: likewise.
        warnings: what was lost.
    """

    orientation: int = 1
    exif: bytes = b""
    xmp: bytes = b""
    taken_at: str | None = None
    title: str = ""
    caption: str = ""
    keywords: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def read_metadata(image: Image.Image, settings: ResizeSettings) -> Metadata:
    """Read a loaded picture's metadata; broken metadata costs a warning, never the photo.

    Args:
        image: a loaded picture whose file is still open.
        settings: the policy and the stamps.

    Returns:
        The metadata that is kept, as far as it can be read.
    """
    lost: list[str] = []
    private = settings.metadata == "keep"
    blocks = find_blocks(image)
    lost += blocks.lost
    exif = read_exif(image, private=private, lost=lost)
    properties, dates = read_properties(blocks, private=private, lost=lost)
    _set_clock(exif, dates)
    moment = taken_at(exif.texts())
    kept_moment = moment
    if settings.metadata == "none":
        exif, properties, lost, kept_moment = ExifFields(), {}, [], None  # nothing was to be kept, so nothing is lost
    if private and blocks.comment:
        exif.detail.setdefault("UserComment", _user_comment(blocks.comment))
    _stamp(exif, properties, settings)
    _share(exif, properties, kept_moment)
    return Metadata(
        orientation=orientation_of(image),
        exif=exif_bytes(exif, STAMPED, lost),
        xmp=packet_that_fits(properties, lost),
        taken_at=moment,
        title=_first(properties, TITLE),
        caption=_first(properties, CAPTION) or exif.text("ImageDescription"),
        keywords=texts(properties.get(KEYWORDS)),
        warnings=_warning(lost),
    )


def metadata_for_each(image: Image.Image, wanted: Sequence[ResizeSettings]) -> list[Metadata]:
    """Read a loaded picture's metadata for several renditions, once for all that treat it alike.

    Args:
        image: as for `read_metadata`.
        wanted: the settings of each.

    Returns:
        The metadata of each, in the same order.
    """
    read: dict[tuple[str, str | None, str | None], Metadata] = {}
    for settings in wanted:
        if _treatment(settings) not in read:
            read[_treatment(settings)] = read_metadata(image, settings)
    return [read[_treatment(settings)] for settings in wanted]


def _treatment(settings: ResizeSettings) -> tuple[str, str | None, str | None]:
    return settings.metadata, settings.artist, settings.copyright


def _warning(lost: Iterable[str]) -> tuple[str, ...]:
    what = ", ".join(dict.fromkeys(lost))
    return (f"the metadata could not be kept: {what}",) if what else ()


def _first(properties: dict[str, Element], name: str) -> str:
    return next(iter(texts(properties.get(name))), "")


def _set_clock(exif: ExifFields, dates: Iterable[str]) -> None:
    """Take the capture time from the other families if the camera's own is missing.

    EXIF's DateTime does not count as the camera's: it is when the file was changed.
    """
    known = exif.texts()
    if taken_at({name: text for name, text in known.items() if name.endswith(CAMERA_CLOCK)}):
        return
    clock = next(filter(None, map(exif_clock, dates)), None)
    if clock:
        for name in ("DateTimeOriginal", "SubSecTimeOriginal", "OffsetTimeOriginal"):
            exif.set_text(name, clock.get(name, ""))


def _stamp(exif: ExifFields, properties: dict[str, Element], settings: ResizeSettings) -> None:
    """Write the stamps over what the photo says, in every family and under every policy."""
    if settings.artist is not None:
        exif.main.pop("XPAuthor", None)
    for tag, name, text in (("Artist", CREATOR, settings.artist), ("Copyright", RIGHTS, settings.copyright)):
        if text is not None:
            stamp = _clean(text)
            exif.set_text(tag, stamp)
            properties.pop(name, None)
            if stamp:
                properties[name] = new_property(name, [stamp])


def _clean(text: str) -> str:
    """A text that EXIF and XML can hold, whatever bytes stood on the command line."""
    readable = text[:LONGEST_STAMP].encode("utf-8", "replace").decode()
    return "".join(letter if letter.isprintable() else " " for letter in readable).strip()


def _share(exif: ExifFields, properties: dict[str, Element], moment: str | None) -> None:
    """Let EXIF say what only XMP said, since some readers know only one; and let both say one capture time."""
    said = {
        "ImageDescription": _first(properties, CAPTION),
        "Copyright": _first(properties, RIGHTS),
        "Artist": "; ".join(texts(properties.get(CREATOR))),
    }
    for tag, text in said.items():
        if tag not in exif.main and len(text) <= LONGEST_SHARED:
            exif.set_text(tag, text)
    properties.pop(CREATED, None)
    if properties and moment:
        properties[CREATED] = new_property(CREATED, [moment])


def _user_comment(comment: str) -> Field:
    """A file's comment, which no other format has a place for. Source: CIPA DC-008 (Exif), 4.6.5, UserComment."""
    data = b"UNICODE\0" + comment[:LONGEST_STAMP].encode("utf-16-le", "replace")
    return Field(USER_COMMENT, UNDEFINED, len(data), data)
