"""The whole command against the scripted galleries: what one run did not get to, the next one finishes."""

from pathlib import Path

import pytest
from support import fake_immich, fake_piwigo
from support.command import Home
from support.fake_immich import FakeImmich
from support.fake_piwigo import FakePiwigo
from support.fault_gallery import Fault
from support.pictures import make_jpeg

ALL_BUT_THE_ALBUM = ["asset.upload", "album.read", "album.create", "asset.update", "tag.create", "tag.asset"]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "Trip"
    folder.mkdir()
    for number in range(3):
        make_jpeg(folder / f"IMG_{number}.JPG", seed=number)
    return folder


def test_a_run_against_immich_fills_the_album_an_earlier_one_was_not_allowed_to(tmp_path: Path, photos: Path) -> None:
    home, env = Home(tmp_path / "home"), {"PHOTOPIPE_TOKEN": fake_immich.KEY}
    with FakeImmich(permissions=ALL_BUT_THE_ALBUM) as gallery:
        arguments = ("process", str(photos), "--to", f"immich+{gallery.site}", "--album", "{folder}")
        first = home.run(*arguments, env=env)
        before = len(gallery.assets)
        gallery.permissions = ["all"]
        second, third = home.run(*arguments, env=env), home.run(*arguments, env=env)
    assert (first.code, second.code, third.code) == (12, 0, 0), first.err + second.err
    assert "albumAsset.create" in first.err
    assert before >= 1
    assert [album.name for album in gallery.albums] == ["Trip"]
    assert sorted(gallery.albums[0].asset_ids) == sorted(asset.id for asset in gallery.assets)
    assert len(gallery.assets) == 3


def test_a_run_against_piwigo_shows_each_photo_once_in_the_album_of_its_folder(tmp_path: Path, photos: Path) -> None:
    home, env = Home(tmp_path / "home"), {"PHOTOPIPE_TOKEN": fake_piwigo.KEY}
    with FakePiwigo({"pwg.images.uploadCompleted": [Fault.TAKE_AND_DROP]}) as gallery:
        arguments = ("process", str(photos), "--to", f"piwigo+{gallery.url}", "--album", "{folder}")
        first, second = home.run(*arguments, env=env), home.run(*arguments, env=env)
    assert (first.code, second.code) == (0, 0), first.err
    assert sorted(first.lines) == sorted(set(first.lines))
    assert len(first.lines) == 3
    assert (len(gallery.photos), gallery.visible_in(2), second.lines) == (3, [1, 2, 3], [])
