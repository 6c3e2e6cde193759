"""Write an animated PNG frame by frame, storing only what has changed; Pillow's writer keeps all frames in memory."""

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from PIL import Image, ImageChops

SIGNATURE_BYTES: Final = 8
LONGEST_SHORT: Final = 65_535
KEEP_THE_LAST: Final = 0
REPLACE: Final = 0
"""Source: PNG (W3C, third edition), 11.3.6.2 (fcTL): dispose_op and blend_op."""
Box = tuple[int, int, int, int]


def write_apng(
    frames: Iterable[tuple[Image.Image, int]], count: int, plays: int, png: Callable[[Image.Image, bool], bytes]
) -> bytes:
    """Write an animated PNG.

    Args:
        frames: mode RGBA and of one size, each with how long it is shown [ms].
        count: how many there are.
        plays: how often all of them are shown, 0 for endlessly.
        png: writes one picture; the second argument is whether it is the first, which carries the metadata.

    Returns:
        The file's bytes.

    Source:
        PNG (W3C, third edition), 11.3.6 (animation information).
    """
    written: list[bytes] = []
    number, before = 0, None
    for image, duration_ms in frames:
        box = _changed(before, image)
        control = struct.pack(
            ">IIIIIHHBB",
            number,
            box[2] - box[0],
            box[3] - box[1],
            *box[:2],
            *_delay(duration_ms),
            KEEP_THE_LAST,
            REPLACE,
        )
        data = png(image.crop(box), before is None)
        number += 1
        if before is None:
            written += [*_first_chunks(data, count, plays), _chunk(b"fcTL", control)]
            written += [_chunk(kind, content) for kind, content in _chunks(data) if kind == b"IDAT"]
        else:
            written.append(_chunk(b"fcTL", control))
            written.append(_chunk(b"fdAT", struct.pack(">I", number) + _pixels(data)))
            number += 1
        before = image
    return b"".join([*written, _chunk(b"IEND", b"")])


def _changed(before: Image.Image | None, image: Image.Image) -> Box:
    """The part that differs from the frame before; one pixel if nothing does, because no frame may be empty."""
    if before is None:
        return (0, 0, *image.size)
    return ImageChops.difference(before, image).getbbox(alpha_only=False) or (0, 0, 1, 1)


def _delay(duration_ms: int) -> tuple[int, int]:
    """A fraction of a second: in milliseconds, or whole seconds where these are too many."""
    if duration_ms <= LONGEST_SHORT:
        return duration_ms, 1000
    return min(round(duration_ms / 1000), LONGEST_SHORT), 1


def _first_chunks(data: bytes, count: int, plays: int) -> Iterator[bytes]:
    """All chunks of the first picture but its pixels, and the one that makes it an animation."""
    yield data[:SIGNATURE_BYTES]
    for kind, content in _chunks(data):
        if kind not in (b"IDAT", b"IEND"):
            yield _chunk(kind, content)
        if kind == b"IHDR":
            yield _chunk(b"acTL", struct.pack(">II", count, plays))


def _pixels(data: bytes) -> bytes:
    return b"".join(content for kind, content in _chunks(data) if kind == b"IDAT")


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = SIGNATURE_BYTES
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        yield kind, data[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
