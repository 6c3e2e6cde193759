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
def test_never_more_than_the_limit_upload_at_once_and_all_get_a_permit(ceiling: int, workers: int, seed: int) -> None:
    """Whatever the gallery answers: the limit moves all the time, and nobody is forgotten."""
    control, inside, never, uploads = rate_control(ceiling), Inside(), StopToken(), 15

    def work(number: int) -> Callable[[], None]:
        chance = random.Random(seed + number)

        def run() -> None:
            for _ in range(uploads):
                with suppress(RetryableError), control.permit(never), inside:
                    assert inside.now <= ceiling
                    if chance.random() < 0.3:
                        raise BusyUntil(chance.choice([None, 0.0005]))
                    with control.sending():
                        chance.random()

        return run

    within_deadline(lambda: in_threads([work(number) for number in range(workers)]))
    assert (inside.now, inside.entered) == (0, uploads * workers)
    assert inside.most <= ceiling
    assert 1 <= control.limit <= ceiling


def test_at_a_limit_of_one_permits_go_out_in_the_order_they_were_asked_for() -> None:
    semaphore, never, order = AdjustableSemaphore(1), StopToken(), list[int]()
    semaphore.acquire(never)

    def work(number: int) -> Callable[[], None]:
        def run() -> None:
            until(lambda: len(semaphore._waiting) == number)
            semaphore.acquire(never)
            order.append(number)
            semaphore.release()

        return run

    def let_on() -> None:
        until(lambda: len(semaphore._waiting) == 5)
        semaphore.release()

    within_deadline(lambda: in_threads([*(work(number) for number in range(5)), let_on]))
    assert order == [0, 1, 2, 3, 4]


def test_a_lower_limit_takes_no_permits_away_and_gives_none_out() -> None:
    semaphore, never = AdjustableSemaphore(4), StopToken()
    for _ in range(4):
        semaphore.acquire(never)
    semaphore.set_limit(2)
    got_on = threading.Event()

    def late() -> None:
        semaphore.acquire(never)
        got_on.set()

    thread = threading.Thread(target=late)
    thread.start()
    until(lambda: len(semaphore._waiting) == 1)
    semaphore.release()
    semaphore.release()
    assert not got_on.is_set()
    semaphore.release()
    assert got_on.wait(5)
    thread.join(5)


def test_a_higher_limit_gives_permits_to_those_who_wait() -> None:
    semaphore, never = AdjustableSemaphore(1), StopToken()
    semaphore.acquire(never)
    threads = [threading.Thread(target=semaphore.acquire, args=(never,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    until(lambda: len(semaphore._waiting) == 3)
    semaphore.set_limit(4)
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


def blocked(control: RateControl, stop: StopToken, seen: list[BaseException]) -> threading.Thread:
    def wait() -> None:
        try:
            with control.permit(stop):
                pass
        except RunStopped as error:
            seen.append(error)

    thread = threading.Thread(target=wait, name="blocked")
    thread.start()
    return thread


def test_waiting_for_a_permit_uses_no_processor_time_and_ends_with_the_abort() -> None:
    control, stop, seen = rate_control(1), StopToken(), list[BaseException]()
    with control.permit(stop):
        threads = [blocked(control, stop, seen) for _ in range(8)]
        until(lambda: len(control._semaphore._waiting) == 8)
        before = time.process_time()
        threading.Event().wait(0.2)
        assert time.process_time() - before < 0.02
        stop.set()
        control.abort()
        for thread in threads:
            thread.join(2)
            assert not thread.is_alive()
    assert len(seen) == 8


def test_a_worker_that_gets_a_permit_after_the_stop_hands_it_on() -> None:
    control, stop, never, seen = rate_control(1), StopToken(), StopToken(), list[BaseException]()
    with control.permit(never):
        threads = [blocked(control, stop, seen) for _ in range(3)]
        until(lambda: len(control._semaphore._waiting) == 3)
        stop.set()
    for thread in threads:
        thread.join(2)
        assert not thread.is_alive()
    assert len(seen) == 3
    with control.permit(never):
        assert control._semaphore._taken == 1


def test_a_pause_ends_with_the_stop() -> None:
    control, stop, seen = rate_control(2), StopToken(), list[BaseException]()
    with suppress(RetryableError), control.permit(stop):
        raise BusyUntil(50.0)
    thread = blocked(control, stop, seen)
    stop.set()
    control.abort()
    thread.join(2)
    assert not thread.is_alive()
    assert len(seen) == 1


def test_the_uploaders_abort_wakes_those_who_wait_for_a_worker_that_cannot_wake() -> None:
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


def test_after_the_abort_nobody_gets_a_permit() -> None:
    control = rate_control(4)
    control.abort()
    with pytest.raises(RunStopped), control.permit(StopToken()):
        pass


def test_retry_after_makes_all_workers_pause() -> None:
    clock = Time()
    control = rate_control(4, clock.clock)
    with suppress(RetryableError), control.permit(clock):
        raise BusyUntil(7.0)
    with control.permit(clock):
        pass
    assert clock.waits == [7.0]


def test_nobody_holds_a_permit_during_a_pause() -> None:
    """The control closes while somebody waits for a slot: with the slot, the wait starts anew, without it."""
    control, never = rate_control(1), StopToken()
    clock = Time()

    def second() -> None:
        with control.permit(clock):
            assert control._semaphore._taken == 1

    control._clock = clock.clock
    with ExitStack() as stack, suppress(RetryableError), control.permit(never):
        thread = threading.Thread(target=second)
        thread.start()
        stack.callback(thread.join, 5)
        until(lambda: len(control._semaphore._waiting) == 1)
        raise BusyUntil(3.0)
    assert clock.waits == [3.0]
    assert control._semaphore._taken == 0


def test_overload_lowers_the_limit_and_other_errors_do_not() -> None:
    control, never = rate_control(8), StopToken()
    with suppress(RetryableError), control.permit(never):
        raise RetryableError("connection reset", ambiguous=True)
    assert control.limit == 2
    with suppress(RetryableError), control.permit(never):
        raise BusyUntil
    assert control.limit == control._semaphore._limit == 1


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


def test_only_sending_a_photo_shows_how_fast_the_gallery_is() -> None:
    control, never = rate_control(8), StopToken()
    for _ in range(20):
        with control.permit(never):
            pass
    assert control.limit == 2


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


def test_all_workers_wait_as_long_as_one_was_asked_to() -> None:
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


def test_a_gallery_that_can_take_only_two_at_a_time_gets_every_photo_once() -> None:
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
