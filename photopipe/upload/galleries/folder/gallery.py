"""A plain folder or mount on this machine: for static galleries and for whatever watches a folder.

A photo is written under a hidden temporary name beside its own, waited for until it is on the disk,
and only then given its name, never over another. So a file under a photo's name is whole, also
after a power cut.
"""

import os
from collections.abc import Iterator
from pathlib import PurePath
from typing import ClassVar, NoReturn

from photopipe.errors import GalleryUnreachable, RunStopped, UsageError
from photopipe.files.names import GALLERY_MARKER
from photopipe.files.placing import Placed, ensure_folder, holds, put_file, sweep, sync_folder
from photopipe.photo import Receipt, ResizedPhoto, cannot_be_read
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.contract import Gallery, Health, OutgoingPhoto
from photopipe.upload.galleries.folder.errors import FolderErrors
from photopipe.upload.galleries.gallery_context import GalleryContext
from photopipe.upload.galleries.identity import gallery_folder
from photopipe.upload.galleries.remote_name import PATH_OPTION, candidates, encoded, path_template, perhaps_at
from photopipe.upload.galleries.template import FIELDS
from photopipe.upload.http.body import Body
from photopipe.upload.http.multipart import plain_body


class FolderGallery(Gallery):
    """A folder; `endpoint_url` is `folder:///its/path`."""

    OPTIONS: ClassVar[dict[str, str]] = {
        "path": PATH_OPTION,
        "mount": "a folder that must be a mounted disk or share, or nothing is written",
        "mtime": '"taken" gives files the time the photo was taken; "now" (unless set) leaves them the time they came',
        "public_url": "address people see the folder at",
    }
    IS_REMOTE: ClassVar[bool] = False

    def __init__(self, settings: UploadSettings, context: GalleryContext) -> None:
        super().__init__(settings, context)
        self._template = path_template(settings.options)
        self._is_dated = _is_dated(settings.options.get("mtime", "now"))
        folder = gallery_folder("folder", settings.endpoint_url or "") or ""
        if not os.path.isabs(folder):
            raise UsageError("the address of a folder is folder:///its/absolute/path")
        self._folder = os.path.normpath(folder)
        self._errors = FolderErrors(self._folder, context.outcomes)

    def send(self, photo: OutgoingPhoto) -> Receipt:
        """Write the photo beside its place, and put it there."""
        with self._errors.told():
            self._check_there()
            self.context.shared.once("marked", self._mark)
            paths = candidates(photo, self._template)
            rendition, files = photo.rendition, [self._place(path) for path in paths]
            if holds(files[0], rendition.sha256, rendition.size_bytes):
                sync_folder(os.path.dirname(files[0]))  # whoever gave it the name may not have waited for that
                return self._receipt(paths[0], already_there=True)
            folder = os.path.dirname(files[0])
            self.context.shared.once(("swept", folder), lambda: sweep(folder))  # what killed runs left there
            placed, file = put_file(
                self._pieces(photo.photo),
                files,
                self._folder,
                rendition.sha256,
                rendition.size_bytes,
                modified_at_s=_seconds(photo.photo) if self._is_dated else None,
            )
        if placed is Placed.TAKEN:
            raise self.context.outcomes.of_refusal("other photos have both names it could get. Set another path.")
        return self._receipt(paths[files.index(file)], already_there=placed is Placed.ALREADY_THERE)

    def find(self, photo: OutgoingPhoto) -> Receipt | None:
        """Look at the files the photo may be; whoever brought these bytes, they count as ours."""
        with self._errors.told():
            self._check_there()
            for path in perhaps_at(photo, self._template):
                if holds(self._place(path), photo.perhaps_there.sha256, photo.perhaps_there.size_bytes):
                    return self._receipt(path)
        return None

    def check(self) -> Health:
        """Look whether the folder is there and may be written."""
        with self._errors.told():
            self._check_there()
            if not os.access(self._folder, os.W_OK | os.X_OK):
                raise PermissionError
            filled = os.statvfs(self._folder)
        free_gb = filled.f_bavail * filled.f_frsize / 1e9
        return Health(f"the folder {self.context.outcomes.shown(self._folder)}, with {free_gb:.3g} GB free")

    def _check_there(self) -> None:
        """The folder itself is never made: if it is missing, most likely its disk is."""
        mount = self.settings.options.get("mount")
        is_mounted = not isinstance(mount, str) or os.path.ismount(mount)
        if not is_mounted or not os.path.isdir(self._folder):
            self._refuse_missing(self._folder if is_mounted else str(mount))
        device = os.stat(self._folder).st_dev
        if self.context.shared.once("device", lambda: device) != device:
            self._refuse_missing(self._folder)

    def _refuse_missing(self, folder: str) -> NoReturn:
        shown = self.context.outcomes.shown(folder)
        raise GalleryUnreachable(f"{shown}: the gallery's folder is not there. Is its disk or share mounted?")

    def _mark(self) -> None:
        ensure_folder(os.path.join(self._folder, GALLERY_MARKER), self._folder)

    def _pieces(self, photo: ResizedPhoto) -> Iterator[bytes]:
        with plain_body(photo) as body:
            yield from _read(body, self.context)

    def _place(self, path: str) -> str:
        return os.path.join(self._folder, *path.split("/"))

    def _receipt(self, path: str, *, already_there: bool = False) -> Receipt:
        public = self.settings.options.get("public_url")
        url = f"{public.rstrip('/')}/{encoded(path)}" if isinstance(public, str) else _file_url(self._place(path))
        return Receipt(path, url, already_there=already_there)


def _read(body: Body, context: GalleryContext) -> Iterator[bytes]:
    context.http.throttle(body)
    pieces = iter(body)
    while True:
        if context.http.stop.is_set():
            raise RunStopped("the run was stopped while a photo was written")
        try:
            piece = next(pieces, b"")
        except OSError as error:  # of the source, not of the gallery
            raise cannot_be_read(error) from error
        if not piece:
            return
        yield piece


def _file_url(path: str) -> str:
    return PurePath(path).as_uri()


def _is_dated(value: object) -> bool:
    if value not in {"now", "taken"}:
        raise UsageError('the option mtime must be "now" or "taken"')
    return value == "taken"


def _seconds(photo: ResizedPhoto) -> float | None:
    try:
        return float(FIELDS["taken_at"](photo).timestamp())
    except (OverflowError, OSError, ValueError):
        return None
