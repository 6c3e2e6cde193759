"""What a video says about itself: when it was taken, and to which Live Photo it belongs."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import BinaryIO, Final, NamedTuple

from photopipe.resize.containers.iso_boxes import boxes

BEGINNINGS: Final = frozenset({b"ftyp", b"moov", b"wide", b"mdat", b"free", b"skip", b"pnot"})
"""Types a video's first box can have. Source: QuickTime File Format Specification, movie atoms."""
EPOCH: Final = datetime(1904, 1, 1, tzinfo=UTC)
CREATION_DATE: Final = b"com.apple.quicktime.creationdate"
CONTENT_ID: Final = b"com.apple.quicktime.content.identifier"
WANTED: Final = frozenset({CREATION_DATE, CONTENT_ID, b"com.apple.quicktime.make", b"com.apple.quicktime.model"})
LONGEST_TEXT: Final = 1000
LONGEST_KEYS: Final = 1 << 20
MOST_KEYS: Final = 1000


class Movie(NamedTuple):
    """What a video says.

    Attributes:
        creation_date: as Apple writes it, `2024-05-01T12:33:10+0200`, with the zone of the place; or empty.
        created: when the recording began, in UTC, as every video has it; None if unknown.
        content_id: identifier that it shares with the photo of a Live Photo, or empty.
        camera: make and model, or empty.
    """

    creation_date: str = ""
    created: datetime | None = None
    content_id: str = ""
    camera: str = ""


def is_movie(head: bytes) -> bool:
    """Whether a file that is no picture begins as a video does.

    Args:
        head: its first eight bytes, or more.
    """
    return head[4:8] in BEGINNINGS


def read_movie(file: BinaryIO) -> Movie:
    """Read what a video says, wherever in the file that is; its pictures are passed over.

    Args:
        file: its position is moved.

    Source:
        ISO/IEC 14496-12, 8.2.2 (mvhd); QuickTime File Format Specification, metadata atoms (keys, ilst).
    """
    moov = next(((start, end) for kind, start, end in boxes(file) if kind == b"moov"), None)
    if moov is None:
        return Movie()
    created, said = None, {}
    for kind, start, end in boxes(file, *moov):
        if kind == b"mvhd":
            created = _created(file, start)
        elif kind == b"meta":
            said = dict(_said(file, start, end))
    names = [said.get(f"com.apple.quicktime.{name}".encode(), "") for name in ("make", "model")]
    return Movie(said.get(CREATION_DATE, ""), created, said.get(CONTENT_ID, ""), " ".join(filter(None, names)))


def _created(file: BinaryIO, start: int) -> datetime | None:
    file.seek(start)
    head = file.read(12)
    if len(head) < 12:
        return None
    seconds = int.from_bytes(head[4:12] if head[0] == 1 else head[4:8], "big")
    try:
        return EPOCH + timedelta(seconds=seconds) if seconds else None
    except OverflowError:
        return None


def _said(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, str]]:
    """Yield the wanted texts by their keys."""
    file.seek(start)
    begins_at_once = file.read(8)[4:] == b"hdlr"  # QuickTime's; that of ISO has a version in front
    parts = {kind: (first, stop) for kind, first, stop in boxes(file, start if begins_at_once else start + 4, end)}
    if b"keys" not in parts or b"ilst" not in parts:
        return
    names = list(_keys(file, *parts[b"keys"]))
    for kind, first, stop in boxes(file, *parts[b"ilst"]):
        number = int.from_bytes(kind, "big")
        if 1 <= number <= len(names) and names[number - 1] in WANTED:
            yield names[number - 1], _text(file, first, stop)


def _keys(file: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    file.seek(start)
    data = file.read(min(end - start, LONGEST_KEYS))
    at = 8  # version, flags and the number of keys
    for _ in range(MOST_KEYS):
        length = int.from_bytes(data[at : at + 4], "big")
        if length < 8 or at + length > len(data):
            return
        yield data[at + 8 : at + length]
        at += length


def _text(file: BinaryIO, start: int, end: int) -> str:
    for kind, first, stop in boxes(file, start, end):
        if kind == b"data":
            file.seek(first + 8)  # behind its type and language
            return file.read(max(0, min(stop - first - 8, LONGEST_TEXT))).decode("utf-8", "replace").strip("\0 ")
    return ""
