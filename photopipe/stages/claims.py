"""Which content is on the line right now, so that of several copies of a photo one goes first."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from threading import Condition
from typing import Final

from photopipe.errors import RunStopped
from photopipe.photo import DownloadedPhoto
from photopipe.stop_token import StopToken

MOST_SET_ASIDE: Final = 1000
"""Copies that wait without occupying a worker; further ones occupy the worker that read them."""


class Claims:
    """Content being worked on in this run.

    A copy of content that is claimed is set aside, and put on the line again when the content is released: it is
    skipped then if the first copy has arrived, and worked on if that failed.

    Waiting cannot deadlock: the photo that holds a claim is further down the line than the one that waits for it.

    Args:
        on_release: called, by any thread, when copies may be put on the line again.
    """

    def __init__(self, on_release: Callable[[], None] = lambda: None) -> None:
        self._on_release = on_release
        self._changed = Condition()
        self._held: set[str] = set()
        self._aside: defaultdict[str, list[DownloadedPhoto]] = defaultdict(list)
        self._ready: deque[DownloadedPhoto] = deque()

    def take(self, photo: DownloadedPhoto, stop: StopToken) -> bool:
        """Claim a photo's content.

        Returns:
            False if another photo with this content is on the line: this one is set aside.

        Raises:
            RunStopped: the line was aborted while this waited for room to set it aside.
        """
        content = photo.source_sha256
        with self._changed:
            if content in self._held and not self._has_room():
                self._wait_for_room(content, stop)
            if content not in self._held:
                self._held.add(content)
                return True
            self._aside[content].append(photo)
            return False

    def _wait_for_room(self, content: str, stop: StopToken) -> None:
        forget = stop.on_set(self._wake)
        self._changed.wait_for(lambda: content not in self._held or self._has_room() or stop.is_set())
        forget()
        if content in self._held and not self._has_room():
            raise RunStopped("stopped while another file with the same content was on the line")

    def release(self, source_sha256: str) -> None:
        """Release some content; copies of it that were set aside may be put on the line again."""
        with self._changed:
            self._held.discard(source_sha256)
            self._ready += self._aside.pop(source_sha256, ())
            self._changed.notify_all()
        self._on_release()

    def released(self) -> Iterator[DownloadedPhoto]:
        """Yield the copies whose content has been released, without waiting; called in the source's thread only."""
        while self._ready:
            with self._changed:
                copy = self._ready.popleft()
            yield copy

    def set_aside(self) -> list[str]:
        """Paths of the copies that are set aside."""
        with self._changed:
            return [copy.found.path for copies in (self._ready, *self._aside.values()) for copy in copies]

    def _waiting(self) -> int:
        return len(self._ready) + sum(map(len, self._aside.values()))

    def _has_room(self) -> bool:
        return self._waiting() < MOST_SET_ASIDE

    def _wake(self) -> None:
        with self._changed:
            self._changed.notify_all()
