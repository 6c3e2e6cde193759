"""`photopipe process --on local:2` as a real command: whatever happens to its processes, each photo arrives once."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from support.cluster_command import (
    ClusterCommand,
    check_each_is_there_once,
    cluster_command,
    is_worker,
    lease_attempts,
    wait_until,
)
from support.command import Home
from support.fault_gallery import OK, TAKE_AND_DROP, TAKE_AND_HANG, Fault, FaultGallery
from support.pictures import make_jpeg

PHOTOS = 30
SOME = 10
THREADS = 4
LEASE_S = 3.0
END_S = 40.0


@pytest.fixture
def card(tmp_path: Path) -> Path:
    (tmp_path / "card").mkdir()
    for number in range(PHOTOS):
        make_jpeg(tmp_path / "card" / f"IMG_{number:04}.JPG", seed=number)
    return tmp_path / "card"


class Plan:
    """All is well, but for some uploads in the middle.

    Args:
        fault: what they meet.
        last: the first one that does not, counted from 0.

    Attributes:
        is_over: whether uploads meet it no more, as some may not have been sent when a run was ended.
    """

    def __init__(self, fault: Fault, last: int = SOME + THREADS) -> None:
        self.is_over = False
        self._fault = fault
        self._last = last

    def __call__(self, number: int) -> Fault:
        return self._fault if SOME <= number < self._last and not self.is_over else OK


def start(
    home: Home, card: Path, gallery: FaultGallery, *options: str, lease_s: float = 0.0
) -> AbstractContextManager[ClusterCommand]:
    return cluster_command(home, str(card), "--to", gallery.url, "--json", *options, lease_s=lease_s)


def check_account(records: list[dict[str, Any]], exit_code: int) -> dict[str, Any]:
    """The account of a run, which balances."""
    summary = records[-1]
    assert summary["type"] == "summary"
    assert summary["exit_code"] == exit_code
    assert summary["found"] == sum(summary[name] for name in ("uploaded", "skipped", "failed", "left_over"))
    return summary


def account_at_end(command: ClusterCommand, exit_code: int = 0) -> dict[str, Any]:
    """The account of a run that has ended, and of which no process is left."""
    result = command.result(END_S)
    command.wait_until_gone()
    assert result.code == exit_code, result
    return check_account(result.records, exit_code)


def finish(home: Home, card: Path, gallery: FaultGallery) -> None:
    """A run after one that was ended brings what is missing."""
    with start(home, card, gallery) as command:
        summary = account_at_end(command)
        assert summary["uploaded"] + summary["skipped"] == PHOTOS
    check_each_is_there_once(home, gallery, PHOTOS)


def test_each_photo_arrives_once_and_no_process_is_left(home: Home, card: Path) -> None:
    with FaultGallery(idempotent=False) as gallery, start(home, card, gallery) as command:
        assert len(command.wait_for_workers(2)) == 2
        result = command.result(END_S)
        command.wait_until_gone()
        assert (result.code, result.err.count("Traceback")) == (0, 0), result
        assert check_account(result.records, 0)["uploaded"] == PHOTOS
        assert len({line["url"] for line in result.records[:-1]}) == PHOTOS
        check_each_is_there_once(home, gallery, PHOTOS)
    assert lease_attempts(home) == {1: PHOTOS}


def test_what_a_killed_worker_has_sent_is_asked_for_and_not_sent_again(home: Home, card: Path) -> None:
    with (
        FaultGallery(Plan(TAKE_AND_HANG), idempotent=False) as gallery,
        start(home, card, gallery, "--timeout", "2s") as command,
    ):
        wait_until(lambda: len(gallery.stored) > SOME)
        victim = command.workers()[0]
        victim.kill()
        assert account_at_end(command)["uploaded"] == PHOTOS
        check_each_is_there_once(home, gallery, PHOTOS)
        assert gallery.finds
    assert lease_attempts(home)[2] > 0


def test_workers_end_with_their_driver_and_the_next_run_finishes(home: Home, card: Path) -> None:
    plan = Plan(TAKE_AND_HANG)
    with FaultGallery(plan, idempotent=False) as gallery:
        with start(home, card, gallery) as command:
            wait_until(lambda: len(gallery.stored) > SOME)
            command.kill()
            command.wait_until_gone()
        plan.is_over = True
        finish(home, card, gallery)


@pytest.mark.campaign
def test_a_photo_whose_answer_was_lost_is_asked_for(home: Home, card: Path) -> None:
    def loses(number: int) -> Fault:
        return TAKE_AND_DROP if number % 5 == 2 else OK

    with FaultGallery(loses, idempotent=False) as gallery:
        finish(home, card, gallery)
        assert len(gallery.finds) >= PHOTOS // 5


@pytest.mark.campaign
def test_a_worker_that_was_paused_for_longer_than_its_leases_changes_nothing(home: Home, card: Path) -> None:
    with (
        FaultGallery(Plan(TAKE_AND_HANG), idempotent=False) as gallery,
        start(home, card, gallery, "--timeout", "1s", "--retry-for", "2s", lease_s=LEASE_S) as command,
    ):
        wait_until(lambda: len(gallery.stored) > SOME)
        victim = command.workers()[0]
        victim.suspend()
        wait_until(lambda: lease_attempts(home)[2] > 0)
        victim.resume()
        assert account_at_end(command)["uploaded"] == PHOTOS
        check_each_is_there_once(home, gallery, PHOTOS)


@pytest.mark.campaign
def test_a_worker_that_never_goes_on_does_not_hold_up_the_end(home: Home, card: Path) -> None:
    with (
        FaultGallery(Plan(TAKE_AND_HANG), idempotent=False) as gallery,
        start(home, card, gallery, "--timeout", "1s", "--retry-for", "2s", lease_s=LEASE_S) as command,
    ):
        wait_until(lambda: len(gallery.stored) > SOME)
        command.workers()[0].suspend()
        account_at_end(command)
        check_each_is_there_once(home, gallery, PHOTOS)


@pytest.mark.campaign
def test_a_paused_worker_of_a_killed_driver_is_waited_for(home: Home, card: Path) -> None:
    plan = Plan(TAKE_AND_HANG)
    with FaultGallery(plan, idempotent=False) as gallery:
        with start(home, card, gallery, lease_s=LEASE_S) as command:
            wait_until(lambda: len(gallery.stored) > SOME)
            victim = command.workers()[0]
            victim.suspend()
            command.kill()
            wait_until(lambda: [one for one in command.left() if is_worker(one)] == [victim])
            plan.is_over = True
            finish(home, card, gallery)
            victim.resume()
            command.wait_until_gone()
        check_each_is_there_once(home, gallery, PHOTOS)


def test_after_the_first_ctrl_c_what_was_begun_is_finished(home: Home, card: Path) -> None:
    with FaultGallery(idempotent=False) as gallery:
        with start(home, card, gallery) as command:
            wait_until(lambda: len(gallery.stored) >= 2)
            command.interrupt()
            summary = account_at_end(command, 130)
        assert summary["failed"] == 0
        assert summary["uploaded"] == len(gallery.stored) == home.journal_states()["uploaded"]
        assert len({photo.sha256 for photo in gallery.stored}) == len(gallery.stored)


@pytest.mark.campaign
def test_after_the_second_ctrl_c_the_run_ends_at_once_and_the_next_one_finishes(home: Home, card: Path) -> None:
    plan = Plan(TAKE_AND_HANG)
    with FaultGallery(plan, idempotent=False) as gallery:
        with start(home, card, gallery) as command:
            wait_until(lambda: len(gallery.stored) > SOME)
            command.interrupt()
            wait_until(lambda: bool((command.folder / "err").read_text()))
            command.interrupt()
            summary = account_at_end(command, 130)
        assert summary["failed"] == 0
        assert summary["left_over"] >= THREADS
        plan.is_over = True
        finish(home, card, gallery)


@pytest.mark.campaign
def test_that_all_workers_are_killed_at_once_fails_no_photo(home: Home, card: Path) -> None:
    plan = Plan(TAKE_AND_HANG, SOME + 1)
    with FaultGallery(plan, idempotent=False) as gallery, start(home, card, gallery) as command:
        wait_until(lambda: len(gallery.stored) > SOME)
        for worker in command.workers():
            worker.kill()
        account_at_end(command)
        check_each_is_there_once(home, gallery, PHOTOS)


@pytest.mark.campaign
def test_a_worker_killed_while_it_starts_is_no_bug(home: Home, card: Path) -> None:
    with FaultGallery(idempotent=False) as gallery:
        with start(home, card, gallery) as command:
            for worker in command.wait_for_workers(1):
                worker.kill()
            result = command.result(END_S)
            command.wait_until_gone()
        assert result.code in {0, 5}, result
        assert "Traceback" not in result.err
        finish(home, card, gallery)
