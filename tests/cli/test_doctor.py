"""`photopipe doctor`: every line has a verdict, and the exit code says whether anything is bad."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.command import Home
from support.fault_gallery import FaultGallery

from photopipe.doctor import gallery
from photopipe.settings import UploadSettings


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def test_where_all_is_well_nothing_is_bad_and_every_line_has_a_verdict(home: Home, tmp_path: Path) -> None:
    run = home.run("doctor", str(tmp_path))
    assert run.code == 0
    assert all(re.match(r"(good|warning|bad) +[^ ].*: .+|  +\S", line) for line in run.lines), run.out
    assert f"source: {tmp_path} is " in run.out
    assert not any((tmp_path / "state").rglob("*.sqlite"))


@pytest.mark.campaign
def test_what_is_bad_makes_the_exit_code_one_and_says_what_to_do(home: Home, tmp_path: Path) -> None:
    run = home.run("doctor", str(tmp_path / "none"), "--to", "http://127.0.0.1:9/api", "--json")
    assert run.code == 1
    bad = [record for record in run.records if record["verdict"] == "bad"]
    assert [record["subject"] for record in bad] == ["source", "gallery"]
    assert "127.0.0.1:9" in str(bad[1]["message"])


def test_a_gallery_of_the_configuration_is_looked_at_and_an_unusable_one_is_bad(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    config = tmp_path / "config.toml"
    config.write_text(f'[galleries.nas]\nto = "folder://{folder}"\n[galleries.odd]\nto = "no address"\n')
    run = home.run("--config", str(config), "doctor")
    assert run.code == 1
    assert f"gallery nas: the folder {folder}" in run.out
    assert re.search(r"^bad +gallery odd: ", run.out, re.MULTILINE)


def test_the_journal_and_the_gallery_are_those_that_the_configuration_gives_to_process(
    home: Home, tmp_path: Path
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(f'[process]\njournal = "{tmp_path}/own.sqlite"\ngallery-dir = "{tmp_path}/own gallery"\n')
    run = home.run("--config", str(config), "doctor")
    assert f"journal: there is none at {tmp_path}/own.sqlite" in run.out
    assert f"{tmp_path}/own gallery" in run.out


@pytest.fixture
def endpoint() -> Iterator[FaultGallery]:
    with FaultGallery() as started:
        yield started


@pytest.mark.parametrize(
    ("skew_s", "verdict", "words"), [(0, "good", "agree"), (300, "warning", "behind"), (-4000, "bad", "ahead of")]
)
def test_a_clock_that_differs_from_the_gallerys_is_told(
    endpoint: FaultGallery, monkeypatch: pytest.MonkeyPatch, skew_s: int, verdict: str, words: str
) -> None:
    clock_of_this_machine = SimpleNamespace(time=lambda: time.time() - skew_s)
    monkeypatch.setattr("photopipe.upload.http.http_client.time", clock_of_this_machine)
    *_others, clock = gallery.check_gallery(UploadSettings(endpoint.url))
    assert (clock.verdict, words in clock.message) == (verdict, True)
