"""The frames of an animation, decoded one after the other; none is kept when the next one is requested."""

import os
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, Final

from PIL import Image

from photopipe.errors import PhotoTooLarge, PhotoUnreadable
from photopipe.resize.animation.gif_frames import GifFrames, gif_frames
from photopipe.resize.input.picture import Opened

ANIMATED: Final = frozenset({"GIF", "WEBP", "PNG"})
"""Kinds whose animations can be kept."""
MOST_FRAMES: Final = 10_000
"""Each costs time, however small it is; at 30 frames per second, this is more than five minutes."""
SIGNATURE_BYTES: Final = 8
CHUNK_FRAME_BYTES: Final = 12
"""A PNG's chunk without its content."""
ENDS_EARLY: Final = "cannot be resized: the animation ends early. Copy it again, or take its first frame only."
LONGEST_MS: Final = (1 << 24) - 1
"""Source: RFC 9649, 2.7.1.1 (ANMF), frame duration."""


def is_animation(opened: Opened, file: BinaryIO) -> bool:
    """True if a picture has several frames that can be kept.

    Args:
        opened: a picture.
        file: its file; its position is left as it was.

    Raises:
        PhotoUnreadable: it is a GIF without its end, so the number of its frames is unknown.
    """
    if opened.format == "GIF":
        found = _gif_frames(file)
        if not found.is_complete:
            raise PhotoUnreadable(ENDS_EARLY)
        return found.count > 1
    return opened.format in ANIMATED and len(_frame_numbers(opened.image)) > 1


def check_animation(opened: Opened, file: BinaryIO, max_pixels: int) -> None:
    """Check an animation against the limits, before any frame is decoded.

    Args:
        opened: an animation.
        file: its file; its position is left as it was.
        max_pixels: limit, for all frames together.

    Raises:
        PhotoTooLarge: it has too many frames, or too many pixels.
        PhotoUnreadable: it is a PNG that ends early, or a GIF with a frame outside the picture.
    """
    if opened.format == "PNG" and not _png_is_whole(file):
        raise PhotoUnreadable(ENDS_EARLY)
    count, (width_px, height_px) = len(_frame_numbers(opened.image)), opened.size
    if opened.format == "GIF":
        found = _gif_frames(file)
        count = max(count, found.count)
        if found.size[0] > width_px or found.size[1] > height_px:  # Pillow would make room for it
            raise PhotoUnreadable("cannot be resized: a frame lies outside the picture. Take the first frame only.")
    if count > MOST_FRAMES or count * width_px * height_px > max_pixels:
        raise PhotoTooLarge(
            f"cannot be resized: its {count} frames of {width_px} x {height_px} pixels are too many; the limit is "
            f"{max_pixels} pixels in {MOST_FRAMES} frames. Take the first frame only, or raise the limit if you trust "
            "the file.",
            depends_on=("max_pixels",),
        )


def _gif_frames(file: BinaryIO) -> GifFrames:
    position = file.tell()
    found = gif_frames(file, MOST_FRAMES)
    file.seek(position)
    return found


def _png_is_whole(file: BinaryIO) -> bool:
    """True if chunk follows on chunk up to the last, which Pillow does not check."""
    position = file.tell()
    size_bytes, at, kind = file.seek(0, os.SEEK_END), SIGNATURE_BYTES, b""
    while kind != b"IEND" and at + CHUNK_FRAME_BYTES <= size_bytes:
        file.seek(at)
        head = file.read(8)
        kind = head[4:]
        at += int.from_bytes(head[:4], "big") + CHUNK_FRAME_BYTES
    file.seek(position)
    return kind == b"IEND" and at <= size_bytes


def plays(opened: Opened) -> int:
    """How often an animation is played, 0 for endlessly.

    Source:
        For a GIF, what browsers do: its number is that of repeats after the first time, and without one it is not
        repeated. WebP (RFC 9649, 2.7.1.1) and PNG (W3C, third edition, 11.3.6.1) count every time.
    """
    loop = opened.image.info.get("loop")
    if opened.format != "GIF":
        return loop if isinstance(loop, int) else 0
    if loop is None:
        return 1
    return min(loop + 1, 65_535) if loop else 0


class Frames(Image.Image):
    """An animation as a picture that Pillow's writers can ask for one frame after the other.

    Args:
        source: the opened animation; its file must stay open.
        finish: makes a frame of the result of a decoded one: mode RGBA, all of one size.

    Attributes:
        n_frames: how many there are.
        durations_ms: how long each is shown, known once it has been decoded [ms].
        is_transparent: whether one that has been decoded is transparent somewhere.
    """

    def __init__(self, source: Image.Image, finish: Callable[[Image.Image], Image.Image]) -> None:
        super().__init__()
        self._source = source
        self._source_size = source.size
        self._finish = finish
        self._numbers = _frame_numbers(source)
        self._at, self._ready = 0, -1
        self.n_frames = len(self._numbers)
        self.durations_ms = [0] * self.n_frames
        self.is_transparent = False
        self.load()

    def seek(self, frame: int) -> None:
        """Go to a frame; it is decoded when its pixels are requested."""
        self._at = frame

    def tell(self) -> int:
        """The number of the frame, from 0."""
        return self._at

    def load(self) -> Any:
        """Decode the frame, and those before it that it is built on.

        Raises:
            PhotoUnreadable: a frame has another size than the animation.
            Exception: whatever Pillow raises on damaged files, see `decode_errors.py`.
        """
        if self._ready != self._at:
            self._source.seek(self._numbers[self._at])
            self._source.load()
            if self._source.size != self._source_size:
                raise PhotoUnreadable("cannot be resized: its frames have different sizes. Take the first frame only.")
            duration_ms = self._source.info.get("duration") or 0
            self.durations_ms[self._at] = min(max(0, round(duration_ms)), LONGEST_MS)
            done = self._finish(self._source)
            self.is_transparent = self.is_transparent or done.getextrema()[-1] != (255, 255)
            self.im, self._size, self._mode = done.im, done.size, done.mode
            self._ready = self._at
        return super().load()

    def __iter__(self) -> Iterator[tuple[Image.Image, int]]:
        """Each frame as a picture of its own, with how long it is shown [ms]."""
        for at in range(self.n_frames):
            self.seek(at)
            self.load()
            yield self.copy(), self.durations_ms[at]


def _frame_numbers(image: Image.Image) -> range:
    """Pillow's numbers of the frames; a PNG's default picture may be none of them."""
    return range(1 if getattr(image, "default_image", False) else 0, getattr(image, "n_frames", 1))
