"""Starting up: quickly, and without what is not needed."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.command import Home
from support.deadline import until

import photopipe

HEAVY = ("PIL", "requests", "flask", "pillow_heif", "waitress", "tqdm", "urllib3")


def modules_after(home: Home, *arguments: str) -> set[str]:
    program = (
        "import sys; from photopipe.cli.commands import run; run(sys.argv[1:]);"
        "print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, *arguments], env=home.environment(), capture_output=True, text=True, timeout=60
    )
    return set(run.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("arguments", [["--help"], ["process", "--help"], ["--version"], ["gallery", "--help"]])
def test_help_loads_nothing_heavy(home: Home, arguments: list[str]) -> None:
    assert modules_after(home, *arguments).isdisjoint(HEAVY)


def test_a_run_with_nothing_to_do_loads_nothing_heavy(home: Home, card: Path) -> None:
    home.run("process", str(card))
    assert modules_after(home, "process", str(card)).isdisjoint(HEAVY)
    assert modules_after(home, "process", str(card), "--size", "99").issuperset({"PIL", "requests"})


def test_the_version_is_one_line(home: Home) -> None:
    assert home.run("--version").out == f"photopipe {photopipe.__version__}\n"


def test_python_m_photopipe_is_the_command(home: Home) -> None:
    assert home.run("--help").out.startswith("Usage: photopipe [OPTIONS] COMMAND")


def test_a_run_with_nothing_to_do_opens_none_of_the_photos(home: Home, card: Path) -> None:
    home.run("process", str(card))
    for photo in card.rglob("*.JPG"):
        photo.chmod(0)
    program = (
        "import sys; opened = [];"
        "sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == 'open' else None);"
        "from photopipe.cli.commands import run; code = run(sys.argv[1:]);"
        "print(code, [path for path in opened if path.endswith('.JPG')])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program, "process", "-q", str(card)],
        env=home.environment(),
        capture_output=True,
        text=True,
    )
    assert run.stdout == "0 []\n", run.stderr


def test_the_gallery_command_serves_what_has_arrived_until_it_is_told_to_stop(home: Home, card: Path) -> None:
    import requests

    home.run("process", str(card))
    browser, opened = home.folder / "browser", home.folder / "opened"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > "{opened}"\n')
    browser.chmod(0o755)
    options = ("--port", "0", "--open", "--title", "Our club")
    with home.start("gallery", *options, env={"BROWSER": f"{browser} %s"}) as process:
        assert process.stderr is not None
        said = process.stderr.readline().decode()
        address = said.split(" is at ")[1].split()[0]
        page = requests.get(address, timeout=20).text
        assert page.count("<img") == 5
        assert requests.get(f"{address}/api/health", timeout=20).json()["photos"] == 5
        assert "<title>Our club</title>" in page
        until(lambda: opened.exists() and opened.read_text() == address)
        process.terminate()
        until(lambda: process.poll() is not None)
        assert process.returncode == 143
        assert b"Traceback" not in process.stderr.read()


def test_a_port_that_is_taken_is_named(home: Home) -> None:
    with home.start("gallery", "--port", "0") as first:
        assert first.stderr is not None
        port = first.stderr.readline().decode().split(" is at http://127.0.0.1:")[1].split()[0]
        second = home.run("gallery", "--port", port)
        first.kill()
    assert second.code == 1
    assert f"port {port}" in second.err


def test_run_and_gallery_can_work_on_one_folder(home: Home, card: Path) -> None:
    with home.start("gallery", "--port", "0") as process:
        assert process.stderr is not None
        address = process.stderr.readline().decode().split(" is at ")[1].split()[0]
        assert home.run("process", str(card), "--to", address).code == 0
        result = home.run("process", str(card))
        process.kill()
    assert (result.code, result.out) == (0, "")
    assert "5 already in gallery" in result.err
    assert len(home.photos()) == 5
