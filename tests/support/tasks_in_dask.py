"""Many tasks on a worker of Dask, and what they leave behind in the process that asked for them."""

import gc
import operator
import threading
from collections import deque
from typing import Any

from support.deadline import DEADLINE_S, until

from photopipe.cluster.dask_engine import DaskEngine
from photopipe.settings import ClusterSettings

AT_A_TIME = 50


def grown_with(tasks: int) -> list[int]:
    """How much was added to each container of this process to which something was added for every task."""
    engine = DaskEngine.opened(ClusterSettings(workers=1))
    try:
        until(lambda: bool(engine.workers()))
        before = _lengths()
        _run(engine, next(iter(engine.workers())), tasks)
        return [added for one, length in _lengths().items() if (added := length - before.get(one, 0)) >= tasks]
    finally:
        engine.close()


def _lengths() -> dict[int, int]:
    return {id(one): len(one) for one in gc.get_objects() if isinstance(one, dict | list | set | deque)}


def _run(engine: DaskEngine, worker: str, tasks: int) -> None:
    room, ended = threading.Semaphore(AT_A_TIME), threading.Semaphore(0)

    def end(report: Any) -> None:
        assert report is False
        room.release()
        ended.release()

    for number in range(tasks):
        assert room.acquire(timeout=DEADLINE_S)
        engine.submit(operator.is_, number, end, worker=worker)
    for _ in range(tasks):
        assert ended.acquire(timeout=DEADLINE_S)
