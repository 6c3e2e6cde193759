"""Lay a logo or a text over the finished picture."""

import hashlib
import io
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from photopipe.errors import UsageError
from photopipe.resize.pixels.resample import resample
from photopipe.settings import ResizeSettings, WatermarkPosition

FREE_SPACE: Final[dict[WatermarkPosition, tuple[float, float]]] = {
    "top-left": (0, 0),
    "top-right": (1, 0),
    "bottom-left": (0, 1),
    "bottom-right": (1, 1),
    "center": (0.5, 0.5),
}
"""How the free space is split: the share to the left of the mark, and above it."""
TEXT_PX: Final = 96
MOST_PIXELS: Final = 50_000_000


@lru_cache(maxsize=2)
def load_logo(path: str, sha256: str | None) -> Image.Image:
    """Read a watermark's file.

    Args:
        path: a PNG.
        sha256: hash of the file when the run began, hexadecimal.

    Returns:
        Mode RGBA; not to be changed.

    Raises:
        UsageError: it cannot be read, is not a PNG, or has changed.
    """
    data = _read(path)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise UsageError(f"the watermark {path} has changed since the run began. Start again.")
    return _decoded(path, data)


def watermarked(image: Image.Image, settings: ResizeSettings) -> Image.Image:
    """Lay the settings' watermark over a picture.

    Args:
        image: the upright picture, mode RGB, YCbCr, L, RGBA or LA.
        settings: the watermark.

    Returns:
        The picture with the mark, in its own mode, where YCbCr becomes RGB; on grey the mark is grey. The same
        object if the settings have no watermark.

    Raises:
        UsageError: the watermark's file cannot be read, or has changed since the run began.
    """
    mark = _mark(settings)
    if mark is None:
        return image
    has_alpha = image.mode.endswith("A")
    picture = image.convert("RGBA" if has_alpha else "RGB")
    small = _fitted(mark, picture.size, settings)
    position = _position(picture.size, small.size, settings)
    if has_alpha:
        picture.alpha_composite(small, position)
    else:
        picture.paste(small, position, small)
    return picture.convert(image.mode) if image.mode in ("L", "LA") else picture


def _mark(settings: ResizeSettings) -> Image.Image | None:
    if settings.watermark_file is not None:
        return load_logo(settings.watermark_file, settings.watermark_sha256)
    return _text(settings.watermark_text) if settings.watermark_text else None


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise UsageError(f"the watermark {path} cannot be read: {error.strerror}.") from error


def _decoded(path: str, data: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data), formats=["PNG"])
        if image.width * image.height > MOST_PIXELS:
            raise ValueError("too many pixels")
        return image.convert("RGBA")
    except Exception as error:  # Pillow raises anything on broken files
        raise UsageError(f"the watermark {path} is not a PNG that can be read. Choose another.") from error


@lru_cache(maxsize=2)
def _text(text: str) -> Image.Image:
    """White letters with a thin dark outline, legible on any photo."""
    font = ImageFont.load_default(TEXT_PX)
    left, upper, right, lower = ImageDraw.Draw(Image.new("L", (1, 1))).textbbox((0, 0), text, font, stroke_width=2)
    mark = Image.new("RGBA", (max(1, round(right - left)), max(1, round(lower - upper))), (0, 0, 0, 0))
    ImageDraw.Draw(mark).text((-left, -upper), text, "white", font, stroke_width=2, stroke_fill="#404040")
    return mark


def _fitted(mark: Image.Image, canvas: tuple[int, int], settings: ResizeSettings) -> Image.Image:
    """The mark at its size and opacity, within the margins."""
    margin_px = _margin_px(canvas, settings)
    limits_px = (canvas[0] * settings.watermark_width, canvas[0] - 2 * margin_px, canvas[1] - 2 * margin_px)
    scale = min(limits_px[0] / mark.width, limits_px[1] / mark.width, limits_px[2] / mark.height)
    size = (max(1, round(mark.width * scale)), max(1, round(mark.height * scale)))
    small = resample(mark, size, (0, 0, *mark.size))
    small.putalpha(small.getchannel("A").point([round(level * settings.watermark_opacity) for level in range(256)]))
    return small


def _position(canvas: tuple[int, int], mark: tuple[int, int], settings: ResizeSettings) -> tuple[int, int]:
    margin_px = _margin_px(canvas, settings)
    across, down = FREE_SPACE[settings.watermark_position]
    left, upper = (
        margin_px + round((side - own - 2 * margin_px) * share)
        for side, own, share in zip(canvas, mark, (across, down), strict=True)
    )
    return max(0, left), max(0, upper)


def _margin_px(canvas: tuple[int, int], settings: ResizeSettings) -> int:
    return round(min(canvas) * settings.watermark_margin)
