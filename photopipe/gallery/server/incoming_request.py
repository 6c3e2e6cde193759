"""A request as it arrives: refused as soon as its header is there, if nothing of it is wanted."""

import time
from http import HTTPStatus
from typing import Any, Final

from waitress.parser import HTTPRequestParser  # type: ignore[import-untyped] # waitress ships no types
from waitress.utilities import Error  # type: ignore[import-untyped] # waitress ships no types
from werkzeug.http import parse_cookie

from photopipe.gallery.access.access_policy import AccessPolicy
from photopipe.gallery.access.asked import LOGIN_PATH, LOGOUT_PATH, SESSION_COOKIE, Asked
from photopipe.gallery.store.request_refused import RequestRefused

_FORM_BYTES: Final = 10_000
"""More than any password needs."""
_MOST_SKIPPED_BYTES: Final = 1 << 30
"""Where more is announced, the connection is closed instead."""


class BodyPolicy:
    """Whose body is read, and how much of it.

    Args:
        access: who may send something.
        upload_bytes: the most that a POST of a photo may have.
    """

    def __init__(self, access: AccessPolicy, upload_bytes: int) -> None:
        self._access = access
        self._limits = {"/api/photos": upload_bytes, LOGIN_PATH: _FORM_BYTES, LOGOUT_PATH: _FORM_BYTES}

    def limit(self, asked: Asked) -> int:
        """The most bytes that are read of a request's body.

        Raises:
            RequestRefused: nothing of it is wanted.
        """
        self._access.check(asked)
        limit = self._limits.get(asked.path, 0) if asked.method == "POST" else 0
        if not limit:
            raise RequestRefused(413, f"{asked.method} {asked.path} takes no body", "too_large")
        return limit


class Refused(Error):  # type: ignore[misc] # waitress ships no types
    """waitress's form of a refusal."""

    def __init__(self, refusal: RequestRefused) -> None:
        super().__init__(refusal.message)
        self.code = refusal.status
        self.reason = HTTPStatus(refusal.status).phrase
        self.word = refusal.reason
        self.headers = refusal.headers


class Request(HTTPRequestParser):  # type: ignore[misc] # waitress ships no types
    """A request whose body is not kept if its header does not allow it to send one, or one of that size.

    waitress puts a body on the disk before the application is asked. This one is answered as soon as its
    header is there; what is sent of the body nevertheless is skipped by the request that follows.

    Args:
        adj: waitress's settings.
        bodies: asked when a body is announced.
        address: of the client.
        skipped_bytes: what is still to come of the body of the request before this.
        is_surplus: True if too many requests are waiting for their answers already.

    Attributes:
        unwanted_bytes: what is still to come of the body of this one, once it has been refused.
        began_at_s: when its first byte came; None before that [monotonic].
        received_bytes: how many bytes have come, skipped ones included.
    """

    body_rcv: Any
    content_length: int
    expect_continue: bool

    def __init__(self, adj: Any, bodies: BodyPolicy, address: str, skipped_bytes: int, *, is_surplus: bool) -> None:
        super().__init__(adj)
        self._bodies = bodies
        self._address = address
        self._skipped_bytes = skipped_bytes
        self._is_surplus = is_surplus
        self._limit_bytes = 0
        self.unwanted_bytes = 0
        self.began_at_s: float | None = None
        self.received_bytes = 0

    @property
    def is_in_body(self) -> bool:
        """True while a body comes that is wanted."""
        return self.body_rcv is not None and not self.completed

    @property
    def is_skipping(self) -> bool:
        """True while the rest of a body comes that was refused."""
        return self._skipped_bytes > 0

    def received(self, data: bytes) -> int:
        """Take some bytes; returns how many of them belong to this request, or were skipped."""
        if self._is_surplus:
            self.error = Refused(
                RequestRefused(429, "too many requests at once on one connection", "too_many_requests")
            )
            self.completed = True
            return len(data)
        skipped = min(len(data), self._skipped_bytes)
        self._skipped_bytes -= skipped
        self.received_bytes += len(data)
        if skipped:
            return skipped
        if self.began_at_s is None:
            self.began_at_s = time.monotonic()
        taken = int(super().received(data))
        if self.chunked and self.body_rcv is not None and self.body_bytes_received > self._limit_bytes:
            self._refuse(_too_large(self._limit_bytes))
            self.completed = True
        return taken

    def parse_header(self, header_plus: bytes) -> None:
        """Read the header."""
        super().parse_header(header_plus)
        if self.body_rcv is None:
            return
        try:
            self._limit_bytes = self._bodies.limit(self._asked())
            if self.content_length > self._limit_bytes:
                raise _too_large(self._limit_bytes)
        except RequestRefused as refusal:
            self._refuse(refusal)

    def _refuse(self, refusal: RequestRefused) -> None:
        self.error = Refused(refusal)
        # With these, it is unknown whether and how much comes.
        if not (self.chunked or self.expect_continue or self.content_length > _MOST_SKIPPED_BYTES):
            self.unwanted_bytes = self.content_length
        self.body_rcv.getbuf().close()
        self.body_rcv = None
        self.content_length, self.expect_continue = 0, False

    def _asked(self) -> Asked:
        """The request as the policy looks at it, before the application has seen it."""
        headers = self.headers
        return Asked(
            method=self.command.upper(),
            path="/" + self.path.lstrip("/"),  # as waitress gives it to the application
            address=self._address,
            forwarded_for=headers.get("X_FORWARDED_FOR", ""),
            host=headers.get("HOST", ""),
            origin=headers.get("ORIGIN", ""),
            fetch_site=headers.get("SEC_FETCH_SITE", ""),
            authorization=headers.get("AUTHORIZATION", ""),
            session=parse_cookie(headers.get("COOKIE", "")).get(SESSION_COOKIE, ""),
        )


def _too_large(limit_bytes: int) -> RequestRefused:
    return RequestRefused(413, f"the request is larger than {limit_bytes / 1_000_000:g} MB", "too_large")
