"""START HERE for metadata: what a rendition keeps, under one policy for EXIF, XMP and IPTC together.

In: what the file says (`source_metadata.py`). Out: one EXIF block and one XMP packet, both written from scratch from
lists of allowed entries (`exif_tags.py`, `xmp_names.py`). What is on no list is left out, whatever it is called and
wherever it is, so a position that is dropped from one standard cannot survive in another. IPTC becomes XMP.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from xml.etree.ElementTree import Element

from photopipe.photo import TakenAtFrom
from photopipe.resize.capture_time.camera_clock import NO_CORRECTION, clock_correction
from photopipe.resize.capture_time.guessed_time import guessed_time
from photopipe.resize.capture_time.taken_at import exif_clock, taken_at
from photopipe.resize.metadata.exif_block import UNDEFINED, Field
from photopipe.resize.metadata.exif_fields import ExifFields, allowed_fields, exif_bytes
from photopipe.resize.metadata.source_metadata import SourceMetadata
from photopipe.resize.metadata.xmp_names import CAPTION, CREATED, CREATOR, KEYWORDS, RATING, RIGHTS, TITLE
from photopipe.resize.metadata.xmp_properties import Properties, packet_that_fits, read_properties
from photopipe.resize.metadata.xmp_read import texts
from photopipe.resize.metadata.xmp_write import new_property
from photopipe.settings import ResizeSettings

LONGEST_CREDIT: Final = 1000
"""Characters of an artist or copyright from the settings; more would crowd out the rest."""
LONGEST_SHARED: Final = 4000
"""Characters of a text that EXIF repeats; a longer one would crowd out what the camera wrote."""
CREDITS: Final = frozenset({"Artist", "Copyright"})
CAMERA_CLOCK: Final = ("Original", "Digitized")
WALL_CLOCK: Final = len("2024-05-01T12:33:10")
REPEATED: Final = {
    CAPTION: ("ImageDescription",),
    CREATOR: ("Artist", "XPAuthor"),
    KEYWORDS: ("XPKeywords",),
    RATING: ("Rating",),
    RIGHTS: ("Copyright",),
    TITLE: ("XPTitle",),
}
"""Where EXIF says the same as XMP; if a sidecar says something else, it is no longer true."""
USER_COMMENT: Final = 37510


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known about a photo besides its pixels, as far as the policy keeps it.

    Attributes:
        exif: the EXIF block to embed, empty if nothing is kept. It declares the picture to be sRGB; for one that is
            not, see `exif_block.uncalibrated`.
        xmp: the XMP packet to embed, empty if EXIF holds all of it.
        taken_at: capture time, see `Rendition.taken_at`; known under every policy.
        taken_at_from: where it is from, or None.
        title: as a person wrote it, or empty.
        caption: likewise.
        keywords: likewise.
        warnings: what was lost.
    """

    exif: bytes = b""
    xmp: bytes = b""
    taken_at: str | None = None
    taken_at_from: TakenAtFrom | None = None
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
    lost: list[str] = []
    private = settings.metadata == "keep"
    known = read_known(source, settings, private=private, lost=lost)
    exif, properties = known.exif, known.properties
    kept_moment = None if known.is_guess else known.taken_at
    if settings.metadata == "none":  # nothing was to be kept, so nothing is lost
        exif, properties, lost, kept_moment = ExifFields(), {}, [], None
    exif_texts = exif.texts()
    if private and source.comment:
        exif.detail.setdefault("UserComment", _user_comment(source.comment))
    _set_credits(exif, properties, settings)
    _share(exif, properties, kept_moment)
    return Metadata(
        exif=exif_bytes(exif, CREDITS, lost),
        xmp=packet_that_fits(properties, lost) if properties else b"",
        taken_at=known.taken_at,
        taken_at_from=known.taken_at_from,
        title=_first(properties, TITLE),
        caption=_first(properties, CAPTION) or exif_texts.get("ImageDescription", ""),
        keywords=texts(properties[KEYWORDS]) if KEYWORDS in properties else (),
        warnings=_warning(lost),
    )


@dataclass(frozen=True, slots=True)
class KnownMetadata:
    """What a file and its sidecars say, before a policy takes it away.

    Attributes:
        exif: entries, with the capture time in them unless it is a guess.
        properties: properties of XMP by full name.
        taken_at: capture time, or a guess; None if nothing tells it.
        taken_at_from: where it is from, or None.
    """

    exif: ExifFields
    properties: dict[str, Element]
    taken_at: str | None
    taken_at_from: TakenAtFrom | None

    @property
    def is_guess(self) -> bool:
        """True if the capture time is one."""
        return self.taken_at_from in ("file_name", "file_date")


def read_known(source: SourceMetadata, settings: ResizeSettings, *, private: bool, lost: list[str]) -> KnownMetadata:
    """Read what is known, and correct the camera's clock.

    Args:
        source: what the file and its sidecars say.
        settings: how clocks are corrected.
        private: whether position, owner and serial numbers are read too.
        lost: gets the name of what cannot be read.
    """
    lost += source.lost
    exif = allowed_fields(source.exif, private=private, lost=lost)
    said = read_properties(source, private=private, lost=lost) if _has_texts(source) else Properties()
    make, model = exif.text("Make"), exif.text("Model")
    correction = clock_correction(make, model, settings)
    origin, is_corrected = _set_clock(exif, said)
    if correction != NO_CORRECTION:
        correction = replace(correction, shift=timedelta()) if is_corrected else correction
        for name, text in correction.of_texts(exif.texts()).items():
            exif.set_text(name, text)
    for name in said.beside & REPEATED.keys():
        for tag in REPEATED[name]:
            exif.main.pop(tag, None)
    moment = taken_at(exif.texts())
    if moment or source.found is None:
        return KnownMetadata(exif, said.allowed, moment, origin if moment else None)
    return KnownMetadata(exif, said.allowed, *guessed_time(source.found, make, model, settings))


def metadata_for_each(source: SourceMetadata, wanted: Sequence[ResizeSettings]) -> list[Metadata]:
    """Keep what is allowed for several renditions, once for all that treat metadata alike.

    Args:
        source: what the file says.
        wanted: the settings of each.

    Returns:
        The metadata of each, in the same order.
    """
    kept: dict[Hashable, Metadata] = {}
    for settings in wanted:
        if _treatment(settings) not in kept:
            kept[_treatment(settings)] = kept_metadata(source, settings)
    return [kept[_treatment(settings)] for settings in wanted]


def _has_texts(source: SourceMetadata) -> bool:
    """Whether anything but EXIF is there."""
    return bool(source.xmp or source.iptc or source.texts or source.sidecars)


def _treatment(settings: ResizeSettings) -> Hashable:
    return settings.metadata, settings.artist, settings.copyright, settings.camera_tz, settings.time_shift


def _warning(lost: Iterable[str]) -> tuple[str, ...]:
    what = ", ".join(dict.fromkeys(lost))
    return (f"the metadata could not be kept: {what}",) if what else ()


def _first(properties: dict[str, Element], name: str) -> str:
    return next(iter(texts(properties[name])), "") if name in properties else ""


def _set_clock(exif: ExifFields, said: Properties) -> tuple[TakenAtFrom, bool]:
    """Take the capture time from XMP or IPTC if the camera's own is missing, or a person has corrected it.

    EXIF's DateTime does not count as the camera's: it is when the file was changed.

    Returns:
        Where the time is from, and whether it is from a sidecar.
    """
    own = taken_at({name: text for name, text in exif.texts().items() if name.endswith(CAMERA_CLOCK)})
    for date in said.corrections if own else said.dates_beside:
        clock = exif_clock(date)
        corrected = taken_at(clock)
        if own and corrected and own[:WALL_CLOCK] == corrected[:WALL_CLOCK]:
            break  # a copy of the camera's, which may have more: a fraction, an offset
        if corrected:
            _write_clock(exif, clock)
            return "xmp", True
    for date, origin in () if own else said.dates:
        if clock := exif_clock(date):
            _write_clock(exif, clock)
            return origin, False
    return "exif", False


def _write_clock(exif: ExifFields, clock: Mapping[str, str]) -> None:
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
