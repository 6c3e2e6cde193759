"""Answers that stay open for events, which cost no thread of the server."""

from typing import Final

from waitress.channel import HTTPChannel  # type: ignore[import-untyped] # waitress ships no types
from waitress.task import WSGITask  # type: ignore[import-untyped] # waitress ships no types

from photopipe.gallery.api.event_stream import EVENT_STREAM_TYPE

_MOST_UNREAD_BYTES: Final = 10_000
"""How much may wait for a client that reads nothing."""


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


class StreamingChannel(HTTPChannel):  # type: ignore[misc] # waitress ships no types
    """A connection that can become a stream of events; its server's attribute `events` is what writes them."""

    task_class = AnswerTask
    _is_stream = False
    _is_chunked = False

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
