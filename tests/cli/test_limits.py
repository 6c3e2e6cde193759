"""Limits of a run: it ends cleanly, says why, and the next one goes on."""

import shutil
import threading
from collections import Counter
from pathlib import Path

import pytest
from support.command import Home
from support.deadline import DEADLINE_S, until, within_deadline
from support.fault_gallery import OK, Fault, FaultGallery, status
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


def test_a_limit_that_is_just_enough_ends_nothing(home: Home, card: Path) -> None:
    result = home.run("process", "--json", str(card), "--size", "32", "--max-photos", "5")
    assert (result.code, result.records[-1]["stopped_by"]) == (0, None)


def test_the_summary_names_the_limit_and_balances(home: Home, card: Path) -> None:
    *_photos, summary = home.run("process", "--json", str(card), "--size", "32", "--max-photos", "3").records
    assert (summary["stopped_by"], summary["exit_code"], summary["uploaded"]) == ("max_photos", 10, 3)
    assert summary["found"] == summary["uploaded"] + summary["left_over"]


def test_a_photo_counts_once_however_many_galleries_and_renditions_it_has(home: Home, card: Path) -> None:
    with FaultGallery() as one, FaultGallery() as other:
        command = ["process", str(card), "--to", one.url, "--to", other.url, "--max-photos", "2"]
        result = home.run(*command, "--rendition", "a=32", "--rendition", "b=16")
        assert result.code == 10
        assert len(one.posts) == len(other.posts) == 4
        assert {photo.sha256 for photo in one.stored} == {photo.sha256 for photo in other.stored}


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


def test_a_dry_run_shows_what_a_run_with_the_limit_would_upload(home: Home, card: Path) -> None:
    result = home.run("process", "--dry-run", "--json", str(card), "--max-photos", "2")
    assert (result.code, result.records[-1]["would_upload"]) == (10, 2)


def test_no_photo_is_begun_when_enough_was_sent(home: Home, big_card: Path) -> None:
    command = ["process", "--json", str(big_card), "--size", "32", "--jobs", "1", "--transfers", "1"]
    with FaultGallery() as gallery:
        summary = home.run(*command, "--to", gallery.url, "--max-transfer", "1").records[-1]
        assert (summary["stopped_by"], summary["exit_code"]) == ("max_transfer", 10)
        assert 1 <= len(gallery.posts) < 30
        assert summary["left_over"] == 0  # what was on the line is finished
        enough = home.run(*command, "--to", gallery.url, "--max-transfer", "1G").records[-1]
        assert (enough["stopped_by"], len(gallery.posts)) == (None, 30)


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
        assert 1 <= len(gallery.stored) < 30
        assert home.run(*command, "--to", gallery.url).code == 0
        assert len(gallery.stored) == 30


def test_a_watch_ends_in_its_time_although_nothing_happens(home: Home, card: Path) -> None:
    result = home.run("watch", "--json", str(card), "--size", "32", "--max-duration", "0.4s")
    assert (result.code, result.records[-1]["stopped_by"]) == (10, "max_duration")


def test_a_watch_ends_when_there_is_one_photo_too_many(home: Home, card: Path) -> None:
    with home.start("watch", str(card), "--size", "32", "--max-photos", "6") as process:
        until(lambda: len(home.photos()) == 5)
        assert process.poll() is None
        for number in range(6, 8):
            make_jpeg(card / "DCIM" / f"{number}.JPG", seed=number)
        assert process.wait(DEADLINE_S) == 10
    assert len(home.photos()) == 6


def test_a_run_that_a_limit_ended_is_no_success_to_go_on_from(home: Home, card: Path) -> None:
    def since_last_run() -> int:
        command = ["process", "--dry-run", "--json", str(card), "--size", "16", "--since", "last-run"]
        return int(home.run(*command).records[-1]["would_upload"])

    home.run("process", str(card), "--size", "32", "--max-photos", "1")
    assert since_last_run() == 5  # as before the first run
    home.run("process", str(card), "--size", "32")
    assert since_last_run() == 0


@pytest.mark.parametrize("value", ["--max-photos=0", "--max-duration=soon", "--max-transfer=lots"])
def test_a_limit_that_is_none_is_refused(home: Home, card: Path, value: str) -> None:
    assert home.run("process", str(card), value).code == 2


def test_a_quiet_run_says_nothing_of_a_limit(home: Home, card: Path) -> None:
    result = home.run("process", "-q", "--size", "32", str(card), "--max-photos", "1")
    assert (result.code, result.err) == (10, "")


def test_a_login_that_is_refused_is_more_than_a_limit(home: Home, card: Path) -> None:
    with FaultGallery(lambda _number: status(401)) as gallery:
        assert home.run("process", str(card), "--to", gallery.url, "--max-duration", "0s").code == 12
