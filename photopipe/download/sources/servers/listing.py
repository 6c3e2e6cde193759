"""What a folder on a server is to the walk through it: pages of entries."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from photopipe.download.sources.pages import LookAt


class Entry(NamedTuple):
    """A file or folder that a listing names.

    Attributes:
        name: its own, without the folder it is in and without a slash.
        is_folder: whether there may be something in it.
        info: what the server tells about it.
    """

    name: str
    is_folder: bool
    info: Any = None


class ListingPage(NamedTuple):
    """A part of a folder's listing that is small enough to keep in memory.

    Attributes:
        entries: in the order of their names; no file comes before one of an earlier page.
        goes_on: whether another page follows.
    """

    entries: list[Entry]
    goes_on: bool = False


class Listing(Protocol):
    """A folder on a server, with all folders below it.

    A folder in it is named by its path from there, `below`, with a slash at its end; the folder itself is empty.
    """

    def shown(self, below: str) -> str:
        """The address of a folder as it may be shown, without a slash at its end."""

    def pages(self, below: str) -> Iterator[ListingPage]:
        """What is in a folder. The next page is asked for when it is wanted.

        Raises:
            SourceMissing: the folder cannot be read.
            LoginRefused: the server does not let us read it.
        """

    def check(self) -> None:
        """Find out, after a folder below could not be read, whether it is the same with the folder itself.

        Raises:
            SourceMissing: it cannot be read any more.
            LoginRefused: likewise, because the server does not let us in any more.
        """

    def has(self, below: str, name: str) -> bool:
        """Whether a file or folder of this name is in a folder, wherever in its listing.

        Raises:
            SourceMissing, LoginRefused: that cannot be found out.
        """

    def look_at(self, below: str, files: Mapping[str, Entry]) -> LookAt:
        """What tells of files of one page, by their names, which photo each is."""
