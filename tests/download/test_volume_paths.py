"""A path on a card is found by the card's number, wherever it is mounted today."""

from pathlib import Path

import pytest
from support.pictures import make_jpeg
from support.volumes import formatted

from photopipe.download.file_systems import volume_paths
from photopipe.download.file_systems.mounts import Mount
from photopipe.download.file_systems.volume_paths import VolumePaths
from photopipe.download.sources.journal_key import find_one, journal_key


def test_a_photo_on_a_card_that_is_in_is_found_by_the_journals_path(tmp_path: Path) -> None:
    with formatted("fat32", tmp_path).mounted(tmp_path / "card") as card:
        make_jpeg(card / "a.jpg", seed=1)
        key = journal_key(str(card / "a.jpg"))
        assert key.startswith("fat:")
        assert VolumePaths().path(key) == str(card / "a.jpg")
        found = find_one(key)
        assert found is not None
        assert found.path == str(card / "a.jpg")
    assert VolumePaths().path(key) is None
    assert find_one(key) is None


def test_only_paths_on_cards_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volume_paths, "mounts", lambda: [Mount("vfat", "/media/card", "/dev/sdb1")])
    monkeypatch.setattr(volume_paths, "volume_id", lambda mount: "1A2B-3C4D")
    paths = VolumePaths()
    assert paths.path("/srv/a.jpg") == "/srv/a.jpg"
    assert paths.path("s3://bucket/a.jpg") == "s3://bucket/a.jpg"
    assert paths.path("fat:1A2B-3C4D/DCIM/a.jpg") == "/media/card/DCIM/a.jpg"
    assert paths.path("fat:1A2B-3C4D") == "/media/card"
    assert paths.path("fat:0000-0001/DCIM/a.jpg") is None
