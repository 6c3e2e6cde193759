"""START HERE: all sources of a run, watched until the run is drained."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack

from photopipe.download.sources.folder_source import FolderSource
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding, Source
from photopipe.download.sources.sources import all_sources
from photopipe.download.watch.alarm import Alarm
from photopipe.download.watch.repeated_source import RepeatedSource
from photopipe.download.watch.watched import Watched
from photopipe.download.watch.watched_file import WatchedFile
from photopipe.download.watch.watched_folder import WatchedFolder
from photopipe.settings import DownloadSettings, WatchSettings
from photopipe.wakeup import Wakeup


def watch_all(
    settings: DownloadSettings,
    watch: WatchSettings,
    wakeup: Wakeup,
    has_left_photos: Callable[[], bool] = lambda: False,
) -> Iterator[Finding | None]:
    """Find everything in all sources, then whatever is added or changes; it has no end.

    Args:
        settings: the sources, and what is wanted of them.
        watch: how they are watched.
        wakeup: woken, after None was yielded, when there may be something to find.
        has_left_photos: tells whether photos could not be read since it was asked last, because a source went away.

    Yields:
        A finding, or None if there is nothing to find at the moment.
    """
    with ExitStack() as stack:
        selection = Selection.of(settings)
        watched = [_watched(source, selection, watch, wakeup) for source in all_sources(settings)]
        for one in watched:
            stack.callback(one.close)
        alarm = Alarm(wakeup)
        stack.callback(alarm.close)
        while True:
            is_to_look_again = has_left_photos()
            for one in watched:
                if is_to_look_again:
                    one.look_again()
                yield from one.findings()
            descriptors = [descriptor for one in watched for descriptor in one.descriptors()]
            alarm.set(descriptors, min(one.next_look_s() for one in watched))
            yield None


def _watched(source: Source, selection: Selection, watch: WatchSettings, wakeup: Wakeup) -> Watched:
    if not isinstance(source, FolderSource):
        return RepeatedSource(source, selection, watch, wakeup)
    if os.path.isdir(source.argument):
        return WatchedFolder(source, selection, watch)
    return WatchedFile(source, selection)
