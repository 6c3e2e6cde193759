"""How photos are fetched from a camera, and recognised the next time."""

from dataclasses import dataclass

from photopipe.download.cameras.camera import FileInfo
from photopipe.download.cameras.gphoto import CameraGone
from photopipe.download.cameras.open_cameras import connected
from photopipe.download.fetching.incoming_copy import IncomingCopy
from photopipe.download.file_systems.fat_volume import CLOCK_WAS_SET_NS
from photopipe.errors import RunStopped, SourceMissing
from photopipe.found_photo import COME_BACK, Identity


@dataclass(frozen=True, slots=True)
class CameraFiles:
    """The photos of a camera: known by the camera, the path on it, size and time, like those on its card.

    Attributes:
        argument: what the command calls the camera.
        root: what the paths of its photos begin with: `camera:`, its model and serial number.
        number: made of those, in place of a device's number.
        first_seen_ns: when this run connected to it [nanoseconds since 1970].
    """

    argument: str
    root: str
    number: int
    first_seen_ns: int

    def identity_of(self, info: FileInfo) -> Identity:
        """What the camera has said about a photo; where it tells no time that means something, another each run."""
        inode = 0 if info.mtime_ns >= CLOCK_WAS_SET_NS else self.first_seen_ns
        return Identity(self.number, inode, info.size_bytes, info.mtime_ns, 0)

    def identity(self, path: str) -> Identity:
        """What the camera says about a photo now."""
        return self.identity_of(connected(self.argument).info(self._inside(path)))

    def key(self, path: str) -> str:
        """The path itself, which has the camera's number in it."""
        return path

    def check_source(self) -> None:
        """Make sure that the camera has answered to the end.

        Raises:
            SourceMissing: it has not.
        """
        try:
            connected(self.argument)
        except CameraGone as error:
            raise SourceMissing(f"{self.root}: the camera does not answer any more. {COME_BACK}") from error

    def fetch(self, path: str, copy: IncomingCopy) -> Identity:
        """Copy a photo; see `Fetcher.fetch`."""
        camera, inside = connected(self.argument), self._inside(path)
        info = camera.info(inside)
        if info.size_bytes:
            copy.expect(info.size_bytes)
        for piece in camera.read(inside):
            if copy.stop.is_set():
                raise RunStopped("stopped while a photo was fetched")
            copy.write(piece)
        return self.identity_of(info)

    def path_of(self, inside: str) -> str:
        """What a file or folder is called in this run and in the journal, by its path on the camera."""
        return f"{self.root}/{inside}".rstrip("/")

    def _inside(self, path: str) -> str:
        """The path on the camera."""
        return path.removeprefix(self.root)
