"""Which part of a picture is shown, and how large: pure arithmetic."""

from dataclasses import dataclass, field
from typing import Final

from photopipe.settings import ResizeSettings

Size = tuple[int, int]
Box = tuple[float, float, float, float]

QUARTER_TURNED: Final = frozenset({5, 6, 7, 8})
"""EXIF orientations under which width and height change places."""


def upright_size(size: Size, orientation: int) -> Size:
    """Width and height of a picture of this size when it is turned upright [px]."""
    return (size[1], size[0]) if orientation in QUARTER_TURNED else size


@dataclass(frozen=True, slots=True)
class Placement:
    """How a picture is put into its rendition; all in the way the file stores it, before it is turned.

    Attributes:
        crop: the part of the source that is shown (left, upper, right, lower) [px].
        size: width and height that part becomes [px].
        canvas: width and height of the rendition [px]; larger than `size` where it is padded.
        scale: size of the shown part in the rendition / in the source.
    """

    crop: Box
    size: Size
    canvas: Size
    scale: float = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", self.size[0] / (self.crop[2] - self.crop[0]))


def placement_of(
    size: Size, orientation: int, settings: ResizeSettings, longest_side_px: int | None = None
) -> Placement:
    """Place a picture in the box of the settings.

    `inside` shows all of it and keeps its shape. `cover` fills the box's shape and cuts off the
    rest, the same amount on either side. `exact` is `inside`, padded to the box. Nothing is distorted, and nothing
    enlarged unless the settings say so.

    Args:
        size: width and height as stored, at least 1 each [px].
        orientation: EXIF orientation, 1 to 8; the box applies to the upright picture.
        settings: box, fit, enlarge.
        longest_side_px: largest width and height of the format that is written; None for no limit. With `inside`
            the picture is fitted into it, too; the others would lose their shape, and are refused when they are
            written.

    Returns:
        The placement; every side at least 1.
    """
    box = _box(orientation, settings, longest_side_px)
    if settings.fit == "cover":
        is_whole = not settings.enlarge and _has_shape(size, box)
        crop = (0, 0, *size) if is_whole else _largest_inside(size, box)
        shape = (crop[2] - crop[0], crop[3] - crop[1])
        inner = _fit_inside(shape, box, enlarge=settings.enlarge)
        return Placement(crop, inner, inner)
    inner = _fit_inside(size, box, enlarge=settings.enlarge)
    return Placement((0, 0, *size), inner, box if settings.fit == "exact" else inner)


def _box(orientation: int, settings: ResizeSettings, longest_side_px: int | None) -> Size:
    width_px, height_px = settings.max_width_px, settings.max_height_px
    if settings.fit == "inside" and longest_side_px is not None:
        width_px, height_px = min(width_px, longest_side_px), min(height_px, longest_side_px)
    return (height_px, width_px) if orientation in QUARTER_TURNED else (width_px, height_px)


def _fit_inside(size: tuple[float, float], box: Size, *, enlarge: bool) -> Size:
    scale = min(box[0] / size[0], box[1] / size[1])
    if not enlarge:
        scale = min(scale, 1.0)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _has_shape(size: Size, shape: Size) -> bool:
    """True if less than a pixel would be cut off: otherwise resizing a rendition again would crop it again."""
    return round(size[1] * shape[0] / shape[1]) == size[0] or round(size[0] * shape[1] / shape[0]) == size[1]


def _largest_inside(size: Size, shape: Size) -> Box:
    """The largest part of a picture that has the shape, in its middle."""
    scale = min(size[0] / shape[0], size[1] / shape[1])
    width_px, height_px = (  # in floating point, 61 / 19 * 19 is more than 61
        min(float(full_px), max(1.0, side_px * scale)) for full_px, side_px in zip(size, shape, strict=True)
    )
    left, upper = (size[0] - width_px) / 2, (size[1] - height_px) / 2
    return (left, upper, left + width_px, upper + height_px)
