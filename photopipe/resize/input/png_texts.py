"""A PNG without the texts because of which Pillow would refuse the whole file.

Pillow has two limits of its own (`MAX_TEXT_CHUNK`, `MAX_TEXT_MEMORY`), but raising them does not help: beyond them it
refuses the file, however high they are, and they are what keeps a small file from being unpacked to gigabytes. They
are also global: other users of Pillow in the process would get them, too.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from PIL.PngImagePlugin import MAX_TEXT_CHUNK

MOST_TEXT: Final = 16 << 20
"""Of all texts together; Pillow refuses 64 MB."""
LONGEST_PROFILE: Final = 16 << 20
LONGEST_KEYWORD: Final = 4096
"""With language and translation; a generous limit."""
PICTURE_BEGINS: Final = 8
"""Length of the signature. Source: PNG (W3C, third edition), 5.2."""
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Trimmed:
    """A PNG that Pillow reads.

    Attributes:
        file: at its beginning; the same object if nothing is left out.
        profile: an ICC profile that is left out because of its length, or None.
        lost: how many texts are left out.
    """

    file: BinaryIO
    profile: bytes | None = None
    lost: int = 0


def without_long_texts(file: BinaryIO) -> Trimmed:
    """Leave out texts that are longer than Pillow takes, each or together, or compressed in an unknown way.

    Args:
        file: its position is moved, and it must stay open.

    Returns:
        What Pillow is to read; nothing is copied.
    """
    cuts: list[Span] = []
    profile, texts, text_bytes = None, 0, 0
    for kind, start, length in _chunks(file):
        if kind == b"iCCP":
            unpacked = _profile(file.read(min(length, LONGEST_PROFILE)))
            if len(unpacked) > MAX_TEXT_CHUNK:
                cuts.append((start, start + length + 12))
                profile = unpacked
        elif kind in TEXTS:
            size_bytes = _text_bytes(kind, file, length)
            if size_bytes is None or text_bytes + size_bytes > MOST_TEXT:
                cuts.append((start, start + length + 12))
                texts += 1
            else:
                text_bytes += size_bytes
    end = file.seek(0, io.SEEK_END)
    file.seek(0)
    return Trimmed(io.BufferedReader(_Spans(file, _kept(cuts, end))) if cuts else file, profile, texts)


TEXTS: Final = frozenset({b"tEXt", b"zTXt", b"iTXt"})


def _chunks(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """Yield type, offset and length of each chunk, the file positioned at its content. Source: the same, 5.3."""
    start = PICTURE_BEGINS
    while True:
        file.seek(start)
        head = file.read(8)
        if len(head) < 8:
            return
        length, kind = struct.unpack(">I4s", head)
        yield kind, start, length
        start += length + 12


def _text_bytes(kind: bytes, file: BinaryIO, length: int) -> int | None:
    """Length of the unpacked text; None if Pillow does not take it."""
    if length > MAX_TEXT_CHUNK + LONGEST_KEYWORD:
        return None
    content = file.read(length)
    packed = _packed(kind, content)
    if packed is None:
        return length
    if packed[:1] != b"\0":  # the only compression method there is
        return None
    size_bytes = len(_unpacked(packed[1:], MAX_TEXT_CHUNK))
    return size_bytes if size_bytes <= MAX_TEXT_CHUNK else None


def _packed(kind: bytes, content: bytes) -> bytes | None:
    """Compression method and compressed text; None if the text is not compressed. Source: the same, 11.3.3."""
    _, _, rest = content.partition(b"\0")
    if kind == b"zTXt" and rest:
        return rest
    if kind == b"iTXt" and rest[:2] == b"\1\0":
        fields = rest[2:].split(b"\0", 2)
        return b"\0" + fields[2] if len(fields) > 2 else None
    return None


def _profile(content: bytes) -> bytes:
    packed = content.partition(b"\0")[2]
    return _unpacked(packed[1:], LONGEST_PROFILE)


def _unpacked(packed: bytes, most_bytes: int) -> bytes:
    """At most one byte more than that; empty if it is broken, which Pillow ignores."""
    try:
        return zlib.decompressobj().decompress(packed, most_bytes + 1)
    except zlib.error:
        return b""


def _kept(cuts: list[Span], end: int) -> list[Span]:
    edges = [0, *(edge for cut in cuts for edge in cut), end]
    return [(start, stop) for start, stop in zip(edges[::2], edges[1::2], strict=True) if start < stop]


class _Spans(io.RawIOBase):
    """Parts of a file, presented as one file.

    Args:
        file: stays open, and must not be used for anything else meanwhile.
        spans: offsets of each part in it, in order.
    """

    def __init__(self, file: BinaryIO, spans: list[Span]) -> None:
        self._file = file
        self._spans = spans
        self._size = sum(stop - start for start, stop in spans)
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, begin + offset)
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # what BufferedReader hands over
        offset = self._position
        for start, stop in self._spans:
            if offset < stop - start:
                self._file.seek(start + offset)
                data = self._file.read(min(len(buffer), stop - start - offset))
                buffer[: len(data)] = data
                self._position += len(data)
                return len(data)
            offset -= stop - start
        return 0
