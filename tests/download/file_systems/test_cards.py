"""Cards that are in are found, and unmounted when that is wanted."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.volumes import formatted

from photopipe.download.file_systems import cards as module
from photopipe.download.file_systems.cards import Card, cards, is_removable
from photopipe.download.file_systems.eject import eject
from photopipe.download.file_systems.mounts import Mount, mount_of, mounts
from photopipe.errors import EjectFailed


@pytest.fixture(autouse=True)
def only_those_of_this_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        module, "mounts", lambda: [one for one in mounts() if one.mount_point.startswith(str(tmp_path))]
    )


@pytest.fixture
def card(tmp_path: Path) -> Iterator[Path]:
    with formatted("exfat", tmp_path).mounted(tmp_path / "EOS 1") as top:
        yield top


def test_a_volume_with_a_folder_that_a_camera_made_is_a_card(card: Path) -> None:
    assert cards() == []
    (card / "Dcim").mkdir()
    (found,) = cards()
    assert found[:3] == Card("EOS 1", str(card), str(card / "Dcim"), "", 0, 0)[:3]
    assert 0 < found.free_bytes < found.size_bytes <= 16_000_000


def test_a_file_of_that_name_is_no_such_folder(card: Path) -> None:
    (card / "DCIM").touch()
    assert cards() == []


def test_a_card_mounted_at_two_places_is_one(card: Path, tmp_path: Path) -> None:
    (card / "DCIM").mkdir()
    other = tmp_path / "other"
    other.mkdir()
    subprocess.run(["mount", "--bind", card, other], check=True)
    try:
        assert [found.mount_point for found in cards()] == [str(card)]
        with pytest.raises(EjectFailed, match="it is still mounted at another place"):
            eject(mount_of(str(card)))
    finally:
        subprocess.run(["umount", other], check=True)


def test_an_ejected_card_is_unmounted(card: Path) -> None:
    eject(mount_of(str(card)))
    assert not card.is_mount()


def test_a_card_in_use_stays_mounted_and_that_is_said(card: Path) -> None:
    with (card / "note.txt").open("w"), pytest.raises(EjectFailed, match=r"EOS 1: cannot be unmounted: .*busy"):
        eject(mount_of(str(card)))
    assert card.is_mount()


@pytest.mark.parametrize(
    ("mount", "removable"),
    [
        (Mount("ext4", "/", "/dev/sda1"), False),
        (Mount("ext4", "/home", "/dev/sda2"), False),
        (Mount("ext4", "/media/anna/DISK", "/dev/sdb1"), True),
        (Mount("apfs", "/Volumes/DISK", "/dev/disk4s1"), True),
        (Mount("vfat", "/mnt/card", "/dev/sdb1"), True),
        (Mount("vfat", "/", "/dev/mmcblk0p1"), False),
        (Mount("nfs4", "/media/share", "nas:/photos"), False),
        (Mount("fuse.sshfs", "/media/share", "nas:/photos"), False),
        (Mount("vfat", "/mnt/gone", "/dev/sdb1"), False),
    ],
)
def test_what_was_plugged_in_is_known_by_its_place_or_its_kind(
    mount: Mount, removable: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_device_number", lambda path: {"/": 1, "/mnt/gone": None}.get(path, 2))
    assert is_removable(mount) == removable
