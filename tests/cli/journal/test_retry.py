"""`photopipe retry`: quarantine ends, for all photos or some."""

from pathlib import Path

import pytest
from support.command import Home

from photopipe.errors import LockHeld, UsageError
from photopipe.journal import run_lock
from photopipe.journal_api import forget_photos, retry_photos


def test_all_that_failed_is_tried_again_by_the_next_run(worked_on: Home, known_card: Path) -> None:
    run = worked_on.run("retry")
    assert (run.code, run.out) == (0, "")
    assert run.err == "2 photos will be tried again by the next run that finds them.\n"
    assert worked_on.journal_states() == {"uploaded": 5, "found": 2}
    worked_on.run("process", "-q", str(known_card))
    assert worked_on.journal_states() == {"uploaded": 5, "failed": 2}  # counted from the beginning


@pytest.mark.parametrize(
    ("path", "count"),
    [("DCIM/100PHOTO/broken.jpg", 1), ("DCIM", 2), ("DCIM/100PHOTO/", 2), ("DCIM/100PHOTO/IMG_0000.JPG", 0)],
)
def test_a_path_is_a_photo_or_a_folder_for_all_in_it(worked_on: Home, known_card: Path, path: str, count: int) -> None:
    assert retry_photos(str(worked_on.journal), [f"{known_card}/{path}"], 0.0) == count
    assert worked_on.journal_states()["found"] == count


def test_a_folder_whose_name_only_begins_alike_is_another_one(worked_on: Home, known_card: Path) -> None:
    with pytest.raises(UsageError):
        retry_photos(str(worked_on.journal), [str(known_card / "DCI")], 0.0)


def test_a_path_may_be_relative_and_one_that_is_not_known_is_refused(worked_on: Home, known_card: Path) -> None:
    assert worked_on.run("retry", "DCIM", cwd=known_card).code == 0
    run = worked_on.run("retry", "/no/such/photo.jpg")
    assert run.code == 2
    assert "/no/such/photo.jpg: the journal knows no photo there" in run.err


def test_without_a_journal_none_is_made(home: Home) -> None:
    assert home.run("retry").code == 2
    assert not home.journal.exists()


def test_a_run_that_goes_on_is_not_disturbed(worked_on: Home) -> None:
    with run_lock(str(worked_on.journal)):
        assert worked_on.run("retry").code == 11
        with pytest.raises(LockHeld):
            forget_photos(str(worked_on.journal), ["/"], 0.0)
    assert worked_on.journal_states()["found"] == 0
