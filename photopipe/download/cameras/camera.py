"""The one connection to a camera. Its calls come one after another, from whatever thread."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Lock
from typing import Any, Final, NamedTuple

from photopipe.download.cameras.gphoto import CameraGone, asking, connecting, load_gphoto
from photopipe.errors import SourceMissing, UsageError

SCHEME: Final = "camera:"
USB: Final = "usb:"
"""How a camera's port begins; libgphoto2 also offers mounted cards as cameras, which are sources of their own."""
PIECE_BYTES: Final = 1 << 20
SERIAL_NUMBER: Final = re.compile(r"^\s*Serial Number:\s*(\S+)", re.MULTILINE)


class AttachedCamera(NamedTuple):
    """A camera that is plugged in.

    Attributes:
        model: what libgphoto2 calls it.
        port: where it is: `usb:001,004`; another one each time it is plugged in.
    """

    model: str
    port: str


class FileInfo(NamedTuple):
    """What a camera says about a file.

    Attributes:
        size_bytes: its length; 0 if the camera does not say.
        mtime_ns: when it was written [nanoseconds since 1970, by this machine's time zone]; 0 if it does not say.
    """

    size_bytes: int
    mtime_ns: int


def attached_cameras() -> list[AttachedCamera]:
    """Every camera that is plugged in.

    Raises:
        UsageError: python-gphoto2 is not installed.
    """
    found = load_gphoto().Camera.autodetect()
    cameras = [AttachedCamera(found.get_name(number), found.get_value(number)) for number in range(found.count())]
    return [camera for camera in cameras if camera.port.startswith(USB)]


def camera_named(argument: str) -> AttachedCamera:
    """The camera that an argument of the command means.

    Args:
        argument: `camera:` for the only one, `camera:MODEL` or a part of it, or `camera:usb:001,004`.

    Raises:
        UsageError: several are meant, or python-gphoto2 is not installed.
        SourceMissing: none is plugged in.
    """
    wanted, attached = argument.removeprefix(SCHEME), attached_cameras()
    meant = [camera for camera in attached if wanted == camera.port or wanted.lower() in camera.model.lower()]
    if len(meant) > 1:
        names = ", ".join(f"{SCHEME}{camera.port} ({camera.model})" for camera in meant)
        raise UsageError(f"{argument}: could be several cameras: {names}. Name one of them.")
    if not meant:
        others = ", ".join(f"{camera.model} ({camera.port})" for camera in attached) or "none"
        raise SourceMissing(
            f"{argument}: no such camera is plugged in (there is {others}). Switch it on, and set it to"
            " picture transfer (PTP)."
        )
    return meant[0]


class Camera:
    """An open connection. Nothing here changes anything on the camera.

    Args:
        attached: the camera.

    Attributes:
        name: its model and, if it tells one, its serial number.
        is_gone: True as soon as it has not answered.

    Raises:
        SourceMissing: it cannot be used.
    """

    def __init__(self, attached: AttachedCamera) -> None:
        gphoto = load_gphoto()
        self.is_gone = False
        self._lock = Lock()
        self._camera: Any = None
        # The entries of these tables are parts of them, and the camera goes on using them.
        self._models, self._ports = gphoto.CameraAbilitiesList(), gphoto.PortInfoList()
        self._attached = attached
        with self._connecting():
            self._models.load()
            self._ports.load()
            self._connect()
            self.name = self._name()

    def refresh(self) -> None:
        """Connect anew: libgphoto2 forgets what it knew of the camera's folders.

        Raises:
            SourceMissing: the camera cannot be used any more.
        """
        with self._lock, self._connecting():
            self._disconnect()
            self._connect()

    def close(self) -> None:
        """End the connection, which lets other programs use the camera."""
        with self._lock:
            self._disconnect()

    def list_folder(self, folder: str) -> tuple[list[str], list[str]]:
        """Names of the files and of the folders in a folder of the camera, each in order.

        Raises:
            CameraGone: the camera does not answer any more.
            DownloadError: it refuses.
        """
        with self._asking("listed"):
            return _names(self._camera.folder_list_files(folder)), _names(self._camera.folder_list_folders(folder))

    def info(self, path: str) -> FileInfo:
        """What the camera says about a file.

        Raises:
            PhotoVanished: it is gone.
            DownloadError: as `list_folder`.
        """
        gphoto = load_gphoto()
        with self._asking("looked at"):
            info = self._camera.file_get_info(*os.path.split(path))
        file = info.file  # a part of it, which does not keep it alive
        knows_size, knows_time = file.fields & gphoto.GP_FILE_INFO_SIZE, file.fields & gphoto.GP_FILE_INFO_MTIME
        return FileInfo(file.size if knows_size else 0, file.mtime * 10**9 if knows_time else 0)

    def read(self, path: str) -> Iterator[bytes]:
        """All of a file, in pieces.

        Raises:
            PhotoVanished: it is gone.
            DownloadError: as `list_folder`.
        """
        with self._asking("read"):
            file = self._camera.file_get(*os.path.split(path), load_gphoto().GP_FILE_TYPE_NORMAL)
            content = memoryview(file.get_data_and_size())
        for start in range(0, len(content), PIECE_BYTES):
            yield bytes(content[start : start + PIECE_BYTES])
        del file  # not before: the content is in it, and does not keep it alive

    def _connect(self) -> None:
        self._camera = load_gphoto().Camera()
        self._camera.set_abilities(self._models[self._models.lookup_model(self._attached.model)])
        self._camera.set_port_info(self._ports[self._ports.lookup_path(self._attached.port)])
        self._camera.init()

    def _name(self) -> str:
        serial = SERIAL_NUMBER.findall(self._camera.get_summary().text)[:1]
        return " ".join([self._attached.model, *serial]).replace("/", "-")

    def _disconnect(self) -> None:
        camera, self._camera = self._camera, None
        if camera is not None:
            with suppress(load_gphoto().GPhoto2Error):  # if the camera is gone, there is nothing to end
                camera.exit()

    @contextmanager
    def _connecting(self) -> Iterator[None]:
        try:
            with connecting(f"{self._attached.model} ({self._attached.port})"):
                yield
        except SourceMissing:
            self.is_gone = True
            self._camera = None  # ends the connection, although the error has this object
            raise

    @contextmanager
    def _asking(self, what: str) -> Iterator[None]:
        try:
            with self._lock, asking(what):
                if self._camera is None:
                    raise CameraGone(f"cannot be {what}: the connection to the camera was ended. Run again.")
                yield
        except CameraGone:
            self.is_gone = True
            raise


def _names(listed: Any) -> list[str]:
    return sorted(listed.get_name(number) for number in range(listed.count()))
