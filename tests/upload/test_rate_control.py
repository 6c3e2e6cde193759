"""What all workers of one gallery keep together: real threads, with deadlines."""

import random
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.deadline import until, within_deadline
from support.fault_gallery import Fault, FaultGallery, status
from support.uploading import Time, make_photo

from photopipe.errors import RunStopped
from photopipe.settings import UploadSettings
from photopipe.stop_token import StopToken
from photopipe.upload.flow.rate_control import RateControl
from photopipe.upload.flow.semaphore import AdjustableSemaphore
from photopipe.upload.http.upload_errors import RetryableError
from photopipe.upload.uploader import Uploader


def rate_control(workers: int, clock: Callable[[], float] = time.monotonic, **more: float) -> RateControl:
    return RateControl(UploadSettings("http://h/", workers=workers, **more), clock)  # type: ignore[arg-type]  # floats only


def rate_control_of(uploader: Uploader) -> RateControl:
    assert uploader._rate_control is not None
    return uploader._rate_control


class Inside:
    """How many are inside at the same time, and the most that ever were above what was allowed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.now = self.most = self.entered = 0

    def __enter__(self) -> None:
        with self._lock:
            self.now += 1
            self.entered += 1
            self.most = max(self.most, self.now)

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self.now -= 1


def in_threads(works: list[Callable[[], None]]) -> None:
    errors: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


class BusyUntil(RetryableError):
    """Overload, with or without a time."""

    def __init__(self, retry_after_s: float | None = None) -> None:
        super().__init__("busy", is_overload=True, retry_after_s=retry_after_s)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 8), st.integers(1, 12), st.integers(0, 2**32))
def test_never_more_than_the_limit_and_everybody_gets_on(ceiling: int, workers: int, seed: int) -> None:
    """Whatever the gallery answers: the limit moves all the time, and nobody is forgotten."""
    gate, inside, never, uploads = rate_control(ceiling), Inside(), StopToken(), 15

    def work(number: int) -> Callable[[], None]:
        chance = random.Random(seed + number)

        def run() -> None:
            for _ in range(uploads):
                with suppress(RetryableError), gate.permit(never), inside:
                    assert inside.now <= ceiling
                    if chance.random() < 0.3:
                        raise BusyUntil(chance.choice([None, 0.0005]))
                    with gate.sending():
                        chance.random()

        return run

    within_deadline(lambda: in_threads([work(number) for number in range(workers)]))
    assert (inside.now, inside.entered) == (0, uploads * workers)
    assert inside.most <= ceiling
    assert 1 <= gate.limit <= ceiling


def test_at_a_limit_of_one_all_get_on_in_the_order_they_came() -> None:
    slots, never, order = AdjustableSemaphore(1), StopToken(), list[int]()
    slots.acquire(never)

    def work(number: int) -> Callable[[], None]:
        def run() -> None:
            until(lambda: len(slots._waiting) == number)
            slots.acquire(never)
            order.append(number)
            slots.release()

        return run

    def let_on() -> None:
        until(lambda: len(slots._waiting) == 5)
        slots.release()

    within_deadline(lambda: in_threads([*(work(number) for number in range(5)), let_on]))
    assert order == [0, 1, 2, 3, 4]


def test_a_lower_limit_takes_nothing_away_and_hands_nothing_out() -> None:
    slots, never = AdjustableSemaphore(4), StopToken()
    for _ in range(4):
        slots.acquire(never)
    slots.set_limit(2)
    got_on = threading.Event()

    def late() -> None:
        slots.acquire(never)
        got_on.set()

    thread = threading.Thread(target=late)
    thread.start()
    until(lambda: len(slots._waiting) == 1)
    slots.release()
    slots.release()
    assert not got_on.is_set()
    slots.release()
    assert got_on.wait(5)
    thread.join(5)


def test_a_higher_limit_lets_on_who_waits() -> None:
    slots, never = AdjustableSemaphore(1), StopToken()
    slots.acquire(never)
    threads = [threading.Thread(target=slots.acquire, args=(never,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    until(lambda: len(slots._waiting) == 3)
    slots.set_limit(4)
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


def blocked(gate: RateControl, stop: StopToken, seen: list[BaseException]) -> threading.Thread:
    def wait() -> None:
        try:
            with gate.permit(stop):
                pass
        except RunStopped as error:
            seen.append(error)

    thread = threading.Thread(target=wait, name="blocked")
    thread.start()
    return thread


def test_who_waits_for_a_permit_uses_no_processor_and_wakes_at_the_abort() -> None:
    gate, stop, seen = rate_control(1), StopToken(), list[BaseException]()
    with gate.permit(stop):
        threads = [blocked(gate, stop, seen) for _ in range(8)]
        until(lambda: len(gate._semaphore._waiting) == 8)
        before = time.process_time()
        threading.Event().wait(0.2)
        assert time.process_time() - before < 0.02
        stop.set()
        gate.abort()
        for thread in threads:
            thread.join(2)
            assert not thread.is_alive()
    assert len(seen) == 8


def test_who_waits_for_a_permit_sees_a_stop_when_the_turn_comes_and_passes_the_turn_on() -> None:
    gate, stop, never, seen = rate_control(1), StopToken(), StopToken(), list[BaseException]()
    with gate.permit(never):
        threads = [blocked(gate, stop, seen) for _ in range(3)]
        until(lambda: len(gate._semaphore._waiting) == 3)
        stop.set()
    for thread in threads:
        thread.join(2)
        assert not thread.is_alive()
    assert len(seen) == 3
    with gate.permit(never):
        assert gate._semaphore._taken == 1


def test_who_waits_at_the_gate_wakes_at_the_stop() -> None:
    gate, stop, seen = rate_control(2), StopToken(), list[BaseException]()
    with suppress(RetryableError), gate.permit(stop):
        raise BusyUntil(50.0)
    thread = blocked(gate, stop, seen)
    stop.set()
    gate.abort()
    thread.join(2)
    assert not thread.is_alive()
    assert len(seen) == 1


def test_the_uploaders_abort_wakes_who_waits_behind_a_worker_that_cannot_wake() -> None:
    stop, seen = StopToken(), list[BaseException]()
    with FaultGallery() as gallery:
        uploader = Uploader(UploadSettings(gallery.url, workers=1))

        def work() -> None:
            with uploader.open_client() as client:
                try:
                    client.upload(make_photo(), "key", stop)
                except RunStopped as error:
                    seen.append(error)

        with rate_control_of(uploader).permit(StopToken()):
            thread = threading.Thread(target=work)
            thread.start()
            until(lambda: len(rate_control_of(uploader)._semaphore._waiting) == 1)
            stop.set()
            uploader.abort()
            thread.join(2)
            assert not thread.is_alive()
    assert len(seen) == 1
    assert gallery.posts == []


def test_after_the_abort_nobody_gets_on() -> None:
    gate = rate_control(4)
    gate.abort()
    with pytest.raises(RunStopped), gate.permit(StopToken()):
        pass


def test_retry_after_closes_the_gate_for_all_workers() -> None:
    clock = Time()
    gate = rate_control(4, clock.clock)
    with suppress(RetryableError), gate.permit(clock):
        raise BusyUntil(7.0)
    with gate.permit(clock):
        pass
    assert clock.waits == [7.0]


def test_nobody_waits_at_the_gate_in_a_slot() -> None:
    """The gate closes while somebody waits for a slot: with the slot, the wait starts anew, without it."""
    gate, never = rate_control(1), StopToken()
    clock = Time()

    def second() -> None:
        with gate.permit(clock):
            assert gate._semaphore._taken == 1

    gate._clock = clock.clock
    with ExitStack() as stack, suppress(RetryableError), gate.permit(never):
        thread = threading.Thread(target=second)
        thread.start()
        stack.callback(thread.join, 5)
        until(lambda: len(gate._semaphore._waiting) == 1)
        raise BusyUntil(3.0)
    assert clock.waits == [3.0]
    assert gate._semaphore._taken == 0


def test_overload_lets_fewer_on_and_other_errors_does_not() -> None:
    gate, never = rate_control(8), StopToken()
    with suppress(RetryableError), gate.permit(never):
        raise RetryableError("connection reset", ambiguous=True)
    assert gate.limit == 2
    with suppress(RetryableError), gate.permit(never):
        raise BusyUntil
    assert gate.limit == gate._semaphore._limit == 1


@pytest.mark.parametrize(("fault", "limit"), [(status(429), 1), (status(503), 1), (status(500), 2), (Fault.HANG, 1)])
def test_what_counts_as_overload(fault: Fault, limit: int) -> None:
    class Watching(Time):
        def wait(self, timeout: float | None = None) -> bool:
            seen.append(rate_control_of(uploader).limit)
            return super().wait(timeout)

    seen, clock = list[int](), Watching()
    with FaultGallery([fault]) as gallery:
        uploader = Uploader(UploadSettings(gallery.url, read_timeout_s=0.2), clock=clock.clock, random=lambda: 0.1)
        with uploader.open_client() as client:
            client.upload(make_photo(), "key", clock)
    assert seen == [limit]


def test_only_sending_tells_how_fast_the_gallery_is() -> None:
    gate, never = rate_control(8), StopToken()
    for _ in range(20):
        with gate.permit(never):
            pass
    assert gate.limit == 2


def test_a_worker_that_waits_for_its_next_try_leaves_its_permit_to_others() -> None:
    """At a limit of one: were the permit kept during the back-off, the other photo could not be sent in it."""

    class Between(Time):
        def wait(self, timeout: float | None = None) -> bool:
            if not done:
                done.append(1)
                with uploader.open_client() as other:
                    other.upload(make_photo(b"other"), "other", Time())
            return super().wait(timeout)

    def run() -> None:
        with uploader.open_client() as client:
            client.upload(make_photo(), "key", Between())

    done: list[int] = []
    with FaultGallery([status(503)]) as gallery:
        uploader = Uploader(UploadSettings(gallery.url, workers=1), random=lambda: 0.01)
        within_deadline(run)
    assert [photo.key for photo in gallery.stored] == ["other", "key"]


def test_what_one_worker_is_told_to_wait_all_workers_wait() -> None:
    class Between(Time):
        def wait(self, timeout: float | None = None) -> bool:
            if not others:
                others.append(Time())
                others[0].now = self.now  # the other worker's time passes by its own waits
                other_clock.append(others[0])
                with uploader.open_client() as other:
                    other.upload(make_photo(b"other"), "other", others[0])
            return super().wait(timeout)

    def run() -> None:
        with uploader.open_client() as client:
            client.upload(make_photo(), "key", time)

    others, other_clock, time = list[Time](), list[Time](), Between()
    with FaultGallery([status(429, {"Retry-After": "7"})]) as gallery:
        uploader = Uploader(
            UploadSettings(gallery.url), clock=lambda: (other_clock or [time])[-1].now, random=lambda: 0.0
        )
        within_deadline(run)
    assert [photo.key for photo in gallery.stored] == ["other", "key"]
    assert others[0].waits == [7.0]


def upload_all(uploader: Uploader, photos: int, workers: int) -> None:
    numbers = iter(range(photos))
    lock, never = threading.Lock(), StopToken()

    def work() -> None:
        with uploader.open_client() as client:
            while True:
                with lock:
                    number = next(numbers, None)
                if number is None:
                    return
                client.upload(make_photo(b"photo %d" % number), f"key {number}", never)

    within_deadline(lambda: in_threads([work] * workers))


def test_a_gallery_that_takes_two_at_a_time_is_found_out_and_gets_every_photo_once() -> None:
    inside, lock = Inside(), threading.Lock()
    refused = [0]

    class SmallGallery(FaultGallery):
        def take(self, photo):  # type: ignore[no-untyped-def]
            with inside:
                if inside.now > 2:
                    with lock:
                        refused[0] += 1
                    return 503, {"url": self.url}
                threading.Event().wait(0.005)
                return super().take(photo)

    with SmallGallery() as gallery:
        uploader = Uploader(UploadSettings(gallery.url, workers=8), random=lambda: 0.02)
        upload_all(uploader, 80, 8)
    assert len({photo.key for photo in gallery.stored}) == len(gallery.stored) == 80
    assert refused[0] < 60


def test_a_quick_gallery_gets_all_the_workers_there_are() -> None:
    def plan(_number: int) -> Fault:
        return Fault.OK

    with FaultGallery(plan) as gallery:
        uploader = Uploader(UploadSettings(gallery.url, workers=4))
        upload_all(uploader, 40, 4)
        assert rate_control_of(uploader).limit == 4
