"""The table of sources: what an argument looks like, and the source it names. A new source gets a row here."""

import re
from collections.abc import Callable, Iterator

from photopipe.download.sources.camera_source import CameraSource
from photopipe.download.sources.folder_source import FolderSource
from photopipe.download.sources.newest import newest_only
from photopipe.download.sources.path_list_source import PathListSource
from photopipe.download.sources.remote_source import RemoteSource
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding, Source
from photopipe.download.sources.url_source import UrlSource
from photopipe.settings import DownloadSettings
from photopipe.wakeup import Wakeup

SOURCES: list[tuple[str, Callable[[str, DownloadSettings], Source]]] = [
    (r"(?i)https?://", UrlSource),
    (r"camera:", CameraSource),
    (r"(?i)(s3|sftp|ssh|ftp|gs|az|smb)://", RemoteSource),
    (r"", FolderSource),  # anything else
]
"""How the argument begins (a regular expression) -> what makes the source; the first row that matches counts."""


def all_sources(settings: DownloadSettings) -> list[Source]:
    """The sources of a run, in the order they are looked through."""
    named = [source_of(argument, settings) for argument in settings.sources]
    return [*named, *(PathListSource(argument, settings) for argument in settings.lists)]


def source_of(argument: str, settings: DownloadSettings) -> Source:
    """The source that an argument of the command names."""
    return next(make(argument, settings) for beginning, make in SOURCES if re.match(beginning, argument))


def find_all(settings: DownloadSettings, wakeup: Wakeup) -> Iterator[Finding | None]:
    """What all sources of a run find, one source after the other; see `Source.find`."""
    findings = _find_all(settings, wakeup)
    return findings if settings.newest is None else newest_only(findings, settings.newest)


def _find_all(settings: DownloadSettings, wakeup: Wakeup) -> Iterator[Finding | None]:
    selection = Selection.of(settings)
    for source in all_sources(settings):
        yield from source.find(selection, wakeup)
