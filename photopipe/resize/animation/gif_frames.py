"""The frames of a GIF, found without decoding: how many, how far they reach, and whether the file is complete."""

from dataclasses import dataclass
from typing import BinaryIO, Final

EXTENSION: Final = 0x21
PICTURE: Final = 0x2C
TRAILER: Final = 0x3B
TABLE: Final = 0x80
"""The bit for a colour table that follows."""


@dataclass(frozen=True, slots=True)
class GifFrames:
    """What the blocks of the file say.

    Attributes:
        count: how many frames there are.
        size: width and height that hold all of them [px].
        is_complete: False if the file ends before its trailer.
    """

    count: int
    size: tuple[int, int]
    is_complete: bool


def gif_frames(file: BinaryIO, most: int) -> GifFrames:
    """Walk over the blocks of a GIF; no picture is decoded.

    Args:
        file: a GIF; its position is moved.
        most: the walk ends after one frame more.

    Source:
        Graphics Interchange Format, version 89a, appendix B (grammar).
    """
    file.seek(6)
    screen = file.read(7).ljust(7, b"\0")
    width_px, height_px = int.from_bytes(screen[:2], "little"), int.from_bytes(screen[2:4], "little")
    _skip_table(file, screen[4])
    count = 0
    while count <= most and (block := file.read(1)):
        if block[0] == TRAILER:
            return GifFrames(count, (width_px, height_px), is_complete=True)
        if block[0] == PICTURE:
            descriptor = file.read(9).ljust(9, b"\0")
            left, upper, across, down = (int.from_bytes(descriptor[at : at + 2], "little") for at in range(0, 8, 2))
            width_px, height_px = max(width_px, left + across), max(height_px, upper + down)
            _skip_table(file, descriptor[8])
            count += 1
        if block[0] in (EXTENSION, PICTURE):
            file.read(1)  # the extension's label, or the width of a code
            _skip_sub_blocks(file)
    return GifFrames(count, (width_px, height_px), is_complete=count > most)


def _skip_table(file: BinaryIO, flags: int) -> None:
    if flags & TABLE:
        file.seek(3 << ((flags & 7) + 1), 1)


def _skip_sub_blocks(file: BinaryIO) -> None:
    while (length := file.read(1)) and length[0]:
        file.seek(length[0], 1)
