"""The table for spreadsheets: whole, and nothing in it can be run."""

import base64
import csv
import io
from pathlib import Path

import pytest
from support.told_run import ToldRun, ended, uploaded

from photopipe.report import Account, PhotoOutcome
from photopipe.report.csv_report import COLUMNS, CsvReport


def rows_of(path: Path, *outcomes: PhotoOutcome) -> list[dict[str, str]]:
    account = Account()
    report = CsvReport(str(path))
    report.started(ToldRun(account))
    for outcome in outcomes:
        report.photo(outcome)
    assert not path.exists()
    report.ended(ended(account))
    report.close()
    assert report.lost is None
    return list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0.jpg", "+1.jpg", "-1.jpg", "@SUM(A1).jpg", "\t=1.jpg", "\r=1.jpg"])
def test_a_name_that_a_spreadsheet_would_run_is_made_a_text(tmp_path: Path, name: str) -> None:
    (row,) = rows_of(tmp_path / "a.csv", PhotoOutcome(name, "failed", message=name))
    assert row["path"] == row["message"] == f"'{name}"
    assert base64.b64decode(row["path_b64"]).decode() == name


def test_hostile_names_and_messages_stay_in_their_cells(tmp_path: Path) -> None:
    names = ["a,b.jpg", 'say "cheese".jpg', "two\nlines.jpg", "\u202egpj.exe", "caf\udce9.jpg", "山.jpg"]
    rows = rows_of(tmp_path / "a.csv", *(PhotoOutcome(f"/card/{name}", "failed", message=name) for name in names))
    assert [row["path"] for row in rows] == [f"/card/{name}".replace("\udce9", "\ufffd") for name in names]
    assert base64.b64decode(rows[4]["path_b64"]) == b"/card/caf\xe9.jpg"
    assert [row["path_b64"] for row in rows if row["path_b64"]] == [rows[4]["path_b64"]]


def test_a_row_has_what_a_json_line_has(tmp_path: Path) -> None:
    (row,) = rows_of(tmp_path / "a.csv", uploaded(7))
    assert tuple(row) == COLUMNS
    assert (row["status"], row["gallery"], row["bytes"], row["source_width"]) == (
        "uploaded",
        "family",
        "410000",
        "4032",
    )
