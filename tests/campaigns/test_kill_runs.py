"""The short form of `kill_runs.py`."""

from pathlib import Path

import pytest
from campaigns.kill_runs import campaign


@pytest.mark.campaign
@pytest.mark.parametrize("endpoint", ["embedded", "form"])
def test_killed_runs_leave_each_photo_exactly_once(tmp_path: Path, endpoint: str) -> None:
    report = campaign(tmp_path, photos=12, kills=5, seed=7, endpoint=endpoint)
    assert report.kills == 5
