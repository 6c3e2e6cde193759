"""Copy each photo's file to the archive while it is read, and read it from there afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from photopipe.found_photo import FoundPhoto
from photopipe.photo import DownloadedPhoto, SkippedPhotos
from photopipe.pipeline import Finished
from photopipe.settings import DownloadSettings, ResizeSettings
from photopipe.stages.companions import companions_of
from photopipe.stages.delivery_log import DeliveryLog

if TYPE_CHECKING:
    from photopipe.download.after.archive import Archive, ArchiveCopy, ArchiveFacts


@dataclass(frozen=True, slots=True)
class Archiving:
    """What the download stage needs for the archive of a run, if it has one.

    Attributes:
        archive: where copies go, or None.
        delivery_log: where a photo that cannot be copied is recorded.
        copies_done: whether photos that are in every gallery already are copied, too: their files are about to leave.
    """

    archive: "Archive | None"
    delivery_log: DeliveryLog
    copies_done: bool

    @classmethod
    def of(cls, settings: DownloadSettings, delivery_log: DeliveryLog) -> "Archiving":
        """The archive that these settings name."""
        if settings.archive is None:
            return cls(None, delivery_log, copies_done=False)
        from photopipe.download.after.archive import Archive

        _name, clocks = next(iter(delivery_log.recipes.values()))  # all recipes of a run correct clocks alike
        archive = Archive(settings.archive, partial(_facts_of, clocks))
        return cls(archive, delivery_log, copies_done=settings.after != "keep")

    @contextmanager
    def receiving(self) -> "Iterator[ArchiveCopy | None]":
        """Where the content goes while a photo is read, or None."""
        if self.archive is None:
            yield None
            return
        with self.archive.receiving() as copy:
            yield copy

    def keep(self, copy: "ArchiveCopy | None", admitted: DownloadedPhoto | Finished) -> DownloadedPhoto | Finished:
        """Keep the copy of a photo that is to be worked on; the others vanish.

        Raises:
            ItemError: this photo cannot be copied; that is recorded.
            LineError: no photo can.
        """
        if copy is None:
            return admitted
        if isinstance(admitted, DownloadedPhoto):
            with (
                self.delivery_log.recording_failure("download", admitted),
                self.delivery_log.lost_source.noticed(admitted.found),
            ):
                return _archived(copy, admitted)
        skipped = admitted.value
        if self.copies_done and isinstance(skipped, SkippedPhotos) and skipped.source is not None:
            return Finished(replace(skipped, source=_archived(copy, skipped.source)))
        return admitted


def _archived(copy: "ArchiveCopy", photo: DownloadedPhoto) -> DownloadedPhoto:
    return replace(photo, archived=copy.keep(photo, companions_of(photo.found)))


def _facts_of(settings: ResizeSettings, file: BinaryIO, found: FoundPhoto) -> "ArchiveFacts":
    from photopipe.download.after.archive import ArchiveFacts
    from photopipe.resize.header_facts import facts_in_header

    facts = facts_in_header(file, found, settings)
    return ArchiveFacts(facts.taken_at or datetime.fromtimestamp(0, UTC), facts.camera)
