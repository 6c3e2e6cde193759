"""What failed and why, grouped by the reason."""

from dataclasses import dataclass, field
from typing import Final

from photopipe.files.characters import printable
from photopipe.report.outcomes import PhotoOutcome

MOST_NAMED: Final = 100
"""Photos of a group that are named; the others are counted. The contact sheet and the other reports have them all."""
MOST_GROUPS: Final = 50

TITLES: Final = {
    "unreadable_file": "Could not be read from the disk or card",
    "changed": "Changed while being read",
    "not_a_photo": "No photos, whatever their names say",
    "file_too_large": "Larger than --max-file-size",
    "unreadable_photo": "Damaged, or of a kind that cannot be read",
    "too_large": "Too many pixels, or too much memory needed",
    "decoder_missing": "A decoder is not installed",
    "resize_failed": "Could not be resized",
    "upload_failed": "Could not be uploaded",
    "gallery_refused": "Refused by the gallery",
    "too_large_for_gallery": "Too large for the gallery",
    "gallery_down": "Not sent, because the gallery was given up",
    "gallery_failed": "Not stored by the gallery",
    "vanished": "Gone when they were to be read",
}
"""Headings, by the reason."""


@dataclass(slots=True)
class FailureGroup:
    """Photos that failed for the same reason.

    Attributes:
        title: the heading.
        message: of the first, if all have the same; otherwise empty.
        named: path and message of some of them.
        count: how many there are.
    """

    title: str
    message: str
    named: list[tuple[str, str]] = field(default_factory=list)
    count: int = 0

    def add(self, path: str, message: str) -> None:
        """Add one."""
        self.count += 1
        if message != self.message:
            self.message = ""
        if len(self.named) < MOST_NAMED:
            self.named.append((path, message))

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.count - len(self.named)


class Failures:
    """All failures of a run, in a bounded amount of memory."""

    def __init__(self) -> None:
        self._groups: dict[str, FailureGroup] = {}

    def add_photo(self, outcome: PhotoOutcome) -> None:
        """Add a photo or a rendition that failed."""
        reason = outcome.reason or outcome.status
        self.add(TITLES.get(reason, reason.replace("_", " ").capitalize()), outcome.path, outcome.message or "")

    def add(self, title: str, path: str, message: str) -> None:
        """Add something that is not done, under this heading."""
        if title not in self._groups and len(self._groups) >= MOST_GROUPS:
            title = "Other reasons"
        message = printable(message)
        group = self._groups.setdefault(title, FailureGroup(printable(title), message))
        group.add(printable(path), message)

    def groups(self) -> list[FailureGroup]:
        """The largest first."""
        return sorted(self._groups.values(), key=lambda group: -group.count)
