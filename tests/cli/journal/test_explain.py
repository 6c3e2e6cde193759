"""`photopipe explain`: what it says a run would do is what the run does."""

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import jsonschema
import pytest
from support.command import Home
from support.pictures import make_jpeg

from photopipe.cli.journal.explanation_text import explanation_lines
from photopipe.explain import Explanation, explain
from photopipe.found_photo import FoundPhoto
from photopipe.journal import Journal
from photopipe.photo import DownloadedPhoto, Receipt, Target

from .conftest import HOSTILE

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "json-output.schema.json").read_text())


def explained(home: Home, path: Path | str) -> Explanation:
    """The same without starting a command."""
    return explain(str(home.journal), str(path))


def as_json(home: Home, path: Path | str) -> dict[str, object]:
    (record,) = home.run("explain", "--json", str(path)).records
    jsonschema.Draft202012Validator(SCHEMA).validate(record)
    return record


def photo(known_card: Path, name: str) -> Path:
    return known_card / "DCIM" / "100PHOTO" / name


def test_an_uploaded_photo_is_told_with_gallery_recipe_time_and_address(worked_on: Home, known_card: Path) -> None:
    run = worked_on.run("explain", str(photo(known_card, "IMG_0000.JPG")))
    assert (run.code, run.err) == (0, "")
    assert run.lines[1] == "The file is as it was when it was recorded."
    assert "Gallery: embedded (photopipe-gallery:" in run.out
    assert "  fitted into 2048x2048 px\n  uploaded, 20" in run.out
    assert " as file://" in run.out
    assert run.lines[-2].startswith("`photopipe process` would skip it as unchanged: every gallery above has it.")


def test_a_photo_in_quarantine_is_told_with_reason_attempts_and_what_would_end_it(
    worked_on: Home, known_card: Path
) -> None:
    out = worked_on.run("explain", str(photo(known_card, "broken.jpg"))).out
    assert "failed in 3 runs, at resize, as unreadable_photo: cannot be resized" in out
    assert "it is left out until the file or the decoders (Pillow" in out
    assert "would skip it as quarantined" in out


def test_other_decoders_end_quarantine(worked_on: Home, known_card: Path) -> None:
    with closing(sqlite3.connect(worked_on.journal)) as connection, connection:
        connection.execute('UPDATE deliveries SET conditions = \'{"decoders": "older"}\'')
    record = as_json(worked_on, photo(known_card, "broken.jpg"))
    assert record["next"] == "uploaded"


def test_what_it_says_a_run_would_do_is_what_the_run_does(home: Home, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for name in ("unchanged", "touched", "rewritten", "gone"):
        make_jpeg(source / f"{name}.jpg", seed=len(name))
    for raw_name in HOSTILE:
        (source / os.fsdecode(raw_name)).write_bytes(b"\xff\xd8\xff\xe0 and no more" + raw_name)
    home.run("process", "-q", str(source))
    with closing(sqlite3.connect(home.journal)) as connection, connection:
        connection.executemany(
            "UPDATE deliveries SET state = 'quarantined' WHERE photo_id = (SELECT photo_id FROM files WHERE name = ?)",
            [(raw_name,) for raw_name in HOSTILE[1:]],
        )
    os.utime(source / os.fsdecode(HOSTILE[2]), (1, 1))
    os.utime(source / "touched.jpg", (1, 1))
    make_jpeg(source / "rewritten.jpg", seed=77)
    (source / "gone.jpg").unlink()
    make_jpeg(source / "new.jpg", seed=99)
    shutil.copy(source / "unchanged.jpg", source / "duplicate.jpg")
    shutil.copy(source / "unchanged.jpg", source / ".hidden.jpg")
    shutil.copy(source / "unchanged.jpg", source / "._junk.jpg")
    (source / "note.txt").write_text("none")
    said = {name: explained(home, source / name).next_step for name in [*os.listdir(source), "gone.jpg"]}
    done = {
        os.path.basename(os.fsdecode(record["path"])): record["reason"] if record["status"] == "skipped" else "uploaded"
        for record in home.run("process", "--json", str(source)).records
        if record["type"] == "photo"
    }
    not_found = {
        "gone.jpg": "nothing",
        ".hidden.jpg": "passed_over",
        "._junk.jpg": "passed_over",
        "note.txt": "passed_over",
    }
    bad_name = os.fsdecode(HOSTILE[1])
    done[bad_name] = done.pop(bad_name.replace("\udcff", "\ufffd"))
    assert said == done | not_found
    assert set(said.values()) >= {"unchanged", "duplicate", "quarantined", "uploaded"}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (".hidden.jpg", "--hidden takes it"),
        ("@eaDir/a.jpg", "--no-ignore-junk takes it"),
        ("~$a.jpg", "still being written"),
        ("a.docx", ".docx is not that of a photo"),
        ("README", "a name without an extension"),
    ],
)
def test_a_name_that_no_run_takes_is_told_why(worked_on: Home, tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"x")
    assert why in str(explained(worked_on, tmp_path / name).unwanted)


def test_the_gallerys_own_photos_are_passed_over(worked_on: Home) -> None:
    own = next(worked_on.pictures.rglob("*.jpg"))
    assert explained(worked_on, own).next_step == "passed_over"


def test_a_photo_that_was_never_seen_is_said_to_be(worked_on: Home, tmp_path: Path) -> None:
    make_jpeg(tmp_path / "new.jpg", seed=50)
    out = worked_on.run("explain", str(tmp_path / "new.jpg")).out
    assert "The journal does not know this path: no run has read it." in out
    assert "would work on it" in out


def test_a_name_cannot_forge_a_line(worked_on: Home) -> None:
    for name in HOSTILE:
        lines = "\n".join(explanation_lines(explained(worked_on, "/card/" + os.fsdecode(name)), {})).split("\n")
        assert len(lines) == 4
        assert "\u202e" not in lines[0]
    record = as_json(worked_on, "/card/" + os.fsdecode(HOSTILE[1]))
    assert (record["file"], record["path_b64"]) == ("gone", "L2NhcmQvYmFk/3V0ZjguanBn")


def test_a_photo_on_a_server_is_told_as_far_as_the_journal_knows_it(home: Home) -> None:
    home.journal.parent.mkdir(parents=True)
    target = Target("recipe", "gallery")
    with closing(Journal(str(home.journal), [target], recipes={"recipe": '{"original": true}'})) as journal:
        found = DownloadedPhoto(FoundPhoto("s3://bucket/dir/a.jpg", 0, 1, 2, 3, 0), "ab" * 32)
        journal.admit(found)
        journal.uploaded(found.source_sha256, target, Receipt("7", "http://gallery/7"))
    out = home.run("explain", "s3://bucket/dir/a.jpg").out
    assert "It is not a file on this computer" in out
    assert "  the original file\n  uploaded, " in out
    assert "as http://gallery/7" in out


def test_a_pair_names_the_photo_that_shows_it_until_one_of_them_changes(home: Home, tmp_path: Path) -> None:
    raw, jpeg = tmp_path / "IMG_1.DNG", tmp_path / "IMG_1.JPG"
    raw.write_bytes(b"raw")
    make_jpeg(jpeg, seed=1)
    status = jpeg.stat()
    with closing(Journal(str(home.journal), [])) as journal:
        shown = FoundPhoto.from_stat(str(jpeg), status)
        journal.pairs.record(
            FoundPhoto.from_stat(str(raw), raw.stat())._replace(companions=(shown,), shown_by=str(jpeg))
        )
    assert "paired: IMG_1.JPG shows the same shot" in home.run("explain", str(raw)).lines[-1]
    assert explained(home, raw).next_step == "paired"
    os.utime(jpeg, (1, 1))
    assert explained(home, raw).next_step != "paired"


def test_a_recipe_is_told_by_what_is_not_at_its_default(home: Home, known_card: Path) -> None:
    path = str(photo(known_card, "IMG_0000.JPG"))
    home.run("process", "-q", path, "--size", "800x600", "--quality", "70", "--sharpen", "--metadata", "none")
    assert "  fitted into 800x600 px, metadata none, quality 70, sharpen\n" in home.run("explain", path).out


def test_a_folder_is_refused(worked_on: Home, known_card: Path) -> None:
    run = worked_on.run("explain", str(known_card))
    assert run.code == 2
    assert "is a folder" in run.err
