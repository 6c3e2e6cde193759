"""A source that sends no events, such as a list or a camera: everything in it first, and again from time to time."""

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding, FolderPage, Source
from photopipe.errors import LoginRefused, SourceMissing
from photopipe.photo import OtherFiles, SourceNotice, UnclearPairs
from photopipe.settings import WatchSettings
from photopipe.wakeup import Wakeup


class RepeatedSource:
    """Any source; one that has no end of its own is drained as its photos come.

    Args:
        source: what is looked through.
        selection: which files are wanted.
        settings: how often.
        wakeup: what the source wakes.
    """

    def __init__(self, source: Source, selection: Selection, settings: WatchSettings, wakeup: Wakeup) -> None:
        self._source = source
        self._selection = selection
        self._settings = settings
        self._wakeup = wakeup
        self._findings: Iterator[Finding | None] | None = None
        self._was_found = False
        self._find_at_s = 0.0

    def findings(self) -> Iterator[Finding]:
        """What the source has at the moment."""
        if time.monotonic() >= self._find_at_s:
            self._findings, self._find_at_s = self._source.find(self._selection, self._wakeup), math.inf
        try:
            while self._findings is not None and (finding := next(self._findings)) is not None:
                if isinstance(finding, FolderPage):
                    yield replace(finding, again=self._was_found)
                elif not (self._was_found and isinstance(finding, OtherFiles | UnclearPairs)):
                    yield finding
        except StopIteration:
            self._ended()
        except (SourceMissing, LoginRefused) as error:
            yield SourceNotice(f"{error} It is looked for again in {self._settings.rescan_s:g} s.")
            self._ended()

    def look_again(self) -> None:
        """Nothing: it is looked through again in its own time."""

    def descriptors(self) -> Sequence[int]:
        """None: the source itself wakes whoever waits."""
        return ()

    def next_look_s(self) -> float:
        """When everything is looked through again."""
        return self._find_at_s

    def close(self) -> None:
        """End the source, in the thread that pulled it."""
        close = getattr(self._findings, "close", None)
        if close is not None:
            close()

    def _ended(self) -> None:
        self._findings, self._was_found = None, True
        self._find_at_s = time.monotonic() + self._settings.rescan_s
