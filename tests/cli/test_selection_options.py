"""The options that select photos: what can be typed, and that it reaches the run."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from support.pictures import camera_exif, make_jpeg, picture
from support.raw_files import make_dng

from photopipe.cli.commands import run
from photopipe.cli.options.selection_options import SELECTION_OPTIONS, selection_settings
from photopipe.errors import UsageError


@click.command()
def command() -> None:
    """Has the options."""


for add in SELECTION_OPTIONS:
    command = add(command)


def chosen(*arguments: str, **environment: str) -> dict[str, Any]:
    """The settings that a command line makes."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return selection_settings(**command.make_context("command", list(arguments)).params)


def moment(option: str, text: str) -> datetime:
    found = datetime.fromisoformat(chosen(option, text)[option.removeprefix("--")])
    assert found.tzinfo is not None
    return found


def local(*numbers: int) -> datetime:
    return datetime(*numbers).astimezone()  # type: ignore[arg-type]


def test_a_time_is_a_day_or_a_moment_in_this_machines_zone_or_its_own() -> None:
    assert moment("--since", "2024-05-01") == local(2024, 5, 1)
    assert moment("--until", "2024-05-01") == local(2024, 5, 2)
    for option in ("--since", "--until"):
        assert moment(option, "2024-05-01T18:30") == local(2024, 5, 1, 18, 30)
        assert moment(option, "2024-05-01 18:30:05") == local(2024, 5, 1, 18, 30, 5)
        assert moment(option, "2024-05-01T18:30+09:00") == datetime(2024, 5, 1, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "age"),
    [("12h", timedelta(hours=12)), ("7d", timedelta(days=7)), ("2w", timedelta(weeks=2))],
)
def test_a_time_can_be_an_age(text: str, age: timedelta) -> None:
    before = datetime.now(UTC)
    found = moment("--since", text)
    assert before <= found + age <= datetime.now(UTC)


def test_a_run_can_go_on_from_the_last_one() -> None:
    assert chosen("--since", "last-run")["since"] == "last-run"
    assert chosen("--since", "last-run", "--until", "2024-05-01")["since"] == "last-run"


@pytest.mark.parametrize("text", ["yesterday", "7", "7m", "2024-13-01", "", "9999-12-31T25:00"])
def test_what_is_no_time_is_refused_with_examples(text: str) -> None:
    with pytest.raises(click.UsageError, match=r"is not a time; write a date \(2024-05-01\).*last-run"):
        chosen("--since", text)


@pytest.mark.parametrize("text", ["last-run", "9999-12-31"])
def test_a_time_that_can_be_no_end_is_refused(text: str) -> None:
    with pytest.raises(click.UsageError, match="is not a time") as refused:
        chosen("--until", text)
    assert "or last-run" not in str(refused.value)


def test_times_between_which_there_is_nothing_are_refused() -> None:
    chosen("--since", "2024-05-01", "--until", "2024-05-01")
    with pytest.raises(UsageError, match=r"--since .* is not before --until"):
        chosen("--since", "2024-05-02", "--until", "2024-05-01")


def test_patterns_in_the_environment_stand_one_a_line() -> None:
    settings = chosen("--include", "a b", PHOTOPIPE_EXCLUDE="x y/*\n!x y/z.jpg")
    assert (settings["include"], settings["exclude"]) == (("a b",), ("x y/*", "!x y/z.jpg"))


STATUSES = ("would_upload", "skipped")


def fill(card: Path) -> None:
    (card / "raw").mkdir(parents=True)
    for number, taken in enumerate(("2023:05:01 12:00:00", "2024:05:01 12:00:00")):
        make_jpeg(card / "raw" / f"{number}.jpg", (32, 24), seed=number, exif=camera_exif(taken=taken))
        raw = make_dng(picture((32, 24), seed=9), taken=f"{taken}\0".encode())
        (card / "raw" / f"{number}.dng").write_bytes(raw)
    make_jpeg(card / "small.jpg", (16, 16), seed=5)


@pytest.mark.parametrize(
    ("arguments", "taken", "skipped"),
    [
        ("", "0.jpg 1.jpg small.jpg", "0.dng 1.dng"),
        ("--pairs raw", "0.dng 1.dng small.jpg", "0.jpg 1.jpg"),
        ("--include raw/ --exclude *.dng --since 2024-01-01", "1.jpg", "0.jpg"),
        ("--until 2023-05-01 --pairs both", "0.jpg 0.dng", "1.jpg 1.dng small.jpg"),
        ("--min-rating 1", "", "0.jpg 0.dng 1.jpg 1.dng small.jpg"),
        ("--newest 1", "small.jpg", ""),
    ],
)
def test_the_options_decide_what_is_taken(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: str, taken: str, skipped: str
) -> None:
    fill(tmp_path / "card")
    journal = str(tmp_path / "journal.sqlite")
    command = ["process", str(tmp_path / "card"), "--journal", journal, "--dry-run", "--json"]
    assert run([*command, *arguments.split()]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()][:-1]
    ends = {status: {Path(one["path"]).name for one in told if one["status"] == status} for status in STATUSES}
    assert (ends["would_upload"], ends["skipped"]) == (set(taken.split()), set(skipped.split()))


def test_the_newest_are_never_known_while_a_folder_is_watched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    journal = str(tmp_path / "journal.sqlite")
    assert run(["watch", str(tmp_path), "--journal", journal, "--newest", "1"]) == 2
    assert "--newest cannot be used while sources are watched" in capsys.readouterr().err
