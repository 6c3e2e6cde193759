"""python-gphoto2: whether it is there, and what its errors mean."""

import importlib
import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Final

from photopipe.errors import DownloadError, PhotoVanished, SourceMissing, UsageError

NOT_THERE: Final = frozenset({-107, -108})
"""`GP_ERROR_DIRECTORY_NOT_FOUND`, `GP_ERROR_FILE_NOT_FOUND`. Source: `gphoto2-result.h`, like those below."""
IN_USE: Final = frozenset({-53, -60, -110})
"""`GP_ERROR_IO_USB_CLAIM`, `GP_ERROR_IO_LOCK`, `GP_ERROR_CAMERA_BUSY`."""
NO_ANSWER: Final = frozenset({-7, -10, -31, -34, -35, -37, -52, -105})
"""`GP_ERROR_IO`, `..._TIMEOUT`, `..._IO_INIT`, `..._IO_READ`, `..._IO_WRITE`, `..._IO_UPDATE`, `..._IO_USB_FIND`,
`GP_ERROR_MODEL_NOT_FOUND`."""


REFUSED: Final = -6
"""`GP_ERROR_NOT_SUPPORTED`: libgphoto2 does not fetch files of a kind that the camera itself calls unknown."""


class CameraGone(DownloadError):
    """The camera does not answer any more: unplugged, switched off, or its battery is empty."""

    reason = "vanished"


def has_gphoto() -> bool:
    """True if python-gphoto2 is installed."""
    return importlib.util.find_spec("gphoto2") is not None


def load_gphoto() -> ModuleType:
    """python-gphoto2, loaded at the first call.

    Raises:
        UsageError: it is not installed, or cannot be loaded.
    """
    try:
        return importlib.import_module("gphoto2")
    except ImportError as error:
        raise UsageError(f"cameras need the package gphoto2: pip install 'photopipe[camera]' ({error})") from error


@contextmanager
def connecting(camera: str) -> Iterator[None]:
    """Explain errors of a connection that is being made.

    Args:
        camera: what it is called in messages.

    Raises:
        SourceMissing: the camera cannot be used.
    """
    gphoto = load_gphoto()
    try:
        yield
    except gphoto.GPhoto2Error as error:
        if error.code in IN_USE:
            raise SourceMissing(
                f"{camera}: is used by another program, most likely by the desktop, which mounts cameras by itself."
                " Eject it in the file manager (or run `gio mount -s gphoto2`), and run again."
            ) from error
        raise SourceMissing(
            f"{camera}: cannot be connected to: {error.string}. Is it switched on, and set to picture transfer (PTP)?"
        ) from error


@contextmanager
def asking(what: str) -> Iterator[None]:
    """Explain errors of a connection that was made.

    Args:
        what: that is asked for, in a sentence: `cannot be ...`.

    Raises:
        CameraGone: the camera does not answer any more.
        PhotoVanished: it has no such file or folder any more.
        DownloadError: it refuses.
    """
    gphoto = load_gphoto()
    try:
        yield
    except gphoto.GPhoto2Error as error:
        if error.code in NO_ANSWER:
            raise CameraGone(
                f"cannot be {what}: the camera does not answer any more. Plug it in and run again."
            ) from error
        if error.code in NOT_THERE:
            raise PhotoVanished("is gone from the camera since it was found.") from error
        if error.code == REFUSED:
            raise DownloadError(
                f"cannot be {what}: files of this kind are not handed over by this camera. Put its card into a reader."
            ) from error
        raise DownloadError(f"cannot be {what}: the camera says: {error.string}. Run again.") from error
