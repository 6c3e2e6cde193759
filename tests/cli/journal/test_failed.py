"""`photopipe failed`: every photo that failed, in lines that no name can forge."""

import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import jsonschema
import pytest
from support.command import Home
from support.pictures import make_jpeg

from .conftest import HOSTILE

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "json-output.schema.json").read_text())

IS_FIRST = "photo_id = (SELECT photo_id FROM files WHERE name = CAST('IMG_0000.JPG' AS BLOB))"


@pytest.fixture
def hostile_card(tmp_path: Path) -> Path:
    card = tmp_path / "hostile"
    card.mkdir()
    for number, name in enumerate(HOSTILE):
        (card / os.fsdecode(name)).write_bytes(b"\xff\xd8\xff\xe0 and no more %d" % number)
    make_jpeg(card / "good.jpg", seed=1)
    return card


def test_each_failure_is_a_line_of_path_reason_and_message(worked_on: Home) -> None:
    run = worked_on.run("failed")
    assert (run.code, run.err) == (0, "")
    rows = [line.split("\t") for line in run.lines]
    assert [(os.path.basename(path), reason) for path, reason, _ in rows] == [
        ("broken.jpg", "unreadable_photo"),
        ("late.jpg", "unreadable_photo"),
    ]
    assert rows[0][2].startswith("in quarantine: cannot be resized")
    assert rows[1][2].startswith("cannot be resized")


def test_hostile_names_survive_once_each_cannot_forge_a_line_and_can_be_fed_back(
    home: Home, hostile_card: Path, tmp_path: Path
) -> None:
    renditions = ("--rendition", "web=80", "--rendition", "thumb=40")
    assert home.run("process", "-q", str(hostile_card), *renditions).code == 3
    paths = sorted(os.fsencode(hostile_card) + b"/" + name for name in HOSTILE)
    listed = os.fsencode(home.run("failed", "-0").out)
    assert listed == b"".join(path + b"\0" for path in paths)
    lines = home.run("failed").out.split("\n")
    assert len(lines) == len(HOSTILE) + 1
    assert "\u202e" not in "".join(lines)
    records = home.run("failed", "--json").records
    assert len(records) == len(HOSTILE) * 2  # one for each recipe
    for record in records:
        jsonschema.Draft202012Validator(SCHEMA).validate(record)
    assert {record["path"] for record in records if "path_b64" not in record} == {
        os.fsdecode(path) for path in paths if b"\xff" not in path
    }
    for number, name in enumerate(HOSTILE):
        (hostile_card / os.fsdecode(name)).unlink()
        make_jpeg(hostile_card / os.fsdecode(name), seed=10 + number)
    (tmp_path / "list").write_bytes(listed)
    again = home.run("process", "--files-from", str(tmp_path / "list"), "-0")
    assert (again.code, len(again.lines)) == (0, len(HOSTILE))


def test_photos_in_doubt_are_listed_apart(worked_on: Home) -> None:
    with closing(sqlite3.connect(worked_on.journal)) as connection, connection:
        connection.execute(f"UPDATE deliveries SET state = 'sending' WHERE {IS_FIRST}")
    assert len(worked_on.run("failed").lines) == 2
    (line,) = worked_on.run("failed", "--in-doubt").lines
    path, reason, message = line.split("\t")
    assert (os.path.basename(path), reason) == ("IMG_0000.JPG", "in_doubt")
    assert "asks the gallery" in message
    (record,) = worked_on.run("failed", "--in-doubt", "--json").records
    assert record["state"] == "in_doubt"
    jsonschema.Draft202012Validator(SCHEMA).validate(record)


def test_a_photo_in_doubt_whose_sending_failed_is_a_failure(worked_on: Home) -> None:
    with closing(sqlite3.connect(worked_on.journal)) as connection, connection:
        connection.execute(f"UPDATE deliveries SET state = 'sending', reason = 'gallery_failed' WHERE {IS_FIRST}")
    assert "IMG_0000.JPG\tgallery_failed" in worked_on.run("failed").out


def test_nothing_is_listed_without_a_journal_and_two_formats_are_refused(home: Home) -> None:
    run = home.run("failed")
    assert (run.code, run.out) == (0, "")
    assert home.run("failed", "-0", "--json").code == 2


def test_a_reader_that_stops_early_ends_it_quietly(worked_on: Home) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "wb") as closed:
        run = worked_on.run("failed", stdout=closed)
    assert (run.code, run.err) == (0, "")


def test_photos_on_a_card_that_is_not_in_are_listed_but_not_given_to_a_pipe(worked_on: Home) -> None:
    with closing(sqlite3.connect(worked_on.journal)) as connection, connection:
        connection.execute("UPDATE folders SET path = CAST('fat:FFFF-0000/DCIM' AS BLOB)")
    assert worked_on.run("failed").out.startswith("fat:FFFF-0000/DCIM/broken.jpg\t")
    run = worked_on.run("failed", "-0")
    assert (run.code, run.out) == (0, "")
    assert "2 more are on memory cards that are not in" in run.err
