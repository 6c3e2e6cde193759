"""A single photo that is watched."""

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from photopipe.download.sources.folder_source import FolderSource
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding, FolderPage
from photopipe.errors import DownloadError, SourceMissing
from photopipe.found_photo import Identity, LocalFiles

LOOK_S: Final = 2.0


class WatchedFile:
    """One photo, found again whenever its file changes; a look costs one system call.

    Args:
        source: the file.
        selection: which files are wanted.
    """

    def __init__(self, source: FolderSource, selection: Selection) -> None:
        self._source = source
        self._selection = selection
        self._identity: Identity | None = None
        self._was_found = False
        self._look_at_s = 0.0

    def findings(self) -> Iterator[Finding]:
        """The photo, if it is there and another than before."""
        if time.monotonic() < self._look_at_s:
            return
        self._look_at_s = time.monotonic() + LOOK_S
        if self._is_unchanged():
            return
        try:
            for finding in self._source.find(self._selection):
                yield replace(finding, again=self._was_found) if isinstance(finding, FolderPage) else finding
        except SourceMissing:
            return  # gone again; the next look tells
        self._was_found = True

    def look_again(self) -> None:
        """Find the photo again at the next look."""
        self._identity = None

    def descriptors(self) -> Sequence[int]:
        """None: there are no events for a file that is replaced."""
        return ()

    def next_look_s(self) -> float:
        """When to look again."""
        return self._look_at_s

    def close(self) -> None:
        """Nothing is open."""

    def _is_unchanged(self) -> bool:
        before = self._identity
        try:
            self._identity = LocalFiles().identity(os.path.abspath(self._source.argument))
        except DownloadError:
            return True
        return self._identity == before
