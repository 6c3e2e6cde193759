"""The look for secrets can fail."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.command import Home
from support.deadline import DEADLINE_S
from support.secret_watch import secret_in, secret_in_file


def test_a_shown_secret_is_found(tmp_path: Path) -> None:
    assert secret_in("one\ntwo t0ken-x\n") == "two t0ken-x"
    assert secret_in("nothing to see") is None
    (tmp_path / "journal").write_bytes(b"\x00s3cret\x00")
    assert secret_in_file(tmp_path / "journal") == "s3cret"
    assert secret_in_file(tmp_path / "absent") is None


def test_a_command_that_shows_a_secret_fails_its_test(tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="shows a secret"):
        Home(tmp_path).run("process", "--t0ken")


def test_a_test_that_writes_a_secret_fails(tmp_path: Path) -> None:
    root = Path(__file__).parent
    (tmp_path / "conftest.py").write_text((root / "conftest.py").read_text())
    (tmp_path / "test_it.py").write_text(
        "def test_prints():\n    print('my t0ken')\n\ndef test_quiet():\n    print('fine')\n"
    )
    options = ["-q", "-c", os.devnull, f"--rootdir={tmp_path}", "-o", f"pythonpath={root}", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE_S)
    assert "2 passed, 1 error" in run.stdout
