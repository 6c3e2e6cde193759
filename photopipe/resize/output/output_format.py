"""The properties of a format that renditions are written in, and what its writer is given."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO, Any, Protocol

from PIL import Image


@dataclass(frozen=True, slots=True)
class Attachments:
    """What is embedded in a file besides the pixels; empty or None for nothing."""

    exif: bytes = b""
    xmp: bytes | None = None
    icc: bytes | None = None


class Animation(Protocol):
    """Frames that are made one after the other, as `photopipe.resize.animation.frames.Frames` makes them.

    Attributes:
        n_frames: how many there are.
        durations_ms: how long each is shown, known once it has been made [ms].
        is_transparent: whether one that has been made is transparent somewhere.
    """

    n_frames: int
    durations_ms: list[int]
    is_transparent: bool

    def __iter__(self) -> Iterator[tuple[Image.Image, int]]:
        """Each frame, mode RGBA and all of one size, with how long it is shown [ms]."""

    def seek(self, frame: int) -> None:
        """Go to a frame, from 0."""

    def save(self, fp: IO[bytes], format: str, **options: Any) -> None:  # noqa: A002 - as Pillow calls it
        """Write all frames by one of Pillow's writers, which asks for them in turn."""


Writer = Callable[[IO[bytes], Image.Image, int, Attachments], None]
"""Writes to an empty file: a picture, the quality (1 to 95, libjpeg's scale), and what is embedded besides."""
AnimationWriter = Callable[[Animation, int, int, Attachments], bytes]
"""Frames, quality, how often they are played (0 for endlessly), attachments -> the file's bytes."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format that can be written.

    Attributes:
        name: as in the settings.
        content_type: its media type: `image/` and the name.
        sources: Pillow's names of the formats of sources that `keep` writes in this one.
        library: what Pillow calls the library it needs, see `PIL.features`.
        longest_side_px: largest width and height.
        encoder_bytes: memory per pixel that the encoder holds besides the picture, measured at 12 MP and rounded up.
        write: writes a picture of mode RGB, L, RGBA or LA, as far as the attributes below allow.
        write_small: takes longer for fewer bytes; used where bytes are limited.
        write_animation: None for a format without animations.
        has_quality: whether a lower quality makes smaller files.
        has_alpha: whether pictures can be transparent.
        has_grey: whether grey is stored as grey, so that a profile for grey can go with it.
        has_ycbcr: whether YCbCr is stored as such.
        longest_xmp_bytes: longest XMP packet, None for no limit.
    """

    name: str
    content_type: str
    sources: frozenset[str]
    library: str
    longest_side_px: int
    encoder_bytes: int
    write: Writer
    write_small: Writer | None = None
    write_animation: AnimationWriter | None = None
    has_quality: bool = True
    has_alpha: bool = True
    has_grey: bool = True
    has_ycbcr: bool = False
    longest_xmp_bytes: int | None = None
