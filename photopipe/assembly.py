"""START HERE: settings -> journal, galleries, source, three stages, one Pipeline.

    source --> download --> resize --> upload --> results

The stages are plain functions of one photo. What they do not know about is added here: the journal, the
claims that keep copies of a photo apart, the start and end of galleries.
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from photopipe.download.settling import Settling, settle_time
from photopipe.download.sources.folder_source import FolderSource
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding
from photopipe.download.sources.sources import all_sources, find_all
from photopipe.errors import LineError
from photopipe.files.kinds import RAW_EXTENSIONS
from photopipe.gallery.store.identity import create_gallery, gallery_identity
from photopipe.journal import Journal, RunLock, SeenContent, run_lock
from photopipe.line import Line
from photopipe.photo import SourceNotice, Target
from photopipe.pipeline import Branches, Pipeline, Stage
from photopipe.report import Account
from photopipe.resize.check_recipe import check_recipe
from photopipe.resize.decoders.decoders import decoder_versions, missing_decoders
from photopipe.run_limits import RunLimits
from photopipe.settings import DownloadSettings, Settings, UploadSettings
from photopipe.stages import (
    Claims,
    DeliveryLog,
    Destination,
    FailedGalleries,
    GallerySession,
    LostSource,
    Sorting,
    Spool,
    download_stage,
    dry_run_stage,
    resize_stage,
    upload_stage,
)
from photopipe.stop_token import StopToken
from photopipe.upload.galleries.identity import gallery_id
from photopipe.upload.http.bandwidth import Bandwidth
from photopipe.wakeup import Wakeup

if TYPE_CHECKING:
    from photopipe.cluster.driver.cluster_pipeline import ClusterPipeline

RESULTS_WAITING = 16
"""Results that may wait for the main thread while it prints."""


@contextmanager
def open_line(settings: Settings) -> Iterator[Line]:
    """Open everything a run needs, and close it again.

    Raises:
        SourceMissing: a source is not there.
        LockHeld: another run works with the same journal.
        LineError: journal or gallery cannot be used.
    """
    started_s = time.monotonic()
    settings = _checked(settings)
    with ExitStack() as stack:
        _close_cameras(settings.download, stack)
        settings = _with_spool_folder(settings, stack)
        lock = None
        if not settings.dry_run:
            lock = stack.enter_context(run_lock(settings.journal_path, settings.lock_wait_s))
        galleries = [_gallery_name(settings, upload) for upload in settings.uploads]
        journal = _open_journal(settings, galleries, lock, stack)
        account, failed_galleries, wakeup = Account(), FailedGalleries(len(galleries)), Wakeup()
        settling = Settling(settle_time(settings.download.settle_s))
        sorting = Sorting(
            *(journal, Claims(wakeup.wake), settling, wakeup, StopToken()),
            count=account.pull,
            reads_all=settings.download.after != "keep" and not settings.dry_run,
            looks_ahead=settings.download.watch is None,
        )
        run_number = None if settings.dry_run else journal.runs.start()
        limits = RunLimits(settings.limits, account, sorting.draining, wakeup, started_s=started_s)
        lost_source = LostSource(None if settings.download.watch else sorting.draining)
        recipes = {resize.recipe_id: (name, resize) for name, resize in settings.renditions}
        delivery_log = DeliveryLog(journal, recipes, sorting.claims, settling, lost_source)
        run = _Run(settings, galleries, delivery_log, stack)
        _open_spool(settings.download, run.stop, stack)
        findings = _after_earlier_leases(journal, sorting.draining, _findings(settings, wakeup, lost_source))
        source = limits.admit(sorting.sort(limits.noting_end(findings)))
        pipeline = run.pipeline(source, failed_galleries, sorting.draining, run_number)
        yield Line(
            pipeline,
            account,
            galleries=galleries,
            failed_galleries=failed_galleries,
            sorting=sorting,
            limits=limits,
            lost_source=lost_source,
            record_end=_run_record(journal, account, run_number),
            take_notices=journal.take_notices,
        )


def _open_journal(settings: Settings, galleries: Sequence[str], lock: RunLock | None, stack: ExitStack) -> Journal:
    """Open the journal for what this run sends to its galleries."""
    recipes = {resize.recipe_id: resize.recipe for _, resize in settings.renditions}
    journal = Journal(
        settings.journal_path,
        [Target(recipe_id, gallery) for gallery in galleries for recipe_id in recipes],
        recipes=recipes,
        condition=partial(_condition, settings),
        read_only=settings.dry_run,
        lock=lock,
        is_checked=settings.only_ask,
    )
    stack.callback(journal.close)
    if settings.only_ask:
        journal.note_incomplete()
    return journal


def _run_record(journal: Journal, account: Account, number: int | None) -> Callable[[int], None]:
    """What records the end of a run, given the exit code; of a dry run, which has no number, nothing is recorded."""

    def record_end(exit_code: int) -> None:
        # That a journal cannot be written has been said by then; without this, a later run only looks further back.
        with suppress(LineError):
            if number is not None:
                journal.runs.end(number, exit_code, account.totals)

    return record_end


def _after_earlier_leases(
    journal: Journal, draining: StopToken, findings: Iterator[Finding | None]
) -> Iterator[Finding | None]:
    """The findings, once no worker of a cluster may still begin to send a photo for a run that was killed."""
    if leases := journal.leases.unexpired(time.time()):
        from photopipe.cluster.protocol.takeover import is_dead

        if alive := [lease for lease in leases if not is_dead(lease.worker)]:
            wait_s = max(lease.expires_at_s for lease in alive) - time.time()
            yield SourceNotice(
                f"Workers of a run that was killed may still be sending photos: waiting {wait_s:.0f} s for them."
            )
            draining.wait(wait_s)
    yield from findings


def _checked(settings: Settings) -> Settings:
    """Refuse, before the first photo, whatever can be refused; the galleries' addresses come out in one spelling."""
    from photopipe.upload.galleries.kinds import check_gallery_settings

    settings = replace(settings, uploads=tuple(map(check_gallery_settings, settings.uploads)))
    folders = [folder for upload in settings.uploads if (folder := _folder_of(settings, upload))]
    Selection.of(settings.download)
    for source in all_sources(settings.download):
        source.check(folders)
    if settings.download.after != "keep" or settings.download.archive is not None:
        from photopipe.download.after.check_folders import check_folders

        check_folders(settings.download)
    for _, recipe in settings.renditions:
        check_recipe(recipe)
    if settings.cluster is not None:
        from photopipe.cluster.open_cluster import refuse_what_cannot_be

        refuse_what_cannot_be(settings)
    return settings


def _may_be_elsewhere(settings: DownloadSettings) -> bool:
    """False if every photo lies in a folder of this machine."""
    return not all(isinstance(source, FolderSource) for source in all_sources(settings))


def _close_cameras(settings: DownloadSettings, stack: ExitStack) -> None:
    """Have the cameras closed that the run opens."""
    if _may_be_elsewhere(settings):
        from photopipe.download.cameras.open_cameras import closing_cameras

        stack.enter_context(closing_cameras())


def _open_spool(settings: DownloadSettings, stop: StopToken, stack: ExitStack) -> None:
    """Open the folder that photos are fetched into, if there may be any, or a killed run has left some."""
    if _may_be_elsewhere(settings) or os.path.exists(settings.spool_folder):
        from photopipe.download.fetching.fetch_spool import open_spool

        stack.enter_context(open_spool(settings.spool_folder, settings.spool_bytes, stop))


def _with_spool_folder(settings: Settings, stack: ExitStack) -> Settings:
    """A dry run has no lock, so that it must not touch what a run beside it has fetched."""
    folder = settings.download.spool_folder or f"{settings.journal_path}.sources"
    if settings.dry_run:
        folder = stack.enter_context(TemporaryDirectory(prefix="photopipe-"))
    return replace(settings, download=replace(settings.download, spool_folder=folder))


def _folder_of(settings: Settings, upload: UploadSettings) -> str | None:
    """The folder of a gallery that is one on this machine, without links."""
    if upload.endpoint_url is None:
        return os.path.realpath(settings.gallery_folder)
    from photopipe.upload.galleries.kinds import gallery_class

    folder = gallery_class(upload.kind).local_folder(upload.endpoint_url)
    return os.path.realpath(folder) if folder else None


def _with_left_out(settings: Settings) -> DownloadSettings:
    """Leave out what this run is not to read, and what it cannot read because a decoder is missing."""
    is_read = not all(resize.original for _, resize in settings.renditions)
    unreadable = [decoder.extensions for decoder in missing_decoders()] if is_read else []
    skipped = [RAW_EXTENSIONS] if settings.renditions[0][1].raw == "skip" else []
    return replace(settings.download, left_out=settings.download.left_out.union(*unreadable, *skipped))


def _findings(settings: Settings, wakeup: Wakeup, lost_source: LostSource) -> Iterator[Finding | None]:
    """What the sources of a run give, which has no end if they are watched."""
    download = _with_left_out(settings)
    if download.watch is None:
        return find_all(download, wakeup)
    from photopipe.download.watch.watch import watch_all

    return watch_all(download, download.watch, wakeup, lost_source.has_left_photos)


def _gallery_name(settings: Settings, upload: UploadSettings) -> str:
    if upload.endpoint_url is not None:
        return gallery_id(upload)
    if settings.dry_run:
        return gallery_identity(settings.gallery_folder) or "not yet made"
    return create_gallery(settings.gallery_folder)


def _condition(settings: Settings, name: str) -> str:
    """The value in this run of something that failures may depend on, by its name in `ItemError.depends_on`."""
    return decoder_versions() if name == "decoders" else str(settings.renditions[0][1].max_pixels)


@dataclass(frozen=True, slots=True)
class _Run:
    """What the stages of one run are made of.

    Attributes:
        settings: everything a run needs to know.
        galleries: name of each gallery in the journal.
        delivery_log: what all workers share.
        stack: closed when the run is over.
        stop: set when the run is to end at once.
    """

    settings: Settings
    galleries: Sequence[str]
    delivery_log: DeliveryLog
    stack: ExitStack
    stop: StopToken = field(default_factory=StopToken)

    def pipeline(
        self, source: Iterator[Any], failed_galleries: FailedGalleries, draining: StopToken, run_number: int | None
    ) -> "Pipeline | ClusterPipeline":
        """The line, on threads of this process or, if that is wanted, on a cluster; a dry run only reads."""
        if self.settings.cluster is None or run_number is None:
            stages = self.stages(failed_galleries)
            return Pipeline(source, stages, maxsize=RESULTS_WAITING, stop=self.stop, draining=draining)
        from photopipe.cluster.open_cluster import cluster_pipeline

        return cluster_pipeline(
            *(self.settings, source, self.delivery_log, failed_galleries, self.galleries),
            run_number=run_number,
            stop=self.stop,
            draining=draining,
            stack=self.stack,
        )

    def stages(self, failed_galleries: FailedGalleries) -> list[Stage | Branches]:
        """The three stages; of a dry run only the first, which then writes nothing."""
        settings, log = self.settings, self.delivery_log
        if settings.dry_run:
            seen = SeenContent()
            self.stack.callback(seen.close)
            return [dry_run_stage(settings.download, log, seen)]
        destinations, spool = self._destinations(), self._spool()
        return [
            download_stage(settings.download, log),
            resize_stage(
                settings.resize_workers,
                log,
                spool if len(destinations) > 1 else None,
                thumbnail_side_px=settings.thumbnail_side_px,
            ),
            upload_stage(destinations, log, failed_galleries, spool, only_ask=settings.only_ask),
            *self._after(),
        ]

    def _after(self) -> list[Stage]:
        """What follows an upload, if anything does."""
        if self.settings.download.after == "keep":
            return []
        from photopipe.stages.after_upload import after_stage

        return [after_stage(self.settings.download, self.delivery_log)]

    def _spool(self) -> Spool:
        """Made with one gallery, too: it removes what a killed run with several has left."""
        spool = Spool(f"{self.settings.journal_path}.spool")
        self.stack.callback(spool.close)
        return spool

    def _destinations(self) -> list[Destination]:
        limit = self.settings.uploads[0].bwlimit
        bandwidth = None if limit is None else Bandwidth(limit)
        destinations = []
        for upload, gallery in zip(self.settings.uploads, self.galleries, strict=True):
            session = GallerySession(upload, self.settings.gallery_folder, bandwidth, self.stop)
            self.stack.callback(session.close)
            if self.settings.only_ask:
                session.require_answers()
            destinations.append(Destination(gallery, upload, session))
        return destinations
