"""How many bytes a second may leave: on a clock that passes only when somebody waits."""

import heapq
import threading
from datetime import datetime
from datetime import time as time_of_day
from pathlib import Path

import pytest
from support.fault_gallery import FaultGallery
from support.uploading import Time, make_photo

from photopipe.errors import RunStopped, UsageError
from photopipe.settings import UploadSettings
from photopipe.stop_token import StopToken
from photopipe.upload.http.bandwidth import Bandwidth, parse_timetable
from photopipe.upload.http.body import Body, PhotoFile
from photopipe.upload.uploader import Uploader

MIB = 1024**2


class Asking(StopToken):
    """A stop that tells how long was to be waited, instead of waiting."""

    seconds = 0.0

    def is_set(self) -> bool:
        return False

    def wait(self, timeout_s: float | None = None) -> bool:
        self.seconds = timeout_s or 0.0
        return False


def rate_with(bandwidth: Bandwidth, time: Time, workers: int, seconds: float) -> float:
    """Bytes a second that leave by `workers` side by side, each waiting out what it is told, on one clock."""
    start, sent = time.now, 0
    events = [(start, worker) for worker in range(workers)]
    while True:
        time.now, worker = heapq.heappop(events)
        if time.now > start + seconds:
            return sent / seconds
        asking, piece = Asking(), bandwidth.piece_bytes
        bandwidth.take(piece, asking)
        if time.now + asking.seconds <= start + seconds:
            sent += piece
        heapq.heappush(events, (time.now + asking.seconds, worker))


@pytest.mark.parametrize("workers", [1, 4, 32])
@pytest.mark.parametrize(("limit", "rate"), [("2M", 2 * MIB), ("500k", 512_000), ("10k", 10_240), ("1.5M", 1.5 * MIB)])
def test_all_workers_together_keep_the_limit_within_ten_percent(workers: int, limit: str, rate: float) -> None:
    time = Time()
    assert rate_with(Bandwidth(limit, clock=time.clock), time, workers, 20.0) == pytest.approx(rate, rel=0.1)


def test_a_pause_is_not_made_up_for() -> None:
    time = Time()
    bandwidth = Bandwidth("1M", clock=time.clock)
    rate_with(bandwidth, time, 2, 5.0)
    time.now += 3600
    assert rate_with(bandwidth, time, 2, 5.0) == pytest.approx(MIB, rel=0.1)


def test_the_timetable_is_followed_by_local_time() -> None:
    time, local = Time(), [datetime(2026, 5, 1, 7, 59)]
    bandwidth = Bandwidth("08:00,500k 12:00,2M 23:00,off", clock=time.clock, now=lambda: local[0])

    def at(hour: int, minute: int) -> float | None:
        local[0] = datetime(2026, 5, 1, hour, minute)
        return bandwidth.bytes_per_s

    assert at(0, 0) is at(7, 59) is at(23, 0) is at(23, 59) is None
    assert at(8, 0) == at(11, 59) == 512_000
    assert at(12, 0) == at(22, 59) == 2 * MIB
    at(9, 0)
    assert rate_with(bandwidth, time, 4, 20.0) == pytest.approx(512_000, rel=0.1)
    at(13, 0)
    assert rate_with(bandwidth, time, 4, 20.0) == pytest.approx(2 * MIB, rel=0.1)


def test_nothing_leaves_after_the_stop() -> None:
    time, left = Time(stop_at_wait=3), list[bytes]()
    body = Body(PhotoFile(make_photo(b"x" * 100_000)), 100_000)
    body.limit_to(Bandwidth("10k", clock=time.clock), time)
    with pytest.raises(RunStopped):
        left.extend(body)
    assert len(time.waits) == 3
    assert sum(map(len, left)) < 5_000


def test_no_limit_never_waits() -> None:
    for limit in (None, "off"):
        bandwidth, time = Bandwidth(limit), Time(stop_at_wait=0)
        bandwidth.take(bandwidth.piece_bytes, time)
        assert (bandwidth.bytes_per_s, time.waits) == (None, [])


def test_a_timetable_may_stand_in_any_order() -> None:
    morning, night = time_of_day(8), time_of_day(23)
    assert parse_timetable("23:00,off 08:00,500K") == [(morning, 512_000.0), (night, None)]
    assert parse_timetable("  2M ") == [(time_of_day.min, 2.0 * MIB)]
    assert parse_timetable("100B")[0][1] == 100.0


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "2", "2X", "2MB", "-2M", "0", "0k", "0.0M", "1e3k", "fast", "2M 3M", "08:00", "08:00,", ",2M", "٢M"),
        *("25:00,2M", "08:60,2M", "08:00,2M 08:00,3M", "08:00,2M 3M", "08:00 2M", "8,2M", "08:00,2M,3M"),
    ],
)
def test_what_cannot_be_read_is_refused_and_shown_how(text: str) -> None:
    with pytest.raises(UsageError, match="08:00,500k 23:00,off"):
        Bandwidth(text)
    with pytest.raises(UsageError):
        Uploader(UploadSettings("http://h/", bwlimit=text))


def test_a_body_leaves_as_fast_as_the_limit_says_and_whole() -> None:
    time, data = Time(), bytes(range(256)) * 4096
    body = Body(PhotoFile(make_photo(data)), len(data), head=b"head", tail=b"tail")
    body.limit_to(Bandwidth("256k", clock=time.clock), time)
    assert b"".join(body) == b"head" + data + b"tail"
    assert sum(time.waits) == pytest.approx(len(data) / 262_144, rel=0.1)
    assert max(time.waits) <= 0.11


def test_uploads_of_all_galleries_share_one_limit() -> None:
    time, data = Time(), b"x" * 300_000
    bandwidth = Bandwidth("100k", clock=time.clock)
    with FaultGallery() as one, FaultGallery() as other:
        for gallery in (one, other):
            uploader = Uploader(UploadSettings(gallery.url), clock=time.clock, bandwidth=bandwidth)
            with uploader.open_client() as client:
                client.upload(make_photo(data), "key", time)
        assert one.stored[0].data == other.stored[0].data == data
    assert sum(time.waits) == pytest.approx(2 * len(data) / 102_400, rel=0.1)


def test_the_settings_limit_holds_without_a_shared_one() -> None:
    time, data = Time(), b"x" * 300_000
    with FaultGallery() as gallery:
        uploader = Uploader(UploadSettings(gallery.url, bwlimit="100k"), clock=time.clock)
        with uploader.open_client() as client:
            client.upload(make_photo(data), "key", time)
    assert sum(time.waits) == pytest.approx(len(data) / 102_400, rel=0.1)


def test_a_folder_keeps_the_limit_too(tmp_path: Path) -> None:
    """It may be a share."""
    time, data = Time(), b"x" * 300_000
    uploader = Uploader(UploadSettings(f"folder://{tmp_path}", kind="folder", bwlimit="100k"), clock=time.clock)
    with uploader.open_client() as client:
        client.upload(make_photo(data), "key", time)
    assert sum(time.waits) == pytest.approx(len(data) / 102_400, rel=0.1)


def test_who_waits_for_bandwidth_wakes_at_the_stop() -> None:
    stop, seen = StopToken(), list[BaseException]()
    with FaultGallery() as gallery:
        uploader = Uploader(UploadSettings(gallery.url, bwlimit="1k"))

        def work() -> None:
            try:
                with uploader.open_client() as client:
                    client.upload(make_photo(b"x" * 1_000_000), "key", stop)
            except RunStopped as error:
                seen.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        stop.set()
        uploader.abort()
        thread.join(3)
        assert not thread.is_alive()
    assert len(seen) == 1
    assert gallery.stored == []
