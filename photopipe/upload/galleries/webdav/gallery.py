"""WebDAV: Nextcloud, ownCloud, PhotoPrism, copyparty, Apache, nginx and other servers.

A photo is sent with PUT under a temporary name, checked, and only then given its own with a MOVE that never
overwrites. So a file under a photo's name is whole, whatever happens to a connection: half the
servers keep what arrived of a PUT that was cut.

Source: RFC 4918; the rest as seen on wsgidav 4.4, copyparty 1.20, Apache 2.4, nginx 1.22, rclone 1.75 and SabreDAV 1.8.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import ClassVar, Final

from photopipe.errors import DownloadError, PhotopipeError, UsageError
from photopipe.photo import Receipt
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.contract import Gallery, GalleryContext, Health, OutgoingPhoto, ambiguous_if
from photopipe.upload.galleries.options import read_public_url
from photopipe.upload.galleries.receipt import same_hash
from photopipe.upload.galleries.remote_name import (
    PATH_OPTION,
    candidates,
    candidates_sought,
    encoded,
    part_path,
    path_template,
)
from photopipe.upload.galleries.template import FIELDS
from photopipe.upload.galleries.webdav.files import PathContent, RemoteFiles, arrived_whole
from photopipe.upload.http.answer import Answer
from photopipe.upload.http.upload_errors import RetryableError

OLDEST_MTIME_S: Final = 86_400
"""Nextcloud takes no time before the second day of 1970."""


@dataclass(slots=True)
class _Progress:
    """How far a photo has come, so that a retry goes on from there and keeps within a strict limit on requests.

    Attributes:
        names: paths it may still get, the best one first.
        part: its name while it is being written.
        looked: nothing had the first of the names.
        put: it was sent, and not yet checked.
        arrived: all of it is there, under `part`.
    """

    names: list[str]
    part: str
    looked: bool = False
    put: bool = False
    arrived: bool = False


class WebdavGallery(Gallery):
    """A folder on a WebDAV server; `endpoint_url` is its address."""

    OPTIONS: ClassVar[dict[str, str]] = {
        "path": PATH_OPTION,
        "verify": '"size": a photo has arrived if its length has (unless set); "hash": it is read back and compared',
        "public_url": "address people see the folder at, if not the one photos are sent to",
    }
    SETTLE_S: ClassVar[float] = 1.0

    @classmethod
    def check_settings(cls, settings: UploadSettings) -> None:
        """Refuse values of options that mean nothing."""
        path_template(settings.options)
        read_public_url(settings)
        _verifies_by_hash(settings.options.get("verify", "size"))

    def __init__(self, settings: UploadSettings, context: GalleryContext) -> None:
        super().__init__(settings, context)
        self._template = path_template(settings.options)
        self._by_hash = _verifies_by_hash(settings.options.get("verify", "size"))
        self._files = RemoteFiles(settings.endpoint_url or "", context)
        self._sending: tuple[tuple[str, str], _Progress] | None = None

    def send(self, photo: OutgoingPhoto) -> Receipt:
        """PUT under a temporary name, check, MOVE."""
        self.context.shared.once("base", self._files.check_base)
        progress = self._progress(photo)
        try:
            while progress.names:
                receipt = self._send_to(progress.names[0], photo, progress)
                if receipt is not None:
                    self._sending = None
                    return receipt
                del progress.names[0]
                progress.looked = False
        except DownloadError:
            self._sweep(progress)
            raise
        self._sweep(progress)
        raise self.context.errors.of_refusal("other photos have both names it could get. Set another path.")

    def find(self, photo: OutgoingPhoto) -> Receipt | None:
        """Look at the names the photo may have; if they hold these bytes, the earlier upload succeeded."""
        for path in candidates_sought(photo, self._template):
            if self._files.look(path, photo.sought) is PathContent.THESE_BYTES:
                self._delete(part_path(candidates(photo, self._template)[0], photo.key))
                return self._receipt(path)
        return None

    def check(self) -> Health:
        """Ask for the folder's properties."""
        self._files.check_base()
        answer = self._files.properties()
        if answer.status in {405, 501}:  # nginx without its extension knows no PROPFIND
            answer = self._files.properties(is_asked_for=False)
        self.context.http.raise_for_status(answer)
        return self._health(answer)

    def _progress(self, photo: OutgoingPhoto) -> _Progress:
        name = photo.key, photo.rendition.sha256
        if self._sending is None or self._sending[0] != name:
            names = candidates(photo, self._template)
            self._sending = name, _Progress(list(names), part_path(names[0], photo.key))
        return self._sending[1]

    def _send_to(self, path: str, photo: OutgoingPhoto, progress: _Progress) -> Receipt | None:
        """Bring the photo to this path; None if other bytes are there."""
        with ambiguous_if(arrived=False):  # under its temporary name it is not in the gallery
            if not progress.looked:
                there = self._files.look(path, photo.rendition)
                if there is not PathContent.NOTHING:
                    return self._already_at(path, progress) if there is PathContent.THESE_BYTES else None
                progress.looked = True
            self._bring(photo, progress)
        if self._move(progress, path):
            return self._receipt(path)
        there = self._files.look(path, photo.rendition)
        if there is PathContent.NOTHING:
            raise RetryableError("a file could not be renamed, although nothing has its name", ambiguous=True)
        return self._already_at(path, progress) if there is PathContent.THESE_BYTES else None

    def _bring(self, photo: OutgoingPhoto, progress: _Progress) -> None:
        if progress.arrived:
            return
        if not progress.put:
            self._check_hash(self._files.put(progress.part, photo.photo, self._headers(photo)), photo)
            progress.put = True
        try:
            arrived_whole(self._files, progress.part, photo.rendition, by_hash=self._by_hash)
        except RetryableError as error:
            progress.put = error.is_overload  # too many questions say nothing against what was sent
            raise
        progress.arrived = True

    def _move(self, progress: _Progress, path: str) -> bool:
        """Give the photo its name. One worker at a time for each: some servers check first and overwrite then."""
        try:
            with self.context.shared.exclusive(("name", path)):
                return self._files.move(progress.part, path)
        except RetryableError as error:
            if error.ambiguous:
                self._sending = None
            raise

    def _headers(self, photo: OutgoingPhoto) -> dict[str, str]:
        """What Nextcloud and ownCloud evaluate, and `Replace`, which lets copyparty overwrite an earlier attempt.

        Source: Nextcloud's developer manual, client_apis/WebDAV/basic; copyparty's docs/devnotes.md.
        """
        rendition, time_s = photo.rendition, _seconds(photo)
        headers = {
            "Content-Type": rendition.content_type,
            "OC-Checksum": f"SHA1:{rendition.sha1}",
            "X-Hash": "sha256",
            "Replace": "1",
        }
        return headers | ({"X-OC-MTime": str(time_s)} if time_s > OLDEST_MTIME_S else {})

    def _check_hash(self, answer: Answer, photo: OutgoingPhoto) -> None:
        stored = answer.headers.get("X-Hash-SHA256")
        if stored is not None and not same_hash(stored, photo.rendition.sha256):
            raise RetryableError("other bytes arrived than were sent")

    def _already_at(self, path: str, progress: _Progress) -> Receipt:
        if progress.put or progress.arrived:
            self._sweep(progress)
        return self._receipt(path, already_there=True)

    def _sweep(self, progress: _Progress) -> None:
        """Remove what was sent for nothing, if the server allows it."""
        self._sending = None
        self._delete(progress.part)

    def _delete(self, path: str) -> None:
        with suppress(RetryableError, PhotopipeError):
            self._files.delete(path)

    def _receipt(self, path: str, *, already_there: bool = False) -> Receipt:
        public_url = read_public_url(self.settings)
        url = f"{public_url}/{encoded(path)}" if public_url else self._files.address(path)
        return Receipt(path, url, already_there=already_there)

    def _health(self, answer: Answer) -> Health:
        server = self.context.errors.shown(answer.headers.get("Server", ""))
        who = f", as {self.settings.username}" if self.settings.username else ""
        speaks = answer.status == 207 or "DAV" in answer.headers
        warnings = () if speaks else ("the server does not say that it speaks WebDAV",)
        return Health(f"a WebDAV folder{f' of {server}' if server else ''}{who}", warnings)


def _verifies_by_hash(value: object) -> bool:
    if value not in {"size", "hash"}:
        raise UsageError('the option verify must be "size" or "hash"')
    return value == "hash"


def _seconds(photo: OutgoingPhoto) -> int:
    try:
        return int(FIELDS["taken_at"](photo.photo).timestamp())
    except (OverflowError, OSError, ValueError):
        return 0
