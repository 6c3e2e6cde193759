"""The table of sources: what an argument looks like, and the source it names. A new source gets a row here."""

import importlib
import re
from collections.abc import Iterator

from photopipe.download.sources.newest import newest_only
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding, Source
from photopipe.settings import DownloadSettings
from photopipe.wakeup import Wakeup

_ROOM = "photopipe.download.sources"
SOURCES: list[tuple[str, str]] = [
    (r"(?i)https?://", f"{_ROOM}.servers.url_source:UrlSource"),
    (r"camera:", f"{_ROOM}.camera_source:CameraSource"),
    (r"(?i)(s3|sftp|ssh|ftp|gs|az|smb)://", f"{_ROOM}.servers.remote_source:RemoteSource"),
    (r"", f"{_ROOM}.folder_source:FolderSource"),  # anything else
]
"""How the argument begins (a regular expression) -> module and class of the source; the first row that matches counts.

Only the modules of the sources that are used are imported.
"""


def all_sources(settings: DownloadSettings) -> list[Source]:
    """The sources of a run, in the order they are looked through."""
    named = [source_of(argument, settings) for argument in settings.sources]
    return [*named, *_lists(settings)]


def source_of(argument: str, settings: DownloadSettings) -> Source:
    """The source that an argument of the command names."""
    module, _, name = next(place for beginning, place in SOURCES if re.match(beginning, argument)).partition(":")
    source: Source = getattr(importlib.import_module(module), name)(argument, settings)
    return source


def _lists(settings: DownloadSettings) -> list[Source]:
    if not settings.lists:
        return []
    from photopipe.download.sources.path_list_source import PathListSource

    return [PathListSource(argument, settings) for argument in settings.lists]


def find_all(settings: DownloadSettings, wakeup: Wakeup) -> Iterator[Finding | None]:
    """What all sources of a run find, one source after the other; see `Source.find`."""
    findings = _find_all(settings, wakeup)
    return findings if settings.newest is None else newest_only(findings, settings.newest)


def _find_all(settings: DownloadSettings, wakeup: Wakeup) -> Iterator[Finding | None]:
    selection = Selection.of(settings)
    for source in all_sources(settings):
        yield from source.find(selection, wakeup)
