"""What is wrong in the configuration is said with file, line, table, key, and what may be meant."""

import json
import re
import tomllib
from pathlib import Path

import jsonschema
import pytest
from support.command import Home
from update_config_schema import SCHEMA, schema_text

from photopipe.cli.commands import cli
from photopipe.cli.config.check import all_problems
from photopipe.cli.config_file.lines import lines_of_keys
from photopipe.cli.options.config import read_config

PAGE = Path(__file__).parents[3] / "docs" / "configuration.md"
VALIDATOR = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))

GOOD = (
    "",
    '[process]\nsize = 1600\nmax_bytes = "500k"\nto = "https://photos.example.org"\n',
    '[process]\nsize = "1600x1200"\ninclude = ["a", "b"]\nsettle = "5m"\nbackground = "#aabbcc"\npoll = true\n'.replace(
        "poll = true\n", ""
    ),
    '[recipes.web]\nquality = 80\nsharpen = true\nwatermark-opacity = 1\n[process]\nrecipe = "web"\n',
    '[recipes.web]\n[recipes.thumb]\nsize = 64\n[profile.cam]\nsources = "/x"\nrenditions = ["web", "thumb"]\n',
    '[galleries.family]\nto = "immich+https://photos.example.org"\n[profile.cam]\ngalleries = ["family"]\nrescan = 6\n',
    '[process.renditions]\nweb = 2000\nthumb = "480x480,cover"\n',
    '[gallery]\nport = 8700\n[watch]\npoll = false\n[resize]\nquality = 1\n[defaults]\njournal = "~/j"\n',
)
BAD = (
    ("quality = 85\n", ":1: quality: this key is outside any table. Put it under [process], [watch] or [resize]."),
    ("[procss]\n", ":1: [procss] there is no such table. Did you mean process?"),
    ("\n[process]\n\nsise = 1\n", ":4: [process] sise: there is no such key here. Did you mean size or since?"),
    (
        "[gallery]\nqualty = 1\n",
        ":2: [gallery] qualty: there is no such key here. Did you mean quality? That belongs under",
    ),
    ("[gallery]\nmax-bytes = 1\n", "It belongs under [process], [watch] or [resize]."),
    ('[recipes.web]\nalbum = "x"\n', ":2: [recipes.web] album: there is no such key here. It belongs under [process]"),
    ('[process]\nlists = "x"\n', "The option is called 'files-from'"),
    ("[process]\nquality = 96\n", ":2: [process] quality: 96 is not in the range"),
    ('[process]\nquality = "85"\n', "this is '85'; write a whole number, without quotes."),
    ("[process]\nquality = true\n", "this is true; write a whole number"),
    ('[process]\nenlarge = "yes"\n', "this is 'yes'; write true or false."),
    ("[process]\nfit = 3\n", "this is 3; write one of inside, cover, exact"),
    ('[process]\nfit = "sideways"\n', "'sideways' is not one of"),
    ("[process]\nsize = [1]\n", "this is a list; write"),
    ("[process]\nartist = 3\n", "this is 3; write a text in quotes"),
    ('[process]\nsettle = "5 days"\n', "is not a duration"),
    ('[process]\nmax-bytes = "much"\n', "is not an amount"),
    ("[process.foo]\n", "[process] foo: there is no such key here."),
    ("process = 3\n", "this is a table"),
    ("[galleries]\nfamily = 3\n", "each name needs a table of its own: [galleries.NAME]"),
    ("[recipes.2048]\n", "begins with a letter"),
    ("[profile.cam]\nsources = []\n", "this is a folder or a list of them"),
    ('[profile.cam]\nsource = "x"\n', ":2: [profile.cam] source: there is no such key here. Did you mean sources?"),
    ('[profile.cam]\nprofile = "x"\n', "[profile.cam] profile: there is no such key here."),
    ("[process.renditions]\nweb = true\n", "web is a size"),
    ("[process]\nrenditions = []\n", "this is a table with a line for each rendition"),
    ("[galleries.odd]\n", "the gallery needs an address"),
    (
        '[galleries.a]\nto = "https://a.example"\nalbun = "x"\n',
        ":3: [galleries.a] albun: galleries of the kind 'form' have",
    ),
    ('[galleries.a]\nto = "https://a.example"\nquality = 3\n', "It belongs under [profile.NAME] or [process]."),
)
ONLY_CHECKED = (
    (
        '[process]\nrecipe = "wbe"\n[recipes.web]\n',
        ":2: [process] recipe: there is no recipe called 'wbe'. Did you mean web?",
    ),
    ('[process]\nprofile = "x"\n', "there is no profile called 'x'. Write a table [profile.x] first."),
    ('[profile.cam]\ngalleries = ["famly"]\n[galleries.family]\nto = "https://a.example"\n', "Did you mean family?"),
    ('[process]\nrenditions = ["wbe"]\n[recipes.web]\n', ":2: [process] renditions: there is no recipe called 'wbe'."),
    ('[process.renditions]\na = "100"\nb = 100\n', "this would be the same picture as a"),
    ('[process.renditions]\na = "100,sideways"\n', "a=100,sideways: Write NAME=SIZE"),
    ('[profile.cam]\nto = "https://a.example"\ngalleries = "https://b.example"\n', "mean the same; keep one of them"),
    ("[process]\nmax-bytes = 1\nmax_bytes = 2\n", "with - and with _; keep one of them"),
    ('[process]\ncamera-tz = "*=Europe/Olso"\n', "Did you mean Europe/Oslo?"),
    ('[galleries.a]\nto = "https://me:pw@a.example"\n', "contains a user name, a password or a token"),
    ('[galleries.a]\nto = "imich+https://a.example"\n', "there is no kind of gallery called 'imich'"),
    (
        '[galleries.a]\nto = "https://a.example"\ntoken-file = "none"\n',
        ":3: [galleries.a] token-file: there is no file",
    ),
)
"""Wrong in a way that a schema cannot express."""


def check(path: Path, text: str) -> list[str]:
    path.write_text(text)
    path.chmod(0o600)
    return all_problems(read_config(str(path), cli.commands), cli)


def test_the_schema_is_that_of_todays_options() -> None:
    assert SCHEMA.read_text() == schema_text(), "run: python tests/update_config_schema.py"


@pytest.mark.parametrize("text", GOOD)
def test_what_is_right_is_right_for_the_check_and_the_schema(tmp_path: Path, text: str) -> None:
    assert check(tmp_path / "config.toml", text) == []
    VALIDATOR.validate(tomllib.loads(text))


@pytest.mark.parametrize(("text", "words"), BAD)
def test_what_is_wrong_is_wrong_for_the_check_and_the_schema(tmp_path: Path, text: str, words: str) -> None:
    (line,) = check(tmp_path / "config.toml", text)
    assert line.startswith(f"{tmp_path}/config.toml:")
    assert words in line
    assert not VALIDATOR.is_valid(tomllib.loads(text))


@pytest.mark.parametrize(("text", "words"), ONLY_CHECKED)
def test_the_check_finds_what_no_schema_can(tmp_path: Path, text: str, words: str) -> None:
    (line,) = check(tmp_path / "config.toml", text)
    assert words in line


@pytest.mark.parametrize("text", re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL))
def test_the_examples_of_the_documentation_are_right(tmp_path: Path, text: str) -> None:
    (tmp_path / "family.token").touch(mode=0o600)
    assert check(tmp_path / "config.toml", text) == []
    VALIDATOR.validate(tomllib.loads(text))


def test_everything_is_said_at_once_in_the_order_of_the_file_and_a_run_says_the_first(home: Home) -> None:
    text = "".join(f"[recipes.r{number}]\nsise = 1\n" for number in range(5))
    home.config.parent.mkdir(parents=True)
    home.config.write_text(text)
    checked = home.run("config", "check")
    lines = checked.lines
    assert (checked.code, checked.err) == (2, "5 problems\n")
    assert [line.split(": ")[0] for line in lines] == [f"{home.config}:{2 * number}" for number in range(1, 6)]
    result = home.run("process", "anything")
    assert result.code == 2
    assert result.err.splitlines() == [
        *(f"photopipe: {line}" for line in lines[:3]),
        "photopipe: and 2 more; `photopipe config check` shows all of them",
    ]


def test_a_file_that_is_no_toml_or_not_there_is_said(home: Home) -> None:
    home.config.parent.mkdir(parents=True)
    home.config.write_text("[process]\nsize = \n")
    result = home.run("config", "check")
    assert result.code == 2
    assert "line 2" in result.err
    missing = home.run("config", "check", str(home.folder / "none.toml"))
    assert (missing.code, "no such configuration file" in missing.err) == (2, True)
    home.config.unlink()
    nothing = home.run("config", "check")
    assert (nothing.code, "There is no configuration at" in nothing.err) == (0, True)


def test_a_token_that_others_can_read_is_found(home: Home) -> None:
    home.config.parent.mkdir(parents=True)
    token = home.folder / "a.token"
    token.write_text("x")
    token.chmod(0o644)
    home.config.write_text(
        '[galleries.a]\nto = "https://a.example"\ntoken = "t"\n'
        f'[galleries.b]\nto = "https://b.example"\ntoken-file = "{token}"\n'
    )
    home.config.chmod(0o646)
    result = home.run("config", "check")
    assert result.code == 2
    assert len(result.lines) == 3
    for words in (f"chmod 600 {home.config}", f"chmod 600 {token}", f"chmod go-w {home.config}"):
        assert words in result.out


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("[a]\nb = 1\n# c = 1\nc = 2\n", {("a",): 1, ("a", "b"): 2, ("a", "c"): 4}),
        ('[a]\nb = """\nc = 1\n[d]\n"""\nc = 2\n', {("a",): 1, ("a", "b"): 2, ("a", "c"): 6}),
        ("[a]\nb = [\n 1,\n 2,\n]\nc.d = 1\n", {("a",): 1, ("a", "b"): 2, ("a", "c"): 6, ("a", "c", "d"): 6}),
        ('[a."b c"]\r\n"d" = {e = 1}\r\n', {("a", "b c"): 1, ("a", "b c", "d"): 2, ("a", "b c", "d", "e"): 2}),
        ("a = 1 # [b]\n[[c]]\n", {("a",): 1, ("c",): 2}),
    ],
)
def test_the_line_of_each_key_is_known(text: str, lines: dict[tuple[str, ...], int]) -> None:
    assert lines_of_keys(text) == lines
