"""On a real (pseudo-)terminal: progress, what its screen shows in the end, and keys typed by hand."""

import re
import shutil
import signal
import sys
from pathlib import Path

import pytest
from support.command import Home
from support.fault_gallery import Fault, FaultGallery
from support.pictures import make_jpeg
from support.terminal import Terminal

BLOCK = ("find ", "download ", "resize ", "upload ")


@pytest.fixture
def urls(tmp_path: Path) -> Path:
    return tmp_path / "urls.txt"


@pytest.fixture
def slow_card(tmp_path: Path) -> Path:
    """Thirty photos that take a while."""
    (tmp_path / "card").mkdir()
    for number in range(30):
        make_jpeg(tmp_path / "card" / f"IMG_{number:04}.JPG", (1600, 1200), seed=number)
    return tmp_path / "card"


def block_of(terminal: Terminal) -> list[str]:
    """The lines of the progress on the screen."""
    return [line for line in terminal.lines if line.startswith(BLOCK)]


def test_progress_moves_on_the_terminal_and_leaves_the_account(home: Home, slow_card: Path, urls: Path) -> None:
    terminal = Terminal(home, urls, "process", str(slow_card))
    terminal.until_shown(*BLOCK, "30 photos,", " in work", " waiting", " of 3.2 MB")
    assert terminal.end() == 0
    assert [re.sub(r"\(.*\)|;.*", "", line) for line in terminal.lines[:1]] == [
        "30 photos found: 30 uploaded , 0 skipped, 0 failed, 0 left over"
    ]
    assert block_of(terminal) == []
    assert re.search(rb"\x1b\[[\d;]*m", terminal.written) is None, "NO_COLOR holds for everybody"
    assert len(urls.read_text().splitlines()) == 30


@pytest.mark.campaign
def test_the_progress_is_cut_where_a_terminal_ends_that_was_made_smaller(home: Home, card: Path, urls: Path) -> None:
    (card / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    terminal = Terminal(home, urls, "watch", str(card), columns=90)
    terminal.until_shown("6 photos", "1 failed, watching", "/s")
    terminal.resize(30)
    terminal.until_true(lambda: 4 == len(block_of(terminal)) == sum(len(line) <= 29 for line in block_of(terminal)), "")
    first = terminal.lines.index(block_of(terminal)[0])
    assert terminal.lines[first : first + 4] == block_of(terminal), "no line is wrapped"
    assert str(card)[:25] in "\n".join(terminal.lines[:first]), "the failure stays above"
    terminal.resize(80, rows=4)
    terminal.until_true(lambda: [line[:6] for line in block_of(terminal)] == ["resize", "upload"], "what fits")
    terminal.type(b"\x03")
    assert terminal.end() == 128 + signal.SIGINT
    assert block_of(terminal) == []


def test_ctrl_z_clears_the_screen_and_fg_brings_the_progress_back(home: Home, card: Path) -> None:
    shell = shutil.which("bash")
    if shell is None:
        pytest.skip("needs bash for its job control")
    terminal = Terminal(home, Path(), command=[shell, "--norc", "--noprofile", "-i"], env={"PS1": "$ "})
    try:
        terminal.type(f"{sys.executable} -m photopipe watch {card} > {card}.urls\n".encode())
        terminal.until_shown("find ", "watching")
        terminal.type(b"\x1a")
        terminal.until_shown("Stopped")
        assert block_of(terminal) == []
        terminal.type(b"fg\n")
        terminal.until_shown("find ", "watching")
        terminal.type(b"\x03")
        terminal.until_true(lambda: "photos found" in "\n".join(terminal.lines), "the account")
        terminal.type(b"exit 7\n")
        assert terminal.end() == 7
        assert block_of(terminal) == []
    finally:
        terminal.kill()


@pytest.mark.parametrize(("arguments", "env"), [(["-q"], {}), ([], {"TERM": "dumb"})])
def test_there_is_no_progress_if_quiet_or_on_a_dumb_terminal(
    home: Home, card: Path, urls: Path, arguments: list[str], env: dict[str, str]
) -> None:
    terminal = Terminal(home, urls, "process", *arguments, str(card), env=env)
    assert terminal.end() == 0
    assert b"\x1b" not in terminal.written
    assert b" waiting" not in terminal.written
    assert (terminal.written == b"") is (arguments == ["-q"])


def test_ctrl_c_typed_by_hand_finishes_the_line_and_spares_the_gallery(home: Home, slow_card: Path, urls: Path) -> None:
    """The terminal signals the whole group in the foreground; the embedded gallery must outlive that."""
    terminal = Terminal(home, urls, "process", "--jobs", "1", str(slow_card))
    terminal.until(b" in work")
    terminal.type(b"\x03")
    terminal.until(b"being finished")
    assert terminal.end() == 128 + signal.SIGINT
    assert b"0 failed, 0 left over" in terminal.written
    assert b"run again for the rest" in terminal.written
    assert block_of(terminal) == []
    uploaded = len(urls.read_text().splitlines())
    assert uploaded == len(home.photos()) < 30
    assert len(home.run("process", "-q", str(slow_card)).lines) == 30 - uploaded


@pytest.mark.campaign
def test_two_ctrl_c_end_a_run_whose_gallery_hangs_and_leave_a_clean_screen(home: Home, card: Path, urls: Path) -> None:
    with FaultGallery([Fault.HANG] * 100) as gallery:
        terminal = Terminal(home, urls, "process", str(card), "--to", gallery.url, "--timeout", "60s")
        terminal.until_shown("find ", "5 photos", "in work")
        terminal.type(b"\x03")
        terminal.until_shown("being finished", "find ")
        terminal.type(b"\x03")
        assert terminal.end() == 128 + signal.SIGINT
    assert "5 photos found" in "\n".join(terminal.lines)
    assert block_of(terminal) == []


def test_the_password_of_the_gallery_is_asked_for_twice_and_not_shown(home: Home, urls: Path) -> None:
    terminal = Terminal(home, urls, "gallery", "password")
    terminal.until(b"Password: ")
    terminal.type(b"open-sesame, all\n")
    terminal.until(b"The same again: ")
    terminal.type(b"open-sesame, all\n")
    assert (terminal.end(), b"sesame" in terminal.written) == (0, False)
    assert '"password": {' in (home.pictures / ".photopipe" / "access.json").read_text()
