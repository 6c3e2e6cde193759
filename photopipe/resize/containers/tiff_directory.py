"""The directories of a TIFF, read in a limited number of steps, whatever loops and counts are in the file."""

import struct
from collections.abc import Iterator
from typing import IO, Final, NamedTuple

MOST_DIRECTORIES: Final = 1000
MOST_ENTRIES: Final = 1000
MOST_VALUES: Final = 100_000
CODES: Final = {1: "B", 3: "H", 4: "I", 13: "I"}
"""Types of whole numbers: BYTE, SHORT, LONG, IFD. Source: TIFF 6.0, section 2; TIFF Technical Note 1."""
SUB_DIRECTORIES: Final = 330


class Directory(NamedTuple):
    """One directory.

    Attributes:
        order: `<` or `>`, as for struct.
        entries: tag -> its type, number of values, and the offset they are at.
        following: offset of the next directory, 0 if there is none.
    """

    order: str
    entries: dict[int, tuple[int, int, int]]
    following: int

    def numbers(self, file: IO[bytes], tag: int) -> tuple[int, ...]:
        """The whole numbers of a tag; empty if the tag is missing or cannot be read."""
        kind, count, offset = self.entries.get(tag, (0, 0, 0))
        code = CODES.get(kind)
        if code is None or not 0 < count <= MOST_VALUES:
            return ()
        layout = f"{self.order}{count}{code}"
        file.seek(offset)
        data = file.read(struct.calcsize(layout))
        return struct.unpack(layout, data) if len(data) == struct.calcsize(layout) else ()

    def number(self, file: IO[bytes], tag: int) -> int | None:
        """The first number of a tag, or None."""
        return next(iter(self.numbers(file, tag)), None)


def first_directory(file: IO[bytes]) -> int | None:
    """Offset of the first directory of a TIFF, or of a file with only another magic number (ORF, RW2)."""
    file.seek(0)
    head = file.read(8)
    if len(head) < 8 or head[:2] not in (b"II", b"MM"):
        return None
    offset: int = struct.unpack(("<" if head[:2] == b"II" else ">") + "I", head[4:])[0]
    return offset


def directories(file: IO[bytes], *, with_sub: bool) -> Iterator[Directory]:
    """Read the directories of a TIFF, in the order of the file; none twice, and at most a thousand.

    Args:
        file: a TIFF, not a BigTIFF; its position is moved.
        with_sub: whether to include pictures inside pictures; each follows the one that contains it.

    Yields:
        Directories, until the first that cannot be read.
    """
    waiting, seen = [first_directory(file) or 0], {0}
    while waiting and len(seen) <= MOST_DIRECTORIES:
        offset = waiting.pop()
        if offset in seen:
            continue
        seen.add(offset)
        directory = _read(file, offset)
        if directory is None:
            continue
        yield directory
        waiting.append(directory.following)
        if with_sub:
            waiting.extend(reversed(directory.numbers(file, SUB_DIRECTORIES)[:MOST_DIRECTORIES]))


def _read(file: IO[bytes], offset: int) -> Directory | None:
    file.seek(0)
    order = "<" if file.read(2) == b"II" else ">"
    file.seek(offset)
    count = int.from_bytes(file.read(2), "little" if order == "<" else "big")
    data = file.read(12 * count + 4) if 0 < count <= MOST_ENTRIES else b""
    if len(data) < 12 * count or not data:
        return None
    entries = {}
    for index in range(count):
        tag, kind, values, elsewhere = struct.unpack_from(order + "HHII", data, 12 * index)
        size = struct.calcsize(CODES.get(kind, "I")) * values
        entries[tag] = (kind, values, elsewhere if size > 4 else offset + 2 + 12 * index + 8)
    following = struct.unpack_from(order + "I", data, 12 * count)[0] if len(data) == 12 * count + 4 else 0
    return Directory(order, entries, following)
