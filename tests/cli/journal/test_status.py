"""`photopipe status`: how far everything is, whatever is going on."""

import json
from contextlib import closing
from pathlib import Path

import jsonschema
from support.command import Home

from photopipe.journal import Journal, run_lock

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "json-output.schema.json").read_text())


def test_the_numbers_of_each_gallery_and_the_last_runs_are_shown(worked_on: Home) -> None:
    run = worked_on.run("status")
    assert (run.code, run.err) == (0, "")
    heading, numbers = (next(line for line in run.lines if line.startswith(word)) for word in ("Gallery", "embedded"))
    assert heading.split() == ["Gallery", "uploaded", "failed", "quarantined", "in", "doubt", "not", "yet", "done"]
    assert numbers.split() == ["embedded", "5", "1", "1", "0", "0"]
    assert "No run is going on." in run.lines
    assert "exit code 3: 7 found, 5 uploaded, 0 skipped, 2 failed, 0 left over" in run.lines[-1]


def test_json_has_the_same_and_fits_the_schema(worked_on: Home) -> None:
    (record,) = worked_on.run("status", "--json").records
    jsonschema.Draft202012Validator(SCHEMA).validate(record)
    (gallery,) = record["galleries"]
    assert gallery["name"] == "embedded"
    assert (gallery["uploaded"], gallery["failed"], gallery["quarantined"], gallery["in_doubt"]) == (5, 1, 1, 0)
    assert gallery["recipes"][0]["recipe"] == {"max_width_px": 2048, "max_height_px": 2048}
    assert [(one["state"], one["exit_code"]) for one in record["runs"]] == [("ended", 3)]
    assert record["lock"] is None


def test_a_gallery_with_several_recipes_has_a_line_for_each(home: Home, known_card: Path) -> None:
    home.run(
        "process",
        str(known_card / "DCIM" / "100PHOTO" / "IMG_0000.JPG"),
        "--rendition",
        "web=800",
        "--rendition",
        "thumb=100x90,cover",
    )
    lines = home.run("status").lines
    assert [line.split()[:-5] for line in lines if line.startswith("  ") and "px" in line] == [
        ["fitted", "into", "800x800", "px"],
        ["filling", "100x90", "px"],
    ]
    assert next(line for line in lines if line.startswith("embedded")).split()[1] == "2"


def test_a_run_that_goes_on_is_told_from_one_that_was_killed(worked_on: Home) -> None:
    home = worked_on
    with run_lock(str(home.journal)):
        with closing(Journal(str(home.journal), [])) as journal:
            journal.runs.start()
            journal.runs.start()
        meanwhile = home.run("status")
        assert "A run is going on (process " in meanwhile.out
        assert [line.split("  ")[-1] for line in meanwhile.lines[-3:-1]] == [
            "still running",
            "was killed before its end",
        ]
        (record,) = home.run("status", "--json").records
        assert [one["state"] for one in record["runs"]] == ["running", "killed", "ended"]
        assert record["lock"]["pid"] > 0
    assert home.run("status").out.count("was killed before its end") == 2


def test_another_process_that_holds_the_lock_makes_no_killed_run_a_running_one(worked_on: Home) -> None:
    home = worked_on
    with closing(Journal(str(home.journal), [])) as journal:
        journal.runs.start()
    lock = Path(f"{home.journal}.lock")
    with run_lock(str(home.journal)):
        lock.write_text('{"pid": 12, "started": "2199-01-01T00:00:00+00:00"}')
        out = home.run("status").out
    assert "was killed before its end" in out
    assert "still running" not in out


def test_a_gallery_has_its_configured_name_and_no_token_is_looked_up(
    home: Home, known_card: Path, tmp_path: Path
) -> None:
    home.config.parent.mkdir(parents=True)
    asked, gallery = tmp_path / "asked", tmp_path / "nas"
    gallery.mkdir()
    home.config.write_text(f'[galleries.nas]\nto = "folder://{gallery}"\n')
    assert home.run("process", "-q", str(known_card / "DCIM" / "100PHOTO" / "IMG_0000.JPG"), "--to", "nas").code == 0
    with home.config.open("a") as file:
        file.write(f'token_command = "touch {asked}"\n[galleries.unusable]\nto = "what"\n')
    assert any(line.startswith("nas  ") for line in home.run("status").lines)
    assert not asked.exists()


def test_without_a_journal_that_is_said_and_none_is_made(home: Home) -> None:
    run = home.run("status")
    assert run.code == 0
    assert "there is no journal yet" in run.out
    assert not home.journal.exists()


def test_the_journal_that_the_configuration_gives_to_runs_is_asked(worked_on: Home, tmp_path: Path) -> None:
    worked_on.config.parent.mkdir(parents=True)
    worked_on.config.write_text(f'[process]\njournal = "{tmp_path}/other.sqlite"\n')
    worked_on.journal.rename(tmp_path / "other.sqlite")
    out = worked_on.run("status").out
    assert out.startswith(f"Journal: {tmp_path}/other.sqlite\n")
    assert "embedded" in out
