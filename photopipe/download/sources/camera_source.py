"""The source that is a camera on a USB cable: `camera:`."""

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b

from photopipe.download.cameras.camera import SCHEME, Camera, camera_named
from photopipe.download.cameras.camera_files import CameraFiles
from photopipe.download.cameras.gphoto import CameraGone
from photopipe.download.cameras.open_cameras import connect
from photopipe.download.fetching.fetched_files import FetchedFiles
from photopipe.download.file_names.groups import COMPANION_EXTENSIONS
from photopipe.download.sources.pages import find_photos, with_others
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding
from photopipe.errors import DownloadError, PhotoVanished, SourceMissing
from photopipe.files.kinds import extension_of
from photopipe.found_photo import FoundPhoto
from photopipe.photo import UnreadablePath
from photopipe.settings import DownloadSettings
from photopipe.wakeup import Wakeup


@dataclass(frozen=True, slots=True)
class CameraSource:
    """The photos on a camera that is plugged in. They are listed and copied; nothing on the camera is changed.

    Attributes:
        argument: `camera:`, `camera:MODEL` or `camera:usb:001,004`.
        settings: where copies are kept.
    """

    argument: str
    settings: DownloadSettings

    def check(self, _gallery_folders: Sequence[str]) -> None:
        """Make sure that the camera is plugged in.

        Raises:
            SourceMissing: it is not.
            UsageError: several cameras are meant, or python-gphoto2 is not installed.
        """
        camera_named(self.argument)

    def find(self, selection: Selection, _wakeup: Wakeup) -> Iterator[Finding]:
        """Find every photo: files of a folder before its sub-folders, both in name order.

        Raises:
            SourceMissing: the camera cannot be used, or does not answer any more.
        """
        camera = connect(self.argument)
        number = int.from_bytes(blake2b(camera.name.encode(), digest_size=7).digest(), "big")
        files = CameraFiles(self.argument, SCHEME + camera.name, number, time.time_ns())
        try:
            yield from _Scan(camera, files, self.settings, selection).findings()
        except CameraGone as error:
            raise SourceMissing(
                f"{files.root}: the camera does not answer any more. Plug it in, and run again."
            ) from error


class _Scan:
    """One look at all of a camera."""

    def __init__(self, camera: Camera, files: CameraFiles, settings: DownloadSettings, selection: Selection) -> None:
        self._camera = camera
        self._files = files
        self._storage = FetchedFiles(files, settings.spool_folder, settings.spool_bytes)
        self._selection = selection

    def findings(self) -> Iterator[Finding]:
        """Everything that is found, as it is found."""
        waiting = [""]
        while waiting:
            below = waiting.pop()
            try:
                names, folders = self._camera.list_folder(f"/{below}")
            except CameraGone:
                raise
            except DownloadError as error:
                yield UnreadablePath(self._files.path_of(below), str(error))
                continue
            yield from self._in_folder(below, [name for name in names if self._selection.passes(name, below)])
            waiting += [f"{below}{name}/" for name in reversed(folders) if self._selection.wants_folder(name, below)]

    def _in_folder(self, below: str, names: list[str]) -> Iterator[Finding]:
        """The photos of a folder, with what belongs to them, and the number of its other files."""
        extensions = self._selection.extensions
        in_other_shards = Counter[str]()
        names = [name for name in names if not self._selection.leaves(name, below, in_other_shards)]
        photos = [one for one in names if extension_of(one) in extensions and self._selection.includes(one, below)]
        others = [one for one in names if extension_of(one) not in extensions]
        companions = [one for one in others if extension_of(one) in COMPANION_EXTENSIONS]
        look_at = partial(self._looked_at, below)
        names = sorted(photos + companions)
        found = find_photos(self._files.path_of(below), names, look_at, self._selection.pairs)
        yield from with_others(found, Counter(map(extension_of, others)) + in_other_shards)

    def _looked_at(self, below: str, name: str) -> FoundPhoto | UnreadablePath | None:
        path = self._files.path_of(below + name)
        try:
            return FoundPhoto(path, *self._files.identity_of(self._camera.info(f"/{below}{name}")), self._storage)
        except PhotoVanished:
            return None
        except CameraGone:
            raise
        except DownloadError as error:
            return UnreadablePath(path, str(error))
