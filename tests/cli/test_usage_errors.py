"""What is said about a command line that cannot be understood: one line that names what was meant and where help is."""

from pathlib import Path

import pytest
from support.command import Home


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("proces x", "there is no command 'proces'. Did you mean process? See `photopipe --help`."),
        ("galleries tst", "there is no command 'tst'. Did you mean test? See `photopipe galleries --help`."),
        ("process --qualty 3", "there is no option --qualty. Did you mean --quality or --quiet?"),
        (
            "process --quality 300 x",
            "--quality: '300' is not possible; write a number, 1 to 95. See `photopipe",
        ),
        ("process --format jpg x", "'jpg' is not one of jpeg, webp, avif, png, keep. Did you mean jpeg or png?"),
        ("process --to hoem x", "no gallery of this name is configured. Did you mean home? Configured: home."),
        ("galleries test hoem", "Did you mean home?"),
        ("process --size", "option '--size' requires an argument. See `photopipe process --help`."),
        ("process --max-bytes lots x", "--max-bytes: 'lots' is not an amount; write 500000, 500k, 1.5M or 2G."),
        ("resize in.jpg", "OUT is missing. See `photopipe resize --help`."),
        ("resize a b c", "got unexpected extra argument (c). See `photopipe resize --help`."),
    ],
)
def test_a_wrong_command_line_gets_one_line_that_says_what_to_do(tmp_path: Path, typed: str, said: str) -> None:
    home = Home(tmp_path)
    home.config.parent.mkdir(parents=True)
    home.config.write_text(f'[galleries.home]\nto = "folder://{tmp_path}/home"\n')
    result = home.run(*typed.split())
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("photopipe: ")
    assert result.err.count("\n") == 1
    assert said in result.err


def test_a_wrong_value_is_said_to_be_where_it_is(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert "photopipe: PHOTOPIPE_SIZE: 'big' is not" in home.run("process", "x", env={"PHOTOPIPE_SIZE": "big"}).err
    home.config.parent.mkdir(parents=True)
    home.config.write_text('[process]\nsize = "big"\n')
    assert "config.toml:2: [process] size: 'big' is not" in home.run("process", "x").err


def test_a_variable_that_nothing_reads_is_named_if_it_looks_like_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "DCIM").mkdir()
    home = Home(tmp_path)
    mistyped = home.run("process", "DCIM", "--quiet", cwd=tmp_path, env={"PHOTOPIPE_QUALTY": "80"})
    said = "photopipe: nothing reads the variable PHOTOPIPE_QUALTY. Did you mean PHOTOPIPE_QUALITY?\n"
    assert (mistyped.code, mistyped.err) == (0, said)
    fine = {"PHOTOPIPE_TOKEN_HOME": "x" * 9, "PHOTOPIPE_OUR_HOOK": "1", "PHOTOPIPE_QUALITY": "80"}
    assert home.run("process", "DCIM", "--quiet", cwd=tmp_path, env=fine).err == ""
