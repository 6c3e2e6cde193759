"""The contract: what every kind of gallery can do. START HERE to write one of your own.

A kind is a subclass of `Gallery` named in the entry point group `photopipe.galleries`; the built-in
ones are registered the same way, in `pyproject.toml`. It makes each request once: `UploadClient` adds
asking before sending again, the retries, the pauses all workers keep and the concurrency limit.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from photopipe.errors import RunStopped
from photopipe.photo import Receipt, Rendition, ResizedPhoto
from photopipe.settings import UploadSettings
from photopipe.stop_token import NEVER, StopToken
from photopipe.upload.galleries.shared import Shared
from photopipe.upload.http.bandwidth import Bandwidth
from photopipe.upload.http.upload_errors import RetryableError, UploadErrors

if TYPE_CHECKING:
    from photopipe.upload.http.http_client import HttpClient


@dataclass(frozen=True, slots=True)
class OutgoingPhoto:
    """One photo for one gallery.

    Attributes:
        photo: what is sent; `photo.open()` gives its bytes, the same each time.
        key: the name of this upload, the same in every run: source content x recipe x gallery.
        album: where it is to be put, or None.
        earlier: what an earlier run may have sent, if that may have been other bytes; else None.
    """

    photo: ResizedPhoto
    key: str
    album: str | None = None
    earlier: Rendition | None = None

    @property
    def rendition(self) -> Rendition:
        """What is sent, without its bytes."""
        return self.photo.rendition

    @property
    def sought(self) -> Rendition:
        """What to look for when the gallery is asked whether it has the photo."""
        return self.earlier or self.photo.rendition


@dataclass(frozen=True, slots=True)
class Health:
    """What a gallery says of itself.

    Attributes:
        summary: one line for a person: what it is, which version, as whom we are logged in.
        warnings: what will not work as one might expect, one sentence each.
        clock_skew_s: how far its clock is ahead of this machine's, or None if it did not say [seconds].
    """

    summary: str
    warnings: tuple[str, ...] = ()
    clock_skew_s: float | None = None


@dataclass(eq=False)
class GalleryContext:
    """What one worker's gallery is given to work with.

    Attributes:
        errors: makes the errors, without secrets.
        shared: what all workers of this gallery share.
        bandwidth: how fast bytes may leave, or None for no limit.
        open_http: opens this worker's HTTP connections; called when `http` is first used.
        stop: set when the run is to end; `UploadClient` puts it here for each photo.
    """

    errors: UploadErrors
    shared: Shared
    bandwidth: Bandwidth | None
    open_http: "Callable[[GalleryContext], HttpClient]"
    stop: StopToken = NEVER

    @cached_property
    def http(self) -> "HttpClient":
        """Requests to the gallery; a kind that never uses this opens no connections."""
        return self.open_http(self)

    @property
    def clock_skew_s(self) -> float | None:
        """How far the gallery's clock is ahead of this machine's, or None if that is not known [seconds]."""
        return self.http.clock_skew_s if "http" in self.__dict__ else None

    def wait(self, seconds: float) -> None:
        """Wait, unless the run ends.

        Raises:
            RunStopped: it ended.
        """
        if self.stop.wait(seconds):
            raise RunStopped("the run was stopped while a photo waited for the gallery")


@contextmanager
def ambiguous_if(*, arrived: bool) -> Iterator[None]:
    """Say of every `RetryableError` inside whether this upload may have brought the photo.

    Where bringing a photo takes several requests, a lost answer about an album says nothing about the
    photo: before the photo is sent, nothing of it can be there; once it was taken, it is there, and
    `find` finishes what is left.

    Args:
        arrived: whether the gallery has taken the photo from us by now.
    """
    try:
        yield
    except RetryableError as error:
        error.ambiguous = arrived
        raise


class Gallery(ABC):
    """One worker's view of one gallery; made, used and closed in one thread.

    Each method raises `RetryableError` for what may be tried again and a `PhotopipeError` for what may not;
    `context.http` does so by itself for statuses and broken connections.

    Args:
        settings: where, who, and `options`; they have passed `check_settings`.
        context: HTTP, and what all workers of this gallery share.

    Attributes:
        OPTIONS: what may be set beyond address and login: name -> a line of help.
        SETTLE_S: how long a lost upload may still be worked on before asking tells the truth [seconds].
        MAX_TRANSFERS: most uploads at the same time this kind can take, or None for no limit of its own.
        IS_REMOTE: False if it is on this machine: then nobody logs in, and uploads are neither paused nor
            limited in number.
    """

    OPTIONS: ClassVar[dict[str, str]] = {}
    SETTLE_S: ClassVar[float] = 0.0
    MAX_TRANSFERS: ClassVar[int | None] = None
    IS_REMOTE: ClassVar[bool] = True

    def __init__(self, settings: UploadSettings, context: GalleryContext) -> None:
        self.settings = settings
        self.context = context

    @classmethod
    def address_of(cls, url: str) -> str:
        """The address of a gallery of this kind in one spelling.

        Args:
            url: what was typed after `--to`, without the `KIND+` in front.

        Raises:
            UsageError: it is no address. The message never repeats it, because it may hold a password.
        """
        from photopipe.upload.galleries.address import plain_address

        return plain_address(url)

    @classmethod
    def check_settings(cls, settings: UploadSettings) -> None:  # noqa: ARG003  # most kinds check something
        """Refuse settings that no photo could be sent with, without asking the gallery or reading the disk.

        Args:
            settings: with the address as `address_of` gives it; the names of the options are known.

        Raises:
            UsageError: the address or the value of an option cannot be used.
        """
        return

    @classmethod
    def identity(cls, settings: UploadSettings) -> str:
        """What tells this gallery from all others: the journal keeps a hash of it, so it must never change.

        Args:
            settings: as `check_gallery_settings` returns them.
        """
        options, url = settings.options, settings.endpoint_url or ""
        return json.dumps([settings.kind, settings.username, options.get("endpoint"), url])

    @classmethod
    def local_folder(cls, url: str) -> str | None:  # noqa: ARG003  # most kinds are none
        """The folder on this machine that the gallery at this address is, or None."""
        return None

    def probe(self) -> None:
        """As long as the gallery has never answered, see whether anything answers at its address.

        Called before each attempt if the gallery is remote, so that a wrong address is known soon.
        """
        self.context.http.probe()

    @abstractmethod
    def send(self, photo: OutgoingPhoto) -> Receipt:
        """Bring the photo into the gallery, once.

        Returns:
            The gallery's answer; `already_there` if it says it had these bytes before.
        """

    @abstractmethod
    def find(self, photo: OutgoingPhoto) -> Receipt | None:
        """Tell whether the gallery has what an earlier `send` of this photo would have brought it.

        What that `send` may not have got to, such as the photo's album, is finished.

        Returns:
            The receipt (`already_there` if the bytes came another way), or None: not there, or this
            gallery cannot tell.
        """

    def can_find(self) -> bool:
        """Whether `find` can tell that a photo is there; asked before photos are only asked for."""
        return True

    @abstractmethod
    def check(self) -> Health:
        """Check whether photos could be sent, without sending any."""

    def close(self) -> None:
        """Release what this worker holds."""
        return
