"""The storage of photos that must be copied here before they can be opened."""

from dataclasses import dataclass
from typing import BinaryIO, Protocol

from photopipe.download.fetching.fetch_spool import FetchedFile, spool_in
from photopipe.download.fetching.incoming_copy import IncomingCopy
from photopipe.found_photo import Identity


class Fetcher(Protocol):
    """How one kind of source gets its photos. It travels with each of them: frozen, can be pickled, holds nothing open.

    It is used by several threads at a time.
    """

    def identity(self, path: str) -> Identity:
        """What the source says about a photo now; a size that it does not tell is 0.

        Raises:
            PhotoVanished: there is no such photo any more.
            DownloadError: that cannot be found out.
        """

    def key(self, path: str) -> str:
        """See `Storage.key`."""

    def check_source(self) -> None:
        """See `Storage.check_source`."""

    def fetch(self, path: str, copy: IncomingCopy) -> Identity:
        """Write all of a photo to `copy`.

        Its length is told to `copy.expect` before anything is written, if it is known. That may wait for other photos
        to be finished, so no lock may be held meanwhile. Waits for the source end when `copy.stop` is set.

        Returns:
            What was fetched, in the numbers of `identity`.

        Raises:
            PhotoVanished: there is no such photo any more.
            DownloadError: it cannot be fetched.
            RunStopped: the run is to end at once.
        """


@dataclass(frozen=True, slots=True)
class FetchedFiles:
    """Photos that are fetched when they are first opened; later opens use the same copy until it is released.

    Attributes:
        fetcher: gets them.
        spool_folder: where the copies wait.
        spool_bytes: how many bytes may wait there.
    """

    fetcher: Fetcher
    spool_folder: str
    spool_bytes: int

    def open(self, path: str) -> BinaryIO:
        """Open the copy of a photo, at its beginning; fetch it if it is not here.

        Raises:
            PhotoVanished: there is no such photo any more.
            DownloadError: it cannot be fetched, or is larger than the spool.
            DiskFull: there is no room for it on the disk.
            RunStopped: the run was stopped meanwhile.
        """
        return spool_in(self.spool_folder, self.spool_bytes).open(path, self.fetcher.fetch)

    def identity(self, path: str, file: BinaryIO | None = None) -> Identity:
        """What the source says now, or what it said when this open file was fetched."""
        return file.identity if isinstance(file, FetchedFile) else self.fetcher.identity(path)

    def key(self, path: str) -> str:
        """As the kind of source has it."""
        return self.fetcher.key(path)

    def release(self, path: str) -> None:
        """Remove the copy, if there is one."""
        spool_in(self.spool_folder, self.spool_bytes).release(path)

    def check_source(self) -> None:
        """As the kind of source has it."""
        self.fetcher.check_source()
