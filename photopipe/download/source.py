"""What a source of photos is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from photopipe.found_photo import FoundPhoto
from photopipe.photo import OtherFiles, UnreadablePath


@dataclass(frozen=True, slots=True)
class FolderPage:
    """Some photos of one folder, in name order.

    Attributes:
        folder: path or address of the folder, without a slash at its end.
        photos: at least one, and few enough to keep in memory.
    """

    folder: str
    photos: list[FoundPhoto]


Finding = FolderPage | OtherFiles | UnreadablePath


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

    def find(self, left_out: frozenset[str]) -> Iterator[Finding]:
        """Find every photo.

        Args:
            left_out: extensions of photos that this run leaves alone, lower case with their dots.

        Raises:
            SourceMissing: the source is not there, or went away.
        """
