"""The errors of this stage, worded so that a person can act on them; none of them holds the token."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from photopipe.errors import (
    DiskFull,
    GalleryFailed,
    GalleryRefused,
    GalleryUnreachable,
    LoginRefused,
    PhotopipeError,
    TooLargeForGallery,
    UsageError,
)
from photopipe.upload.http.answer import Answer
from photopipe.upload.http.classify_status import Action
from photopipe.upload.http.server_message import one_line, server_message

PHOTOS_OWN_FAULT: Final = frozenset({413, 415})
"""Statuses that say something about one photo and nothing about the gallery."""


class RetryableError(Exception):
    """A try that failed and can be repeated; it never leaves this stage.

    Args:
        message: what happened, for a person.
        ambiguous: the gallery may have taken the photo all the same.
        retry_after_s: how long the gallery asks us to wait, or None.
        is_overload: it looks as if the gallery has too much to do.
    """

    def __init__(
        self, message: str, *, ambiguous: bool = False, retry_after_s: float | None = None, is_overload: bool = False
    ) -> None:
        super().__init__(message)
        self.message = message
        self.ambiguous = ambiguous
        self.retry_after_s = retry_after_s
        self.is_overload = is_overload


@dataclass(frozen=True, slots=True)
class UploadErrors:
    """Puts what happened at one endpoint into errors.

    Attributes:
        endpoint: its address; only the host is shown.
        secrets: never shown, not even where the server repeats them.
    """

    endpoint: str = field(repr=False)
    secrets: Sequence[str] = field(default=(), repr=False)

    @property
    def _host(self) -> str:
        return urlsplit(self.endpoint).netloc or self.endpoint

    def of_answer(self, action: Action, answer: Answer) -> PhotopipeError:
        """The error for an answer that ends the photo or the run."""
        says = self._answer_text(answer)
        match action:
            case Action.LOGIN_REFUSED:
                return LoginRefused(f"{self._host}: {self._login_advice(answer)}")
            case Action.PROXY_LOGIN:
                return GalleryUnreachable(f"{self._host}: the proxy wants a login ({says}). Check the proxy setting.")
            case Action.DISK_FULL:
                return DiskFull(f"{self._host}: the gallery has no room left ({says}).")
            case Action.MOVED:
                return UsageError(f"{self._host}: {self._moved(answer)}")
            case Action.TOO_LARGE:  # the photo's own fault: no cause
                return TooLargeForGallery(
                    f"cannot be uploaded: its file is too large for {self._host} ({says}). "
                    "Give --on-413 shrink, a smaller --size or --max-bytes, or raise the server's limit."
                )
            case _:
                cause = "" if answer.status in PHOTOS_OWN_FAULT else answer.status_line
                return self.of_refusal(f"{says}.{_hint(answer.status)}", cause=cause)

    def of_refusal(self, says: str, *, cause: str | None = None) -> GalleryRefused:
        """The error for a photo the gallery does not want.

        Args:
            says: why, in words that end with a full stop.
            cause: what it has in common with other refusals, if that is not all of `says`; empty if the
                photo's own bytes are to blame.
        """
        error = GalleryRefused(f"cannot be uploaded: {self._host} refuses it: {self.shown(says)}")
        error.cause = self.shown(says.rstrip(". ") if cause is None else cause)
        return error

    def of_login(self, says: str) -> LoginRefused:
        """The error for a login the gallery does not accept, if something else than the status shows that."""
        return LoginRefused(f"{self._host}: the gallery does not accept the login ({self.shown(says)}).")

    def shown(self, text: str) -> str:
        """Text from the server as it may be shown: one line, short, without secrets."""
        return one_line(text, self.secrets)

    def of_tls(self, verdict: str | None) -> GalleryUnreachable:
        """The error for a connection that is not safe.

        Args:
            verdict: what is wrong with the certificate, or None if TLS fails before it is seen.
        """
        if verdict is None:
            advice = "Check the address: perhaps it should start with http://."
            return GalleryUnreachable(f"{self._host}: no TLS connection is possible there. {advice}")
        advice = "Check the address, or name your authority's certificate file in REQUESTS_CA_BUNDLE."
        return GalleryUnreachable(
            f"{self._host}: its certificate is not trusted: {one_line(verdict, self.secrets)}. {advice}"
        )

    def of_setup(self, message: str) -> UsageError:
        """The error for an address, proxy or certificate file that cannot be used at all."""
        return UsageError(
            f"{self._host}: no request can be made ({message}). "
            "Check the address, the proxy variables and REQUESTS_CA_BUNDLE."
        )

    def of_last_try(self, failed: RetryableError, tried_s: float, *, takes_others: bool) -> PhotopipeError:
        """The error after the last try."""
        tried = f"tried for {tried_s:.0f} s"
        if takes_others:
            error = GalleryFailed(
                f"cannot be uploaded: {self._host} fails on it and takes others: {failed.message} ({tried}). "
                "Run again later, or look into the gallery's log."
            )
            error.cause = failed.message
            return error
        return GalleryUnreachable(f"{self._host}: {failed.message} ({tried}). Try again later; nothing is lost.")

    def of_circuit_breaker(self, failures: int, cause: str) -> GalleryUnreachable:
        """The error after too many photos that failed for one cause."""
        return GalleryUnreachable(
            f"{self._host}: {failures} photos in a row failed for one reason: {cause}. "
            "Look into the gallery's log, then run again; nothing is lost."
        )

    def of_other_bytes(self) -> GalleryFailed:
        """The error for a gallery that says it stored something else."""
        error = GalleryFailed(
            f"cannot be uploaded: {self._host} stored other bytes than were sent. "
            "Something between here and the gallery changes photos; look at what it stored."
        )
        error.cause = "it stored other bytes than were sent"
        return error

    def _answer_text(self, answer: Answer) -> str:
        message = server_message(answer, self.secrets)
        return f"{answer.status_line}: {message}" if message else answer.status_line

    def _login_advice(self, answer: Answer) -> str:
        says = self._answer_text(answer)
        if self.secrets:
            return f"the gallery does not accept the token ({says})."
        return f"the gallery wants a login ({says}). Give a token with --token-file or PHOTOPIPE_TOKEN."

    def _moved(self, answer: Answer) -> str:
        target = answer.location(self.endpoint)
        if target is None:
            return f"the gallery answers {answer.status_line} without saying where to go. Check --to."
        shown = one_line(target, self.secrets)
        return f"the gallery answers {answer.status_line}: photos go to {shown}. Use that address with --to."


def _hint(status: int) -> str:
    return " Perhaps --to names the wrong address." if status in {404, 405, 410} else ""
