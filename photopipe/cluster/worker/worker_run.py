"""One run as a worker process sees it: what it reads and delivers, and which leases it has begun."""

import os
import pickle
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Final

import psutil

from photopipe.cluster.protocol.engine import WorkerContext
from photopipe.cluster.protocol.messages import (
    Delivered,
    Delivery,
    DeliveryReport,
    Leased,
    Message,
    Read,
    ReadReport,
    RunSpec,
    Sent,
    Span,
)
from photopipe.cluster.protocol.versions import check_version
from photopipe.cluster.worker.worker_galleries import WorkerGalleries
from photopipe.download.download import download
from photopipe.download.fetching.fetch_spool import open_spool
from photopipe.download.fetching.fetched_files import FetchedFiles
from photopipe.errors import GalleryDown, ItemError, LineError, RunStopped, UsageError
from photopipe.found_photo import FoundPhoto, LocalFiles
from photopipe.photo import PlannedDelivery, ResizedPhoto
from photopipe.resize.pixels.pixel_budget import default_limit_bytes
from photopipe.settings import ResizeSettings
from photopipe.stages import LostSource
from photopipe.stages.resizing import make_planned
from photopipe.stop_token import StopToken
from photopipe.upload.galleries.kinds import check_gallery_settings

MOST_BEGUN: Final = 100_000
"""Leases that are remembered; a task runs a second time soon after the first, or never."""
SPOOL_BYTES: Final = 2_000_000_000
"""Room for the copies that one worker keeps of photos it has fetched."""


class WorkerRun:
    """One run in this process; its tasks come in several threads.

    Args:
        spec: the run.
        context: of the first task.

    Raises:
        UsageError: this worker is not what the driver expects.
    """

    def __init__(self, spec: RunSpec, context: WorkerContext) -> None:
        check_version(spec.version, context.process)
        self.stop = StopToken()
        self._spec = spec = replace(spec, recipes=_within(spec.recipes, context.memory_bytes))
        self._process = context.process
        self._spool_folder = _own_folder(spec.spool_folder)
        self._closing = ExitStack()
        self._closing.enter_context(open_spool(self._spool_folder, SPOOL_BYTES, self.stop))
        self._galleries = WorkerGalleries(spec, context, self.stop)
        self._closing.callback(self._galleries.close)
        self._pool = ThreadPoolExecutor(thread_name_prefix="galleries") if len(spec.galleries) > 1 else None
        if self._pool is not None:
            self._closing.callback(self._pool.shutdown)
        self._given_up: set[str] = set()
        self._begun: dict[tuple[str, int], None] = {}
        self._threads: dict[int, int] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Let go of connections and copies."""
        self.stop.set()
        self._closing.close()

    def check_galleries(self) -> None:
        """Make sure that what it takes to send to each kind of gallery is installed.

        Raises:
            UsageError: it is not.
        """
        for _, upload in self._spec.galleries:
            check_gallery_settings(upload)

    def pause(self, gallery_id: str, seconds: float) -> None:
        """Make no request to a gallery for so long."""
        self._galleries.pause(gallery_id, seconds)

    def read(self, photos: list[FoundPhoto]) -> ReadReport:
        """Read and hash photos; those that are fetched for that stay here until they are delivered."""
        report = ReadReport(self._process, self._thread(), [])
        try:
            for found in photos:
                report.photos.append(self._read(self._as_seen_here(found)))
        except Exception as error:  # noqa: BLE001 - the driver raises it
            return report._replace(error=error)
        return report

    def deliver(self, delivery: Delivery) -> DeliveryReport:
        """Make and send photos, each only while its lease holds."""
        self._galleries.slots = delivery.slots
        if self._galleries.bandwidth is not None:
            self._galleries.bandwidth.share = delivery.bandwidth_share
        self._given_up |= delivery.given_up
        report = DeliveryReport(self._process, self._thread(), [], [])
        try:
            for leased in delivery.photos:
                is_sure = leased.attempt == 1 and delivery.process == self._process and self._begin(leased)
                report.photos.append(self._deliver(leased, report, asks_first=not is_sure))
        except Exception as error:  # noqa: BLE001 - the driver raises it
            return report._replace(error=error)
        return report

    def _read(self, found: FoundPhoto) -> Read:
        started_s = time.time()
        try:
            with LostSource().noticed(found):
                skipped = self._spec.choosing.why_skipped(found)
                one = None if skipped else download(found, self._spec.max_file_bytes)
        except ItemError as error:
            found.storage.release(found.path)
            return Read(error=_without_traceback(error), span=_span(started_s))
        if one is None:
            found.storage.release(found.path)
            return Read(skipped=skipped, span=_span(started_s))
        return Read(one.source_sha256, one.head, span=_span(started_s))

    def _deliver(self, leased: Leased, report: DeliveryReport, *, asks_first: bool) -> Delivered:
        photo, started_s = replace(leased.photo, found=self._as_seen_here(leased.photo.found)), time.time()
        if self.stop.is_set() or started_s >= leased.begin_until_s:
            return Delivered()
        with _released(photo.found):
            try:
                with LostSource().noticed(photo.found):
                    made = make_planned(photo, self._spec.recipes, self.stop, self._spec.thumbnail_side_px)
            except RunStopped:
                return Delivered()
            except ItemError as error:
                return Delivered(error=_without_traceback(error), resized=_span(started_s))
            renditions = {one.rendition.recipe_id: one for one in made}
            resized, started_s = _span(started_s), time.time()
            send = partial(self._send, renditions, leased, report, asks_first=asks_first)
            sent = tuple((self._pool.map if self._pool else map)(send, photo.plan))
        return Delivered(sent, resized=resized, uploaded=_span(started_s))

    def _send(
        self,
        renditions: dict[str, ResizedPhoto],
        leased: Leased,
        report: DeliveryReport,
        delivery: PlannedDelivery,
        *,
        asks_first: bool,
    ) -> Sent:
        photo = renditions[delivery.target.recipe_id]
        gallery_id, unknown = delivery.target.gallery_id, Sent(photo.rendition)
        if gallery_id in self._given_up:
            return unknown._replace(error=GalleryDown("was not sent: this gallery was given up for this run."))
        try:
            with (
                LostSource().noticed(photo.source.found),
                self._galleries.until(leased.begin_until_s) as before_sending,
            ):
                return self._send_once(photo, delivery, before_sending, asks_first=asks_first)
        except RunStopped:
            return unknown
        except ItemError as error:
            return unknown._replace(error=_without_traceback(error))
        except (LineError, UsageError) as error:
            self._given_up.add(gallery_id)
            report.gallery_errors.append((gallery_id, error.with_traceback(None)))
            return unknown._replace(error=GalleryDown(f"was not sent: {error}"))

    def _send_once(
        self,
        photo: ResizedPhoto,
        delivery: PlannedDelivery,
        before_sending: Callable[[ResizedPhoto], None],
        *,
        asks_first: bool,
    ) -> Sent:
        sending = self._galleries.sending(delivery.target.gallery_id)
        uploaded = sending.find(photo, self.stop) if asks_first else None
        if uploaded is None:
            if asks_first:
                delivery = delivery._replace(is_ambiguous=True)
            uploaded = sending.send(photo, delivery, self.stop, before_sending)
        return Sent(uploaded.rendition, uploaded.receipt)

    def _begin(self, leased: Leased) -> bool:
        """Note that a lease is used; False if it was before."""
        key = leased.photo.source_sha256, leased.attempt
        with self._lock:
            if key in self._begun:
                return False
            self._begun[key] = None
            if len(self._begun) > MOST_BEGUN:
                del self._begun[next(iter(self._begun))]
        return True

    def _as_seen_here(self, found: FoundPhoto) -> FoundPhoto:
        """The photo as this process opens it: what is fetched has its place here, and a share its own device number."""
        storage = found.storage
        if isinstance(storage, FetchedFiles):
            own: FetchedFiles = replace(storage, spool_folder=self._spool_folder, spool_bytes=SPOOL_BYTES)
            companions = tuple(self._as_seen_here(one) for one in found.companions)
            return found._replace(storage=own, companions=companions)
        if isinstance(storage, LocalFiles) and not self._spec.is_local:
            with suppress(OSError):
                device = os.stat(storage.top or os.path.dirname(found.path)).st_dev
                companions = tuple(self._as_seen_here(one) for one in found.companions)
                return found._replace(device=device, storage=LocalFiles(storage.top), companions=companions)
        return found

    def _thread(self) -> int:
        with self._lock:
            return self._threads.setdefault(threading.get_ident(), len(self._threads))


def worker_run(message: Message, context: WorkerContext) -> WorkerRun:
    """The run that a message is about; made when the first one comes."""
    key = message.run, context.process
    with _LOCK:
        if key not in _RUNS:
            _RUNS[key] = WorkerRun(pickle.loads(message.spec), context)  # noqa: S301 - the driver's own
        return _RUNS[key]


def known_run(name: str, process: str) -> WorkerRun | None:
    """A run that this process knows, or None."""
    with _LOCK:
        return _RUNS.get((name, process))


def forget_run(name: str, process: str) -> None:
    """Close a run, if this process knows it."""
    with _LOCK:
        run = _RUNS.pop((name, process), None)
    if run is not None:
        run.close()


def _within(
    recipes: Mapping[str, tuple[str, ResizeSettings]], memory_bytes: int | None
) -> Mapping[str, tuple[str, ResizeSettings]]:
    """The recipes, with as much memory for pictures as leaves half of a worker's for everything else."""
    if memory_bytes is None:
        return recipes
    asked = (resize.memory_bytes for _, resize in recipes.values())
    most = min(memory_bytes // 2, *(one or default_limit_bytes() for one in asked))
    return {key: (name, replace(resize, memory_bytes=most)) for key, (name, resize) in recipes.items()}


def _own_folder(folder: str) -> str:
    """This process's folder in the one that all workers of this machine share; what dead ones have left is removed."""
    with suppress(OSError):
        for name in os.listdir(folder):
            pid = name.partition("-")[0]
            if pid.isdecimal() and not psutil.pid_exists(int(pid)):
                shutil.rmtree(os.path.join(folder, name), ignore_errors=True)
    return os.path.join(folder, f"{os.getpid()}-{secrets.token_hex(4)}")


@contextmanager
def _released(found: FoundPhoto) -> Iterator[None]:
    try:
        yield
    finally:
        for one in (found, *found.companions):
            one.storage.release(one.path)


def _span(started_s: float) -> Span:
    return Span(started_s, time.time() - started_s)


def _without_traceback(error: ItemError) -> ItemError:
    """The error as it travels: what caused it is in its words."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


_LOCK: Final = threading.Lock()
_RUNS: Final[dict[tuple[str, str], WorkerRun]] = {}
"""The runs of this process; tasks name theirs, because nothing else of them stays here."""
