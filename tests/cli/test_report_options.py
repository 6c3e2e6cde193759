"""`--report`, `--failed-to` and `--trace`: what a run leaves for people, spreadsheets, scripts and the next run."""

import csv
import io
import json
import os
import signal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from support.command import COMMAND_DEADLINE_S, Home
from support.deadline import until
from support.fault_gallery import OK, TAKE_AND_HANG, FaultGallery
from support.mounting import mounted_tmpfs, needs_mount
from support.pictures import make_jpeg

from photopipe.report import Account, RunEnd

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "json-output.schema.json").read_text())
VARYING = {"ts", "seconds"}
BAD = (b"bad\xffname.jpg", b"two\nlines <b>.jpg")


def records_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def without_times(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in record.items() if name not in VARYING} for record in records]


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """A good photo, two damaged ones with hostile names, and a copy."""
    folder = tmp_path / "card"
    folder.mkdir()
    make_jpeg(folder / "good.jpg", seed=1)
    (folder / "copy.jpg").write_bytes((folder / "good.jpg").read_bytes())
    for name in BAD:
        (folder / os.fsdecode(name)).write_bytes(b"\xff\xd8\xff\xe0")
    return folder


def test_all_reports_of_one_run_agree(home: Home, mixed: Path, tmp_path: Path) -> None:
    names = ("r.ndjson", "r.csv", "r.html")
    options = [option for name in names for option in ("--report", str(tmp_path / name))]
    result = home.run("process", "--json", str(mixed), *options, "--trace", str(tmp_path / "t.json"))
    assert result.code == 3
    written = records_of(tmp_path / "r.ndjson")
    assert without_times(written) == without_times(result.records)
    for record in written:
        jsonschema.Draft202012Validator(SCHEMA).validate(record)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "r.csv").read_bytes().decode("utf-8-sig"), newline="")))
    assert [row["status"] for row in rows] == [record["status"] for record in written[:-1]]
    page = (tmp_path / "r.html").read_text("utf-8")
    assert "<h1>Not everything is done: of 4 photos, 1 uploaded, 1 skipped, 2 failed.</h1>" in page
    assert page.count('src="data:image/webp;base64,') == 1
    assert "bad\\xffname.jpg" in page
    assert "two\\nlines &lt;b&gt;.jpg" in page
    spans = [event for event in json.loads((tmp_path / "t.json").read_text()) if event["ph"] == "X"]
    assert {(span["name"], span["args"]["failed"]) for span in spans} == {
        ("download", False), ("resize", False), ("resize", True), ("upload", False),
    }  # fmt: skip
    assert sorted(path.name for path in tmp_path.iterdir()) == ["card", "home", "r.csv", "r.html", "r.ndjson", "t.json"]


def test_what_failed_can_be_fed_back(home: Home, mixed: Path, tmp_path: Path) -> None:
    failed = tmp_path / "failed"
    assert home.run("process", str(mixed), "--failed-to", str(failed)).code == 3
    names = failed.read_bytes().split(b"\0")
    assert sorted(names) == [b"", *sorted(os.fsencode(mixed) + b"/" + one for one in BAD)]
    for seed, name in enumerate(BAD):
        make_jpeg(mixed / os.fsdecode(name), seed=seed + 10)
    again = home.run("process", "--files-from", str(failed), "-0", "--failed-to", str(failed))
    assert (again.code, len(again.lines)) == (0, 2)
    assert failed.read_bytes() == b""


@pytest.mark.campaign
def test_a_report_of_a_run_with_nothing_to_do_and_of_a_dry_run(home: Home, card: Path, tmp_path: Path) -> None:
    report = tmp_path / "r.html"
    dry = home.run("process", "-q", "--dry-run", str(card), "--report", str(report))
    assert (dry.code, dry.out, dry.err) == (0, "", "")
    assert "<h1>A dry run: 5 photos would be uploaded.</h1>" in report.read_text()
    assert home.run("process", "-q", str(card)).code == 0
    home.run("process", "-q", str(card), "--report", str(report))
    assert "<h1>Nothing was to be done: of 5 photos, 5 skipped.</h1>" in report.read_text()
    (tmp_path / "empty").mkdir()
    home.run("process", "-q", str(tmp_path / "empty"), "--report", str(report))
    assert "<h1>No photos were found.</h1>" in report.read_text()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("--report", "report.pdf"),
            "'report.pdf': its extension says what is written; it can be",
        ),
        (("--report", "missing/r.csv"), "--report missing/r.csv: cannot be written: No such file or directory."),
        (("--failed-to", "card"), "--failed-to card: cannot be written: it is not a plain file."),
        (("--report", "r.csv", "--failed-to", "./r.csv"), "two outputs cannot be written into the same file"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_first_photo(
    home: Home, card: Path, options: tuple[str, ...], said: str
) -> None:
    result = home.run("process", str(card), *options, cwd=card.parent)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert home.photos() == []


@needs_mount
def test_a_full_disk_loses_the_report_and_not_the_run(home: Home, card: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with mounted_tmpfs(disk):
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
        (disk / "full").write_bytes(bytes(free - 4096))
        result = home.run("process", "--json", str(card), "--report", str(disk / "r.html"))
        assert os.listdir(disk) == ["full"]
    assert result.code == result.records[-1]["exit_code"] == 1
    assert len(home.photos()) == 5
    assert "r.html: could not be written: No space left on device. It is lost; uploads are not affected." in result.err


@pytest.mark.campaign
def test_a_stopped_run_leaves_complete_reports_and_names_what_is_left_over(
    home: Home, big_card: Path, tmp_path: Path
) -> None:
    left, report = tmp_path / "left", tmp_path / "r.ndjson"
    with FaultGallery(lambda number: TAKE_AND_HANG if number < 2 else OK) as gallery:
        files = ("--failed-to", str(left), "--report", str(report))
        process = home.start("process", "-q", str(big_card), "--to", gallery.url, *files)
        until(lambda: len(gallery.posts) >= 2)
        for said in (b"Stopping", b"Dropping"):
            process.send_signal(signal.SIGINT)
            assert process.stderr is not None
            until(lambda said=said: said in process.stderr.readline())  # type: ignore[misc]
        process.communicate(timeout=COMMAND_DEADLINE_S)
    assert process.returncode == 130
    summary = records_of(report)[-1]
    assert (summary["type"], summary["exit_code"]) == ("summary", 130)
    assert len(left.read_bytes().split(b"\0")) - 1 == summary["left_over"] > 0


def test_a_lost_report_fails_a_run_that_had_not_failed_otherwise() -> None:
    def code(exit_code: int) -> tuple[int, tuple[str, ...]]:
        end = RunEnd(Account(), 1.0, exit_code, None, messages=("first",)).with_lost("second")
        return end.exit_code, tuple(end.messages)

    assert [code(0), code(3), code(5)] == [(1, ("first", "second")), (1, ("first", "second")), (5, ("first", "second"))]
    assert RunEnd(Account(), 1.0, 0, None).with_lost(None).exit_code == 0
