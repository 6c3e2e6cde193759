"""Settling, against a clock that the test sets: never early, always in the end."""

from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.photos import found
from support.pictures import make_jpeg

from photopipe.download import file_end as module
from photopipe.download.settling import ABANDONED_AFTER, MOST_READS, Settling
from photopipe.errors import PhotoVanished
from photopipe.found_photo import FoundPhoto, Identity, LocalFiles

SETTLE_S = 2.0
START_NS = 1_700_000_000_000_000_000


@dataclass
class FakeClock:
    """Both clocks, which go only when the test says so."""

    now_s: float = 0.0

    def time_ns(self) -> int:
        return START_NS + int(self.now_s * 1e9)

    def monotonic(self) -> float:
        return self.now_s


@dataclass(frozen=True)
class Schedule(LocalFiles):
    """One file that is written at given times [s], and is whole with the last of them."""

    clock: FakeClock = field(default_factory=FakeClock)
    writes_s: tuple[float, ...] = ()
    is_removed_at_s: float = float("inf")

    def size_now(self) -> int:
        return sum(at_s <= self.clock.now_s for at_s in self.writes_s)

    def identity(self, _path: str, _file: object = None) -> Identity:
        if self.clock.now_s >= self.is_removed_at_s:
            raise PhotoVanished("is gone")
        written_ns = START_NS + int(max((at for at in self.writes_s if at <= self.clock.now_s), default=0.0) * 1e9)
        return Identity(1, 2, self.size_now(), written_ns, written_ns)


def scheduled(clock: FakeClock, *writes_s: float, **options: float) -> FoundPhoto:
    storage = Schedule("", 0, clock, writes_s, **options)
    return FoundPhoto("/card/a.jpg", *storage.identity(""), storage)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


def settling_by(clock: FakeClock) -> Settling:
    return Settling(lambda _photo: SETTLE_S, clock)


@pytest.fixture(autouse=True)
def _whole_with_the_last_write(monkeypatch: pytest.MonkeyPatch) -> None:
    def is_complete(photo: FoundPhoto) -> bool:
        assert isinstance(photo.storage, Schedule)
        return photo.size_bytes == len(photo.storage.writes_s)

    monkeypatch.setattr(module, "is_complete", is_complete)


@settings(deadline=None)
@given(
    pauses_s=st.lists(st.floats(0.001, 30.0), min_size=1, max_size=12),
    found_after_s=st.floats(0.0, 100.0),
    look_every_s=st.floats(0.05, 3.0),
)
def test_a_file_is_taken_when_it_is_whole_and_quiet_never_before_and_always_in_the_end(
    pauses_s: list[float], found_after_s: float, look_every_s: float
) -> None:
    clock = FakeClock()
    writes_s = tuple(accumulate(pauses_s))
    clock.now_s = found_after_s
    photo = scheduled(clock, *writes_s)
    settling = settling_by(clock)
    taken = photo if settling.admit(photo) else None
    latest_s = max(writes_s[-1], found_after_s) + ABANDONED_AFTER * SETTLE_S + 2 * SETTLE_S + 2 * look_every_s
    while taken is None:
        assert clock.now_s <= latest_s, "it was never taken"
        clock.now_s += max(look_every_s, settling.next_look_s() or 0.0)
        taken = next(settling.settled(), None)
    quiet_s = clock.now_s - max((at for at in writes_s if at <= clock.now_s), default=0.0)
    assert taken.identity == taken.storage.identity("")
    if taken.size_bytes == len(writes_s):
        assert quiet_s >= SETTLE_S - 1e-6
    else:
        assert quiet_s >= ABANDONED_AFTER * SETTLE_S - 1e-6, "it was taken before it had its end"
    assert len(settling) == 0


def test_a_photo_that_changed_long_ago_does_not_wait(clock: FakeClock) -> None:
    clock.now_s = 1000.0
    settling = settling_by(clock)
    assert settling.admit(scheduled(clock, 1.0))
    assert settling.next_look_s() is None


def test_one_that_has_just_settled_is_taken_at_the_next_look(clock: FakeClock) -> None:
    clock.now_s = 10.0
    settling = settling_by(clock)
    assert not settling.admit(scheduled(clock, 1.0))
    assert settling.next_look_s() == 0.0
    assert len(list(settling.settled())) == 1


def test_a_date_in_the_future_counts_as_now(clock: FakeClock) -> None:
    settling = settling_by(clock)
    photo = scheduled(clock, 0.0)._replace(mtime_ns=START_NS * 2)
    assert not settling.admit(photo)
    assert settling.next_look_s() == SETTLE_S


def test_a_group_settles_together(clock: FakeClock) -> None:
    clock.now_s = 10.0
    settling = settling_by(clock)
    raw = scheduled(clock, 9.5, 11.0)._replace(path="/card/a.cr2")
    assert not settling.admit(scheduled(clock, 1.0)._replace(companions=(raw,)))
    clock.now_s = 11.6
    assert list(settling.settled()) == []  # the RAW file has grown
    clock.now_s = 13.6
    (photo,) = settling.settled()
    assert [companion.size_bytes for companion in photo.companions] == [2]


def test_what_its_writer_renamed_is_forgotten(clock: FakeClock) -> None:
    settling = settling_by(clock)
    assert not settling.admit(scheduled(clock, 0.0, is_removed_at_s=1.0))
    clock.now_s = 5.0
    assert list(settling.settled()) == []
    assert len(settling) == 0


def test_a_later_finding_takes_the_place_of_an_earlier_one(clock: FakeClock) -> None:
    settling = settling_by(clock)
    photo = scheduled(clock, 0.0)
    with_sidecar = photo._replace(companions=(photo._replace(path="/card/a.xmp"),))
    assert not settling.admit(photo)
    assert not settling.admit(with_sidecar)
    clock.now_s = 5.0
    assert list(settling.settled()) == [with_sidecar]


def test_what_changed_while_it_was_read_comes_again_but_not_for_ever(clock: FakeClock) -> None:
    settling = settling_by(clock)
    photo = scheduled(clock, 0.0, is_removed_at_s=100.0)
    for _ in range(MOST_READS - 1):
        assert settling.put_back(photo)
        assert len(settling.put_back_waiting()) == 1
        clock.now_s += SETTLE_S
        assert list(settling.settled()) == [photo]
        assert settling.was_read(photo)
    assert not settling.put_back(photo)
    settling.forget(photo)
    assert settling.put_back(photo)
    clock.now_s = 100.0
    assert list(settling.settled()) == [photo], "the download must say that it vanished: it was counted as found"


def test_without_a_settle_time_nothing_waits(tmp_path: Path) -> None:
    settling = Settling(lambda _photo: 0.0)
    photo = found(make_jpeg(tmp_path / "a.jpg"))
    assert settling.admit(photo)
    assert settling.put_back(photo)
    assert list(settling.settled()) == [photo]
