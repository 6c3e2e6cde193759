"""What --help shows: examples that run, options under headings, and the rare ones only when all are asked for."""

import re
import shlex
from pathlib import Path

import click
import pytest
from support.command import Home
from support.pictures import make_jpeg

from photopipe.cli.commands import cli
from photopipe.cli.help.command import Command, has_rare_options
from photopipe.cli.help.examples import EXAMPLES
from photopipe.cli.help.overview import COMMANDS
from photopipe.cli.options.options import SECTIONS, Option

SCREEN_LINES = 66
LONG_COMMANDS = ("process", "watch")


def help_of(home: Home, *arguments: str) -> str:
    result = home.run(*arguments, env={"COLUMNS": "100"})
    assert (result.code, result.err) == (0, "")
    return result.out


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a camera folder, and a gallery called home."""
    (tmp_path / "DCIM").mkdir()
    (tmp_path / "home").mkdir()
    make_jpeg(tmp_path / "DCIM" / "IMG_1.JPG", seed=1)
    home = Home(tmp_path)
    home.config.parent.mkdir(parents=True)
    home.config.write_text(f'[galleries.home]\nto = "folder://{tmp_path}/home"\n')
    return home


def commands() -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = []
    waiting: list[tuple[str, click.Command]] = [("photopipe", cli)]
    while waiting:
        path, command = waiting.pop()
        found.append((path, command))
        if isinstance(command, click.Group):
            waiting += [(f"{path} {name}", one) for name, one in command.commands.items()]
    return found


def test_the_help_of_process_fits_a_screen_and_leaves_the_rare_options_to_help_all(home: Home) -> None:
    brief, whole = help_of(home, "process", "--help"), help_of(home, "process", "--help-all")
    assert len(brief.splitlines()) <= SCREEN_LINES
    assert "--quality" in brief
    assert "--watermark-opacity" not in brief
    for option in cli.commands["process"].params:
        if isinstance(option, click.Option):
            assert re.search(rf"^ .*{option.opts[-1]}\b", whole, re.MULTILINE), option.opts
            assert str(option.envvar) in whole


def test_options_stand_under_headings_in_one_order(home: Home) -> None:
    for arguments in (("process", "--help"), ("process", "--help-all"), ("watch", "--help-all")):
        headings = re.findall(r"^([A-Z][\w ]*):$", help_of(home, *arguments), re.MULTILINE)
        assert headings == ["Examples", *SECTIONS]


def test_every_option_of_a_long_command_has_a_known_section_and_fits_its_line() -> None:
    for name in LONG_COMMANDS:
        for option in cli.commands[name].params:
            if isinstance(option, Option):
                assert option.section in SECTIONS, option.opts
                assert option.rare or len(option.brief) <= 61, (option.opts, option.brief)


def test_a_command_with_rare_options_can_show_them() -> None:
    """The class `Command` has --help-all; a command made by click alone would hide nothing and call them rare."""
    for path, command in commands():
        rare = [one.opts for one in command.params if isinstance(one, Option) and one.rare]
        assert not rare or isinstance(command, Command), f"{path}: use cli.help.command.command, or cls=Command"
        assert has_rare_options(command) == bool(rare)


def test_every_command_is_under_a_heading_of_the_overview(home: Home) -> None:
    listed = [name for names in COMMANDS.values() for name in names]
    assert len(listed) == len(set(listed))
    assert set(cli.commands) <= set(listed)
    shown = help_of(home, "--help")
    for name in cli.commands:
        assert re.search(rf"^  {name}  +\S", shown, re.MULTILINE), name


@pytest.mark.parametrize("line", [line for line, _ in EXAMPLES["photopipe process"] + EXAMPLES["photopipe resize"][:1]])
def test_examples_in_the_help_run_as_they_stand(home: Home, line: str) -> None:
    make_jpeg(home.folder / "IMG_1.JPG", seed=2)
    program, *arguments = shlex.split(line)
    assert program == "photopipe"
    result = home.run(*arguments, cwd=home.folder)
    assert result.code == 0, result.err
    assert ("--dry-run" in line) == (arguments[0] == "process" and not home.photos() and "home" not in line)


def test_the_other_examples_name_commands_and_options_that_exist() -> None:
    known = dict(commands())
    for path, examples in EXAMPLES.items():
        assert path in known
        for line, _ in examples:
            command = known[" ".join(re.match(r"photopipe( [a-z]+)?", line)[0].split())]  # type: ignore[index]
            flags = {flag for one in command.params for flag in (*one.opts, *one.secondary_opts)}
            assert {word for word in shlex.split(line) if word.startswith("--")} <= flags, line


def test_a_narrow_terminal_still_gets_readable_help(home: Home) -> None:
    result = home.run("process", "--help", env={"COLUMNS": "60"})
    assert (result.code, result.err) == (0, "")
    assert max(map(len, result.lines)) <= 78
