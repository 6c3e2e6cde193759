"""The short form of `after_kills.py`, and all of it as a campaign."""

from pathlib import Path

import pytest
from campaigns.after_kills import WAYS, campaign


def test_killed_runs_lose_no_photo_they_move(tmp_path: Path) -> None:
    campaign(tmp_path, "move-far", photos=8, kills=10, seed=7)


@pytest.mark.campaign
@pytest.mark.parametrize("way", WAYS)
def test_many_killed_runs_lose_no_photo_they_move_delete_or_archive(tmp_path: Path, way: str) -> None:
    _cards, halfway = campaign(tmp_path, way, photos=30, kills=50, seed=8)
    assert halfway > 20
