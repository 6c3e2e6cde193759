"""START HERE: settings -> journal, gallery, source, three stages, one Pipeline.

    source --> download --> resize --> upload --> results

The stages are plain functions of one photo. What they must not know is added here: the journal, the
claims that keep twins apart, the gallery's start and end.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from photopipe.download.download import download
from photopipe.download.folder_source import missing_message
from photopipe.download.sources import source_of
from photopipe.errors import SourceMissing
from photopipe.files.kinds import RAW_EXTENSIONS
from photopipe.gallery.store.identity import create_gallery, gallery_identity
from photopipe.journal import Journal, SeenContent, run_lock
from photopipe.photo import FoundPhoto, OtherFiles, Target
from photopipe.pipeline import Branches, Parcel, Pipeline, Settled, Stage
from photopipe.report import Account, Notice, PhotoOutcome, Problem, deliveries, events
from photopipe.resize.check_recipe import check_recipe
from photopipe.resize.decoders.decoders import advice, decoder_versions, missing_decoders
from photopipe.settings import DownloadSettings, ResizeSettings, Settings, UploadSettings
from photopipe.stages import (
    Claims,
    DeliveryLog,
    Destination,
    FailedGalleries,
    GallerySession,
    Spool,
    download_stage,
    plan_stage,
    resize_stage,
    sorted_out,
    upload_stage,
)
from photopipe.stop_token import StopToken
from photopipe.upload.galleries.identity import gallery_id
from photopipe.upload.http.bandwidth import Bandwidth

if TYPE_CHECKING:
    from photopipe.gallery.server.serve import Shutdown
    from photopipe.upload.galleries.contract import Health

RESULTS_WAITING = 16
"""Results that may wait for the main thread while it prints."""


class Line:
    """One run, ready to go.

    Args:
        pipeline: not yet entered.
        account: `found` is counted by the source.
        galleries: stable name of each gallery.
        given_up: the galleries that are given up on the way.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        account: Account,
        galleries: Sequence[str],
        failed_galleries: FailedGalleries,
        claims: Claims,
    ) -> None:
        self.account = account
        self.galleries = galleries
        self._failed_galleries = failed_galleries
        self._claims = claims
        self.drain = pipeline.drain
        self.abort = pipeline.abort
        self._pipeline = pipeline
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
            if self._pipeline.is_finished(parcel):
                yield from self._account_for(parcel, tells_skipped=tells_skipped)
            else:
                self.account.leave_over()
                yield from deliveries(parcel)
        self.account.leave_over(self._claims.set_aside)
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
        recipes = {resize.recipe_id: (name, resize) for name, resize in settings.renditions}
        targets = [Target(recipe_id, gallery) for gallery in galleries for recipe_id in recipes]
        condition = partial(_condition, settings)
        journal = Journal(settings.journal_path, targets, condition=condition, read_only=settings.dry_run)
        stack.callback(journal.close)
        run = _Run(settings, galleries, DeliveryLog(journal, recipes), stack)
        account, failed_galleries = Account(), FailedGalleries(len(galleries))
        source = _counted(run.source(), account)
        pipeline = Pipeline(
            source, run.stages(failed_galleries), maxsize=RESULTS_WAITING, stop=run.stop, draining=run.draining
        )
        yield Line(pipeline, account, galleries, failed_galleries, run.delivery_log.claims)


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
    folder: str, *, host: str, port: int, token: str | None, ready: Callable[[str], None], stop: "Shutdown"
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
    from photopipe.upload.galleries.kinds import providers_of_kinds

    return providers_of_kinds()


def kind_of_address(prefix: str, scheme: str) -> str:
    """The kind of gallery that an address names, by what stands in front of a `+` in it and by its scheme."""
    from photopipe.upload.galleries import kinds

    return kinds.kind_of_address(prefix, scheme)


def needs_token(upload: UploadSettings) -> bool:
    """Whether a person is to be asked for a token: not for a gallery on this machine."""
    from photopipe.upload.galleries.kinds import is_remote

    return is_remote(upload)


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
    """The settings in one spelling; what no photo could be sent with is refused before any photo is read."""
    from photopipe.upload.galleries.kinds import check_gallery_settings

    return check_gallery_settings(upload)


def check_sources(settings: Settings) -> None:
    """Make sure that every source is there and none is a gallery itself.

    Raises:
        SourceMissing: one is not there.
        UsageError: one is, or is inside, a gallery's folder.
    """
    folders = [folder for upload in settings.uploads if (folder := _folder_of(settings, upload))]
    for source in settings.download.sources:
        source_of(source).check(folders)


def _folder_of(settings: Settings, upload: UploadSettings) -> str | None:
    """The folder of a gallery that is one on this machine, without links."""
    if upload.endpoint_url is None:
        return os.path.realpath(settings.gallery_folder)
    from photopipe.upload.galleries.kinds import gallery_class

    folder = gallery_class(upload.kind).local_folder(upload.endpoint_url)
    return os.path.realpath(folder) if folder else None


def check_formats(recipes: Iterable[ResizeSettings]) -> None:
    """Make sure that what is wanted can be made; nothing is loaded for a plain JPEG.

    Raises:
        UsageError: one recipe cannot give a rendition.
    """
    for recipe in recipes:
        check_recipe(recipe)


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


def _condition(settings: Settings, name: str) -> str:
    """How something that failures may depend on is in this run, by its name in `ItemError.depends_on`."""
    return decoder_versions() if name == "decoders" else str(settings.renditions[0][1].max_pixels)


@dataclass(frozen=True, slots=True)
class _Run:
    """What source and stages of one run are made of.

    Attributes:
        settings: everything a run needs to know.
        galleries: name of each gallery in the journal.
        delivery_log: what all workers share.
        stack: closed when the run is over.
        stop: set when the run is to end at once.
        draining: set when no more photos are wanted.
    """

    settings: Settings
    galleries: Sequence[str]
    delivery_log: DeliveryLog
    stack: ExitStack
    stop: StopToken = field(default_factory=StopToken)
    draining: StopToken = field(default_factory=StopToken)

    def source(self) -> Iterator[Any]:
        """What goes on the line."""
        download = _with_left_out(self.settings)
        findings = chain.from_iterable(source_of(source).find(download.left_out) for source in download.sources)
        return sorted_out(findings, self.delivery_log.journal, self.delivery_log.claims, self.draining)

    def stages(self, failed_galleries: FailedGalleries) -> list[Stage | Branches]:
        """The three stages; of a dry run only the first, which then writes nothing."""
        settings, log = self.settings, self.delivery_log
        if settings.dry_run:
            seen = SeenContent()
            self.stack.callback(seen.close)
            return [plan_stage(settings.download, log.journal, log.claims, seen)]
        spool = Spool(f"{settings.journal_path}.spool")
        self.stack.callback(spool.close)
        destinations = self._destinations()
        return [
            download_stage(settings.download, log),
            resize_stage(settings.resize_workers, log, spool if len(destinations) > 1 else None),
            upload_stage(destinations, log, failed_galleries, spool),
        ]

    def _destinations(self) -> list[Destination]:
        limit = self.settings.uploads[0].bwlimit
        bandwidth = None if limit is None else Bandwidth(limit)
        destinations = []
        for upload, gallery in zip(self.settings.uploads, self.galleries, strict=True):
            session = GallerySession(upload, self.settings.gallery_folder, bandwidth, self.stop)
            self.stack.callback(session.close)
            destinations.append(Destination(gallery, upload, session))
        return destinations
