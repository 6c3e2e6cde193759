"""A connection to the gallery, as waitress keeps it: what is refused before the application sees it, and how."""

from collections.abc import Callable
from typing import Any

from waitress.channel import HTTPChannel  # type: ignore[import-untyped] # waitress ships no types
from waitress.parser import HTTPRequestParser  # type: ignore[import-untyped] # waitress ships no types
from waitress.task import ErrorTask  # type: ignore[import-untyped] # waitress ships no types
from waitress.utilities import Error  # type: ignore[import-untyped] # waitress ships no types

from photopipe.gallery.api.problem import PROBLEM_TYPE, problem_body
from photopipe.gallery.server.guards import BEARER_NEEDED

MaySend = Callable[[str, str], bool]
"""Given a request's path and its `Authorization` header (or ""): whether its body is wanted."""


class Unauthorized(Error):  # type: ignore[misc] # waitress ships no types
    """waitress's form of a 401."""

    code = 401
    reason = "Unauthorized"


class Request(HTTPRequestParser):  # type: ignore[misc] # waitress ships no types
    """A request whose body is not kept if its header does not allow it to send one.

    waitress puts a body on the disk before the application is asked. This one is answered as soon as its
    header is there; what is sent of the body nevertheless is skipped by the request that follows.

    Args:
        adj: waitress's settings.
        may_send: asked when a body is announced.
        skipped_bytes: what is still to come of the body of the request before this.

    Attributes:
        unwanted_bytes: what is still to come of the body of this one, once it has been refused.
    """

    body_rcv: Any
    content_length: int
    expect_continue: bool

    def __init__(self, adj: Any, may_send: MaySend, skipped_bytes: int) -> None:
        super().__init__(adj)
        self._may_send = may_send
        self._skipped_bytes = skipped_bytes
        self.unwanted_bytes = 0

    def received(self, data: bytes) -> int:
        """Take some bytes; returns how many of them belong to this request, or were skipped."""
        skipped = min(len(data), self._skipped_bytes)
        self._skipped_bytes -= skipped
        return skipped or int(super().received(data))

    def parse_header(self, header_plus: bytes) -> None:
        """Read the header."""
        super().parse_header(header_plus)
        if self.body_rcv is None or self._may_send(self.path, self.headers.get("AUTHORIZATION", "")):
            return
        self.error = Unauthorized(BEARER_NEEDED)
        if not (self.chunked or self.expect_continue):  # with these, it is unknown whether and how much comes
            self.unwanted_bytes = self.content_length
        self.body_rcv = None
        self.content_length, self.expect_continue = 0, False


class ProblemTask(ErrorTask):  # type: ignore[misc] # waitress ships no types
    """A refusal before the application is asked (no token, a broken request, a huge body), in the gallery's form."""

    def execute(self) -> None:
        """Send the answer and, where the next request could not be found, close the connection."""
        error = self.request.error
        body = problem_body(error.code, error.body)
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", PROBLEM_TYPE))
        if isinstance(error, Unauthorized):
            self.response_headers.append(("WWW-Authenticate", "Bearer"))
        if not self.request.unwanted_bytes:
            self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


class Connection(HTTPChannel):  # type: ignore[misc] # waitress ships no types
    """A connection; its server says with `may_send` whose body is wanted."""

    error_task_class = ProblemTask
    _last: Request | None = None

    def parser_class(self, adj: Any) -> Request:
        """The next request, still empty."""
        self._last = Request(adj, self.server.may_send, self._last.unwanted_bytes if self._last else 0)
        return self._last
