"""What shells complete, asked of real shells that have loaded the script."""

import os
import pty
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from support.command import Home
from support.deadline import DEADLINE_S

ASK_BASH = """
source "$1"
while read -r line; do
  COMP_WORDS=($line)
  [[ $line == *" " ]] && COMP_WORDS+=("")
  COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) COMPREPLY=()
  _photopipe_completion photopipe
  echo "${COMPREPLY[*]}"
done
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with galleries, and with `photopipe` among its programs."""
    home = Home(tmp_path)
    home.config.parent.mkdir(parents=True)
    home.config.write_text(
        '[galleries.home]\nto = "folder:///x"\n[galleries.holiday]\nto = "folder:///y"\n'
        '[recipes.web]\nsize = 1600\n[profile.camera]\nrecipe = "web"\n'
    )
    program = tmp_path / "bin" / "photopipe"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m photopipe "$@"\n')
    program.chmod(0o755)
    return home


def environment(home: Home) -> dict[str, str]:
    return home.environment({"PATH": f"{home.folder}/bin:{os.environ['PATH']}", "TERM": "dumb"})


def script(home: Home, shell: str) -> Path:
    path = home.folder / f"completion.{shell}"
    path.write_text(home.run("completion", shell).out)
    return path


def completed(home: Home, shell: str, words: str) -> list[str]:
    """What the program answers, as the script of that shell asks it; in a forked process, so that it is quick."""
    asked = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    result = home.run(env=asked | {"_PHOTOPIPE_COMPLETE": f"{shell}_complete"})
    assert result.err == ""
    return [line.removeprefix("plain,") for line in result.lines if line]


def test_a_real_bash_completes_commands_options_values_and_galleries(home: Home) -> None:
    lines = ["photopipe pro", "photopipe process --format jp", "photopipe process DCIM --to ho"]
    asked = subprocess.run(
        ["bash", "--norc", "-c", ASK_BASH, "bash", script(home, "bash")],
        input="\n".join(lines) + "\n",
        env=environment(home),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (asked.stdout.splitlines(), asked.stderr) == (["process", "jpeg", "holiday home"], "")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("photopipe gal", ["galleries", "gallery"]),
        ("photopipe galleries test ", ["holiday", "home"]),
        ("photopipe gallery token ", ["add", "list", "remove"]),
        ("photopipe process --to=h", ["holiday", "home"]),
        ("photopipe process --to = h", ["holiday", "home"]),
        ("photopipe process --profile ", ["camera"]),
        ("photopipe process --recipe w", ["web"]),
        ("photopipe process --profile camera --recipe web --to ho", ["holiday", "home"]),
        ("photopipe process --watermark-o", ["--watermark-opacity"]),
        ("photopipe process --help", ["--help", "--help-all"]),
        ("photopipe process --after ", ["keep", "move:", "trash", "delete"]),
        ("photopipe process --archive ", []),
        ("photopipe completion ", ["bash", "zsh", "fish"]),
        ("photopipe process DC", ["file,DC"]),
        ("photopipe process --journal a", ["file,a"]),
    ],
)
def test_everything_with_a_name_can_be_completed(home: Home, words: str, expected: list[str]) -> None:
    assert completed(home, "bash", words) == expected


def test_a_broken_configuration_is_not_mentioned_while_completing(home: Home) -> None:
    home.config.write_text("[galleries\n")
    assert completed(home, "bash", "photopipe process --to ho") == []
    assert completed(home, "bash", "photopipe process --qual") == ["--quality"]


def test_a_shell_that_photopipe_does_not_know_is_refused(home: Home) -> None:
    result = home.run("completion", "bsh")
    assert result.code == 2
    assert "is not one of 'bash', 'zsh', 'fish'. See `photopipe completion --help`." in result.err


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_a_real_fish_completes_galleries(home: Home) -> None:
    ask = 'source $argv[1]; complete --do-complete "photopipe galleries test ho"'
    command = ["fish", "--no-config", "-c", ask, str(script(home, "fish"))]
    asked = subprocess.run(command, env=environment(home), capture_output=True, text=True, timeout=60)
    assert [line.split("\t")[0] for line in asked.stdout.splitlines()] == ["holiday", "home"]


def read_until(terminal: int, expected: bytes, *, times: int) -> bytes:
    """What the terminal shows until it has shown that so many times."""
    shown = b""
    while shown.count(expected) < times:
        ready, _, _ = select.select([terminal], [], [], DEADLINE_S)
        assert ready, shown
        shown += os.read(terminal, 4096)
    return shown


@pytest.mark.campaign
@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_a_real_zsh_completes_at_the_press_of_tab(home: Home) -> None:
    setup = f"autoload -U compinit; compinit -u -D; source {script(home, 'zsh')}; PS1='ready> '\n"
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe("zsh", ["zsh", "-f", "-i"], environment(home))  # noqa: S606
    try:
        os.write(terminal, setup.encode())
        read_until(terminal, b"ready> ", times=2)
        os.write(terminal, b"photopipe galleries test hol\t")
        assert b"holiday" in read_until(terminal, b"iday", times=1)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)
