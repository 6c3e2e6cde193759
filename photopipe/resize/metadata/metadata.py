"""START HERE for metadata: what a rendition keeps, under one policy for EXIF, XMP and IPTC together.

In: what the file says (`source_metadata.py`). Out: one EXIF block and one XMP packet, both written from scratch from
lists of allowed entries (`exif_tags.py`, `xmp_names.py`). What is on no list is left out, whatever it is called and
wherever it is, so a position that is dropped from one standard cannot survive in another. IPTC becomes XMP.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from photopipe.resize.metadata.exif_block import UNDEFINED, Field
from photopipe.resize.metadata.exif_fields import ExifFields, allowed_fields, exif_bytes
from photopipe.resize.metadata.source_metadata import SourceMetadata
from photopipe.resize.metadata.taken_at import exif_clock, taken_at
from photopipe.resize.metadata.xmp_names import CAPTION, CREATED, CREATOR, KEYWORDS, RIGHTS, TITLE
from photopipe.resize.metadata.xmp_properties import packet_that_fits, read_properties
from photopipe.resize.metadata.xmp_read import texts
from photopipe.resize.metadata.xmp_write import new_property
from photopipe.settings import ResizeSettings

LONGEST_CREDIT: Final = 1000
"""Characters of an artist or copyright from the settings; more would crowd out the rest."""
LONGEST_SHARED: Final = 4000
"""Characters of a text that EXIF repeats; a longer one would crowd out what the camera wrote."""
CREDITS: Final = frozenset({"Artist", "Copyright"})
CAMERA_CLOCK: Final = ("Original", "Digitized")
USER_COMMENT: Final = 37510


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known about a photo besides its pixels, as far as the policy keeps it.

    Attributes:
        exif: the EXIF block to embed, empty if nothing is kept. It declares the picture to be sRGB; for one that is
            not, see `exif_block.uncalibrated`.
        xmp: the XMP packet to embed, empty if EXIF holds all of it.
        taken_at: capture time, see `Rendition.taken_at`; known under every policy.
        title: as a person wrote it, or empty.
        caption: likewise.
        keywords: likewise.
        warnings: what was lost.
    """

    exif: bytes = b""
    xmp: bytes = b""
    taken_at: str | None = None
    title: str = ""
    caption: str = ""
    keywords: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


def kept_metadata(source: SourceMetadata, settings: ResizeSettings) -> Metadata:
    """Select the metadata that the policy keeps; broken metadata gives a warning and never fails the photo.

    Args:
        source: what the file says.
        settings: the policy, artist and copyright.

    Returns:
        The metadata that is kept, as far as it can be read.
    """
    lost = list(source.lost)
    private = settings.metadata == "keep"
    exif = allowed_fields(source.exif, private=private, lost=lost)
    properties, dates = read_properties(source, private=private, lost=lost) if _has_texts(source) else ({}, [])
    _set_clock(exif, dates)
    exif_texts = exif.texts()
    moment = taken_at(exif_texts)
    kept_moment = moment
    if settings.metadata == "none":  # nothing was to be kept, so nothing is lost
        exif, exif_texts, properties, lost, kept_moment = ExifFields(), {}, {}, [], None
    if private and source.comment:
        exif.detail.setdefault("UserComment", _user_comment(source.comment))
    _set_credits(exif, properties, settings)
    _share(exif, properties, kept_moment)
    return Metadata(
        exif=exif_bytes(exif, CREDITS, lost),
        xmp=packet_that_fits(properties, lost) if properties else b"",
        taken_at=moment,
        title=_first(properties, TITLE),
        caption=_first(properties, CAPTION) or exif_texts.get("ImageDescription", ""),
        keywords=texts(properties[KEYWORDS]) if KEYWORDS in properties else (),
        warnings=_warning(lost),
    )


def metadata_for_each(source: SourceMetadata, wanted: Sequence[ResizeSettings]) -> list[Metadata]:
    """Keep what is allowed for several renditions, once for all that treat metadata alike.

    Args:
        source: what the file says.
        wanted: the settings of each.

    Returns:
        The metadata of each, in the same order.
    """
    kept: dict[tuple[str, str | None, str | None], Metadata] = {}
    for settings in wanted:
        if _treatment(settings) not in kept:
            kept[_treatment(settings)] = kept_metadata(source, settings)
    return [kept[_treatment(settings)] for settings in wanted]


def _has_texts(source: SourceMetadata) -> bool:
    """Whether anything but EXIF is there."""
    return bool(source.xmp or source.iptc or source.texts)


def _treatment(settings: ResizeSettings) -> tuple[str, str | None, str | None]:
    return settings.metadata, settings.artist, settings.copyright


def _warning(lost: Iterable[str]) -> tuple[str, ...]:
    what = ", ".join(dict.fromkeys(lost))
    return (f"the metadata could not be kept: {what}",) if what else ()


def _first(properties: dict[str, Element], name: str) -> str:
    return next(iter(texts(properties[name])), "") if name in properties else ""


def _set_clock(exif: ExifFields, dates: Sequence[str]) -> None:
    """Take the capture time from XMP or IPTC if the camera's own is missing.

    EXIF's DateTime does not count as the camera's: it is when the file was changed.
    """
    if not any(dates):
        return
    if taken_at({name: text for name, text in exif.texts().items() if name.endswith(CAMERA_CLOCK)}):
        return
    clock = next(filter(None, map(exif_clock, dates)), None)
    if clock:
        for name in ("DateTimeOriginal", "SubSecTimeOriginal", "OffsetTimeOriginal"):
            exif.set_text(name, clock.get(name, ""))


def _set_credits(exif: ExifFields, properties: dict[str, Element], settings: ResizeSettings) -> None:
    """Write the artist and copyright of the settings over the photo's own, in EXIF and XMP and under every policy."""
    if settings.artist is not None:
        exif.main.pop("XPAuthor", None)
    for tag, name, text in (("Artist", CREATOR, settings.artist), ("Copyright", RIGHTS, settings.copyright)):
        if text is not None:
            credit = _clean(text)
            exif.set_text(tag, credit)
            properties.pop(name, None)
            if credit:
                properties[name] = new_property(name, [credit])


def _clean(text: str) -> str:
    """A text that EXIF and XML can hold, whatever bytes were on the command line."""
    readable = text[:LONGEST_CREDIT].encode("utf-8", "replace").decode()
    return "".join(char if char.isprintable() else " " for char in readable).strip()


def _share(exif: ExifFields, properties: dict[str, Element], moment: str | None) -> None:
    """Copy to EXIF what only XMP has, since some readers know only one; and give both the same capture time."""
    if not properties:
        return
    repeated = {
        "ImageDescription": _first(properties, CAPTION),
        "Copyright": _first(properties, RIGHTS),
        "Artist": "; ".join(texts(properties.get(CREATOR))),
    }
    for tag, text in repeated.items():
        if tag not in exif.main and len(text) <= LONGEST_SHARED:
            exif.set_text(tag, text)
    properties.pop(CREATED, None)
    if properties and moment:
        properties[CREATED] = new_property(CREATED, [moment])


def _user_comment(comment: str) -> Field:
    """A file's comment, which has no other place in EXIF. Source: CIPA DC-008 (Exif), 4.6.5, UserComment."""
    data = b"UNICODE\0" + comment[:LONGEST_CREDIT].encode("utf-16-le", "replace")
    return Field(USER_COMMENT, UNDEFINED, len(data), data)
