"""Settings -> an engine whose workers are what is needed -> the line on it."""

import os
import pickle
import tempfile
import uuid
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from hashlib import sha256
from typing import Any, Final

from photopipe.cluster.check_workers import check_workers
from photopipe.cluster.driver.cluster_pipeline import ClusterPipeline
from photopipe.cluster.driver.cluster_run import ClusterRun
from photopipe.cluster.driver.recording import Recording
from photopipe.cluster.protocol.engine import Engine
from photopipe.cluster.protocol.messages import RunSpec
from photopipe.cluster.protocol.versions import version_here
from photopipe.cluster.worker.tasks import close_run
from photopipe.errors import UsageError
from photopipe.settings import ClusterSettings, Settings, UploadSettings
from photopipe.stages import DeliveryLog, FailedGalleries, GallerySession
from photopipe.stages.choosing import Choosing
from photopipe.stop_token import StopToken
from photopipe.upload.galleries.kinds import gallery_class
from photopipe.upload.uploader import most_transfers

LEASE_S: Final = 60.0
"""Added to how long a photo may be tried: so long a photo that was leased to a worker is not given to another one."""

SETTLE_S: Final = 2.0
"""How long a gallery gets, at least, to end what a dead worker has sent: only then does asking it tell the truth. A run
that follows a killed one needs as long to begin."""


def open_engine(settings: ClusterSettings) -> Engine:
    """Connect to the cluster.

    Raises:
        UsageError: the extra `cluster` is not installed.
        GalleryUnreachable: the scheduler does not answer.
    """
    try:
        from photopipe.cluster.dask_engine import DaskEngine
    except ImportError as error:
        raise UsageError(
            f"--on needs Dask ({error.name} is missing). Install it: pip install 'photopipe[cluster]'"
        ) from error
    return DaskEngine.opened(settings)


def cluster_pipeline(
    settings: Settings,
    source: Iterable[Any],
    delivery_log: DeliveryLog,
    failed_galleries: FailedGalleries,
    galleries: Sequence[str],
    *,
    run_number: int,
    stop: StopToken,
    draining: StopToken,
    stack: ExitStack,
) -> ClusterPipeline:
    """The line of a run on a cluster; what is opened for it is closed with `stack`.

    Raises:
        UsageError: something cannot be done on a cluster, or a worker is not what is needed.
        GalleryUnreachable: the scheduler does not answer, or has no workers.
    """
    cluster = settings.cluster or ClusterSettings()
    uploads = [
        (name, _opened(settings, one, stop, stack)) for name, one in zip(galleries, settings.uploads, strict=True)
    ]
    spec = _spec(settings, delivery_log, uploads)
    engine = open_engine(cluster)
    stack.callback(engine.close)
    run = ClusterRun(
        spec.run,
        pickle.dumps(spec),
        run_number,
        _lease_s(settings),
        {name: most_transfers(one) for name, one in uploads},
        settle_s=max(SETTLE_S, *(gallery_class(one.kind).SETTLE_S for _, one in uploads)),
    )
    check_workers(engine, run, settings.download)
    stack.callback(engine.everywhere, close_run, run.message(None))
    recording = Recording(delivery_log, failed_galleries, uploads)
    return ClusterPipeline(source, engine, run, recording, stop=stop, draining=draining)


def refuse_what_cannot_be(settings: Settings) -> None:
    """Refuse, before anything is opened, what a run on a cluster cannot do.

    Raises:
        UsageError: there is something.
    """
    download, cluster = settings.download, settings.cluster
    if cluster is None:
        return
    if download.after != "keep" or download.archive is not None:
        raise UsageError(
            "--after and --archive cannot be used with --on: the files are dealt with where they are. Run without --on."
        )
    if download.watch is not None:
        raise UsageError("A watched source cannot be used with --on; run `photopipe process --on` every so often.")
    if any(source.startswith("camera:") for source in download.sources):
        raise UsageError("A camera is on a cable of this computer, so that workers cannot read it. Run without --on.")
    if cluster.scheduler is not None and any(upload.endpoint_url is None for upload in settings.uploads):
        raise UsageError(
            "The gallery of this computer cannot be reached by the workers of a cluster; name one with --to."
        )


def _opened(settings: Settings, upload: UploadSettings, stop: StopToken, stack: ExitStack) -> UploadSettings:
    """The gallery's settings as workers need them; the embedded gallery runs here."""
    session = GallerySession(upload, settings.gallery_folder, None, stop)
    stack.callback(session.close)
    return session.opened()


def _spec(settings: Settings, delivery_log: DeliveryLog, uploads: Sequence[tuple[str, UploadSettings]]) -> RunSpec:
    is_local = settings.cluster is None or settings.cluster.scheduler is None
    journal = os.path.abspath(settings.journal_path)
    name = sha256(os.fsencode(journal)).hexdigest()[:16]
    return RunSpec(
        f"{name}-{uuid.uuid4().hex[:12]}",
        version_here(),
        delivery_log.recipes,
        tuple(uploads),
        Choosing.of(settings.download, delivery_log),
        settings.download.max_file_bytes,
        settings.thumbnail_side_px,
        f"{journal}.workers" if is_local else os.path.join(tempfile.gettempdir(), f"photopipe-{name}"),
        most_pause_s=_lease_s(settings) / 2,
        is_local=is_local,
    )


def _lease_s(settings: Settings) -> float:
    return LEASE_S + max(max(one.retry_for_s, one.retry_after_cap_s) for one in settings.uploads)
