"""What workers are given to do, and what they are not."""

from collections.abc import Mapping
from typing import Any

import pytest
from support.faulty_engine import FaultyEngine

from photopipe.cluster.driver import fleet as fleet_module
from photopipe.cluster.driver.cluster_run import ClusterRun
from photopipe.cluster.driver.fleet import Fleet
from photopipe.cluster.driver.in_flight import InFlight
from photopipe.cluster.driver.recording import Recording
from photopipe.cluster.driver.work_queue import WorkQueue
from photopipe.cluster.protocol.engine import WorkerState
from photopipe.errors import GalleryUnreachable
from photopipe.found_photo import FoundPhoto
from photopipe.photo import DownloadedPhoto, PlannedDelivery, Target
from photopipe.pipeline import Parcel

RUN = ClusterRun("run", b"", 1, 60.0, {})


class Recorded(Recording):
    """Notes who was leased what."""

    def __init__(self) -> None:
        self.leased: list[str] = []

    def lease(self, photos: Any, _leases: Any) -> None:
        self.leased += [photo.found.name for photo in photos]

    def given_up(self) -> frozenset[str]:
        return frozenset()


def photo(name: str, *, is_planned: bool) -> InFlight:
    found = FoundPhoto(f"/card/{name}", 1, 2, 3, 4, 5)
    plan = (PlannedDelivery(Target("recipe", "gallery")),) if is_planned else ()
    return InFlight(Parcel(0, found), DownloadedPhoto(found, name, plan=plan))


def fleet_of(engine: FaultyEngine, recording: Recording, work: WorkQueue, ended: list[InFlight]) -> Fleet:
    def ignore(_task: Any, _result: Any) -> None:
        return

    return Fleet(engine, RUN, recording, work, on_read=ignore, on_delivered=ignore, on_nothing_left=ended.append)


def test_a_photo_that_turned_out_to_be_there_while_it_waited_is_not_given_out() -> None:
    engine, recording, work, ended = FaultyEngine(), Recorded(), WorkQueue(), list[InFlight]()
    engine.close()
    engine.submit = lambda *_, **__: None  # type: ignore[assignment,method-assign]
    fleet = fleet_of(engine, recording, work, ended)
    fleet.look()
    for one in (photo("there", is_planned=False), photo("not there", is_planned=True)):
        work.deliver(one)
    fleet.give_out()
    assert ([one.found.name for one in ended], recording.leased) == (["there"], ["not there"])
    assert work.depths == (0, 0)


def test_a_cluster_that_has_lost_all_workers_is_waited_for_a_little(monkeypatch: pytest.MonkeyPatch) -> None:
    class Empty(FaultyEngine):
        def workers(self) -> Mapping[str, WorkerState]:
            return {}

    engine = Empty()
    engine.close()
    fleet = fleet_of(engine, Recorded(), WorkQueue(), [])
    fleet.look()
    monkeypatch.setattr(fleet_module, "NO_WORKER_S", 0.0)
    with pytest.raises(GalleryUnreachable, match="no worker"):
        fleet.look()
