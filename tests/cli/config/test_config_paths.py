"""Paths in the configuration do not depend on the folder that a command is started in."""

import os
from pathlib import Path

import pytest
from support.command import Home

from photopipe.cli.commands import cli
from photopipe.cli.config_file.configuration import Configuration
from photopipe.cli.config_file.values import PATHS_INSIDE, RELATIVE_TO_SOURCES
from photopipe.cli.options.config import configured_names, read_config

TEXT = """
[process]
journal = "j.sqlite"
watermark = "logo.png"
after = "move:sent"
archive = "~/{date:%Y/%m}"
files-from = ["-", "list.txt"]
require-marker = "DCIM/marker"
copyright = "a/b"
[galleries.one]
to = "https://photos.example.org"
token-file = "one.token"
[profile.mine]
sources = ["card", "~/card", "camera:", "s3://bucket/x", "/abs"]
"""


@pytest.fixture
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Configuration:
    monkeypatch.setenv("HOME", "/home/me")
    (tmp_path / "config.toml").write_text(TEXT)
    return read_config(str(tmp_path / "config.toml"), cli.commands).require_good()


def test_what_is_relative_is_relative_to_the_folder_of_the_configuration(
    configuration: Configuration, tmp_path: Path
) -> None:
    here, process = str(tmp_path), configuration.commands["process"]
    assert process["journal"] == f"{here}/j.sqlite"
    assert process["watermark"] == f"{here}/logo.png"
    assert process["after"] == f"move:{here}/sent"
    assert process["archive"] == "/home/me/{date:%Y/%m}"
    assert process["lists"] == ["-", f"{here}/list.txt"]
    assert configuration.galleries["one"]["token_file"] == f"{here}/one.token"
    expected = [f"{here}/card", "/home/me/card", "camera:", "s3://bucket/x", "/abs"]
    assert configuration.profiles["mine"]["sources"] == expected


def test_what_is_no_path_or_relative_to_each_source_stays_as_it_is(configuration: Configuration) -> None:
    process = configuration.commands["process"]
    assert (process["require_marker"], process["copyright"]) == ("DCIM/marker", "a/b")


def test_the_exceptions_are_options_that_exist() -> None:
    flags = {flag for command in cli.commands.values() for option in command.params for flag in option.opts}
    assert {f"--{key}" for key in (*PATHS_INSIDE, *RELATIVE_TO_SOURCES)} <= flags


def test_a_profile_finds_its_photos_from_any_folder(home: Home, card: Path) -> None:
    home.config.parent.mkdir(parents=True)
    source = os.path.relpath(card, home.config.parent)
    home.config.write_text(f'[profile.camera]\nsources = "{source}"\nrecipe = "tiny"\n[recipes.tiny]\nsize = 20\n')
    result = home.run("process", "--profile", "camera", cwd="/")
    assert (result.code, len(result.lines)) == (0, 5), result.err
    assert home.run("process", str(card), "--size", "20").out == "", "the same recipe: nothing is sent again"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("[recipes.web]\n[recipes.a]\nnonsense = 1\n[galleries.x]\n", ["a", "web"]),
        ("recipes = 3", []),
        ("[recipes", []),
        ("[process]\n", []),
    ],
)
def test_the_names_for_completion_are_there_even_if_the_rest_is_wrong(
    tmp_path: Path, text: str, names: list[str]
) -> None:
    (tmp_path / "config.toml").write_text(text)
    assert configured_names("recipes", str(tmp_path / "config.toml")) == names


def test_without_a_readable_configuration_there_are_no_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured_names("galleries", str(tmp_path)) == []
    monkeypatch.setenv("PHOTOPIPE_CONFIG", str(tmp_path / "none.toml"))
    assert configured_names("profile") == []
    (tmp_path / "none.toml").write_bytes(b"\xff")
    assert configured_names("profile") == []
