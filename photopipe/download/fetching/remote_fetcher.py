"""How a photo is fetched from a file system on a server."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from photopipe.download.fetching.fetch_spool import stop_in
from photopipe.download.fetching.incoming_copy import IncomingCopy
from photopipe.download.fetching.remote_system import RemoteAddress, call, reason_of
from photopipe.download.fetching.source_errors import source_error
from photopipe.download.fetching.validators import number_of
from photopipe.errors import DownloadError, PhotopipeError, PhotoVanished
from photopipe.found_photo import Identity

_CHECKSUMS: Final = ("ETag", "etag", "md5Hash", "content_settings_md5")
_TIMES: Final = ("LastModified", "last_modified", "mtime", "updated", "last_write_time", "modify")
"""What the kinds of file systems call the time of the last change."""


@dataclass(frozen=True, slots=True)
class RemoteFetcher:
    """Gets the photos below one address.

    Attributes:
        address: where they are.
        spool_folder: where copies wait.
        mark: differs from run to run.
    """

    address: RemoteAddress
    spool_folder: str
    mark: int

    def identity(self, path: str) -> Identity:
        """What the server says about a photo now."""
        with _explained():
            system, _ = self.address.open()
            return self.identity_in(path, call(system, stop_in(self.spool_folder), "info", self._path(path)))

    def identity_in(self, path: str, info: Mapping[str, Any]) -> Identity:
        """The identity that an entry of a listing gives."""
        checksum = next((str(info[name]) for name in _CHECKSUMS if info.get(name)), "")
        changed = next((info[name] for name in _TIMES if info.get(name)), None)
        changed_ns = _nanoseconds(changed)
        told = checksum or ("" if changed_ns else str(changed or f"{self.mark} {path}"))
        return Identity(0, number_of(told), int(info.get("size") or 0), changed_ns, 0)

    def key(self, path: str) -> str:
        """The address without a password."""
        return path

    def check_source(self) -> None:
        """Make sure that the server still answers for the address that was named as the source."""
        try:
            system, top = self.address.open()
            call(system, stop_in(self.spool_folder), "info", top)
        except PhotopipeError:
            raise
        except Exception as error:
            raise source_error(self.address.shown, error, was_read=True) from error

    def fetch(self, path: str, copy: IncomingCopy) -> Identity:
        """Fetch a photo; what came is what the server said about it both before and after."""
        with _explained():
            system, _ = self.address.open()
            before = self.identity_in(path, call(system, copy.stop, "info", self._path(path)))
            copy.expect(before.size_bytes)
            call(system, copy.stop, "get_file", self._path(path), copy.path)
            copy.written()
            return self.identity_in(path, call(system, copy.stop, "info", self._path(path)))

    def _path(self, path: str) -> str:
        return path.removeprefix(self.address.prefix)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except PhotopipeError:
        raise
    except FileNotFoundError as error:
        raise PhotoVanished("is gone since it was found. Put it back if it is still wanted.") from error
    except Exception as error:
        raise DownloadError(f"cannot be fetched: {reason_of(error)}. Run again later.") from error


def _nanoseconds(time: object) -> int:
    """A time as one of the libraries gives it, as nanoseconds since 1970; 0 if it is none."""
    try:
        if isinstance(time, str):  # of FTP; RFC 3659 section 2.3
            time = datetime.strptime(time[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        if isinstance(time, datetime):
            time = (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
        return max(0, int(float(str(time)) * 1000)) * 1_000_000
    except ValueError:
        return 0
