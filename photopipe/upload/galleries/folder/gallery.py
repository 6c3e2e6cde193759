"""A plain folder or mount on this machine: for static galleries and for programs that watch a folder.

A photo is written under a hidden temporary name beside its own, forced to the disk,
and only then given its name, without ever overwriting a file. So a file under a photo's name is whole, even
after a power cut.
"""

import os
from collections.abc import Iterator
from pathlib import PurePath
from typing import BinaryIO, ClassVar, Final, NoReturn
from urllib.parse import unquote, urlsplit

from photopipe.errors import GalleryUnreachable, PhotoChanged, RunStopped, UsageError
from photopipe.files.names import GALLERY_MARKER
from photopipe.files.placing import Placed, ensure_folder, holds, put_file, sweep, sync_folder
from photopipe.found_photo import cannot_be_read
from photopipe.photo import Receipt, ResizedPhoto
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.contract import Gallery, GalleryContext, Health, OutgoingPhoto
from photopipe.upload.galleries.remote_name import PATH_OPTION, candidates, encoded, path_template
from photopipe.upload.galleries.template import FIELDS

PIECE_BYTES: Final = 1024 * 1024
"""How much is copied at a time if the bandwidth is not limited."""


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
        self._folder = os.path.normpath(unquote(urlsplit(settings.endpoint_url or "").path))
        self._mount: str | None = settings.options.get("mount")
        self._is_dated = settings.options.get("mtime") == "taken"
        self._public_url: str | None = settings.options.get("public_url")

    @classmethod
    def address_of(cls, url: str) -> str:
        """The address of a folder, which has three slashes and a whole path."""
        address = url.strip()
        if not address.isprintable() or urlsplit(address).netloc or not urlsplit(address).path.startswith("/"):
            raise UsageError("a folder's address has three slashes and a whole path: folder:///srv/photos")
        return address.removesuffix("/")

    @classmethod
    def check_settings(cls, settings: UploadSettings) -> None:
        """Refuse values of options that mean nothing."""
        if "path" in settings.options:
            path_template(settings.options)
        if "public_url" in settings.options:
            from photopipe.upload.galleries.options import read_public_url

            read_public_url(settings)
        if settings.options.get("mtime", "now") not in ("now", "taken"):
            raise UsageError('the option mtime must be "now" or "taken"')
        mount = settings.options.get("mount")
        if mount is not None and not (isinstance(mount, str) and os.path.isabs(mount)):
            raise UsageError('the option mount must be the whole path of a folder, such as "/mnt/photos"')

    @classmethod
    def local_folder(cls, url: str) -> str | None:
        """The folder itself."""
        return unquote(urlsplit(url).path)

    def send(self, photo: OutgoingPhoto) -> Receipt:
        """Write the photo beside its final name, and give it that name."""
        names = candidates(photo, self._template)
        try:
            return self._send_to(names, photo)
        except OSError as error:
            self._raise_for(error)

    def find(self, photo: OutgoingPhoto) -> Receipt | None:
        """Look at the files the photo may be; if they hold these bytes, the earlier upload succeeded."""
        from photopipe.upload.galleries.remote_name import candidates_sought

        try:
            self._check_there()
            for path in candidates_sought(photo, self._template):
                if holds(self._full_path(path), photo.sought.sha256, photo.sought.size_bytes):
                    sync_folder(os.path.dirname(self._full_path(path)))  # whoever named it may not have done so
                    return self._receipt(path)
        except OSError as error:
            self._raise_for(error)
        return None

    def check(self) -> Health:
        """Check whether the folder is there and may be written to."""
        try:
            self._check_there()
            if not os.access(self._folder, os.W_OK | os.X_OK):
                raise PermissionError
            filled = os.statvfs(self._folder)
        except OSError as error:
            self._raise_for(error)
        free_gb = filled.f_bavail * filled.f_frsize / 1e9
        return Health(f"the folder {self.context.errors.shown(self._folder)}, with {free_gb:.3g} GB free")

    def _send_to(self, names: tuple[str, str], photo: OutgoingPhoto) -> Receipt:
        rendition, paths = photo.photo.rendition, [self._full_path(name) for name in names]
        folder = os.path.dirname(paths[0])
        self._check_there()
        self.context.shared.once(("prepared", folder), lambda: self._prepare(folder))
        if holds(paths[0], rendition.sha256, rendition.size_bytes):
            sync_folder(folder)  # whoever gave it the name may not have waited for that
            return self._receipt(names[0], already_there=True)
        modified_at_s, pieces = _seconds(photo.photo) if self._is_dated else None, self._pieces(photo.photo)
        placed, path = put_file(
            pieces, paths, self._folder, rendition.sha256, rendition.size_bytes, modified_at_s=modified_at_s
        )
        if placed is Placed.TAKEN:
            raise self.context.errors.of_refusal("other photos have both names it could get. Set another path.")
        return self._receipt(names[paths.index(path)], already_there=placed is Placed.ALREADY_THERE)

    def _raise_for(self, error: OSError) -> NoReturn:
        from photopipe.upload.galleries.folder.folder_errors import folder_error

        raise folder_error(error, self._folder, self.context.errors) from error

    def _check_there(self) -> None:
        """Make sure the folder is there; it is never created: if it is missing, most likely its disk is not mounted."""
        if self._mount is not None and not os.path.ismount(self._mount):
            self._refuse_missing(self._mount)
        if not os.path.isdir(self._folder):
            self._refuse_missing(self._folder)
        device = os.stat(self._folder).st_dev
        if self.context.shared.once("device", lambda: device) != device:  # something else was mounted meanwhile
            self._refuse_missing(self._folder)

    def _refuse_missing(self, folder: str) -> NoReturn:
        shown = self.context.errors.shown(folder)
        raise GalleryUnreachable(f"{shown}: the gallery's folder is not there. Is its disk or share mounted?")

    def _prepare(self, folder: str) -> None:
        """Mark the gallery as ours, and remove the temporary files killed runs left in the folder photos go to."""
        ensure_folder(os.path.join(self._folder, GALLERY_MARKER), self._folder)
        sweep(folder)

    def _pieces(self, photo: ResizedPhoto) -> Iterator[bytes]:
        """The photo's bytes; if they cannot be read, the error is the photo's, not the gallery's."""
        stop, bandwidth, left = self.context.stop, self.context.bandwidth, photo.rendition.size_bytes
        with photo.open() as file:
            while left:
                if stop.is_set():
                    raise RunStopped("the run was stopped while a photo was written")
                piece = _read(file, min(PIECE_BYTES if bandwidth is None else bandwidth.piece_bytes, left))
                left -= len(piece)
                if bandwidth is not None:
                    bandwidth.take(len(piece), stop)
                yield piece
            photo.check_unchanged(file)

    def _full_path(self, path: str) -> str:
        return os.path.join(self._folder, *path.split("/"))

    def _receipt(self, path: str, *, already_there: bool = False) -> Receipt:
        url = (
            f"{self._public_url.rstrip('/')}/{encoded(path)}" if self._public_url else _file_url(self._full_path(path))
        )
        return Receipt(path, url, already_there=already_there)


def _read(file: BinaryIO, size_bytes: int) -> bytes:
    try:
        piece = file.read(size_bytes)
    except OSError as error:
        raise cannot_be_read(error) from error
    if not piece:
        raise PhotoChanged("cannot be uploaded: it became shorter while it was sent. Run again.")
    return piece


def _file_url(path: str) -> str:
    return PurePath(path).as_uri()


def _seconds(photo: ResizedPhoto) -> float | None:
    try:
        return float(FIELDS["taken_at"](photo).timestamp())
    except (OverflowError, OSError, ValueError):
        return None
