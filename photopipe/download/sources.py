"""The table of sources: how an argument looks, and the source that takes it. A new source has a row here."""

import re
from collections.abc import Callable

from photopipe.download.folder_source import FolderSource
from photopipe.download.source import Source

SOURCES: list[tuple[str, Callable[[str], Source]]] = [
    (r"", FolderSource),  # anything else
]
"""How the argument begins (a regular expression) -> what makes the source of it; the first row that fits counts."""


def source_of(argument: str) -> Source:
    """The source that an argument of the command names."""
    return next(make(argument) for beginning, make in SOURCES if re.match(beginning, argument))
