"""One worker's uploads: ask if in doubt, send, wait, try again."""

from collections.abc import Callable
from typing import TypeVar

from photopipe.errors import RunStopped
from photopipe.photo import Receipt, ResizedPhoto, UploadedPhoto
from photopipe.upload.conversation import Conversation
from photopipe.upload.outcome import Trouble
from photopipe.upload.patience import Patience
from photopipe.upload.stop import Stop

R = TypeVar("R")


class Client:
    """The uploads of one worker; made by `Uploader.open_client`, used in one thread.

    Args:
        conversation: says things to the gallery, once each.
        make_patience: makes the waits of one photo.
    """

    def __init__(self, conversation: Conversation, make_patience: Callable[[], Patience]) -> None:
        self._conversation = conversation
        self._make_patience = make_patience

    def upload(self, photo: ResizedPhoto, key: str, stop: Stop, *, in_doubt: bool = False) -> UploadedPhoto:
        """Bring one photo into the gallery, once.

        Args:
            photo: what is sent.
            key: the photo's `Idempotency-Key`.
            stop: set when the run is to end; every wait is a wait for it.
            in_doubt: an earlier run may have sent this photo: the gallery is asked first.

        Returns:
            The photo with the gallery's receipt; `already_there` is False if we may have sent it ourselves.

        Raises:
            GalleryRefused, GalleryFailed: this photo cannot be uploaded.
            LoginRefused, GalleryUnreachable, DiskFull, UsageError: no photo can be.
            RunStopped: `stop` was set, or `Uploader.abort` called; the photo may have arrived.
        """
        sending = _Sending(self._conversation, photo, key, in_doubt=in_doubt)
        receipt = self._until_answered(sending.try_once, stop)
        return UploadedPhoto(photo.source, photo.rendition, receipt)

    def find(self, key: str, sha256: str | None, stop: Stop) -> Receipt | None:
        """Ask the gallery whether it has a photo.

        Args:
            key: the photo's `Idempotency-Key`.
            sha256: hash of the bytes that were sent, if known.
            stop: as in `upload`.

        Returns:
            The receipt (`already_there` if the bytes are there under another key), or None: not
            there, or this gallery cannot answer.

        Raises:
            LoginRefused, GalleryUnreachable, GalleryFailed, UsageError: it could not be asked.
            RunStopped: as in `upload`.
        """
        return self._until_answered(lambda stop: self._conversation.ask(key, sha256, stop), stop)

    def _until_answered(self, attempt: Callable[[Stop], R], stop: Stop) -> R:
        patience = self._make_patience()
        while True:
            try:
                self._conversation.knock(stop)
                return attempt(stop)
            except Trouble as trouble:
                wait_s = patience.wait_s(trouble)
            if stop.wait(wait_s):
                raise RunStopped("the run was stopped while a photo waited for the gallery")


class _Sending:
    """One photo on its way, which remembers whether it may have arrived."""

    def __init__(self, conversation: Conversation, photo: ResizedPhoto, key: str, *, in_doubt: bool) -> None:
        self._conversation = conversation
        self._photo = photo
        self._key = key
        self._in_doubt = in_doubt

    def try_once(self, stop: Stop) -> Receipt:
        receipt = None
        if self._in_doubt:
            receipt = self._conversation.ask(self._key, self._photo.rendition.sha256, stop)
        if receipt is None:
            receipt = self._post(stop)
        return Receipt(receipt.remote_id, receipt.url, receipt.already_there and not self._in_doubt)

    def _post(self, stop: Stop) -> Receipt:
        try:
            return self._conversation.post(self._photo, self._key, stop)
        except Trouble as trouble:
            self._in_doubt = self._in_doubt or trouble.ambiguous
            raise
