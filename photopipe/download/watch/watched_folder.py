"""A folder that is watched: what is in it first, then what is added or changes."""

import math
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from photopipe.download.file_systems.mounts import is_network
from photopipe.download.sources.folder_source import FolderSource, scan_tree
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding, FolderPage
from photopipe.download.watch.changed_paths import find_changed
from photopipe.download.watch.folder_events import EventsUnavailable, FolderEvents, open_events
from photopipe.download.watch.place import Lookout, Place
from photopipe.errors import SourceMissing
from photopipe.found_photo import LocalFiles
from photopipe.photo import SourceNotice, UnreadablePath
from photopipe.settings import WatchSettings

LOOK_S: Final = 2.0
"""How often it is made sure that the folder is still there."""
REST: Final = 10
"""After looking through everything, at least so many times as long passes before that is done again."""


class WatchedFolder:
    """The photos in a folder and all folders below it.

    Each folder is watched from before it is listed, so that nothing falls in between. Everything is looked through
    again when events were lost, when the folder has come back, every `rescan_s`, and every `poll_s` where there are
    no events.

    Args:
        source: the folder.
        selection: which files are wanted.
        settings: how it is watched.
    """

    def __init__(self, source: FolderSource, selection: Selection, settings: WatchSettings) -> None:
        self._source = source
        self._top = os.path.abspath(source.argument)
        self._selection = selection
        self._settings = settings
        self._lookout = Lookout(self._top)
        self._storage = LocalFiles(self._top)
        self._events: FolderEvents | None = None
        self._place: Place | None = None
        self._polls = False
        self._is_missing = False
        self._was_found = False
        self._look_at_s = self._scan_at_s = self._rested_at_s = self._retry_at_s = 0.0
        self._notices: list[str] = []
        self._unreadable: set[str] = set()

    def findings(self) -> Iterator[Finding]:
        """What there is to find at the moment."""
        if time.monotonic() >= self.next_look_s():
            self._look()
        if time.monotonic() >= self._scan_at_s:
            yield from self._scan()
        elif self._events is not None:
            yield from self._changed(self._events)
        yield from self._said()

    def look_again(self) -> None:
        """Have the folder looked through at the next look."""
        self._place = None

    def descriptors(self) -> Sequence[int]:
        """That of its events."""
        return () if self._events is None else (self._events.fileno(),)

    def next_look_s(self) -> float:
        """When to look in any case."""
        return min(self._look_at_s, self._scan_at_s)

    def close(self) -> None:
        """Look no more."""
        self._close_events()
        self._lookout.close()

    def _look(self) -> None:
        """Make sure that the folder is there; have it looked through if it is not the one it was."""
        self._look_at_s = time.monotonic() + LOOK_S
        place, before = self._lookout.look(), self._place
        if place == before and place is not None:
            return
        self._place = place
        if place is None:
            self._missing(f"{self._top}: the folder is gone")
            return
        if before is not None:
            self._notices.append(f"{self._top}: is another folder or file system than before; looking through it.")
        self._scan_at_s = 0.0
        self._polls = self._is_to_be_polled(place)

    def _is_to_be_polled(self, place: Place) -> bool:
        if self._settings.poll is not None:
            return self._settings.poll
        silent = [mount for mount in place.file_systems if is_network(mount.kind)]
        if silent and not self._polls:
            where = self._top if silent[0] is place.file_systems[0] else silent[0].mount_point
            self._notices.append(f"{where}: is on {silent[0].kind}, which sends no events; {self._polling()}.")
        return bool(silent)

    def _polling(self) -> str:
        return f"{self._top} is looked through every {self._settings.poll_s:g} s"

    def _missing(self, message: str) -> None:
        """Wait for the folder to come back; `_look` has it looked through then."""
        self._close_events()
        self._place, self._scan_at_s, self._retry_at_s = None, math.inf, 0.0
        if not self._is_missing:
            self._notices.append(f"{message}; waiting for it to come back.")
        self._is_missing = True

    def _scan(self) -> Iterator[Finding]:
        """Look through everything, with new watches."""
        self._open_events()
        self._scan_at_s = math.inf
        unreadable_before, self._unreadable = self._unreadable, set()
        try:
            self._storage = self._source.storage()
            self._storage.check_source()
            scan = _Timed(scan_tree(self._selection, self._storage, entering=self._watch))
            for finding in self._tidied(scan, unreadable_before, retries=self._retries()):
                yield from self._said()
                yield finding
        except SourceMissing as error:
            self._missing(str(error))
            return
        self._is_there()
        self._was_found = True
        self._rested_at_s = time.monotonic() + REST * scan.seconds
        pause_s = self._settings.poll_s if self._events is None else self._settings.rescan_s
        self._scan_at_s = max(time.monotonic() + pause_s, self._rested_at_s)

    def _retries(self) -> bool:
        """True, every `rescan_s`, if photos that failed are to be tried again."""
        if time.monotonic() < self._retry_at_s:
            return False
        self._retry_at_s = time.monotonic() + self._settings.rescan_s
        return True

    def _changed(self, events: FolderEvents) -> Iterator[Finding]:
        """What events tell of; of too many, that something is to be found."""
        changes = events.read()
        if changes.are_incomplete:
            self._scan_at_s = min(self._scan_at_s, self._rested_at_s)
        changed = find_changed(changes.paths, self._selection, self._storage, self._watch)
        yield from self._tidied(changed, self._unreadable, retries=False)

    def _tidied(self, findings: Iterable[Finding], unreadable_before: set[str], *, retries: bool) -> Iterator[Finding]:
        """Findings without what was told before."""
        for finding in findings:
            if isinstance(finding, FolderPage):
                yield replace(finding, again=self._was_found, retries=retries)
            elif isinstance(finding, UnreadablePath):
                if finding.path not in unreadable_before | self._unreadable and os.path.lexists(finding.path):
                    yield finding
                self._unreadable.add(finding.path)
            elif not self._was_found:
                yield finding

    def _is_there(self) -> None:
        if self._is_missing:
            self._notices.append(f"{self._top}: the folder is back; looking through it.")
        self._is_missing = False

    def _said(self) -> Iterator[SourceNotice]:
        while self._notices:
            yield SourceNotice(self._notices.pop(0))

    def _open_events(self) -> None:
        self._close_events()
        if self._polls:
            return
        try:
            self._events = open_events(self._top)
        except EventsUnavailable as error:
            self._poll_because(error)

    def _watch(self, folder: str) -> None:
        if self._events is None:
            return
        try:
            self._events.watch(folder)
        except EventsUnavailable as error:
            self._poll_because(error)

    def _poll_because(self, error: EventsUnavailable) -> None:
        self._close_events()
        self._polls = True
        self._scan_at_s = time.monotonic() + self._settings.poll_s
        self._notices.append(f"{self._top}: {error}. Until then {self._polling()}.")

    def _close_events(self) -> None:
        if self._events is not None:
            self._events.close()
        self._events = None


class _Timed:
    """Findings, and how long it took to find them; what is done with them meanwhile does not count."""

    def __init__(self, findings: Iterator[Finding]) -> None:
        self._findings = findings
        self.seconds = 0.0

    def __iter__(self) -> Iterator[Finding]:
        while True:
            started_s = time.monotonic()
            finding = next(self._findings, None)
            self.seconds += time.monotonic() - started_s
            if finding is None:
                return
            yield finding
