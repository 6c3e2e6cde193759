"""The short form of `gallery_kills.py`."""

from pathlib import Path

from campaigns.gallery_kills import campaign


def test_a_gallery_that_is_killed_again_and_again_loses_nothing(tmp_path: Path) -> None:
    sent = campaign(tmp_path, kills=2, threads=3, seed=7)
    assert sent.doubts
    assert sent.deleted
