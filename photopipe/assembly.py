"""START HERE: settings -> journal, gallery, source, three stages, one Pipeline.

    source --> download --> resize --> upload --> results

The stages are plain functions of one photo. What they must not know is added here: the journal, the
claims that keep twins apart, the gallery's start and end.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from photopipe.download.download import download
from photopipe.download.scan import FolderPage, missing_message, scan
from photopipe.errors import SourceMissing, UsageError
from photopipe.gallery.store.identity import create_gallery, gallery_identity
from photopipe.journal import Journal, Target, run_lock
from photopipe.photo import FoundPhoto, OtherFiles, SkippedPhotos, UnreadablePath
from photopipe.pipeline import Parcel, Pipeline, Settled, Stage
from photopipe.report import Account, Notice, PhotoOutcome, Problem, events
from photopipe.resize.check_recipe import check_recipe
from photopipe.resize.decoders.decoders import RAW_EXTENSIONS, advice, missing_decoders
from photopipe.settings import DownloadSettings, ResizeSettings, Settings, UploadSettings
from photopipe.stages import (
    DeliveryLog,
    Destination,
    FailedGalleries,
    GallerySession,
    download_stage,
    plan_stage,
    resize_stage,
    upload_stage,
)
from photopipe.upload.galleries.identity import gallery_address, gallery_folder, gallery_id
from photopipe.upload.http.bandwidth import Bandwidth

if TYPE_CHECKING:
    from photopipe.gallery.server.serve import Stop as GalleryStop
    from photopipe.upload.galleries.contract import Health

RESULTS_WAITING = 16
"""Results that may wait for the main thread while it prints."""


class Line:
    """One run, ready to go.

    Args:
        pipeline: not yet entered.
        stage_count: how many stages a finished photo has passed.
        account: `found` is counted by the source.
        galleries: stable name of each gallery.
        given_up: the galleries that are given up on the way.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        stage_count: int,
        account: Account,
        galleries: Sequence[str],
        failed_galleries: FailedGalleries,
    ) -> None:
        self.account = account
        self.galleries = galleries
        self._failed_galleries = failed_galleries
        self.drain = pipeline.drain
        self.abort = pipeline.abort
        self._pipeline = pipeline
        self._stage_count = stage_count
        self._advice_given: set[str] = set()

    def run(self, tick_s: float, *, tells_skipped: bool) -> Iterator[PhotoOutcome | Problem | Notice | None]:
        """Run the line, keep the account, and tell what happens as it happens.

        Args:
            tick_s: longest time without telling anything; then comes a None [seconds].
            tells_skipped: whether photos that need no work are told one by one.

        Raises:
            LineError: what stopped the line, or ended one of several galleries, after everything there was to tell.
        """
        stopped_by: Exception | None = None
        try:
            with self._pipeline as pipeline:
                for parcel in pipeline.results(tick_s):
                    if parcel is None:
                        yield None
                    else:
                        yield from self._account_for(parcel, tells_skipped=tells_skipped)
        except Exception as error:  # noqa: BLE001 - raised again below, when the rest is accounted for
            stopped_by = error
        for parcel in self._pipeline.leftovers:
            if parcel.settled or len(parcel.done) == self._stage_count:
                yield from self._account_for(parcel, tells_skipped=tells_skipped)
            else:
                self.account.leave_over()
        stopped_by = stopped_by or self._failed_galleries.first
        if stopped_by is not None:
            raise stopped_by

    def waiting(self) -> dict[str, int]:
        """How many photos wait in front of each stage."""
        *stages, _results = self._pipeline.stats().queues
        return {queue.name: queue.depth for queue in stages}

    def _account_for(self, parcel: Parcel, *, tells_skipped: bool) -> Iterator[PhotoOutcome | Problem | Notice]:
        self.account.add(parcel)
        if isinstance(parcel.payload, OtherFiles):
            yield from self._advice(parcel.payload)
        yield from events(parcel, tells_skipped=tells_skipped)

    def _advice(self, others: OtherFiles) -> Iterator[Notice]:
        """Say once what could be read if a decoder were there."""
        for sentence in advice(extension for extension, _count in others.counts):
            if sentence not in self._advice_given:
                self._advice_given.add(sentence)
                yield Notice(sentence)


@contextmanager
def open_line(settings: Settings) -> Iterator[Line]:
    """Open everything a run needs, and close it again.

    Raises:
        SourceMissing: a source is not there.
        LockHeld: another run works with the same journal.
        LineError: journal or gallery cannot be used.
    """
    settings = _with_addresses(settings)
    check_sources(settings)
    check_formats([resize for _, resize in settings.renditions])
    with ExitStack() as stack:
        if not settings.dry_run:
            stack.enter_context(run_lock(settings.journal_path, settings.lock_wait_s))
        galleries = [_gallery_name(settings, upload) for upload in settings.uploads]
        renditions = {resize.recipe_id: (name, resize) for name, resize in settings.renditions}
        targets = [Target(recipe_id, gallery) for gallery in galleries for recipe_id in renditions]
        journal = Journal(settings.journal_path, targets, read_only=settings.dry_run)
        stack.callback(journal.close)
        account, failed_galleries = Account(), FailedGalleries(len(galleries))
        source = _counted(find_undone(_with_left_out(settings), journal), account)
        stages = _make_stages(settings, galleries, DeliveryLog(journal, renditions), failed_galleries, stack)
        pipeline = Pipeline(source, stages, maxsize=RESULTS_WAITING)
        yield Line(pipeline, len(stages), account, galleries, failed_galleries)


def resize_file(path: str, settings: ResizeSettings) -> tuple[bytes, tuple[str, ...]]:
    """Resize one file as the line would.

    Returns:
        The rendition's bytes, and its warnings.

    Raises:
        SourceMissing: the file is not there.
        UsageError: the format cannot be written here.
        ItemError: it cannot be resized.
    """
    check_formats([settings])
    from photopipe.resize.resize import resize

    try:
        found = FoundPhoto.from_stat(path, os.stat(path))
    except OSError as error:
        raise SourceMissing(missing_message(path, error)) from error
    resized = resize(download(found), settings)
    warnings, media_type = resized.rendition.warnings, resized.rendition.content_type
    if settings.format != "keep" and media_type != f"image/{settings.format}":  # an original, or an animation
        warnings += (f"what is written is {media_type}, not image/{settings.format}",)
    with resized.open() as file:
        return file.read(), warnings


def serve_gallery(
    folder: str, *, host: str, port: int, token: str | None, ready: Callable[[str], None], stop: "GalleryStop"
) -> None:
    """Serve the embedded gallery's folder until told to stop.

    Args:
        folder: the gallery's folder.
        host: address to listen at.
        port: port to listen at, 0 for any free one.
        token: what requests must bring, or None.
        ready: told the gallery's address once it answers.
        stop: waited on in a thread of its own.

    Raises:
        GalleryBroken: the folder cannot be used, or the port is taken.
        UsageError: others could write without a token.
    """
    from photopipe.gallery.server.serve import OWN_ADDRESS, serve

    serve(folder, host=host, port=port, token=token, public_url=OWN_ADDRESS, ready=ready, stop=stop)


def kinds_of_galleries() -> dict[str, str]:
    """Each kind of gallery there is, and where it comes from."""
    from photopipe.upload.galleries.form.presets import presets
    from photopipe.upload.galleries.kinds import gallery_kinds

    kinds = {name: point.dist.name if point.dist else "" for name, point in gallery_kinds().items()}
    return kinds | dict.fromkeys(presets(), "photopipe, a preset of form")


def check_gallery(upload: UploadSettings) -> "Health":
    """Ask a gallery whether it would take photos.

    Raises:
        LineError: it would not, or cannot be reached.
        UsageError: the settings cannot be used.
    """
    from photopipe.stop_token import NEVER
    from photopipe.upload.uploader import Uploader

    with Uploader(_with_address(upload)).open_client() as client:
        return client.check(NEVER)


def _with_addresses(settings: Settings) -> Settings:
    return replace(settings, uploads=tuple(_with_address(upload) for upload in settings.uploads))


def _with_address(upload: UploadSettings) -> UploadSettings:
    """One spelling of the address; a wrong kind, or an option it does not know, is refused before any photo is read.

    A plain endpoint without options has nothing to be looked up, and then needs no import.
    """
    if upload.endpoint_url is None:
        return upload
    known = _checked(upload) if upload.kind != "form" or upload.options else upload
    return replace(known, endpoint_url=gallery_address(known.kind, upload.endpoint_url))


def _checked(upload: UploadSettings) -> UploadSettings:
    """Make sure that the kind and its options are known; a preset's name is the kind `form` with that preset."""
    from photopipe.upload.galleries.form.presets import presets
    from photopipe.upload.galleries.kinds import check_options, gallery_class

    if upload.kind in presets():
        upload = replace(upload, kind="form", options={"preset": upload.kind, **upload.options})
    check_options(upload, gallery_class(upload.kind))
    return upload


def check_sources(settings: Settings) -> None:
    """Make sure that every source is there and none is a gallery itself.

    Raises:
        SourceMissing: one is not there.
        UsageError: one is, or is inside, a gallery's folder.
    """
    folders = [folder for upload in settings.uploads if (folder := _folder_of(settings, upload))]
    for source in settings.download.sources:
        try:
            os.stat(source)
        except OSError as error:
            raise SourceMissing(missing_message(source, error)) from error
        place = os.path.realpath(source)
        if any(os.path.commonpath([folder, place]) == folder for folder in folders):
            raise UsageError(f"{source}: is in the gallery's own folder. Give another gallery, or another source.")


def _folder_of(settings: Settings, upload: UploadSettings) -> str | None:
    """The folder of a gallery that is one on this machine, without links."""
    if upload.endpoint_url is None:
        return os.path.realpath(settings.gallery_folder)
    folder = gallery_folder(upload.kind, upload.endpoint_url)
    return os.path.realpath(folder) if folder else None


def check_formats(recipes: Iterable[ResizeSettings]) -> None:
    """Make sure that what is wanted can be made; nothing is loaded for a plain JPEG.

    Raises:
        UsageError: one recipe cannot give a rendition.
    """
    for recipe in recipes:
        check_recipe(recipe)


def find_undone(settings: DownloadSettings, journal: Journal) -> Iterator[Any]:
    """What the source gives: each photo to be worked on and, settled already, everything else."""
    for source in settings.sources:
        for finding in scan(source, settings.left_out):
            if isinstance(finding, OtherFiles | UnreadablePath):
                yield Settled(finding)
            else:
                yield from _sorted_out(finding, journal)


def _sorted_out(page: FolderPage, journal: Journal) -> Iterator[Any]:
    sorted_page = journal.sort_page(page.folder, page.photos)
    for reason, photos in (("unchanged", sorted_page.unchanged), ("quarantined", sorted_page.quarantined)):
        if photos:
            yield Settled(SkippedPhotos(tuple(photos), reason))
    yield from sorted_page.undone


def _with_left_out(settings: Settings) -> DownloadSettings:
    """Leave alone what this run is not to read, and what it cannot for want of a decoder."""
    is_read = not all(resize.original for _, resize in settings.renditions)
    unreadable = [decoder.extensions for decoder in missing_decoders()] if is_read else []
    skipped = [RAW_EXTENSIONS] if settings.renditions[0][1].raw == "skip" else []
    return replace(settings.download, left_out=settings.download.left_out.union(*unreadable, *skipped))


def _counted(source: Iterator[Any], account: Account) -> Iterator[Any]:
    for payload in source:
        account.pull(payload.value if isinstance(payload, Settled) else payload)
        yield payload


def _gallery_name(settings: Settings, upload: UploadSettings) -> str:
    if upload.endpoint_url is not None:
        return gallery_id(upload)
    if settings.dry_run:
        return gallery_identity(settings.gallery_folder) or "not yet made"
    return create_gallery(settings.gallery_folder)


def _make_stages(
    settings: Settings,
    galleries: list[str],
    delivery_log: DeliveryLog,
    failed_galleries: FailedGalleries,
    stack: ExitStack,
) -> list[Stage]:
    if settings.dry_run:
        return [plan_stage(settings.download, delivery_log)]
    stages = [download_stage(settings.download, delivery_log), resize_stage(settings.resize_workers, delivery_log)]
    bandwidth = Bandwidth(settings.uploads[0].bwlimit)
    for upload, gallery in zip(settings.uploads, galleries, strict=True):
        gallery_session = GallerySession(upload, settings.gallery_folder, bandwidth)
        stack.callback(gallery_session.close)
        destination = Destination(gallery, upload, gallery_session, is_last=gallery == galleries[-1])
        stages.append(upload_stage(destination, delivery_log, failed_galleries))
    return stages
