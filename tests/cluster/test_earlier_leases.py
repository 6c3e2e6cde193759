"""What a driver that was killed has leased: the next run waits until nobody can be sending it any more."""

import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from support.deadline import within_deadline
from support.pictures import make_jpeg

from photopipe.assembly import open_line
from photopipe.cluster.protocol.takeover import is_dead, may_be_taken_over, process_here
from photopipe.download.download import download
from photopipe.found_photo import FoundPhoto
from photopipe.journal import Journal, Lease
from photopipe.photo import Target
from photopipe.report import Notice
from photopipe.settings import DownloadSettings, ResizeSettings, Settings, UploadSettings
from photopipe.upload.galleries.identity import gallery_id
from photopipe.upload.galleries.kinds import check_gallery_settings

LEASE_S = 0.6
LONG_LEASE_S = 3600.0


def dead_process() -> str:
    """A process of this machine that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        process.wait()
    return process_here(process.pid)


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    for name in ("card", "gallery"):
        (tmp_path / name).mkdir()
    make_jpeg(tmp_path / "card" / "a.jpg", (40, 30))
    return Settings(
        DownloadSettings((str(tmp_path / "card"),), settle_s=0.0),
        (("default", ResizeSettings(16, 16)),),
        (UploadSettings(str(tmp_path / "gallery"), kind="folder"),),
        gallery_folder="",
        journal_path=str(tmp_path / "journal.sqlite"),
    )


def leave_lease(chosen: Settings, worker: str, until_s: float) -> None:
    """A photo that a killed run has leased to a worker."""
    target = Target(chosen.renditions[0][1].recipe_id, gallery_id(check_gallery_settings(chosen.uploads[0])))
    path = Path(chosen.download.sources[0]) / "a.jpg"
    photo = download(FoundPhoto.from_stat(str(path), path.stat()))
    with closing(Journal(chosen.journal_path, [target])) as journal:
        journal.admit(photo)
        journal.lease(photo.source_sha256, [target], Lease(1, 1, worker, until_s))


def waits_of_run(chosen: Settings) -> list[str]:
    """A run that uploads the photo; returns what it says about waiting."""
    with open_line(chosen) as line:
        events = within_deadline(lambda: list(line.run(0.02, tells_skipped=False)))
        assert line.account.uploaded == 1
    return [event.message for event in events if isinstance(event, Notice)]


def test_a_worker_that_may_be_alive_is_waited_for(chosen: Settings) -> None:
    until_s = time.time() + LEASE_S
    leave_lease(chosen, "elsewhere:1", until_s)
    (notice,) = waits_of_run(chosen)
    assert "may still be sending photos: waiting" in notice
    assert time.time() >= until_s


def test_a_dead_worker_is_not_waited_for(chosen: Settings) -> None:
    leave_lease(chosen, dead_process(), time.time() + LONG_LEASE_S)
    assert waits_of_run(chosen) == []


def test_a_photo_is_taken_over_from_the_dead_at_once_and_from_others_when_the_lease_is_over() -> None:
    assert may_be_taken_over(Lease(1, 1, dead_process(), 1000.0), 0.0)
    for worker in ("elsewhere:1", process_here(), "nonsense"):
        assert not may_be_taken_over(Lease(1, 1, worker, 1000.0), 999.9)
        assert may_be_taken_over(Lease(1, 1, worker, 1000.0), 1000.0)


def test_only_processes_of_this_machine_are_known_to_be_dead() -> None:
    assert is_dead(dead_process())
    assert not any(map(is_dead, (process_here(), "elsewhere:999999", "", "host", process_here(0).replace(":0", ":x"))))


def test_a_process_of_another_machine_of_the_same_name_is_not_taken_for_dead() -> None:
    number = dead_process().rpartition(":")[2]
    assert is_dead(process_here(int(number)))
    assert not is_dead(f"{socket.gethostname()}:{number}")
    assert not is_dead(f"{socket.gethostname()}-000000:{number}")
