"""What a source of photos is."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from photopipe.download.sources.selection import Selection
from photopipe.found_photo import FoundPhoto
from photopipe.photo import OtherFiles, SourceNotice, UnclearPairs, UnreadablePath
from photopipe.wakeup import Wakeup


@dataclass(frozen=True, slots=True)
class FolderPage:
    """Some photos of one folder, in name order; one that is shown by another comes just before that.

    Attributes:
        folder: path or address of the folder, without a slash at its end.
        photos: at least one, and few enough to keep in memory; all have the same storage.
        again: True if the folder was looked through before in this run; then photos that are done are not counted.
        retries: False to pass over photos that failed in this run, or were not selected, and look the same.
    """

    folder: str
    photos: list[FoundPhoto]
    again: bool = False
    retries: bool = True


def page_of(photo: FoundPhoto) -> FolderPage:
    """The page that has one photo."""
    return FolderPage(os.path.dirname(photo.path), [photo])


Finding = FolderPage | OtherFiles | SourceNotice | UnclearPairs | UnreadablePath


class Source(Protocol):
    """Something that photos are found in. Each finding is yielded as it is found; no list of all is kept."""

    def check(self, gallery_folders: Sequence[str]) -> None:
        """Make sure that the source is there, before anything else is done.

        Args:
            gallery_folders: folders on this machine that photos go to, without links; the source must not be in one.

        Raises:
            SourceMissing: it is not there.
            UsageError: it is in a gallery's folder, or cannot be understood.
        """

    def find(self, selection: Selection, wakeup: Wakeup) -> Iterator[Finding | None]:
        """Find every photo. Each is yielded as it is found.

        Args:
            selection: which files are wanted.
            wakeup: woken by the source, from any thread, when there is something to find after it has yielded None.

        Yields:
            A finding; or None if there is nothing to find at the moment, which a source without an end, or one that
            others write to, says instead of waiting itself.

        Raises:
            SourceMissing: the source is not there, or went away.
            LoginRefused: it does not let us in.
        """
