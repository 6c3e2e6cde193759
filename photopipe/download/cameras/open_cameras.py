"""The connections of a run, by the argument that names the camera: they live here, not in what travels with photos."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

from photopipe.download.cameras.camera import Camera, camera_named
from photopipe.download.cameras.gphoto import CameraGone

_LOCK: Final = Lock()
_CAMERAS: Final[dict[str, Camera]] = {}


def connect(argument: str) -> Camera:
    """The connection to the camera that an argument means; made if there is none, or it broke off.

    One that was made before forgets what it knew of the camera's folders, so that new photos are seen.

    Raises:
        UsageError: several cameras are meant, or python-gphoto2 is not installed.
        SourceMissing: the camera is not there, or cannot be used.
    """
    with _LOCK:
        if argument in _CAMERAS and _CAMERAS[argument].is_gone:
            _CAMERAS.pop(argument).close()
        if argument in _CAMERAS:
            _CAMERAS[argument].refresh()
        else:
            _CAMERAS[argument] = Camera(camera_named(argument))
        return _CAMERAS[argument]


def connected(argument: str) -> Camera:
    """The connection that was made.

    Raises:
        CameraGone: there is none, or it broke off.
    """
    with _LOCK:
        camera = _CAMERAS.get(argument)
    if camera is None or camera.is_gone:
        raise CameraGone("cannot be read: the camera does not answer any more. Plug it in and run again.")
    return camera


@contextmanager
def closing_cameras() -> Iterator[None]:
    """For as long as a run lasts: what it has connected to is closed in the end."""
    try:
        yield
    finally:
        with _LOCK:
            while _CAMERAS:
                _CAMERAS.popitem()[1].close()
