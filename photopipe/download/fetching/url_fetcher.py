"""How a photo is fetched from its http or https address."""

from dataclasses import dataclass

from photopipe.download.fetching.fetch_spool import stop_in
from photopipe.download.fetching.fetched_files import FetchedFiles
from photopipe.download.fetching.incoming_copy import IncomingCopy
from photopipe.download.fetching.validators import Validators, number_of
from photopipe.download.fetching.web_address import WebAddress
from photopipe.errors import AccessDenied, DownloadError, LoginRefused, SourceMissing
from photopipe.found_photo import COME_BACK, FoundPhoto, Identity
from photopipe.settings import DownloadSettings


@dataclass(frozen=True, slots=True)
class UrlFetcher:
    """Gets the photo at one address.

    A photo is recognised by what its server says about it: `ETag`, `Last-Modified` and the length. If it says neither
    of the first two, or something else each time, the photo looks like a new one in each run, is fetched, and is
    recognised by its content.

    Attributes:
        address: of the photo.
        spool_folder: where copies wait.
        mark: differs from run to run.
        folder: that the photo was found in, if it is the source.
    """

    address: WebAddress
    spool_folder: str
    mark: int
    folder: WebAddress | None = None

    def identity(self, path: str) -> Identity:
        """What the server says now, if the answers to two kinds of questions agree."""
        from photopipe.download.fetching.http_reader import HttpReader

        with HttpReader(stop_in(self.spool_folder)) as reader:
            said = reader.ask(self.address)
            return self._agreed(path, said, reader.ask(self.address, by_get=True))

    def key(self, path: str) -> str:
        """The address without what is secret or changes each time."""
        return path

    def check_source(self) -> None:
        """Make sure that the folder is there.

        Of photos without one nothing is asked: each may be on another server, and one that is down fails its photos.
        """
        from photopipe.download.fetching.http_reader import TRIES, HttpReader

        if self.folder is None:
            return
        try:
            with HttpReader(stop_in(self.spool_folder)) as reader:
                reader.kind(self.folder, tries=TRIES)
        except AccessDenied as error:
            raise LoginRefused(f"{self.folder.folder_path}: {error} {COME_BACK}") from error
        except DownloadError as error:
            raise SourceMissing(f"{self.folder.folder_path}: the source went away: {error} {COME_BACK}") from error

    def fetch(self, path: str, copy: IncomingCopy) -> Identity:
        """Fetch the photo; what came is what the server says about it."""
        from photopipe.download.fetching.http_reader import TRIES, HttpReader

        with HttpReader(copy.stop) as reader:
            said = reader.ask(self.address, tries=TRIES)
            came = reader.get(self.address, copy)
            if said.contradicts(came):  # it was replaced meanwhile
                said = reader.ask(self.address)
            return self._agreed(path, said, came)

    def found(self, said: Validators, settings: DownloadSettings) -> FoundPhoto:
        """The photo, by what its server says about it."""
        storage = FetchedFiles(self, settings.spool_folder, settings.spool_bytes)
        return FoundPhoto(self.address.path, *said.identity(self._unknown(self.address.path)), storage)

    def _agreed(self, path: str, said: Validators, again: Validators) -> Identity:
        unknown = self._unknown(path)
        return unknown if said.contradicts(again) else said.identity(unknown)

    def _unknown(self, path: str) -> Identity:
        return Identity(0, number_of(f"{self.mark} {path}"), 0, 0, 0)
