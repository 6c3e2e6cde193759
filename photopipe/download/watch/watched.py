"""What every watched source is to the loop that goes through all of them."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from photopipe.download.sources.source import Finding


class Watched(Protocol):
    """A source that is looked at whenever there may be something to find."""

    def findings(self) -> Iterator[Finding]:
        """Find what there is to find at the moment; never waits for more."""

    def look_again(self) -> None:
        """Have everything looked through soon: photos were found and could not be read."""

    def descriptors(self) -> Sequence[int]:
        """File descriptors; when one is readable there is something to find."""

    def next_look_s(self) -> float:
        """When to look in any case, by the monotonic clock [s]."""

    def close(self) -> None:
        """Look no more."""
