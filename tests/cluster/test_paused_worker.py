"""A worker that stands still in the middle of a request does not go on with it: another one may have the photo."""

import pytest
from support.deadline import within_deadline
from support.fault_gallery import FaultGallery
from support.faulty_engine import FaultyEngine, ThreadContext
from support.uploading import make_photo, open_client

from photopipe.cluster.protocol.messages import RunSpec
from photopipe.cluster.worker import worker_galleries
from photopipe.cluster.worker.worker_galleries import LeaseExpired, WorkerGalleries
from photopipe.errors import RunStopped
from photopipe.settings import ResizeSettings
from photopipe.stages.choosing import Choosing, Limits
from photopipe.stop_token import StopToken
from photopipe.upload.flow.rate_control import RateControl

SPEC = RunSpec("run", "", {}, (), Choosing(Limits(), ResizeSettings()), None, 0, "", most_pause_s=10.0)


class Clock:
    def __init__(self) -> None:
        self.now_s = 1000.0

    def time(self) -> float:
        return self.now_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(worker_galleries, "time", clock)
    return clock


@pytest.fixture
def galleries() -> WorkerGalleries:
    engine = FaultyEngine(workers=0)
    engine.close()
    return WorkerGalleries(SPEC, ThreadContext("elsewhere:1", engine), StopToken())


def test_a_request_goes_on_for_as_long_as_bytes_flow(galleries: WorkerGalleries, clock: Clock) -> None:
    with galleries.until(clock.now_s + 15):
        galleries.check_lease()
        for _ in range(10):
            clock.now_s += 9
            galleries.check_pause()


@pytest.mark.parametrize("step_s", [11.0, -11.0])
def test_it_ends_when_the_worker_was_paused_or_its_clock_was_set(
    galleries: WorkerGalleries, clock: Clock, step_s: float
) -> None:
    with galleries.until(clock.now_s + 100):
        galleries.check_lease()
        clock.now_s += step_s
        with pytest.raises(LeaseExpired, match="paused"):
            galleries.check_pause()


def test_no_request_begins_after_the_lease(galleries: WorkerGalleries, clock: Clock) -> None:
    with galleries.until(clock.now_s + 5) as before_sending:
        before_sending(None)
        clock.now_s += 5
        for check in (galleries.check_lease, lambda: before_sending(None)):
            with pytest.raises(LeaseExpired, match="over"):
                check()


def test_what_is_raised_before_a_piece_ends_the_request_and_nothing_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[int] = []

    def before_bytes(_self: RateControl) -> None:
        pieces.append(len(pieces))
        if len(pieces) == 3:
            raise LeaseExpired("paused")

    monkeypatch.setattr(RateControl, "before_bytes", before_bytes)
    photo = make_photo(bytes(range(256)) * 2000)
    with FaultGallery() as gallery, open_client(gallery.url) as client:
        with pytest.raises(RunStopped, match="paused"):
            within_deadline(lambda: client.upload(photo, "key", StopToken()))
        assert gallery.stored == []
