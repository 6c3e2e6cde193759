"""Streams that are closed, full, or cannot express what is written: no photo is lost, and data that is lost is told."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.command import COMMAND_DEADLINE_S, Home
from support.fault_gallery import FaultGallery, status
from support.pictures import make_jpeg


def run_in_shell(home: Home, redirection: str, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
    command = ["bash", "-c", f'"$@" {redirection}', "bash", sys.executable, "-m", "photopipe", *arguments]
    return subprocess.run(
        command, env=home.environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=COMMAND_DEADLINE_S
    )


@pytest.mark.parametrize(
    ("redirection", "code", "lines"),
    [
        (">&-", 1, 0),
        ("2>&-", 0, 5),
        pytest.param(">&- 2>&-", 1, 0, marks=pytest.mark.campaign),
        pytest.param("<&-", 0, 5, marks=pytest.mark.campaign),
        ("<&- >&- 2>&-", 1, 0),
        pytest.param("2>/dev/full", 0, 5, marks=pytest.mark.campaign),
    ],
)
def test_uploads_go_on_without_a_stream(home: Home, card: Path, redirection: str, code: int, lines: int) -> None:
    result = run_in_shell(home, redirection, "process", str(card))
    assert result.returncode == code, result.stderr
    assert len(result.stdout.splitlines()) == lines
    assert b"Traceback" not in result.stderr
    if code and "2>" not in redirection:
        assert b"stdout could not be written: Bad file descriptor" in result.stderr
    assert len(home.photos()) == 5
    assert home.journal_states()["uploaded"] == 5


@pytest.mark.parametrize("redirection", [pytest.param(">&-", marks=pytest.mark.campaign), ">/dev/full"])
@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["process", "--help"], ["--version"], ["galleries"], ["resize", "PHOTO", "-"]],
    ids=" ".join,
)
def test_data_that_cannot_be_written_is_told_by_every_command(
    home: Home, tmp_path: Path, redirection: str, arguments: list[str]
) -> None:
    photo = make_jpeg(tmp_path / "photo.jpg")
    result = run_in_shell(home, redirection, *(str(photo) if word == "PHOTO" else word for word in arguments))
    assert (result.returncode, b"Traceback" in result.stderr) == (1, False), result.stderr
    assert b"stdout could not be written: " in result.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["galleries"], ["resize", "PHOTO", "-"]], ids=" ".join)
def test_a_reader_that_has_had_enough_is_no_failure(home: Home, tmp_path: Path, arguments: list[str]) -> None:
    photo = make_jpeg(tmp_path / "photo.jpg", (1600, 1200))
    words = (str(photo) if word == "PHOTO" else word for word in arguments)
    result = run_in_shell(home, "| true; exit ${PIPESTATUS[0]}", *words)
    assert (result.returncode, result.stderr) == (0, b"")


def test_an_address_that_stdout_cannot_express_is_escaped(home: Home, card: Path) -> None:
    body = json.dumps({"id": "1", "url": "http://h/übersicht/山"}).encode()
    with FaultGallery(lambda _number: status(201, {"Content-Type": "application/json"}, body)) as gallery:
        env = {"PYTHONIOENCODING": "ascii"}
        result = home.run("process", str(card), "--to", gallery.url, env=env)
    assert (result.code, result.lines) == (0, ["http://h/\\xfcbersicht/\\u5c71"] * 5), result.err


def test_a_photo_whose_name_is_not_utf8_is_told_on_an_ascii_terminal(home: Home, tmp_path: Path) -> None:
    (tmp_path / "Zürich").mkdir()
    make_jpeg(tmp_path / "Zürich" / "a.jpg")
    result = home.run("process", "-v", str(tmp_path / "Zürich"), env={"PYTHONIOENCODING": "ascii"})
    assert result.code == 0, result.err
    assert "Z\\xfcrich/a.jpg: uploaded" in result.err
