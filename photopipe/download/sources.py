"""The table of sources: what an argument looks like, and the source it names. A new source gets a row here."""

import re
from collections.abc import Callable, Iterable, Iterator

from photopipe.download.folder_source import FolderSource
from photopipe.download.source import Finding, Source

SOURCES: list[tuple[str, Callable[[str], Source]]] = [
    (r"", FolderSource),  # anything else
]
"""How the argument begins (a regular expression) -> what makes the source; the first row that matches counts."""


def source_of(argument: str) -> Source:
    """The source that an argument of the command names."""
    return next(make(argument) for beginning, make in SOURCES if re.match(beginning, argument))


def find_all(arguments: Iterable[str], left_out: frozenset[str]) -> Iterator[Finding]:
    """What several sources find, one source after the other; see `Source.find`."""
    for argument in arguments:
        yield from source_of(argument).find(left_out)
