"""What tells of changes in a folder and everything below it."""

import platform
from collections.abc import Sequence
from typing import NamedTuple, Protocol


class Changes(NamedTuple):
    """What has happened since it was asked last.

    Attributes:
        paths: files and folders that were added, or whose content or permissions changed; each once.
        are_incomplete: True if more has happened than is known, so that everything is to be looked at.
    """

    paths: Sequence[str]
    are_incomplete: bool = False


class EventsUnavailable(Exception):
    """A folder cannot be watched; the message says why, and what to do about it."""


class FolderEvents(Protocol):
    """Tells of changes below one folder, each of whose folders must be announced before it is listed."""

    def watch(self, folder: str) -> None:
        """Tell of what changes in this folder from now on.

        Raises:
            EventsUnavailable: it cannot be watched, so that changes would be missed.
        """

    def fileno(self) -> int:
        """A file descriptor that is readable when there is something to read."""

    def read(self) -> Changes:
        """What has happened; never waits."""

    def close(self) -> None:
        """Stop watching."""


def open_events(top: str) -> FolderEvents:
    """The best that this platform has.

    Args:
        top: the folder that is the source.

    Raises:
        EventsUnavailable: there is nothing, or no more of it.
    """
    if platform.system() == "Linux":
        from photopipe.download.watch.inotify_events import InotifyEvents

        return InotifyEvents(top)
    from photopipe.download.watch.watchfiles_events import WatchfilesEvents

    return WatchfilesEvents(top)
