"""The boxes of a JP2, JPEG XL or ISO base media file, read in a limited number of steps."""

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

MOST_BOXES: Final = 1000


def boxes(file: BinaryIO, start: int = 0, end: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """Walk over a sequence of boxes.

    Args:
        file: its position is moved.
        start: offset of the first box.
        end: offset after the last one; None for the end of the file.

    Yields:
        A box's type, the offset of its content, and the offset after it, which may be past the file's end.
        At most a thousand; the walk ends at the first that is malformed.

    Source:
        ISO/IEC 15444-1, I.4; ISO/IEC 14496-12, 4.2.
    """
    for _ in range(MOST_BOXES):
        file.seek(start)
        head = file.read(16)
        if len(head) < 8 or (end is not None and start + 8 > end):
            return
        length, kind = struct.unpack(">I4s", head[:8])
        content = start + 8
        if length == 1 and len(head) == 16:
            length, content = int.from_bytes(head[8:], "big"), start + 16
        elif length == 0:
            length = (file.seek(0, 2) if end is None else end) - start
        if start + length < content:
            return
        yield kind, content, start + length
        start += length
        if start >= 2**62:
            return
