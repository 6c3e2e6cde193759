"""The connections of a run, by the argument that names the camera: they live here, not in what travels with photos."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Final

from photopipe.download.cameras.camera import Camera, camera_named
from photopipe.download.cameras.gphoto import CameraGone
from photopipe.errors import DownloadError

_LOCK: Final = Lock()
_CAMERAS: Final[dict[str, Camera]] = {}


def connect(argument: str) -> Camera:
    """The connection to the camera that an argument means; made if there is none.

    Raises:
        UsageError: several cameras are meant, or python-gphoto2 is not installed.
        SourceMissing: the camera is not there, or cannot be used.
    """
    with _LOCK:
        if argument not in _CAMERAS:
            _CAMERAS[argument] = Camera(camera_named(argument))
        return _CAMERAS[argument]


def connected(argument: str) -> Camera:
    """The connection that was made.

    Raises:
        CameraGone: it was ended, because the camera did not answer.
    """
    with _LOCK:
        if argument not in _CAMERAS:
            raise CameraGone("cannot be read: the camera does not answer any more. Plug it in and run again.")
        return _CAMERAS[argument]


def disconnect(argument: str) -> None:
    """End a connection, if there is one; the next `connect` makes another."""
    with _LOCK:
        camera = _CAMERAS.pop(argument, None)
    if camera is not None:
        with suppress(DownloadError):  # the camera is gone: there is nothing to end
            camera.close()


@contextmanager
def closing_cameras() -> Iterator[None]:
    """For as long as a run lasts: what it has connected to is closed in the end."""
    try:
        yield
    finally:
        for argument in list(_CAMERAS):
            disconnect(argument)
