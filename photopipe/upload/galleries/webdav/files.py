"""The files below one WebDAV address: their size and content, and how they are sent, moved and deleted."""

import hashlib
import re
from collections.abc import Mapping
from enum import Enum, auto
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from photopipe.errors import UsageError
from photopipe.photo import Rendition, ResizedPhoto
from photopipe.upload.galleries.contract import GalleryContext
from photopipe.upload.galleries.remote_name import encoded, folders_above
from photopipe.upload.http.answer import Answer
from photopipe.upload.http.body import Body, PhotoFile
from photopipe.upload.http.upload_errors import RetryableError

UNKNOWN_SIZE: Final = -1
"""Size of something that is there and may not be a file at all."""

MAX_MADE: Final = 4096
"""How many folders are remembered to exist."""

_LENGTH: Final = re.compile(rb"getcontentlength[^<>]*>\s*([0-9]{1,18})\s*<", re.IGNORECASE)


class PathContent(Enum):
    """What is stored under a path."""

    NOTHING = auto()
    THESE_BYTES = auto()
    OTHER_BYTES = auto()


class RemoteFiles:
    """The files below one address, one request at a time; raises as `HttpClient` does.

    Args:
        endpoint: the folder's address.
        context: where requests are made.
    """

    def __init__(self, endpoint: str, context: GalleryContext) -> None:
        parts = urlsplit(endpoint)
        self._base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        self._context = context
        self._made: set[str] = set()

    def address(self, path: str) -> str:
        """The address of a file."""
        return f"{self._base}/{encoded(path)}"

    def size(self, path: str) -> int | None:
        """How long a file is, `UNKNOWN_SIZE` if the server does not say, None if there is none."""
        address = self.address(path)
        answer = self._ask("HEAD", address)
        if answer.status in {404, 410}:
            return None
        if answer.location(address) == f"{address}/":
            return UNKNOWN_SIZE  # a folder
        if answer.status in {405, 501}:
            return self._listed_size(address)
        self._context.http.raise_for_status(answer)
        length = answer.headers.get("Content-Length", "")
        return int(length) if length.isdecimal() else self._listed_size(address)

    def look(self, path: str, rendition: Rendition) -> PathContent:
        """Compare what has this name with a photo: by length and then by what is in it."""
        size_bytes = self.size(path)
        if size_bytes is None:
            return PathContent.NOTHING
        if size_bytes not in {rendition.size_bytes, UNKNOWN_SIZE}:
            return PathContent.OTHER_BYTES
        sha256 = self.sha256(path)
        if sha256 is None:
            return PathContent.NOTHING
        return PathContent.THESE_BYTES if sha256 == rendition.sha256 else PathContent.OTHER_BYTES

    def sha256(self, path: str) -> str | None:
        """The hash of what the server returns under this name, `""` for a folder, None if there is nothing."""
        digest = hashlib.sha256()
        answer = self._ask("GET", self.address(path), sink=digest.update)
        if answer.status in {404, 410}:
            return None
        if answer.status == 405 or 300 <= answer.status < 400:
            return ""
        self._context.http.raise_for_status(answer)
        return digest.hexdigest()

    def put(self, path: str, photo: ResizedPhoto, headers: Mapping[str, str]) -> Answer:
        """Send the photo's bytes under this name, replacing what is there; missing folders are created.

        Raises:
            PhotoChanged: an original was written while it was sent; what arrived is worth nothing.
        """
        answer = self._first_put(path, photo, headers)
        for anew in (False, True):
            if self._lacks_folder(answer, path):
                self._make_folders(path, anew=anew)
                answer = self._put(path, photo, headers)
        self._context.http.raise_for_status(answer)
        self._remember_made(path)
        return answer

    def move(self, path: str, target: str) -> bool:
        """Give a file another name, unless that is taken.

        Returns:
            False if it is taken.
        """
        address = self.address(target)
        answer = self._move(path, address)
        if answer.status == 502 and address.startswith("https:"):
            # Apache behind a proxy that ends TLS takes an address with https for another server's (mod_dav's util.c).
            answer = self._move(path, f"http:{address.removeprefix('https:')}")
        if answer.status in {200, 201, 204}:
            return True
        # copyparty says 400 to a taken name.
        if answer.status in {400, 409, 412} and self.size(target) is not None:
            return False
        raise self._cannot_move(answer)

    def delete(self, path: str) -> None:
        """Remove a file, if it exists."""
        answer = self._ask("DELETE", self.address(path))
        if answer.status not in {404, 410}:
            self._context.http.raise_for_status(answer)

    def check_base(self) -> None:
        """Make sure that the gallery's own folder exists; it is never created, because its name may be mistyped.

        Raises:
            UsageError: it is not.
        """
        if self.properties().status == 404:
            host = urlsplit(self._base).netloc
            raise UsageError(f"{host}: there is no folder at this address. Make it, or check --to.")

    def properties(self, *, is_asked_for: bool = True) -> Answer:
        """What the server says of the folder itself, or of what it can do at all."""
        if is_asked_for:
            return self._ask("PROPFIND", f"{self._base}/", headers={"Depth": "0"})
        return self._ask("OPTIONS", f"{self._base}/")

    def _ask(self, method: str, address: str, headers: Mapping[str, str] | None = None, **content: Any) -> Answer:
        return self._context.http.exchange(method, address, headers={"Accept": "*/*", **(headers or {})}, **content)

    def _first_put(self, path: str, photo: ResizedPhoto, headers: Mapping[str, str]) -> Answer:
        """Send it; if the server hangs up, as wsgidav does if the folder is missing, create it for the next one."""
        try:
            return self._put(path, photo, headers)
        except RetryableError:
            if not self._made.issuperset(folders_above(path)):
                self._make_folders(path, anew=False)
            raise

    def _put(self, path: str, photo: ResizedPhoto, headers: Mapping[str, str]) -> Answer:
        with PhotoFile(photo) as file:
            body = Body(file, photo.rendition.size_bytes)
            answer = self._ask("PUT", self.address(path), data=body, headers=dict(headers))
            file.check_unchanged()
        return answer

    def _move(self, path: str, destination: str) -> Answer:
        return self._ask("MOVE", self.address(path), headers={"Destination": destination, "Overwrite": "F"})

    def _cannot_move(self, answer: Answer) -> Exception:
        http, errors = self._context.http, self._context.errors
        if answer.status in {401, 403}:
            return errors.of_login(f"{answer.status_line}: it may write files, but not rename them; allow it to")
        if answer.status in {405, 501}:
            return UsageError(
                f"{urlsplit(self._base).netloc}: the server cannot rename files (MOVE: {answer.status_line}), "
                "so no photo could be brought there safely. Allow MOVE, or use another kind of gallery."
            )
        if answer.status not in {207, 404, 412}:
            http.raise_for_status(answer)
        return http.retryable(answer, f"a file could not be renamed ({answer.status_line})", ambiguous=True)

    def _listed_size(self, address: str) -> int | None:
        answer = self._ask("PROPFIND", address, headers={"Depth": "0"})
        if answer.status in {404, 410}:
            return None
        if answer.status in {405, 501}:
            return UNKNOWN_SIZE
        self._context.http.raise_for_status(answer)
        length = _LENGTH.search(answer.body)
        return int(length[1]) if length else UNKNOWN_SIZE

    def _lacks_folder(self, answer: Answer, path: str) -> bool:
        """Whether a PUT failed because there is no such folder, as far as its status tells.

        rclone and SabreDAV say 404, nginx 500, all others 409 (RFC 4918 section 9.7.1).
        """
        if answer.status == 500:
            return not self._made.issuperset(folders_above(path))
        return answer.status in {404, 409}

    def _make_folders(self, path: str, *, anew: bool) -> None:
        """Create the folders a file lies in, each by one worker; `anew` if one created before is gone again."""
        for folder in folders_above(path):
            if anew:
                self._make_folder(folder)
            else:
                self._context.shared.once(("folder", folder), partial(self._make_folder, folder))
        self._remember_made(path)

    def _remember_made(self, path: str) -> None:
        if len(self._made) > MAX_MADE:
            self._made.clear()  # a folder that is there is made again without harm
        self._made.update(folders_above(path))

    def _make_folder(self, folder: str) -> None:
        answer = self._ask("MKCOL", f"{self.address(folder)}/")
        # 405 is the standard's "is there already" (RFC 4918 section 9.3.1). 409: one above it is missing, or
        # it is there: the PUT that comes next tells.
        if answer.status not in {405, 409}:
            self._context.http.raise_for_status(answer)


def arrived_whole(files: RemoteFiles, path: str, rendition: Rendition, *, by_hash: bool) -> None:
    """Make sure that a file is what was sent.

    Raises:
        RetryableError: it is not, as after a connection that was cut.
    """
    size_bytes = files.size(path)
    if size_bytes not in {rendition.size_bytes, UNKNOWN_SIZE}:
        raise RetryableError(f"{size_bytes or 0} of {rendition.size_bytes} bytes arrived")
    if (by_hash or size_bytes == UNKNOWN_SIZE) and files.sha256(path) != rendition.sha256:
        raise RetryableError("other bytes arrived than were sent")
