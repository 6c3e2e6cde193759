"""Limits of a run: it ends cleanly, says why, and the next one goes on."""

import shutil
import threading
from collections import Counter
from pathlib import Path

import pytest
from support.command import Home
from support.deadline import DEADLINE_S, until, within_deadline
from support.fault_gallery import OK, Fault, FaultGallery
from support.pictures import make_jpeg


def test_a_run_uploads_so_many_photos_and_the_next_ones_the_rest(home: Home, card: Path) -> None:
    with FaultGallery() as gallery:
        command = ["process", str(card), "--to", gallery.url, "--size", "32", "--max-photos", "2"]
        first = home.run(*command)
        assert (first.code, len(first.lines), len(gallery.posts)) == (10, 2, 2)
        assert "--max-photos ended the run; run again for the rest." in first.err
        assert [home.run(*command).code, len(gallery.posts)] == [10, 4]
        assert [home.run(*command).code, len(gallery.posts)] == [0, 5]
    assert home.journal_states() == Counter(uploaded=5)


def test_photos_that_fail_or_need_nothing_do_not_count(home: Home, card: Path) -> None:
    folder = card / "DCIM" / "100PHOTO"
    (folder / "A.JPG").write_bytes(b"\xff\xd8\xff no photo")
    shutil.copy(folder / "IMG_0000.JPG", folder / "IMG_0000 copy.JPG")
    with FaultGallery() as gallery:
        result = home.run("process", "--json", str(card), "--to", gallery.url, "--size", "32", "--max-photos", "3")
        assert len(gallery.posts) == 3
    summary = result.records[-1]
    assert (summary["uploaded"], summary["failed"], summary["stopped_by"]) == (3, 1, "max_photos")
    assert result.code == 3  # that a photo failed is the more severe


def test_a_photo_in_progress_is_finished_however_long_it_takes_when_the_time_is_up(home: Home, big_card: Path) -> None:
    may_answer = threading.Event()

    def slow(number: int) -> Fault:
        if number == 0:
            may_answer.wait(DEADLINE_S)
        return OK

    command = ["process", str(big_card), "--size", "32", "--jobs", "1", "--transfers", "1"]
    with FaultGallery(slow) as gallery:
        with home.start(*command, "--to", gallery.url, "--max-duration", "0.3s") as process:
            assert process.stderr is not None
            said = within_deadline(process.stderr.readline)
            assert said == b"--max-duration is reached: photos in progress are being finished.\n"
            assert (process.poll(), len(gallery.stored)) == (None, 0)
            may_answer.set()
            assert process.wait(DEADLINE_S) == 10
            assert b"--max-duration ended the run; run again for the rest." in process.stderr.read()
        assert len(gallery.stored) >= 1


def test_a_watch_ends_in_its_time_although_nothing_happens(home: Home, card: Path) -> None:
    result = home.run("watch", "--json", str(card), "--size", "32", "--max-duration", "0.4s")
    assert (result.code, result.records[-1]["stopped_by"]) == (10, "max_duration")


@pytest.mark.campaign
def test_a_watch_ends_when_there_is_one_photo_too_many(home: Home, card: Path) -> None:
    with home.start("watch", str(card), "--size", "32", "--max-photos", "6") as process:
        until(lambda: len(home.photos()) == 5)
        assert process.poll() is None
        for number in range(6, 8):
            make_jpeg(card / "DCIM" / f"{number}.JPG", seed=number)
        assert process.wait(DEADLINE_S) == 10
    assert len(home.photos()) == 6


@pytest.mark.campaign
def test_a_run_that_a_limit_ended_is_no_success_to_go_on_from(home: Home, card: Path) -> None:
    def since_last_run() -> int:
        command = ["process", "--dry-run", "--json", str(card), "--size", "16", "--since", "last-run"]
        return int(home.run(*command).records[-1]["would_upload"])

    home.run("process", str(card), "--size", "32", "--max-photos", "1")
    assert since_last_run() == 5  # as before the first run
    home.run("process", str(card), "--size", "32")
    assert since_last_run() == 0


def test_a_quiet_run_says_nothing_of_a_limit(home: Home, card: Path) -> None:
    result = home.run("process", "-q", "--size", "32", str(card), "--max-photos", "1", "--max-duration", "0s")
    assert (result.code, result.err) == (10, "")
