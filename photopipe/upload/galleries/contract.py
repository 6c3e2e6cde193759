"""The contract: what every kind of gallery can do. START HERE to write one of your own.

A kind is a subclass of `Gallery` named in the entry point group `photopipe.galleries`; the built-in
ones are registered the same way, in `pyproject.toml`. It says each thing once: `Client` adds asking
before sending again, patience, the shared pause and the pace.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from photopipe.photo import Receipt, Rendition, ResizedPhoto
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.gallery_context import GalleryContext


@dataclass(frozen=True, slots=True)
class OutgoingPhoto:
    """One photo for one gallery.

    Attributes:
        photo: what is sent; `photo.open()` gives its bytes, the same each time.
        key: the name of this upload, the same in every run: source content x recipe x gallery.
        album: where it is to be put, or None.
        sent: what an earlier try sent, if it may have been other bytes; else the photo's own rendition.
    """

    photo: ResizedPhoto
    key: str
    album: str | None = None
    sent: Rendition | None = None

    @property
    def rendition(self) -> Rendition:
        """What is sent, without its bytes."""
        return self.photo.rendition

    @property
    def perhaps_there(self) -> Rendition:
        """What to look for when the gallery is asked whether it has the photo."""
        return self.sent or self.photo.rendition


@dataclass(frozen=True, slots=True)
class Health:
    """What a gallery says of itself.

    Attributes:
        words: one line for a person: what it is, which version, as whom we are logged in.
        warnings: what will not work as it might, one sentence each.
    """

    words: str
    warnings: tuple[str, ...] = ()


class Gallery(ABC):
    """One worker's view of one gallery; made, used and closed in one thread.

    Each method raises `Trouble` for what may be tried again and a `PhotopipeError` for what may not;
    `context.http` does so by itself for statuses and breakdowns.

    Args:
        settings: where, who, and `options`, whose names are checked against `OPTIONS` beforehand.
        desk: HTTP, and what all workers of this gallery share.

    Attributes:
        OPTIONS: what may be set beyond address and login: name -> a line of help.
        SETTLE_S: how long a lost upload may still be worked on before asking tells the truth [seconds].
        MOST_TRANSFERS: uploads at the same time this kind stands, or None for no limit of its own.
        IS_REMOTE: False if there is no address to knock at.
    """

    OPTIONS: ClassVar[dict[str, str]] = {}
    SETTLE_S: ClassVar[float] = 0.0
    MOST_TRANSFERS: ClassVar[int | None] = None
    IS_REMOTE: ClassVar[bool] = True

    def __init__(self, settings: UploadSettings, context: GalleryContext) -> None:
        self.settings = settings
        self.context = context

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

    @abstractmethod
    def check(self) -> Health:
        """Look whether photos could be sent, without sending any."""

    def close(self) -> None:
        """Let go of what this worker holds."""
        return
