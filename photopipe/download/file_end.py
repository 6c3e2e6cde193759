"""Whether a file has the end that its format asks for: a copy that has stopped half way has not."""

import re
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from photopipe.errors import DownloadError
from photopipe.files.kinds import HEAD_BYTES, kind_of
from photopipe.found_photo import FoundPhoto

BLOCK_BYTES: Final = 1 << 16
_MARKER: Final = re.compile(rb"\xff[^\x00\x01\xd0-\xd7\xff]", re.DOTALL)
"""A marker in a JPEG's entropy-coded data that is neither stuffing nor a restart."""
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
_STANDS_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_DATA_BOXES: Final = frozenset({b"mdat", b"jxlc", b"jxlp", b"jp2c"})
_OFFSETS: Final = {273: 279, 324: 325, 513: 514}
"""Tags of offsets in a TIFF -> tags of the lengths that belong to them: strips, tiles, an embedded JPEG."""
_SUB_DIRECTORIES: Final = frozenset({330, 34665})
_TIFF_FORMS: Final = {b"II*\0": "<", b"MM\0*": ">"}
_TIFF_LENGTHS: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Type of a value -> bytes each takes."""
_TIFF_NUMBERS: Final = {3: "H", 4: "L", 13: "L"}
_MOST_TIFF_NUMBERS: Final = 1_000_000
"""Numbers looked at in one TIFF, enough for a gigapixel picture in tiles of 32 pixels."""


def is_complete(photo: FoundPhoto) -> bool:
    """Find out whether a photo's file is whole, as far as its format tells.

    Costs no more than one read of the file; mostly some jumps in it.

    Returns:
        False if the end is missing, or the file does not begin as a picture does (yet). True for formats that have
        no end of their own, and for a file that cannot be read, which the download will say.
    """
    try:
        with photo.storage.open(photo.path) as file:
            return _is_complete(file, photo.size_bytes)
    except (DownloadError, OSError):
        return True


def _is_complete(file: BinaryIO, size_bytes: int) -> bool:
    head = file.read(HEAD_BYTES)
    kind = kind_of(head)
    if kind is None:
        return False
    if head[4:8] == b"ftyp" or head.startswith(b"\0\0\0\x0c"):
        return _boxes_add_up(file, size_bytes)
    check = CHECKS.get(kind.name)
    return check is None or check(file, size_bytes)


def _has_end_of_image(file: BinaryIO, _size_bytes: int) -> bool:
    """A JPEG whose first picture has its end; what follows it, such as a video, has none that is known.

    Source: ITU-T T.81, B.1.1 and B.2.
    """
    file.seek(2)
    while True:
        marker = file.read(2)
        if len(marker) < 2 or marker[0] != 0xFF:
            return False
        if marker[1] == _END_OF_IMAGE:
            return True
        if marker[1] == 0xFF:  # fill bytes
            file.seek(-1, 1)
        elif marker[1] not in _STANDS_ALONE:
            length = int.from_bytes(file.read(2), "big")
            if length < 2:
                return False
            file.seek(length - 2, 1)
            if marker[1] == _START_OF_SCAN and not _skip_scan(file):
                return False


def _skip_scan(file: BinaryIO) -> bool:
    """Go to the marker after a scan's data; False if the file ends before it."""
    rest = b""
    while block := file.read(BLOCK_BYTES):
        data = rest + block
        if found := _MARKER.search(data):
            file.seek(found.start() - len(data), 1)
            return True
        rest = data[-1:]
    return False


def _has_last_chunk(file: BinaryIO, size_bytes: int) -> bool:
    """Source: W3C PNG 5.3 and 11.2.5."""
    at = 8
    while at + 12 <= size_bytes:
        file.seek(at)
        length, name = int.from_bytes(file.read(4), "big"), file.read(4)
        at += 12 + length
        if name == b"IEND":
            return at <= size_bytes
    return False


def _has_trailer(file: BinaryIO, size_bytes: int) -> bool:
    """A GIF whose blocks end with the trailer.

    Source: GIF89a, 18 to 27.
    """
    file.seek(10)
    packed = file.read(1)
    file.seek(13)
    _skip_color_table(file, packed)
    while file.tell() < size_bytes:
        introducer = file.read(1)
        if introducer == b"\x21":  # an extension: its label, then sub-blocks
            file.seek(1, 1)
        elif introducer == b"\x2c":  # a picture: place and size, perhaps colours, a code size, then sub-blocks
            file.seek(8, 1)
            _skip_color_table(file, file.read(1))
            file.seek(1, 1)
        else:
            return introducer == b"\x3b"
        while length := file.read(1):
            if length == b"\0":
                break
            file.seek(length[0], 1)
    return False


def _skip_color_table(file: BinaryIO, packed: bytes) -> None:
    if packed and packed[0] & 0x80:
        file.seek(3 << ((packed[0] & 7) + 1), 1)


def _riff_fits(file: BinaryIO, size_bytes: int) -> bool:
    """Source: RFC 9649, 2.4."""
    file.seek(4)
    return int.from_bytes(file.read(4), "little") + 8 <= size_bytes


def _bitmap_fits(file: BinaryIO, size_bytes: int) -> bool:
    """The header's length of the file, which some writers leave at zero."""
    file.seek(2)
    return int.from_bytes(file.read(4), "little") <= size_bytes


def _boxes_add_up(file: BinaryIO, size_bytes: int) -> bool:
    """The boxes end where the file ends, and the one with the picture is among them.

    Source: ISO/IEC 14496-12, 4.2; ISO/IEC 18181-2, 9; ISO/IEC 15444-1, annex I.
    """
    at, kinds = 0, set[bytes]()
    while at < size_bytes:
        file.seek(at)
        length, kind = int.from_bytes(file.read(4), "big"), file.read(4)
        if len(kind) < 4:
            return False
        kinds.add(kind)
        if length == 0:  # up to the end of the file, wherever that will be
            return True
        if length == 1:
            file.seek(at + 8)
            length = int.from_bytes(file.read(8), "big")
        if length < 8:
            return False
        at += length
    return at == size_bytes and not kinds.isdisjoint(_DATA_BOXES)


@dataclass(slots=True)
class _Tiff:
    """A TIFF, or a RAW file that is built like one.

    Source: TIFF 6.0, section 2.
    """

    file: BinaryIO
    order: str
    size_bytes: int
    numbers_left: int = _MOST_TIFF_NUMBERS

    def fits(self) -> bool:
        """True if everything its directories point to is inside the file."""
        waiting, seen = list(self._numbers(4, "L", 1)), set[int]()
        if not any(waiting):  # writers fill in last where the first directory is
            return False
        while waiting:
            at = waiting.pop()
            if at == 0 or at in seen:
                continue
            seen.add(at)
            directory = self._directory(at)
            if directory is None or not all(self._data_fits(directory, *pair) for pair in _OFFSETS.items()):
                return False
            entries, following = directory
            waiting.append(following)
            for tag in _SUB_DIRECTORIES & entries.keys():
                waiting += self._values(*entries[tag])
        return True

    def _directory(self, at: int) -> tuple[dict[int, tuple[int, int, int]], int] | None:
        """Type, count and place of each tag's values, and the place of the next directory; None if it is cut off."""
        (count,) = self._numbers(at, "H", 1) or (0,)
        end = at + 2 + 12 * count + 4
        if count == 0 or end > self.size_bytes:
            return None
        self.file.seek(at + 2)
        table = self.file.read(12 * count)
        entries = {}
        for start, (tag, kind, number) in enumerate(struct.iter_unpack(f"{self.order}HHL4x", table)):
            entries[tag] = kind, number, at + 2 + 12 * start + 8
            if not self._value_fits(*entries[tag]):
                return None
        (following,) = self._numbers(end - 4, "L", 1) or (0,)
        return entries, following

    def _value_fits(self, kind: int, number: int, at: int) -> bool:
        length = number * _TIFF_LENGTHS.get(kind, 0)
        (start,) = self._numbers(at, "L", 1) if length > 4 else (0,)
        return start + length <= self.size_bytes

    def _data_fits(self, directory: tuple[dict[int, tuple[int, int, int]], int], offset: int, length: int) -> bool:
        entries, _ = directory
        if offset not in entries or length not in entries:
            return True
        starts, lengths = self._values(*entries[offset]), self._values(*entries[length])
        return all(start + size <= self.size_bytes for start, size in zip(starts, lengths, strict=False))

    def _values(self, kind: int, number: int, at: int) -> Iterator[int]:
        form = _TIFF_NUMBERS.get(kind)
        if form is None:
            return iter(())
        if number * struct.calcsize(f"={form}") > 4:
            (at,) = self._numbers(at, "L", 1) or (self.size_bytes,)
        return iter(self._numbers(at, form, number) or (self.size_bytes + 1,))

    def _numbers(self, at: int, form: str, number: int) -> tuple[int, ...]:
        """Numbers at a place of the file; none if they are not all inside it."""
        number = min(number, self.numbers_left, self.size_bytes)
        self.numbers_left -= number
        packed = struct.Struct(f"{self.order}{number}{form}")
        self.file.seek(at)
        raw = self.file.read(packed.size)
        return packed.unpack(raw) if len(raw) == packed.size else ()


def _tiff_fits(file: BinaryIO, size_bytes: int) -> bool:
    file.seek(0)
    order = _TIFF_FORMS.get(file.read(4))
    return order is None or _Tiff(file, order, size_bytes).fits()


CHECKS: Final[Mapping[str, Callable[[BinaryIO, int], bool]]] = {
    "JPEG": _has_end_of_image,
    "PNG": _has_last_chunk,
    "GIF": _has_trailer,
    "WEBP": _riff_fits,
    "BMP": _bitmap_fits,
    "TIFF": _tiff_fits,
}
"""Name of a kind -> whether the file has its end; kinds that are not here have none that is known."""
