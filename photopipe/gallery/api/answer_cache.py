"""Keeps answers until the gallery changes: after a change, every open page asks for the same at once."""

import threading
from collections.abc import Callable, Hashable
from typing import Final

from photopipe.gallery.api.index_watch import IndexWatch
from photopipe.gallery.store.store import PhotoStore

_MOST: Final = 32


class AnswerCache:
    """The last answers to some questions about the whole gallery.

    Args:
        store: the photos; what the cache opens is closed with it.
    """

    def __init__(self, store: PhotoStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._watch: IndexWatch | None = None
        self._answers: dict[Hashable, bytes] = {}

    def get(self, question: Hashable, make: Callable[[], bytes]) -> bytes:
        """The answer to a question; made anew if the index was written since, by one thread while others wait for it.

        Raises:
            sqlite3.Error: the index cannot be read.
        """
        with self._lock:
            if self._watch is None:
                self._watch = self._store.close_at_end(IndexWatch(self._store.folder))
            if self._watch.has_changed() or len(self._answers) >= _MOST:
                self._answers.clear()
            if question not in self._answers:
                self._answers[question] = make()
            return self._answers[question]
