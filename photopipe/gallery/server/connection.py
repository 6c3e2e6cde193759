"""A connection to the gallery, as waitress keeps it: what is refused before the application sees it, and how."""

from collections.abc import Callable
from typing import Any, Final

from waitress.channel import HTTPChannel  # type: ignore[import-untyped] # waitress ships no types
from waitress.parser import HTTPRequestParser  # type: ignore[import-untyped] # waitress ships no types
from waitress.task import ErrorTask, WSGITask  # type: ignore[import-untyped] # waitress ships no types
from waitress.utilities import Error  # type: ignore[import-untyped] # waitress ships no types

from photopipe.gallery.api.event_stream import EVENT_STREAM_TYPE
from photopipe.gallery.api.problem import PROBLEM_TYPE, problem_body
from photopipe.gallery.server.guards import BEARER_NEEDED

_MOST_UNREAD_BYTES: Final = 10_000
"""How much of a stream of events may wait for a client that reads nothing."""

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


class AnswerTask(WSGITask):  # type: ignore[misc] # waitress ships no types
    """An answer of the application. A stream of events has no end: it costs no thread while it is open."""

    def finish(self) -> None:
        """End the answer, or leave it to the server's `EventStream`."""
        if self._is_stream() and self.channel.become_stream(is_chunked=self.chunked_response):
            self.close_on_finish = False
        else:
            super().finish()

    def _is_stream(self) -> bool:
        # Only an answer without a length has been given `Connection: close`: its end is where the connection ends.
        types = [value for name, value in self.response_headers if name == "Content-Type"]
        return self.request.command == "GET" and any(value.startswith(EVENT_STREAM_TYPE) for value in types)


class Connection(HTTPChannel):  # type: ignore[misc] # waitress ships no types
    """A connection; its server says with `may_send` whose body is wanted, and with `events` who writes events."""

    task_class = AnswerTask
    error_task_class = ProblemTask
    _last: Request | None = None
    _is_stream = False
    _is_chunked = False

    def parser_class(self, adj: Any) -> Request:
        """The next request, still empty."""
        self._last = Request(adj, self.server.may_send, self._last.unwanted_bytes if self._last else 0)
        return self._last

    def received(self, data: bytes) -> bool:
        """Take bytes of a request; nothing is asked on a connection that events are written to."""
        return not self._is_stream and bool(super().received(data))

    def handle_close(self) -> None:
        """Close the connection."""
        super().handle_close()
        if self._is_stream:
            self.server.events.forget(self)

    def become_stream(self, *, is_chunked: bool) -> bool:
        """Leave the answer open for events; False if there are too many streams already.

        Args:
            is_chunked: whether each piece goes with its length, as in HTTP/1.1.
        """
        with self.requests_lock:
            self._is_stream, self._is_chunked = True, is_chunked
            for request in self.requests[1:]:  # what was asked in advance has no answer
                request.close()
            del self.requests[1:]
            self.request = None
        return bool(self.server.events.add(self))

    def send_event(self, event: bytes) -> bool:
        """Have the server's own thread send something; False if the connection is closed."""
        # waitress takes no lock to send where no request is being answered: only its own thread may do it.
        self.server.trigger.pull_trigger(lambda: self._send_piece(event))
        return bool(self.connected)

    def end_events(self) -> None:
        """Have the server's own thread end the answer and close the connection."""
        self.server.trigger.pull_trigger(self._end_answer)

    def _send_piece(self, piece: bytes) -> None:
        if self.total_outbufs_len > _MOST_UNREAD_BYTES:
            self.will_close = True
        elif self.connected:
            self.write_soon(b"%X\r\n%b\r\n" % (len(piece), piece) if self._is_chunked else piece)

    def _end_answer(self) -> None:
        if self._is_chunked:
            self._send_piece(b"")
        self.close_when_flushed = True
