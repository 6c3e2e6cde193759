"""The serial number of a volume, read from images that the usual programs have formatted."""

from pathlib import Path

import pytest
from support.volumes import formatted

from photopipe.download.file_systems.boot_sector import read_serial, serial_in


@pytest.mark.parametrize("kind", ["fat16", "fat32", "exfat"])
def test_it_is_what_blkid_says(kind: str, tmp_path: Path) -> None:
    volume = formatted(kind, tmp_path)
    assert read_serial(str(volume.image)) == volume.serial


@pytest.mark.parametrize("kind", ["fat16", "fat32", "exfat"])
def test_a_volume_without_a_number_is_not_known_by_it(kind: str, tmp_path: Path) -> None:
    image = formatted(kind, tmp_path).image
    sector = bytearray(image.read_bytes()[:512])
    offset = {"fat16": 39, "fat32": 67, "exfat": 100}[kind]
    for nothing in (b"\0\0\0\0", b"\xff\xff\xff\xff"):
        sector[offset : offset + 4] = nothing
        assert serial_in(bytes(sector)) is None


def fat_sector() -> bytearray:
    """The first sector of a FAT16 volume, in what is looked at."""
    sector = bytearray(512)
    sector[0], sector[11:13], sector[13], sector[14], sector[16], sector[22] = 0xEB, b"\0\x02", 4, 4, 2, 32
    sector[38], sector[39:43], sector[510:512] = 0x29, b"\xcd\xab\x34\x12", b"\x55\xaa"
    return sector


@pytest.mark.parametrize(
    ("offset", "value"),
    [(0, 0x33), (11, 1), (13, 3), (14, 0), (16, 0), (38, 0), (510, 0)],
    ids=["partition table", "sector size", "cluster size", "no reserved sectors", "no table", "no number", "no end"],
)
def test_a_sector_that_is_not_one_of_fat_has_none(offset: int, value: int) -> None:
    sector = fat_sector()
    assert serial_in(bytes(sector)) == "1234-ABCD"
    sector[offset] = value
    assert serial_in(bytes(sector)) is None


def test_what_is_too_short_missing_or_a_folder_has_none(tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(fat_sector()[:511])
    assert [read_serial(str(path)) for path in (tmp_path / "short", tmp_path / "missing", tmp_path)] == [None] * 3
