"""Watched sources, pulled in a thread as the line does it."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from support.deadline import DEADLINE_S, until

from photopipe.download.sources.source import Finding, FolderPage
from photopipe.download.watch.watch import watch_all
from photopipe.photo import SourceNotice
from photopipe.settings import DownloadSettings, WatchSettings
from photopipe.wakeup import Wakeup


class Watching:
    """What watched sources have found so far.

    Args:
        settings: the sources, and what is wanted of them.
        watch: how they are watched.
    """

    def __init__(self, settings: DownloadSettings, watch: WatchSettings) -> None:
        self._settings = settings
        self._watch = watch
        self._wakeup = Wakeup()
        self._is_ending = False
        self._error: BaseException | None = None
        self.pulling = Lock()
        self.rests = 0
        self.findings: list[Finding] = []

    @property
    def pages(self) -> list[FolderPage]:
        """Every page of photos."""
        return [finding for finding in self.findings if isinstance(finding, FolderPage)]

    @property
    def paths(self) -> Counter[str]:
        """How often each photo was found, by its path."""
        return Counter(photo.path for page in self.pages for photo in page.photos)

    @property
    def names(self) -> set[str]:
        """The names of the photos that were found."""
        return {os.path.basename(path) for path in self.paths}

    @property
    def notices(self) -> list[str]:
        """Every sentence for a person."""
        return [finding.message for finding in self.findings if isinstance(finding, SourceNotice)]

    def until_found(self, *names: str) -> None:
        """Wait until there are photos of these names."""
        until(lambda: self.names >= set(names) or self._error is not None)
        assert self._error is None, self._error

    def until_it_rests(self) -> None:
        """Wait until everything was found that was there when this was called."""
        for _ in range(2):  # the first rest may have begun before
            rests = self.rests
            self._wakeup.wake()
            until(lambda rests=rests: self.rests > rests or self._error is not None)  # type: ignore[misc]
        assert self._error is None, self._error

    def run(self) -> None:
        """Pull until `end` is called."""
        findings = watch_all(self._settings, self._watch, self._wakeup)
        try:
            while not self._is_ending:
                with self.pulling:  # a test that holds it stops the line
                    finding = next(findings)
                if finding is None:
                    self.rests += 1
                    self._wakeup.wait()
                else:
                    self.findings.append(finding)
        except BaseException as error:
            self._error = error
        finally:
            findings.close()  # type: ignore[attr-defined] # a generator

    def end(self) -> None:
        """Stop pulling."""
        self._is_ending = True
        self._wakeup.wake()


@contextmanager
def watching(*sources: Path, watch: WatchSettings | None = None, **settings: Any) -> Iterator[Watching]:
    """Watch sources as long as the block lasts; it begins when everything was found that is there."""
    watched = Watching(
        DownloadSettings(tuple(map(str, sources)), **settings), watch or WatchSettings(rescan_s=600, poll_s=0.05)
    )
    thread = Thread(target=watched.run, name="watched-sources")
    thread.start()
    try:
        until(lambda: watched.rests > 0 or not thread.is_alive())
        yield watched
    finally:
        watched.end()
        thread.join(DEADLINE_S)
        assert not thread.is_alive(), "the watch does not end"
    assert watched._error is None, watched._error
