"""How a run is getting on: rates, the time that is left, and the signal that asks."""

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.command import Home
from support.deadline import DEADLINE_S, until
from support.pictures import make_jpeg

from photopipe.assembly import open_line
from photopipe.cli.terminal.status_text import (
    found_text,
    stage_lines,
    status_sentence,
    time_text,
    total_text,
)
from photopipe.pipeline import LineStats, QueueStats, SpanRecorder, WorkerStats
from photopipe.report import Account, FoundSoFar, RunMeter, RunStatus, StageStatus, run_meter
from photopipe.report.run_meter import Rate
from photopipe.settings import DownloadSettings, ResizeSettings, Settings, UploadSettings


class Clock:
    """A time that passes when it is told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def monotonic(self) -> float:
        return self.now_s


class RunOf:
    """A run with two stages that has got as far as its fields say."""

    galleries: Sequence[str] = ()
    stopped_by: str | None = None
    dashboard: str | None = None

    def __init__(self) -> None:
        self.account = Account()
        self.is_all = False
        self.size_bytes = 0
        self.parcels = 0

    def found(self) -> FoundSoFar:
        return FoundSoFar(self.account.found, self.size_bytes, self.is_all)

    def waiting(self) -> dict[str, int]:
        return {"until written": 3, "resize": 4}

    def stats(self) -> LineStats:
        queues = (QueueStats("resize", 8, 4, 0, 0, 0, 0, 0.0, 0.0), QueueStats("results", 8, 0, 0, 0, 0, 0, 0.0, 0.0))
        workers = (
            WorkerStats("resize-1", "resize", self.parcels, 0, 0.0, is_busy=True),
            WorkerStats("resize-2", "resize", 1, 0, 0.0, is_busy=False),
        )
        return LineStats(queues, workers)

    def record_spans(self) -> SpanRecorder:
        raise AssertionError("who only measures records no spans")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(run_meter, "time", clock)
    return clock


def test_a_rate_is_right_from_its_first_sample_and_follows_a_change() -> None:
    rate = Rate()
    assert rate.per_s is None
    total = 0.0
    for _ in range(10):
        total += 50
        rate.add(total, 0.5)
        assert rate.per_s == pytest.approx(100)
    for _ in range(200):
        total += 10
        rate.add(total, 0.5)
    assert rate.per_s == pytest.approx(20, rel=0.05)


def test_the_time_left_is_that_of_the_bytes_once_everything_is_found(clock: Clock) -> None:
    run, meter = RunOf(), RunMeter()
    assert meter.status() is None
    meter.started(run)
    run.account.found, run.size_bytes = 100, 1_000_000
    for second in range(1, 11):
        clock.now_s += 1
        run.account.uploaded, run.account.done_bytes, run.parcels = second, 10_000 * second, second
        meter.tick()
    status = meter.status()
    assert status is not None
    assert status.left_s is None, "sources are still finding"
    run.is_all = True
    status = meter.status()
    assert status is not None
    assert status.left_s == pytest.approx(90)
    assert status.per_s == pytest.approx(1)
    assert status.bytes_per_s == pytest.approx(10_000)
    assert (status.left, status.settling) == (90, 3)
    (stage,) = status.stages
    assert (stage.name, stage.done, stage.in_work, stage.waiting) == ("resize", 11, 1, 4)


def test_photos_that_need_no_work_are_no_progress_that_a_rate_could_be_taken_from(clock: Clock) -> None:
    run, meter = RunOf(), RunMeter()
    meter.started(run)
    clock.now_s += 10
    run.account.found = 1_000_100
    run.account.skipped["unchanged"] += 1_000_000
    run.account.skipped["duplicate"] += 50
    meter.tick()
    status = meter.status()
    assert status is not None
    assert status.per_s == pytest.approx(5)


def status_of(**changes: object) -> RunStatus:
    account = Account(found=912, uploaded=229, failed=1, done_bytes=1_800_000_000)
    stages = (
        StageStatus("download", 248, 2, 4, 9.8),
        StageStatus("upload to photos.example.org-0123456789abcdef", 9, 0, 0, None),
    )
    values = {
        "found": FoundSoFar(912, 7_400_000_000, is_all=True),
        "account": account,
        "stages": stages,
        "settling": 0,
        "per_s": 9.5,
        "bytes_per_s": 77_200_000.0,
        "left_s": 72.0,
    }
    return RunStatus(**{**values, **changes})  # type: ignore[arg-type]


def test_a_status_is_told_in_one_sentence() -> None:
    sentence = status_sentence(status_of(), watches=False)
    assert sentence == (
        "912 photos found: 229 uploaded, 0 skipped, 1 failed, 682 left; in work + waiting: download 2+4, upload to "
        "photos.example.org-0123456789abcdef 0+0; 9.5 photos/s, 77.2 MB/s, 1:12 left"
    )
    finding = status_of(found=FoundSoFar(912, 1, is_all=False), left_s=None)
    assert status_sentence(finding, watches=False).endswith("77.2 MB/s, still finding")
    assert status_sentence(finding, watches=True).endswith("77.2 MB/s, watching")
    assert status_sentence(status_of(per_s=None, left_s=None), watches=False).endswith("; time left unknown")


def test_stages_stand_in_columns_and_their_names_are_shortened_so_that_numbers_stay() -> None:
    wide = stage_lines(status_of().stages, found="912 photos", columns=100)
    assert wide == [
        "find                              912 photos",
        "download                          248 done   2 in work  4 waiting    9.8/s",
        "upload to photos.example.o..cdef    9 done   0 in work  0 waiting",
    ]
    narrow = stage_lines(status_of().stages, columns=59)
    assert [len(line) <= 59 for line in narrow] == [True, True]
    assert narrow[1].startswith("upload to ..cdef")


def test_the_progress_gives_no_time_before_it_is_known() -> None:
    assert total_text(status_of()) == "1:12 left, 1.8 GB of 7.4 GB, 77.2 MB/s"
    finding = status_of(found=FoundSoFar(912, 7_400_000_000, is_all=False), left_s=None, settling=2)
    assert total_text(finding) == "1.8 GB done, 77.2 MB/s"
    assert found_text(finding, watches=False) == "912 photos, 7.4 GB, 2 still being written, 1 failed, finding ..."
    assert [time_text(seconds) for seconds in (7, 750, 11_040)] == ["0:07", "12:30", "3:04:00"]


def catches_usr1(process: "subprocess.Popen[bytes]") -> bool:
    """Whether the process has a handler of its own. Source: proc_pid_status(5)."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = int(status.split("SigCgt:")[1].split()[0], 16)
    return bool(caught >> (signal.SIGUSR1 - 1) & 1)


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="needs /proc")
def test_sigusr1_is_answered_at_any_time_even_if_it_came_before_the_run_has_started(home: Home, card: Path) -> None:
    with home.start("watch", "-q", str(card)) as first:
        until(lambda: len(home.photos()) == 5)
        with home.start("process", "-q", str(card), "--lock-wait", "60s") as second:
            until(lambda: catches_usr1(second))
            second.send_signal(signal.SIGUSR1)
            first.send_signal(signal.SIGUSR1)
            assert first.stderr is not None
            line = first.stderr.readline()
            assert line.startswith(b"photopipe: 5 photos found: 5 uploaded, 0 skipped, 0 failed, 0 left; in work")
            assert [first.stderr.readline().split()[:3] for _ in range(3)] == [
                [b"download", b"5", b"done"],
                [b"resize", b"5", b"done"],
                [b"upload", b"5", b"done"],
            ]
            first.terminate()
            assert first.wait(DEADLINE_S) == 128 + signal.SIGTERM
            _, answer = second.communicate(timeout=DEADLINE_S)
        assert second.returncode == 0
        assert answer.startswith(b"photopipe: ")
        assert len(answer.splitlines()) == 4


def test_a_run_says_early_how_much_there_is_to_do(home: Home, tmp_path: Path) -> None:
    """Photos that wait in the source count as found, although the line takes no more than it has room for."""
    (tmp_path / "site").mkdir()
    (tmp_path / "card").mkdir()
    for number in range(90):
        make_jpeg(tmp_path / "card" / f"{number:02}.jpg", (16, 16), seed=number)
    settings = Settings(
        DownloadSettings((str(tmp_path / "card"),), workers=1, settle_s=0.0),
        (("default", ResizeSettings(8, 8, workers=1)),),
        (UploadSettings(str(tmp_path / "site"), kind="folder", workers=1),),
        gallery_folder="",
        journal_path=str(tmp_path / "journal.sqlite"),
    )
    with open_line(settings) as line:
        found = [line.found() for _ in line.run(0.1, tells_skipped=False)]
        account = line.account
    sizes = sum(path.stat().st_size for path in (tmp_path / "card").iterdir())
    assert found[-1] == FoundSoFar(90, sizes, is_all=True)
    assert account.found_bytes == account.done_bytes == sizes
    first = next(number for number, one in enumerate(found) if one.is_all)
    assert first < 60, "it was known long before the last photo was on the line"
    assert all(one.photos in {89, 90} for one in found[first:]), "one may be between the two counts"
