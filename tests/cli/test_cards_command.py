"""`photopipe cards`, `--card` and `--eject`, with a real card."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import jsonschema
import pytest
from support.pictures import make_jpeg
from support.volumes import formatted

from photopipe.cli.commands import run
from photopipe.download.file_systems import cards as module
from photopipe.download.file_systems.mounts import mounts

SCHEMA = Path(__file__).parents[2] / "docs" / "json-output.schema.json"
Process = Callable[..., tuple[int, list[str], list[str]]]
"""Takes arguments; gives the exit code, and the lines of stdout and stderr."""


@pytest.fixture
def process(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Process:
    (tmp_path / "site").mkdir()

    def process(*arguments: str) -> tuple[int, list[str], list[str]]:
        places = ["--to", f"folder://{tmp_path}/site", "--journal", str(tmp_path / "journal.sqlite"), "--settle", "0s"]
        code = run(["process", *arguments, *places])
        output = capsys.readouterr()
        return code, output.out.splitlines(), output.err.splitlines()

    return process


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A card with two photos; those of other tests are not seen."""
    monkeypatch.setattr(
        module, "mounts", lambda: [one for one in mounts() if one.mount_point.startswith(str(tmp_path))]
    )
    with formatted("exfat", tmp_path).mounted(tmp_path / "EOS") as top:
        for name in ("100CANON", "101CANON"):
            (top / "DCIM" / name).mkdir(parents=True)
            make_jpeg(top / "DCIM" / name / "IMG_0001.JPG", size=(60, 40), seed=int(name[:3]))
        yield top


def test_cards_are_listed_for_people_and_programs(card: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["cards"]) == 0
    assert capsys.readouterr().out.startswith(f"{card}  (EOS, ")
    assert run(["cards", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    jsonschema.validate(record, json.loads(SCHEMA.read_text()))
    assert record.items() >= {"v": 1, "type": "card", "path": str(card), "photos_folder": f"{card}/DCIM"}.items()


def test_a_card_is_taken_and_ejected_when_all_is_done(card: Path, process: Process) -> None:
    make_jpeg(card / "scan.jpg", size=(60, 40), seed=9)  # not the camera's
    code, out, err = process("--card", "--eject")
    assert (code, len(out), card.is_mount()) == (0, 2, False), err
    assert f"{card} is unmounted: the card may be taken out." in err


def test_a_card_with_something_left_stays_in(card: Path, process: Process) -> None:
    (card / "DCIM" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no more than this")
    code, _, err = process(str(card), "--eject")
    assert (code, card.is_mount()) == (3, True)
    assert "No card is unmounted, because not everything is done." in err


def test_a_card_that_cannot_be_ejected_is_exit_code_1_in_the_summary_too(card: Path, process: Process) -> None:
    with (card / "note.txt").open("w"):
        code, out, err = process("--card", "--eject", "--json", "-q")
    assert (code, json.loads(out[-1])["exit_code"], len(err)) == (1, 1, 1)
    assert "Do not take the card out yet" in err[0]


@pytest.mark.parametrize("card_is_named", [True, False])
def test_what_cannot_be_done_is_refused_at_once(
    card_is_named: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, process: Process
) -> None:
    monkeypatch.setattr(module, "mounts", list)
    if card_is_named:
        code, _, (message,) = process("--card")
        assert (code, "no memory card is in" in message) == (13, True)
    else:
        code, _, (message,) = process(str(tmp_path), "--eject")
        assert (code, "no source is on a memory card" in message) == (2, True)
    assert not (tmp_path / "journal.sqlite").exists()


def test_a_command_without_any_source_says_what_is_missing(process: Process) -> None:
    code, _, (message,) = process()
    assert (code, "SOURCE" in message, "--card" in message) == (2, True, True)
