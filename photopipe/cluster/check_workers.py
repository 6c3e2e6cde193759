"""Whether every worker of the cluster can do what the run needs, found out before the first photo."""

import time
from collections.abc import Mapping
from typing import Any, Final

from photopipe.cluster.driver.cluster_run import ClusterRun
from photopipe.cluster.protocol.engine import Engine, WorkerContext
from photopipe.cluster.protocol.messages import Message
from photopipe.errors import GalleryUnreachable, PhotopipeError, UsageError
from photopipe.settings import DownloadSettings

FIRST_WORKER_S: Final = 30.0
"""How long a cluster may take to have its first worker."""
LOOK_S: Final = 0.2


def check_workers(engine: Engine, run: ClusterRun, download: DownloadSettings) -> None:
    """Have each worker make itself ready for the run.

    Raises:
        UsageError: a worker has other versions, lacks an extra, or does not see a source.
        GalleryUnreachable: there is no worker.
        LineError: what else a worker says.
    """
    for address, answer in _answers(engine, run.message(download)).items():
        if isinstance(answer, PhotopipeError):
            raise type(answer)(f"The worker {address} cannot work on this run. {answer}") from answer
        if isinstance(answer, Exception):
            raise UsageError(
                f"The worker {address} cannot run photopipe ({type(answer).__name__}: {answer}). Install the same "
                "photopipe there, with the same Python: pip install 'photopipe[cluster]'"
            ) from answer


def make_ready(message: Message, context: WorkerContext) -> None:
    """In a worker: find out whether it has the same versions and the extras, and sees the sources.

    Raises:
        PhotopipeError: one is not.
    """
    from photopipe.cluster.worker.worker_run import worker_run
    from photopipe.download.sources.sources import all_sources

    run = worker_run(message, context)
    download: DownloadSettings = message.body  # type: ignore[assignment]
    for source in all_sources(download):
        source.check([])
    run.check_galleries()


def _answers(engine: Engine, message: Message) -> Mapping[str, Any]:
    """What the workers say; those there are may be gone before they do, and others come."""
    while True:
        _wait_for_worker(engine)
        if answers := engine.ask_all(make_ready, message):
            return answers
        time.sleep(LOOK_S)


def _wait_for_worker(engine: Engine) -> None:
    until_s = time.monotonic() + FIRST_WORKER_S
    while not engine.workers():
        if time.monotonic() > until_s:
            raise GalleryUnreachable(
                "The cluster has no worker. Start some with `dask worker ADDRESS`, where photopipe is installed."
            )
        time.sleep(LOOK_S)
