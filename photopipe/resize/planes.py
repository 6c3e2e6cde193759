"""A picture kept as luma and chroma apart, each at its own resolution, as a JPEG stores it.

Two of three channels have a quarter of the samples, and both ends of the way are JPEGs, so that nothing needs RGB.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from typing import Final, Literal

from PIL import Image, _imaging

from photopipe.resize.fit import Box, Size

LANCZOS: Final = Image.Resampling.LANCZOS
SOFT: Final = Image.Resampling.HAMMING
BLOCKS_KEPT: Final = 4
"""Blocks of 16 MB that Pillow keeps for the next picture, instead of having the system clear them again for each one:
an eighth of all CPU time."""
Chroma = Literal["halved", "full"]

_imaging.set_blocks_max(BLOCKS_KEPT)


@dataclass(frozen=True, slots=True)
class Plane:
    """Samples of one channel.

    Attributes:
        samples: rows of `stride` bytes.
        size: width and height [samples].
        stride: width rounded up to a multiple of 4 [bytes].
    """

    samples: bytearray | bytes
    size: Size
    stride: int

    def image(self) -> Image.Image:
        """The samples as a picture of mode L, not copied."""
        return Image.frombuffer("L", self.size, self.samples, "raw", "L", self.stride, 1)


@dataclass(frozen=True, slots=True)
class Planes:
    """A decoded JPEG, luma and chroma apart.

    Attributes:
        size: width and height of the luma [px].
        luma: Y.
        chroma: Cb and Cr; empty for grey.
        step: how many luma samples one chroma sample stands for, across and down.
    """

    size: Size
    luma: Plane
    chroma: tuple[Plane, ...]
    step: Size


def stride_of(width_px: int) -> int:
    """Bytes of a row that is to be a whole number of pixels of four bytes."""
    return -(-width_px // 4) * 4


def plane_of(image: Image.Image) -> Plane:
    """Take a picture of mode L as a plane; it is copied once."""
    width_px, height_px = image.size
    stride = stride_of(width_px)
    padded = image if stride == width_px else image.crop((0, 0, stride, height_px))
    return Plane(padded.tobytes(), image.size, stride)


def shrink_planes(planes: Planes, size: Size, box: Box, chroma: Chroma) -> Image.Image:
    """Resample each plane to its final size.

    Args:
        planes: what the decoder gave.
        size: width and height wanted [px].
        box: the part of the luma that is the picture [px].
        chroma: `halved` for a JPEG that stores it so; `full` if the pixels are to be looked at or converted.

    Returns:
        Mode L for grey. Else mode YCbCr; with `halved`, chroma comes in blocks of 2 x 2 equal samples, which the
        encoder turns back into one.
    """
    luma = resample(planes.luma, size, box)
    if not planes.chroma:
        return luma
    sample = (_blocks if chroma == "halved" else _smooth)(planes, size, box)
    return Image.merge("YCbCr", (luma, *(sample(plane) for plane in planes.chroma)))


def resample(plane: Plane, size: Size, box: Box) -> Image.Image:
    """Resample one plane with Lanczos.

    Rows first, and four neighbouring samples as one pixel: they get the same weights, and Pillow works through
    pixels of four channels a third faster than through as many of one.
    """
    left, upper, right, lower = box
    fours = Image.frombuffer(
        "RGBX", (plane.stride // 4, plane.size[1]), plane.samples, "raw", "RGBX", plane.stride, 1
    ).resize((plane.stride // 4, size[1]), LANCZOS, box=(0, upper, plane.stride // 4, lower))
    rows = Image.frombuffer("L", (plane.size[0], size[1]), fours.tobytes(), "raw", "L", plane.stride, 1)
    return rows.resize(size, LANCZOS, box=(left, 0, right, size[1]))


def _smooth(planes: Planes, size: Size, box: Box) -> Callable[[Plane], Image.Image]:
    across, down = planes.step
    part = (box[0] / across, box[1] / down, box[2] / across, box[3] / down)
    return lambda plane: resample(plane, size, _inside(part, plane.size))


def _blocks(planes: Planes, size: Size, box: Box) -> Callable[[Plane], Image.Image]:
    """Half the size; where that is odd, the last block stands out by one sample, as in every JPEG."""
    half = ((size[0] + 1) // 2, (size[1] + 1) // 2)
    right = box[0] + (box[2] - box[0]) * 2 * half[0] / size[0]
    lower = box[1] + (box[3] - box[1]) * 2 * half[1] / size[1]
    across, down = planes.step
    part = (box[0] / across, box[1] / down, right / across, lower / down)

    def sampled(plane: Plane) -> Image.Image:
        small = _softly(plane, half, part)
        return small.resize((2 * half[0], 2 * half[1]), Image.Resampling.NEAREST).crop((0, 0, *size))

    return sampled


def _softly(plane: Plane, size: Size, box: Box) -> Image.Image:
    """Resample by the filter that comes nearest to Lanczos followed by the encoder's averages of 2 x 2."""
    beyond = (ceil(box[2]) - plane.size[0], ceil(box[3]) - plane.size[1])
    image = plane.image()
    if max(beyond) > 0:
        image = _extended(image, max(0, beyond[0]), max(0, beyond[1]))
    return image.resize(size, SOFT, box=box)


def _extended(image: Image.Image, columns: int, rows: int) -> Image.Image:
    """Repeat the last column and row."""
    width_px, height_px = image.size
    larger = Image.new("L", (width_px + columns, height_px + rows))
    larger.paste(image)
    for column in range(columns):
        larger.paste(image.crop((width_px - 1, 0, width_px, height_px)), (width_px + column, 0))
    for row in range(rows):
        larger.paste(larger.crop((0, height_px - 1, width_px + columns, height_px)), (0, height_px + row))
    return larger


def _inside(box: Box, size: Size) -> Box:
    return (box[0], box[1], min(box[2], size[0]), min(box[3], size[1]))
