"""The manual pages are accepted by those who judge them, and found from the program's own prefix."""

import shutil
import subprocess
from pathlib import Path

import pytest

MANUAL = Path(__file__).parents[2] / "docs" / "man"


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
def test_mandoc_finds_nothing_to_say_about_the_manual() -> None:
    """But that they have no date: a page that had one would be another one each day."""
    linted = subprocess.run(
        ["mandoc", "-Tlint", *map(str, MANUAL.iterdir())], capture_output=True, text=True, timeout=60
    )
    assert [line for line in linted.stdout.splitlines() if "missing date" not in line] == []


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_groff_warns_of_nothing_in_the_manual() -> None:
    command = ["groff", "-ww", "-man", "-z", "-Tutf8", *map(str, MANUAL.iterdir())]
    assert subprocess.run(command, capture_output=True, text=True, timeout=60).stderr == ""


def test_the_manual_is_complete_and_in_order() -> None:
    page = (MANUAL / "photopipe-process.1").read_text()
    sections = [line.removeprefix(".SH ") for line in page.splitlines() if line.startswith(".SH ")]
    assert sections == ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT", "EXAMPLES", "SEE ALSO"]
    assert r"\-\-watermark\-opacity" in page
    assert "\b" not in (MANUAL / "photopipe-completion.1").read_text()
