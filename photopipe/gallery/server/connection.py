"""A connection, as waitress keeps it: how refusals are answered, and how a stream of events stays open."""

import time
from typing import Any, Final

from waitress.channel import HTTPChannel  # type: ignore[import-untyped] # waitress ships no types
from waitress.task import ErrorTask, WSGITask  # type: ignore[import-untyped] # waitress ships no types

from photopipe.gallery.api.event_stream import EVENT_STREAM_TYPE
from photopipe.gallery.api.problem import PROBLEM_TYPE, problem_body
from photopipe.gallery.server.guards import HEADERS
from photopipe.gallery.server.incoming_request import Refused, Request
from photopipe.gallery.server.pace import Pace, Patience

_MOST_UNREAD_BYTES: Final = 10_000
"""How much of a stream of events may wait for a client that reads nothing."""
_MOST_REQUESTS_IN_ADVANCE: Final = 4
"""Each answer may keep a file open until the client reads it; browsers do not ask in advance at all."""


class ProblemTask(ErrorTask):  # type: ignore[misc] # waitress ships no types
    """A refusal before the application is asked (no token, a broken request, a huge body), in the gallery's form."""

    def execute(self) -> None:
        """Send the answer and, where the next request could not be found, close the connection."""
        error = self.request.error
        body = problem_body(error.code, error.body, error.word if isinstance(error, Refused) else None)
        self.status = f"{error.code} {error.reason}"
        self.response_headers.append(("Content-Type", PROBLEM_TYPE))
        self.response_headers += HEADERS.items()
        if isinstance(error, Refused):
            self.response_headers += error.headers.items()
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
    """A connection; its server says with `bodies` whose body is wanted, and with `events` who writes events."""

    task_class = AnswerTask
    error_task_class = ProblemTask
    request: Request | None
    _last: Request | None = None
    _is_stream = False
    _is_chunked = False
    _sent_bytes = 0
    _pace: Pace | None = None
    _measured: object = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.waiting_since_s = time.monotonic()

    def parser_class(self, adj: Any) -> Request:
        """The next request, still empty."""
        skipped_bytes = self._last.unwanted_bytes if self._last else 0
        is_surplus = len(self.requests) >= _MOST_REQUESTS_IN_ADVANCE
        self._last = Request(adj, self.server.bodies, self.addr[0], skipped_bytes, is_surplus=is_surplus)
        return self._last

    def service(self) -> None:
        """Answer a request, in a thread of its own."""
        super().service()
        self.waiting_since_s = time.monotonic()

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send some bytes; returns how many have gone."""
        sent = int(super().send(data, do_close))
        self._sent_bytes += sent
        self.waiting_since_s = time.monotonic()
        return sent

    @property
    def is_asking(self) -> bool:
        """True if a request has begun to arrive; not if the rest of a refused one is all that may come."""
        return self.request is not None and self.request.began_at_s is not None

    @property
    def is_waiting(self) -> bool:
        """True if nothing is being done for the client: it sends no body that is wanted, and no answer is under way."""
        is_busy = self.requests or self.total_outbufs_len or self._is_stream
        return not is_busy and not (self.request is not None and self.request.is_in_body)

    def is_overdue(self, now_s: float, patience: Patience) -> bool:
        """True if the client has been too slow; only the server's own thread may ask."""
        if self.total_outbufs_len:
            return self._is_slow(self.outbufs[0], self._sent_bytes, now_s, patience)
        request = self.request
        if request is not None and not self.requests and (request.is_in_body or request.is_skipping):
            return self._is_slow(request, request.received_bytes, now_s, patience)
        self._measured = None
        if request is None or request.began_at_s is None:
            return self.is_waiting and now_s - self.waiting_since_s > patience.idle_s
        return self.is_waiting and now_s - request.began_at_s > patience.header_s

    def _is_slow(self, what: object, done_bytes: int, now_s: float, patience: Patience) -> bool:
        """Measure the pace of one thing after the other.

        Args:
            what: what is being sent or received now: with another one, the measurement begins anew.
            done_bytes: how much has been sent or received by now.
            now_s: the time.
            patience: what is demanded.
        """
        if self._pace is None or self._measured is not what:
            self._pace, self._measured = Pace(patience, now_s, done_bytes), what
        return self._pace.is_too_slow(now_s, done_bytes)

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
