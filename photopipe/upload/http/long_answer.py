"""An answer longer than most: the list of all albums."""

from dataclasses import replace
from typing import Final

from photopipe.upload.http.answer import Answer

LONGEST_BYTES: Final = 64 * 1024 * 1024
"""Room for tens of thousands of albums."""


class LongAnswer:
    """Keeps the body of one answer; `take` is the `sink` of its request."""

    def __init__(self) -> None:
        self._body = bytearray()
        self._is_whole = True

    def take(self, piece: bytes) -> None:
        """Keep one more piece, if there is room."""
        self._is_whole = self._is_whole and len(self._body) + len(piece) <= LONGEST_BYTES
        if self._is_whole:
            self._body += piece

    def put_into(self, answer: Answer) -> Answer:
        """The answer with its body, which is empty if there was no room."""
        body = bytes(self._body) if self._is_whole else b""
        return replace(answer, body=body) if answer.status == 200 else answer
