"""`--log-file`: everything with the time, whatever happens to the file."""

import json
import os
import re
import time
from pathlib import Path

import jsonschema
import pytest
from support.command import Home
from support.deadline import DEADLINE_S
from support.secret_watch import secret_in_file

from photopipe import __version__
from photopipe.cli.logs import log_file
from photopipe.cli.logs.log_file import LogFile
from photopipe.errors import UsageError

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "docs" / "json-output.schema.json").read_text())
STAMP = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \d+ "


def test_the_log_has_what_became_of_each_photo_and_how_the_run_ended_even_if_quiet(home: Home, card: Path) -> None:
    log = home.folder / "log"
    (card / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    result = home.run("process", "-q", str(card), "--log-file", str(log))
    assert (result.code, len(result.lines), len(result.err.splitlines())) == (3, 5, 1)
    lines = log.read_text().splitlines()
    assert all(re.match(STAMP, line) for line in lines)
    said = [re.sub(STAMP, "", line) for line in lines]
    assert said[0].startswith(f"The run starts: photopipe {__version__} with Python 3.")
    assert str(card) in said[0]
    for number, url in enumerate(sorted(result.lines)):
        assert f"{card}/DCIM/100PHOTO/IMG_{number:04}.JPG: uploaded: {url}" in said
    assert result.err.strip() in said
    assert any(line.startswith("6 photos found: 5 uploaded") for line in said)
    assert said[-1] == "The run ends with exit code 3."


def test_the_second_run_is_appended_and_names_no_photo_that_is_done(home: Home, card: Path) -> None:
    log = home.folder / "log"
    for _ in range(2):
        assert home.run("process", str(card), "--json", env={"PHOTOPIPE_LOG_FILE": str(log)}).code == 0
    text = log.read_text()
    assert text.count("The run starts") == 2
    assert (text.count("IMG_0000.JPG: uploaded"), text.count("IMG_0000.JPG: skipped")) == (1, 0)
    assert "5 photos found: 0 uploaded, 5 skipped (5 unchanged)" in text


def test_the_json_log_has_the_records_of_the_json_output_and_more(home: Home, card: Path) -> None:
    log = home.folder / "log"
    result = home.run("process", str(card), "--json", "--log-file", str(log), "--log-json")
    records = [json.loads(line) for line in log.read_text().splitlines()]
    kinds = [record["type"] for record in records]
    assert kinds == ["start", "galleries", *["photo"] * 5, "message", "message", "summary", "end"]
    assert len({record["pid"] for record in records}) == 1
    assert (records[0]["version"], records[-1]["exit_code"]) == (__version__, 0)
    for record in records:
        if record["type"] in {"photo", "summary"}:
            jsonschema.validate(record, SCHEMA)
    photos = [{**record, "ts": 0} for record in result.records if record["type"] == "photo"]
    assert [{**record, "ts": 0} for record in records if record["type"] == "photo"] == [
        {**photo, "pid": records[0]["pid"]} for photo in photos
    ]


def test_what_ends_a_run_before_its_first_photo_is_in_the_log(home: Home) -> None:
    log = home.folder / "log"
    assert home.run("process", "/nowhere", "--log-file", str(log)).code == 13
    *_, why, end = log.read_text().splitlines()
    assert "/nowhere: the source cannot be read" in why
    assert end.endswith("The run ends with exit code 13.")


@pytest.mark.campaign
def test_no_secret_of_an_address_is_in_the_log(home: Home) -> None:
    log = home.folder / "log"
    source = "http://me:s3cret@127.0.0.1:1/a.jpg?key=t0ken"
    home.run("process", source, "--log-file", str(log), env={"PHOTOPIPE_TOKEN": "t0ken-1"})
    assert "from http://127.0.0.1:1/a.jpg;" in log.read_text()
    assert secret_in_file(log) is None


@pytest.mark.parametrize("arguments", [["--log-file", "/nowhere/log"], ["--log-file", "/"], ["--log-json"]])
def test_a_log_that_cannot_be_written_is_refused_before_the_run(home: Home, card: Path, arguments: list[str]) -> None:
    result = home.run("process", str(card), *arguments)
    assert (result.code, result.out, home.photos()) == (2, "", [])
    assert "--log-file" in result.err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is full")
def test_a_full_disk_under_the_log_is_said_once_and_stops_nothing(home: Home, card: Path) -> None:
    result = home.run("process", "-q", str(card), "--log-file", "/dev/full")
    assert (result.code, len(result.lines)) == (0, 5)
    assert result.err == (
        "The log /dev/full cannot be written and is incomplete: No space left on device. The run goes on.\n"
    )


@pytest.mark.campaign
def test_stats_go_to_the_log_and_to_stderr_unless_it_is_quiet(home: Home, card: Path) -> None:
    log = home.folder / "log"
    refused = home.run("process", str(card), "--stats", "0s")
    assert (refused.code, refused.err) == (2, "photopipe: --stats must be 1s or more.\n")
    with home.start("watch", "-q", str(card), "--stats", "1s", "--log-file", str(log)) as watch:
        deadline = time.monotonic() + DEADLINE_S
        while not (log.exists() and "5 photos found: 5 uploaded, 0 skipped" in log.read_text()):
            assert time.monotonic() < deadline
            os.sched_yield()
        watch.terminate()
        assert watch.communicate(timeout=DEADLINE_S)[1].count(b"photos found") == 0
    assert "in work + waiting: download 0+0, resize 0+0, upload 0+0; " in log.read_text()


def test_a_log_is_renamed_before_it_becomes_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "LARGEST_BYTES", 100)
    log = LogFile(str(tmp_path / "log"), pytest.fail)
    for number in range(200):
        log.write(f"line {number:03} \udcff")
    log.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", *(f"log.{n}" for n in range(1, 6))]
    assert all(0 < path.stat().st_size <= 100 for path in tmp_path.iterdir())
    assert (tmp_path / "log").read_text().splitlines()[-1] == "line 199 \\udcff"


def test_a_log_that_another_program_has_renamed_is_begun_anew(tmp_path: Path) -> None:
    log = LogFile(str(tmp_path / "log"), pytest.fail)
    log.write("before")
    (tmp_path / "log").rename(tmp_path / "old")
    log.write("after")
    (tmp_path / "log").unlink()
    log.write("last")
    log.close()
    assert [(tmp_path / name).read_text() for name in ("old", "log")] == ["before\n", "last\n"]


def test_two_processes_that_share_a_log_lose_no_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "LARGEST_BYTES", 2000)
    monkeypatch.setattr(log_file, "KEPT_FILES", 100)
    children = []
    for _ in range(3):
        child = os.fork()
        if child == 0:
            log = LogFile(str(tmp_path / "log"), lambda _why: os._exit(1))
            for number in range(400):
                log.write(f"{os.getpid()} {number:020}")
            os._exit(0)
        children.append(child)
    assert [os.waitpid(child, 0)[1] for child in children] == [0, 0, 0]
    lines = [line for path in tmp_path.iterdir() for line in path.read_text().splitlines()]
    assert sorted(lines) == sorted(f"{child} {number:020}" for child in children for number in range(400))


def test_a_log_that_cannot_be_renamed_grows_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_file, "LARGEST_BYTES", 100)
    said: list[str] = []
    log = LogFile(str(tmp_path / "log"), said.append)
    for number in range(1, 6):  # in the way of the new names
        (tmp_path / f"log.{number}").mkdir()
    for number in range(20):
        log.write(f"line {number:03}")
    log.close()
    assert len(said) == 1
    assert "cannot be renamed, and grows" in said[0]
    text = "".join(path.read_text() for path in tmp_path.iterdir() if path.is_file())
    assert text.splitlines() == [f"line {number:03}" for number in range(20)]


def test_a_folder_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"--log-file .* cannot be written: Is a directory"):
        LogFile(str(tmp_path), pytest.fail)
