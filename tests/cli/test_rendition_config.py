"""Renditions in the configuration file mean what the flags mean."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from support.command import Home, Result

TABLE = """
[process]
quality = 80
[process.renditions]
web = "200"
thumb = "64x48,cover"
preview = "100,webp"
"""
FLAGS = ("--rendition", "web=200", "--rendition", "thumb=64x48,cover", "--rendition", "preview=100,webp")


def run(home: Home, card: Path, config: str, *flags: str, env: Mapping[str, str] | None = None) -> Result:
    home.config.parent.mkdir(parents=True, exist_ok=True)
    home.config.write_text(config)
    return home.run("process", str(card / "DCIM/100PHOTO/IMG_0000.JPG"), "--json", *flags, env=env)


def made(result: Result) -> list[tuple[object, ...]]:
    assert result.code == 0, result.err
    return [(photo["rendition"], photo["width"], photo["height"], photo["sha256"]) for photo in result.records[:-1]]


def test_a_table_means_the_same_as_flags(home: Home, card: Path) -> None:
    by_table = made(run(home, card, TABLE))
    assert [one[:3] for one in by_table] == [("web", 200, 150), ("thumb", 64, 48), ("preview", 100, 75)]
    again = run(home, card, "", "--quality", "80", *FLAGS)
    assert again.records[0]["status"] == "skipped", "the same recipes are done"
    other = ["--gallery-dir", str(home.folder / "other"), "--journal", str(home.folder / "other.sqlite")]
    assert made(run(home, card, "", "--quality", "80", *FLAGS, *other)) == by_table


def test_flags_replace_the_table(home: Home, card: Path) -> None:
    assert [one[0] for one in made(run(home, card, TABLE, "--rendition", "mine=50"))] == ["mine"]


def test_the_environment_replaces_the_table(home: Home, card: Path) -> None:
    assert [one[0] for one in made(run(home, card, TABLE, env={"PHOTOPIPE_RENDITION": "mine=50"}))] == ["mine"]


def test_the_environment_takes_several_renditions_separated_by_spaces(home: Home, card: Path) -> None:
    result = run(home, card, TABLE, env={"PHOTOPIPE_RENDITION": "mine=50 small=9x9,cover"})
    assert [one[:3] for one in made(result)] == [("mine", 50, 38), ("small", 9, 9)]


def test_a_size_may_be_a_plain_number(home: Home, card: Path) -> None:
    assert [one[:3] for one in made(run(home, card, "[process.renditions]\nweb = 200\n"))] == [("web", 200, 150)]


def test_a_list_of_flags_means_the_same(home: Home, card: Path) -> None:
    config = '[process]\nrendition = ["web=200", "thumb=64x48,cover"]\n'
    assert [one[0] for one in made(run(home, card, config))] == ["web", "thumb"]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("[process.renditions]\n", "thumb ="),
        ('[process]\nrenditions = "web=200"\n', "is a table"),
        ("[process.renditions]\nweb = true\n", "web is a size"),
        ("[process.renditions]\nweb = [200]\n", "web is a size"),
        ('[process.renditions]\nweb = "huge"\n', "no recipe called 'huge'"),
        ('[process.renditions]\nweb = "200,sideways"\n', "web=200,sideways"),
        ('[process.renditions]\n"a=b" = "200"\n', "is not a size"),
        ('[process.renditions]\na = "200"\nb = "200"\n', "the same picture as a"),
        ('[process]\nrendition = ["a=9"]\n[process.renditions]\nb = "8"\n', "keep one of them"),
        ('[process.renditions]\nweb = "1000,png,jpeg"\n', "more than one format: png, jpeg"),
        ('[process.renditions]\nweb = "1000,cover,inside"\n', "more than one fit: cover, inside"),
        ('[process.renditions]\nweb = "1000,cover,cover"\n', "more than one fit: cover, cover"),
        ('[process]\nrendition = ["a=9", "a=8"]\n', "two renditions of this name"),
        ('[resize.renditions]\nweb = "200"\n', "It belongs under [process] or [watch]"),
    ],
)
def test_a_table_that_makes_no_sense_is_wrong_usage(home: Home, card: Path, config: str, words: str) -> None:
    result = run(home, card, config)
    assert result.code == 2
    assert words in result.err
    assert "Traceback" not in result.err
    assert home.photos() == []


def test_a_dry_run_refuses_such_a_table_too(home: Home, card: Path) -> None:
    assert run(home, card, "[process.renditions]\nweb = true\n", "--dry-run").code == 2
