"""Whatever becomes of a photo's files may be cut off at any step: nothing is lost, and the next call completes it."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from support import killed_at_every_step


@pytest.mark.parametrize(
    ("action", "target", "least_steps"),
    [("delete", None, 7), ("move", None, 14), ("move", "/dev/shm", 25), ("archive", "/dev/shm", 25)],
)
def test_a_kill_at_any_step_loses_nothing(tmp_path: Path, action: str, target: str | None, least_steps: int) -> None:
    if target is not None and not Path(target).is_dir():
        pytest.skip("this machine has no second file system to write to")
    (tmp_path / "card").mkdir()
    with tempfile.TemporaryDirectory(dir=target) as folder:
        command = [sys.executable, killed_at_every_step.__file__, action, str(tmp_path / "card"), folder]
        run = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) >= least_steps
