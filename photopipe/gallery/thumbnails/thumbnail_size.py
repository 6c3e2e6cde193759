"""How large a thumbnail is, and how good."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ThumbnailSize:
    """The box that a thumbnail fits in; a limit that is None is none.

    Attributes:
        name: stands in its address and in the name of its file.
        max_height_px: height of the box.
        max_side_px: width and height of the box.
        quality: 1 to 95, as for renditions.
    """

    name: str
    max_height_px: int | None = None
    max_side_px: int | None = None
    quality: int = 75
