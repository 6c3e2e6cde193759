"""Gather what is known of a photo from its header, its sidecars and its file; or of a video from its own boxes."""

import io
from datetime import datetime
from typing import BinaryIO, Final, cast

from photopipe.errors import ResizeError
from photopipe.files.kinds import HEAD_BYTES, kind_of
from photopipe.found_photo import FoundPhoto
from photopipe.resize.capture_time.camera_clock import camera_name
from photopipe.resize.capture_time.guessed_time import guessed_time
from photopipe.resize.capture_time.taken_at import exif_clock, taken_at
from photopipe.resize.containers.limited_file import LimitedFile
from photopipe.resize.containers.movie import Movie, is_movie, read_movie
from photopipe.resize.containers.tiff_directory import directories
from photopipe.resize.decoders.decode_errors import refusing_bad_pictures
from photopipe.resize.facts import PhotoFacts
from photopipe.resize.input.header_metadata import header_metadata
from photopipe.resize.input.picture import kind_of_file
from photopipe.resize.metadata.exif_block import ASCII, EXIF_POINTER
from photopipe.resize.metadata.metadata import KnownMetadata, read_known
from photopipe.resize.metadata.sidecars import with_sidecars
from photopipe.resize.metadata.source_metadata import SourceMetadata
from photopipe.resize.metadata.xmp_names import RATING
from photopipe.resize.metadata.xmp_read import texts
from photopipe.settings import ResizeSettings

MOST_BYTES: Final = 8 << 20
"""How much of a file is read at most. Real headers have some kilobytes, with depth maps a few megabytes."""
MAKER_NOTE: Final = 37500
REJECTED, BEST = -1, 5
"""Source: XMP Specification Part 2, 2.2.1, xmp:Rating."""
APPLE: Final = b"Apple iOS\0"
APPLE_DIRECTORY: Final = 14
APPLE_CONTENT_ID: Final = 0x11
"""Source: ExifTool, Apple tags, ContentIdentifier."""
LONGEST_ID: Final = 100


def facts_in_header(file: BinaryIO, found: FoundPhoto, settings: ResizeSettings) -> PhotoFacts:
    """Read what is known; see `facts.read_facts`."""
    limited = cast("BinaryIO", LimitedFile(file, MOST_BYTES))
    metadata = SourceMetadata()
    try:
        with refusing_bad_pictures():
            head = limited.read(HEAD_BYTES)
            if kind_of(head) is None and is_movie(head):
                return _of_movie(read_movie(limited), found, settings)
            metadata = header_metadata(limited, kind_of_file(limited))
    except ResizeError:  # nothing is known of it
        metadata = SourceMetadata()
    return _of_photo(with_sidecars(metadata, found), settings)


def _of_photo(metadata: SourceMetadata, settings: ResizeSettings) -> PhotoFacts:
    known = read_known(metadata, settings, private=False, lost=[])
    return PhotoFacts(
        taken_at=_moment(known.taken_at),
        taken_at_from=known.taken_at_from,
        camera=camera_name(known.exif.text("Make"), known.exif.text("Model")) or None,
        rating=_rating(known),
        content_id=_content_id(metadata) or None,
    )


def _of_movie(movie: Movie, found: FoundPhoto, settings: ResizeSettings) -> PhotoFacts:
    """The time with the zone of the place counts before the one in UTC."""
    moment = _moment(taken_at(exif_clock(movie.creation_date))) or movie.created
    content_id = movie.content_id[:LONGEST_ID] or None
    if moment is not None:
        return PhotoFacts(moment, "exif", movie.camera or None, content_id=content_id)
    guess, origin = guessed_time(found, "", movie.camera, settings)
    return PhotoFacts(_moment(guess), origin, movie.camera or None, content_id=content_id)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _rating(known: KnownMetadata) -> int | None:
    said = next(iter(texts(known.properties.get(RATING))), "") or known.exif.number("Rating")
    try:
        rating = int(float(said or ""))
    except (ValueError, OverflowError):
        return None
    return rating if REJECTED <= rating <= BEST else None


def _content_id(metadata: SourceMetadata) -> str:
    """The identifier in the notes of an iPhone, which are a directory of their own."""
    try:
        note = metadata.exif.get_ifd(EXIF_POINTER).get(MAKER_NOTE)
    except Exception:  # noqa: BLE001 - Pillow raises anything on broken EXIF
        return ""
    if not isinstance(note, bytes) or not note.startswith(APPLE):
        return ""
    order = note[12:14]
    first = APPLE_DIRECTORY.to_bytes(4, "little" if order == b"II" else "big")
    block = io.BytesIO(order + (b"\x2a\0" if order == b"II" else b"\0\x2a") + first + note[8:])
    directory = next(directories(block, with_sub=False), None)
    kind, length, offset = directory.entries.get(APPLE_CONTENT_ID, (0, 0, 0)) if directory else (0, 0, 0)
    block.seek(offset)
    return block.read(min(length, LONGEST_ID)).decode("ascii", "replace").strip("\0 ") if kind == ASCII else ""
