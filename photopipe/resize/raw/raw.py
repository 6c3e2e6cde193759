"""A camera's RAW file: the JPEG that the camera embedded if that is large enough, else developed by LibRaw."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

from PIL import Image, ImageFile, JpegImagePlugin

from photopipe.errors import PhotoUnreadable, ResizeError
from photopipe.resize.decoders.decoders import load_decoder
from photopipe.resize.pixels.fit import placement_of
from photopipe.resize.raw.raw_exif import exif_turned, own_orientation
from photopipe.resize.raw.raw_tiff import ends_early
from photopipe.settings import ResizeSettings

EXIF_OF_FLIP: Final = (1, 2, 4, 3, 5, 8, 6, 7)
"""LibRaw's turn, 0 to 7 -> EXIF orientation. Source: LibRaw API, libraw_image_sizes_t.flip, a sum of three bits."""
SIDEWAYS: Final = 4
"""The bit for swapping rows and columns."""
FULL_SIZE: Final = 0.9
"""The embedded JPEG may lack a few rows and columns."""


class RawImageFile(ImageFile.ImageFile):
    """A RAW file as a Pillow picture: its size is known at once, its pixels are developed by `load`.

    The pixels are as the sensor has them; `info["exif"]` says how to turn them.
    """

    format = "RAW"
    format_description = "camera RAW"

    def _open(self) -> None:
        rawpy = load_decoder("RAW")
        assert self.fp is not None  # noqa: S101 - for the type checker
        with _plain_errors(rawpy):
            self._raw: Any = rawpy.imread(self.fp)
        sizes = self._raw.sizes
        self.flip: int = sizes.flip & 7
        self._size = (sizes.width, sizes.height)
        self._mode = "RGB"
        self._half = False
        self.info["exif"] = exif_turned(self.fp, EXIF_OF_FLIP[self.flip])

    def draft(self, mode: str | None, size: tuple[int, int] | None) -> tuple[str, tuple[int, int, float, float]] | None:
        """Develop at half the size, a pixel from each square of four, if that is enough for `size`."""
        del mode
        if size is None or self._half or 2 * size[0] > self.size[0] or 2 * size[1] > self.size[1]:
            return None
        full = self.size
        self._half = True
        self._size = ((full[0] + 1) // 2, (full[1] + 1) // 2)
        return self.mode, (0, 0, full[0] / 2, full[1] / 2)

    def load(self) -> Any:
        """Develop with the camera's white balance, in sRGB."""
        if self._im is None:
            with _plain_errors(load_decoder("RAW")):
                pixels = self._raw.postprocess(
                    use_camera_wb=True, half_size=self._half, user_flip=0, gamma=(2.4, 12.92)
                )
            developed = Image.fromarray(pixels)
            self._raw.close()
            self._raw = None
            self._size, self._mode, self.im = developed.size, developed.mode, developed.im
        return Image.Image.load(self)

    def preview(self) -> bytes | None:
        """The largest JPEG that the camera put into the file, or None."""
        rawpy = load_decoder("RAW")
        try:
            thumb = self._raw.extract_thumb()
        except rawpy.LibRawError:
            return None
        return bytes(thumb.data) if thumb.format == rawpy.ThumbFormat.JPEG else None


@contextmanager
def _plain_errors(rawpy: Any) -> Iterator[None]:
    """Turn LibRaw's errors, whose texts are bytes, into those that `decode_errors.py` knows."""
    try:
        yield
    except rawpy.LibRawFileUnsupportedError as error:
        raise PhotoUnreadable(
            "cannot be resized: LibRaw does not know this kind of RAW. Install a newer `rawpy`, or export it as JPEG.",
            depends_on=("decoders",),
        ) from error
    except (rawpy.LibRawUnsufficientMemoryError, rawpy.LibRawTooBigError) as error:
        raise MemoryError from error
    except rawpy.LibRawIOError as error:
        raise EOFError("LibRaw found no more data") from error
    except rawpy.LibRawError as error:
        text = error.args[0] if error.args else ""
        raise OSError(text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)) from error


class RawPreview(JpegImagePlugin.JpegImageFile):
    """The JPEG inside a RAW file, with the EXIF of the whole."""

    def adopt_exif(self, exif: bytes) -> None:
        """Replace the preview's own EXIF block."""
        self.info["exif"] = exif
        self._exif = None


def open_raw(file: BinaryIO, settings: ResizeSettings) -> ImageFile.ImageFile:
    """Open a RAW file.

    Args:
        file: a RAW file; it is read in full.
        settings: whether the preview may be taken, and how large it must be.

    Returns:
        The preview if it is full-size or large enough for what is wanted, else the RAW, to be developed.

    Raises:
        DecoderMissing: rawpy is not installed.
        PhotoUnreadable: LibRaw does not know this kind of RAW, or the file ends early.
        ResizeError: the settings exclude RAW files.
    """
    if settings.raw == "skip":
        raise ResizeError("is a camera RAW file, and these are left out. Use `--raw preview` to take them.")
    if ends_early(file, file.seek(0, os.SEEK_END)):
        raise PhotoUnreadable("cannot be resized: the file ends early. Copy it again from the camera.")
    file.seek(0)
    raw = RawImageFile(file)
    if max(raw.size) ** 2 > 4 * settings.max_pixels or settings.raw == "develop":
        return raw
    return _large_preview(raw, file, settings) or raw


def _large_preview(raw: RawImageFile, file: BinaryIO, settings: ResizeSettings) -> RawPreview | None:
    data = raw.preview()
    if data is None:
        return None
    try:
        preview = RawPreview(io.BytesIO(data))
    except Exception:  # noqa: BLE001 - without a usable preview the RAW is developed
        return None
    orientation = _orientation(preview, raw)
    wanted = placement_of(raw.size, EXIF_OF_FLIP[raw.flip], settings).size
    if max(preview.size) < min(FULL_SIZE * max(raw.size), max(wanted)):
        return None
    preview.adopt_exif(exif_turned(file, orientation, preview.info.get("exif")))
    return preview


def _orientation(preview: RawPreview, raw: RawImageFile) -> int:
    """How the preview is to be turned: cameras disagree whether theirs is upright already.

    If the camera was held sideways, the preview's shape tells. If not, its own tag does, and LibRaw's turn if it
    has none.
    """
    if raw.flip & SIDEWAYS:
        already = (preview.width < preview.height) != (raw.width < raw.height)
        return 1 if already else EXIF_OF_FLIP[raw.flip]
    return own_orientation(preview.info.get("exif")) or EXIF_OF_FLIP[raw.flip]
