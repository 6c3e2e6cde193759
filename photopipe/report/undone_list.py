"""The photos that are still to be done, for the next run."""

import os

from photopipe.report.outcomes import LeftOver, PhotoOutcome
from photopipe.report.report_file import FileListener
from photopipe.report.run_listener import RunEnd


class UndoneList(FileListener):
    """Paths of photos that failed, vanished or are left over, each ended by a zero byte, as the file system has them.

    It is written even if it is empty: an old one must not be taken for that of this run.
    """

    _last: str | None = None

    def photo(self, outcome: PhotoOutcome) -> None:
        """A path, if the photo is not done."""
        if outcome.status in {"failed", "vanished"}:
            self._add(outcome.path)

    def left_over(self, photo: LeftOver) -> None:
        """A path."""
        self._add(photo.path)

    def ended(self, end: RunEnd) -> None:  # noqa: ARG002  # however it ended
        """The file is placed."""
        self.file.place()

    def _add(self, path: str) -> None:
        """Add a path once; whatever is told of one photo is told without a break."""
        if path != self._last:
            self._last = path
            self.file.write(os.fsencode(path) + b"\0")
