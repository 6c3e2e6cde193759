"""A kill at any step of a replacement or a backup loses nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "support" / "journal_killed_at_every_step.py"


def steps(what: str, folder: Path) -> int:
    run = subprocess.run(
        [sys.executable, SCRIPT, what, folder], capture_output=True, text=True, timeout=300, check=False
    )
    assert run.returncode == 0, run.stderr
    return int(run.stdout)


@pytest.mark.campaign
def test_a_backup_that_is_killed_at_any_step_leaves_the_earlier_one_or_the_new_one(tmp_path: Path) -> None:
    assert steps("backup", tmp_path) > 10


@pytest.mark.campaign
def test_a_replacement_that_is_killed_at_any_step_is_completed_by_the_next_run(tmp_path: Path) -> None:
    assert steps("replacement", tmp_path) > 100
