"""`photopipe forget`: what is forgotten is forgotten, and nothing else."""

import os
import pty
import shutil
from pathlib import Path

import pytest
from support.command import Home
from support.deadline import DEADLINE_S

PHOTO = "DCIM/100PHOTO/IMG_0000.JPG"


def test_a_forgotten_photo_is_taken_up_by_the_next_run_and_the_gallery_recognises_it(
    worked_on: Home, known_card: Path
) -> None:
    run = worked_on.run("forget", "--yes", str(known_card / PHOTO))
    assert (run.code, run.out, run.err) == (0, "", "Forgotten: 1 photo in 1 file.\n")
    assert worked_on.journal_states()["uploaded"] == 4
    assert "1 already in gallery" in worked_on.run("process", str(known_card)).err
    assert worked_on.journal_states()["uploaded"] == 5


def test_a_folder_stands_for_everything_in_it(worked_on: Home, known_card: Path) -> None:
    assert worked_on.run("forget", "-y", str(known_card)).err == "Forgotten: 7 photos in 7 files.\n"
    assert not worked_on.journal_states()


def test_a_photo_that_is_known_under_another_path_stays_known(
    worked_on: Home, known_card: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.jpg"
    shutil.copy(known_card / PHOTO, copy)
    worked_on.run("process", "-q", str(copy))
    run = worked_on.run("forget", "-y", str(known_card / PHOTO))
    assert "Forgotten: 0 photos in 1 file. 1 photo is still known under another path" in run.err
    assert "1 duplicate" in worked_on.run("process", str(known_card / PHOTO)).err
    assert "Forgotten: 1 photo in 2 files." in worked_on.run("forget", "-y", str(known_card / PHOTO), str(copy)).err


def test_a_gallery_is_forgotten_by_its_name_or_its_id(worked_on: Home, known_card: Path, tmp_path: Path) -> None:
    (tmp_path / "nas").mkdir()
    worked_on.run("process", "-q", str(known_card / PHOTO), "--to", f"folder://{tmp_path}/nas")
    galleries = worked_on.run("status", "--json").records[0]["galleries"]
    nas = next(one["gallery"] for one in galleries if one["name"] is None)
    assert worked_on.run("forget", "--gallery", "embedded", "--yes").err.endswith(", 7 photos.\n")
    (left,) = worked_on.run("status", "--json").records[0]["galleries"]
    assert (left["gallery"], left["uploaded"]) == (nas, 1)
    assert worked_on.run("forget", "--gallery", nas, "--yes").code == 0
    assert worked_on.run("status", "--json").records[0]["galleries"] == []


def test_a_gallery_that_is_not_known_is_refused_and_the_known_ones_are_named(worked_on: Home) -> None:
    run = worked_on.run("forget", "--gallery", "embeded", "--yes")
    assert run.code == 2
    assert "It knows: embedded, photopipe-gallery:" in run.err


@pytest.mark.parametrize("arguments", [(), ("--gallery", "embedded", "DCIM")])
def test_paths_or_a_gallery_must_be_named(worked_on: Home, arguments: tuple[str, ...]) -> None:
    assert worked_on.run("forget", "--yes", *arguments).code == 2


def test_without_a_terminal_nothing_is_forgotten_unless_that_was_confirmed(worked_on: Home, known_card: Path) -> None:
    run = worked_on.run("forget", str(known_card))
    assert run.code == 2
    assert "add --yes" in run.err
    assert worked_on.journal_states()["uploaded"] == 5


def test_on_a_terminal_it_asks_first(worked_on: Home, known_card: Path) -> None:
    assert answer(worked_on, known_card, b"n\n") == 130
    assert worked_on.journal_states()["uploaded"] == 5
    assert answer(worked_on, known_card, b"y\n") == 0
    assert not worked_on.journal_states()


def answer(home: Home, known_card: Path, text: bytes) -> int:
    """Ask to forget everything on a terminal, and type an answer."""
    master, terminal = pty.openpty()
    try:
        os.write(master, text)
        with home.start("forget", str(known_card), stdin=terminal, stdout=None) as process:
            _, err = process.communicate(timeout=DEADLINE_S)
    finally:
        os.close(master)
        os.close(terminal)
    assert b"uploads them again, unless the gallery itself recognises them" in err
    return int(process.returncode)
