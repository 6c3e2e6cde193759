"""A picture kept as luma and chroma apart, each at its own resolution, as a JPEG stores it.

Two of three channels have a quarter of the samples, and both ends of the way are JPEGs, so that nothing needs RGB.
"""

from dataclasses import dataclass
from math import ceil
from typing import Final, Literal

from PIL import Image, _imaging

from photopipe.resize.fit import Box, Size
from photopipe.resize.orient import turn_upright

LANCZOS: Final = Image.Resampling.LANCZOS
SOFT: Final = Image.Resampling.HAMMING
HALF: Final = (2, 2)
BLOCKS_KEPT: Final = 1
"""Blocks of 16 MB that Pillow keeps for the next picture, instead of having the system clear them again for each one.
Measured: more save no CPU time, and cost up to 30 MB with two workers."""
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


def shrink_planes(planes: Planes, size: Size, box: Box, chroma: Chroma) -> Image.Image | Planes:
    """Resample each plane to its final size.

    Args:
        planes: what the decoder gave.
        size: width and height wanted [px].
        box: the part of the luma that is the picture [px].
        chroma: `halved` for a JPEG that stores it so; `full` if the pixels are to be looked at or converted.

    Returns:
        Mode L for grey, YCbCr for `full`. Planes for `halved`, chroma of half the size.
    """
    luma = resample(planes.luma, size, box)
    if not planes.chroma:
        return luma.image()
    if chroma == "halved":
        return Planes(size, luma, _halved(planes, size, box), HALF)
    across, down = planes.step
    part = (box[0] / across, box[1] / down, box[2] / across, box[3] / down)
    full = (resample(plane, size, _inside(part, plane.size)) for plane in planes.chroma)
    return Image.merge("YCbCr", (luma.image(), *(plane.image() for plane in full)))


def merged(planes: Planes) -> Image.Image:
    """One picture of three planes with halved chroma.

    Returns:
        Mode YCbCr; chroma comes in blocks of 2 x 2 equal samples, which an encoder turns back into one.
    """
    return Image.merge("YCbCr", (planes.luma.image(), *(_doubled(plane, planes.size) for plane in planes.chroma)))


def _doubled(plane: Plane, size: Size) -> Image.Image:
    twice = (2 * plane.size[0], 2 * plane.size[1])
    return plane.image().resize(twice, Image.Resampling.NEAREST).crop((0, 0, *size))


def turned(planes: Planes, orientation: int) -> Planes:
    """Turn and mirror planes so that the picture is upright.

    Args:
        planes: with halved chroma, and sides of even length unless row 0 and column 0 stay at the upper left.
        orientation: EXIF orientation, 1 to 8.
    """
    if orientation == 1:
        return planes
    luma, *chroma = (plane_of(turn_upright(plane.image(), orientation)) for plane in (planes.luma, *planes.chroma))
    return Planes(luma.size, luma, tuple(chroma), HALF)


def resample(plane: Plane, size: Size, box: Box, kernel: Image.Resampling = LANCZOS) -> Plane:
    """Resample one plane, four samples as one pixel.

    Those that stand side by side get the same weights down a column, and those of four rows the same along them.
    Pillow works through pixels of four channels a third faster than through as many of one.
    """
    left, upper, right, lower = box
    fours = Image.frombuffer("RGBX", (plane.stride // 4, plane.size[1]), plane.samples, "raw", "RGBX", plane.stride, 1)
    fours = fours.resize((plane.stride // 4, size[1]), kernel, box=(0, upper, plane.stride // 4, lower))
    quarter, stride = -(-size[1] // 4), stride_of(size[0])
    padding = bytes(plane.stride * (4 * quarter - size[1]))
    wide = Image.frombuffer(
        "L", (4 * plane.stride, quarter), fours.tobytes() + padding, "raw", "L", 4 * plane.stride, 1
    )  # row by row, each fourth begins a new row of this
    rows = [wide.crop((row * plane.stride, 0, row * plane.stride + plane.size[0], quarter)) for row in range(4)]
    columns = Image.merge("RGBX", rows).resize((size[0], quarter), kernel, box=(left, 0, right, quarter))
    narrow = Image.new("L", (4 * stride, quarter))
    for row, channel in enumerate("RGBX"):
        narrow.paste(columns.getchannel(channel), (row * stride, 0))
    return Plane(narrow.tobytes(), size, stride)


def _halved(planes: Planes, size: Size, box: Box) -> tuple[Plane, ...]:
    """Half the size; where that is odd, the last block stands out by one sample, as in every JPEG."""
    half = ((size[0] + 1) // 2, (size[1] + 1) // 2)
    right = box[0] + (box[2] - box[0]) * 2 * half[0] / size[0]
    lower = box[1] + (box[3] - box[1]) * 2 * half[1] / size[1]
    across, down = planes.step
    part = (box[0] / across, box[1] / down, right / across, lower / down)
    return tuple(_softly(plane, half, part) for plane in planes.chroma)


def _softly(plane: Plane, size: Size, box: Box) -> Plane:
    """Resample by the filter that comes nearest to Lanczos followed by the encoder's averages of 2 x 2."""
    beyond = (ceil(box[2]) - plane.size[0], ceil(box[3]) - plane.size[1])
    if max(beyond) > 0:
        plane = extended(plane, max(0, beyond[0]), max(0, beyond[1]))
    return resample(plane, size, box, SOFT)


def extended(plane: Plane, columns: int, rows: int) -> Plane:
    """Repeat the last column and row.

    Args:
        plane: at least one sample.
        columns: how many more, 0 or more.
        rows: the same.
    """
    image, (width_px, height_px) = plane.image(), plane.size
    larger = Image.new("L", (width_px + columns, height_px + rows))
    larger.paste(image)
    for column in range(columns):
        larger.paste(image.crop((width_px - 1, 0, width_px, height_px)), (width_px + column, 0))
    for row in range(rows):
        larger.paste(larger.crop((0, height_px - 1, width_px + columns, height_px)), (0, height_px + row))
    return plane_of(larger)


def _inside(box: Box, size: Size) -> Box:
    return (box[0], box[1], min(box[2], size[0]), min(box[3], size[1]))
