"""Changes in folders as the Linux kernel tells of them.

watchfiles, which does the same on every platform, is not used here: it takes no notice of an overflow of the kernel's
queue or of folders for which no watch was left, watches nothing beside a folder that it may not read, and stops
at names that are not UTF-8. None of these may cost a photo.

Source: inotify(7).
"""

import errno
import os
from typing import Final

from inotify_simple import INotify, flags  # type: ignore[import-untyped]

from photopipe.download.watch.folder_events import Changes, EventsUnavailable

MASK: Final = (
    flags.CREATE | flags.CLOSE_WRITE | flags.MOVED_TO | flags.ATTRIB | flags.ONLYDIR | flags.EXCL_UNLINK
)  # fmt: skip
"""Of a file that is written we hear when it is made and when it is closed; its settling covers the time between."""
LIMITS: Final = {
    errno.ENOSPC: ("fs.inotify.max_user_watches", "folders can be watched", 524_288),
    errno.EMFILE: ("fs.inotify.max_user_instances", "programs can watch folders", 1024),
}
"""Error -> the limit of the system that was reached, what it limits, and a value that is enough."""


class InotifyEvents:
    """One inotify instance, with a watch for each folder.

    The kernel keeps a bounded number of events until they are read; if there are more it says so. There is no other
    queue.

    Args:
        top: the folder that is the source.

    Raises:
        EventsUnavailable: this user has no instance or file descriptor left.
    """

    def __init__(self, top: str) -> None:
        self._top = top
        try:
            self._inotify = INotify(nonblocking=True)
        except OSError as error:
            raise EventsUnavailable(_explanation(error)) from error
        self._folders: dict[int, str] = {}

    def watch(self, folder: str) -> None:
        """Tell of what changes in this folder; one that is gone, or may not be read, is passed over.

        Raises:
            EventsUnavailable: no watch is left for it.
        """
        try:
            self._folders[self._inotify.add_watch(folder, MASK)] = folder
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return  # listing it will tell; if that changes, its parent's watch tells
        except OSError as error:
            raise EventsUnavailable(_explanation(error)) from error

    def fileno(self) -> int:
        """The instance's."""
        descriptor: int = self._inotify.fileno()
        return descriptor

    def read(self) -> Changes:
        """What the kernel has kept."""
        paths: dict[str, None] = {}
        are_incomplete = False
        for watch, mask, _cookie, name in self._inotify.read(timeout=0):
            if mask & (flags.Q_OVERFLOW | flags.UNMOUNT):
                are_incomplete = True
            elif mask & flags.IGNORED:  # the folder is gone; if another has its place, its parent's watch tells
                are_incomplete |= self._folders.pop(watch, None) == self._top
            elif name and watch in self._folders:
                paths[os.path.join(self._folders[watch], name)] = None
        return Changes(tuple(paths), are_incomplete)

    def close(self) -> None:
        """Give all watches back."""
        self._inotify.close()


def _explanation(error: OSError) -> str:
    if error.errno not in LIMITS:
        return f"no events for it: {error.strerror}"
    name, what, enough = LIMITS[error.errno]
    return f"no more {what} ({error.strerror}). To allow more, `sudo sysctl {name}={enough}`, and start again"
