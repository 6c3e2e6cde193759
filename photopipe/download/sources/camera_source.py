"""The source that is a camera on a USB cable: `camera:`."""

import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice
from typing import Final

from photopipe.download.cameras.camera import SCHEME, Camera, camera_named
from photopipe.download.cameras.camera_files import CameraFiles
from photopipe.download.cameras.gphoto import CameraGone
from photopipe.download.cameras.open_cameras import connect, disconnect
from photopipe.download.fetching.fetched_files import FetchedFiles
from photopipe.download.sources.junk import is_junk
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding, FolderPage
from photopipe.errors import DownloadError, PhotoVanished, SourceMissing
from photopipe.files.kinds import extension_of
from photopipe.found_photo import FoundPhoto
from photopipe.photo import OtherFiles, UnreadablePath
from photopipe.settings import DownloadSettings
from photopipe.wakeup import Wakeup

PAGE_SIZE: Final = 100
"""A camera is asked about each photo: few enough that the first is on the line soon."""


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
            disconnect(self.argument)
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
        waiting = [os.sep]
        while waiting:
            folder = waiting.pop()
            try:
                names, folders = self._camera.list_folder(folder)
            except CameraGone:
                raise
            except DownloadError as error:
                yield UnreadablePath(self._files.path_of(folder), str(error))
                continue
            yield from self._in_folder(folder, [name for name in names if not is_junk(name, is_folder=False)])
            waiting += [os.path.join(folder, name) for name in reversed(folders) if not is_junk(name, is_folder=True)]

    def _in_folder(self, folder: str, names: list[str]) -> Iterator[Finding]:
        photos = iter([name for name in names if extension_of(name) in self._selection.extensions])
        while page := list(islice(photos, PAGE_SIZE)):
            found = [photo for name in page if (photo := self._looked_at(os.path.join(folder, name))) is not None]
            if found:
                yield FolderPage(self._files.path_of(folder), found)
        extensions = Counter(map(extension_of, names))
        others = [(one, count) for one, count in extensions.items() if one not in self._selection.extensions]
        if others:
            yield OtherFiles(tuple(sorted(others)))

    def _looked_at(self, inside: str) -> FoundPhoto | None:
        try:
            identity = self._files.identity_of(self._camera.info(inside))
        except PhotoVanished:
            return None
        return FoundPhoto(self._files.path_of(inside), *identity, self._storage)
