"""Changes in folders on systems other than Linux, as watchfiles tells of them."""

import os
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Final

from photopipe.download.watch.folder_events import Changes, EventsUnavailable

STEP_MS: Final = 200
"""How often watchfiles looks whether its own thread has something."""
BATCH_MS: Final = 1000
"""After this time it hands over what it has, even if more keeps coming."""
MOST_CHANGES: Final = 1000
"""After more at once everything is looked at: watchfiles does not say when the system has lost some."""
DELETED: Final = 3


class WatchfilesEvents:
    """A thread that waits for watchfiles.

    Args:
        top: a folder; everything below it is watched, but no folder behind a link.

    Raises:
        EventsUnavailable: the system does not tell of changes in it.
    """

    def __init__(self, top: str) -> None:
        from watchfiles._rust_notify import RustNotify

        self._top, self._real_top = top, os.path.realpath(top)
        try:
            self._notify = RustNotify([self._real_top], False, False, 0, True, False)
        except (OSError, RuntimeError, UnicodeError) as error:
            raise EventsUnavailable(f"no events for it: {error}") from error
        self._lock = Lock()
        self._paths: dict[str, None] = {}
        self._are_incomplete = False
        self._closing = Event()
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._thread = Thread(target=self._wait, name="folder-events")
        self._thread.start()

    def watch(self, folder: str) -> None:
        """Nothing is to be done: all folders are watched."""

    def fileno(self) -> int:
        """The reading end of a pipe."""
        return self._reader

    def read(self) -> Changes:
        """What has been collected."""
        with suppress(BlockingIOError):
            os.read(self._reader, 1)
        with self._lock:
            changes = Changes(tuple(self._paths), self._are_incomplete)
            self._paths, self._are_incomplete = {}, False
        return changes

    def close(self) -> None:
        """End the thread."""
        self._closing.set()
        self._thread.join()
        self._notify.close()
        os.close(self._reader)
        os.close(self._writer)

    def _wait(self) -> None:
        while not self._closing.is_set():
            try:
                changes = self._notify.watch(BATCH_MS, STEP_MS, 0, self._closing)
            except RuntimeError:  # after a name that is not UTF-8 it says nothing else any more
                self._add((), are_incomplete=True)
                return
            if isinstance(changes, set):
                self._add([path for kind, path in changes if kind != DELETED], are_incomplete=False)

    def _add(self, paths: "list[str] | tuple[()]", *, are_incomplete: bool) -> None:
        with self._lock:
            was_empty = not (self._paths or self._are_incomplete)
            self._paths.update((self._top + path.removeprefix(self._real_top), None) for path in paths)
            if are_incomplete or len(self._paths) > MOST_CHANGES:
                self._paths, self._are_incomplete = {}, True
            if was_empty and (self._paths or self._are_incomplete):
                os.write(self._writer, b"!")
