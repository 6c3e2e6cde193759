"""Which file system a path is on, and whether it sends events."""

from pathlib import Path

import pytest
from support.mounting import mounted_tmpfs, needs_mount

from photopipe.download.file_systems.mounts import is_fat, is_network, mount_of, mounts


@needs_mount
def test_a_path_is_on_the_file_system_mounted_nearest_above_it_whatever_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "a b\nc\\040"
    folder.mkdir()
    outside = mount_of(str(folder))
    (tmp_path / "link").symlink_to(folder)
    with mounted_tmpfs(folder):
        assert mount_of(str(tmp_path / "link" / "not" / "there")) == ("tmpfs", str(folder), "photos", False)
        assert mount_of(f"{folder}d") == outside
    assert mount_of(str(folder)) == outside


@needs_mount
def test_of_two_file_systems_on_one_folder_the_upper_counts(tmp_path: Path) -> None:
    with mounted_tmpfs(tmp_path), mounted_tmpfs(tmp_path):
        assert sum(mount.mount_point == str(tmp_path) for mount in mounts()) == 2
        assert mount_of(str(tmp_path / "file")) == mounts()[-1]


def test_every_path_is_on_a_file_system(tmp_path: Path) -> None:
    assert mount_of(str(tmp_path)) in mounts()


@pytest.mark.parametrize(
    "kind", ["cifs", "smb3", "nfs", "nfs4", "fuse.sshfs", "fuse.rclone", "9p", "virtiofs", "vboxsf"]
)
def test_shares_and_folders_of_other_machines_are_known(kind: str) -> None:
    assert is_network(kind)


@pytest.mark.parametrize("kind", ["ext4", "btrfs", "xfs", "zfs", "apfs", "tmpfs", "overlay", "vfat", "fuseblk", ""])
def test_disks_of_this_machine_are_known(kind: str) -> None:
    assert not is_network(kind)


def test_fat_is_known() -> None:
    assert is_fat("vfat")
    assert is_fat("exfat")
    assert not is_fat("fuseblk")
