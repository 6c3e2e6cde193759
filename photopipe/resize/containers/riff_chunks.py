"""The chunks of a RIFF file, such as a WebP, read in a limited number of steps."""

import struct
from collections.abc import Iterator
from typing import BinaryIO, Final

MOST_CHUNKS: Final = 1000
FIRST_CHUNK: Final = 12


def riff_chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Walk over the chunks.

    Args:
        file: its position is moved.

    Yields:
        A chunk's type, the offset of its content, and its length, which may be more than the file has. At most a
        thousand.

    Source:
        RFC 9649 (WebP), 2.3 and 2.4.
    """
    start = FIRST_CHUNK
    for _ in range(MOST_CHUNKS):
        file.seek(start)
        head = file.read(8)
        if len(head) < 8:
            return
        kind, length = struct.unpack("<4sI", head)
        yield kind, start + 8, length
        start += 8 + length + length % 2
