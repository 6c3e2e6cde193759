"""What a card is known by, as each system tells it; device files that exist everywhere stand for a card's."""

import plistlib
import sys
from pathlib import Path

import pytest

from photopipe.download.file_systems import cards, volume_id
from photopipe.download.file_systems.mounts import Mount

CARD = Mount("vfat", "/media/anna/EOS", "/dev/null")


@pytest.fixture
def links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as udev fills it."""
    monkeypatch.setattr(volume_id, "LINKS_BY_ID", str(tmp_path))
    monkeypatch.setattr(cards, "LABEL_LINKS", str(tmp_path))
    (tmp_path / "5555-5555").symlink_to("/dev/zero")
    (tmp_path / "0123456789ABCDEF").symlink_to("/dev/null")  # NTFS
    (tmp_path / "AAAA-AAAA").symlink_to("/dev/of-a-card-that-was-taken-out")
    return tmp_path


def test_udev_knows_it_by_a_link_to_the_device(links: Path) -> None:
    assert volume_id.volume_id(CARD) is None
    (links / "1234-ABCD").symlink_to("/dev/null")
    assert volume_id.volume_id(CARD) == "1234-ABCD"
    assert volume_id.volume_id(CARD._replace(kind="fuseblk")) == "1234-ABCD"
    assert volume_id.volume_id(CARD._replace(kind="ext4")) is None


def test_a_card_without_a_number_is_not_known_by_it(links: Path) -> None:
    (links / "0000-0000").symlink_to("/dev/null")
    assert volume_id.volume_id(CARD) is None


def test_without_udev_and_without_permission_it_is_not_known() -> None:
    assert volume_id.volume_id(CARD._replace(device="/dev/not-in-this-container")) is None


@pytest.mark.parametrize(("name", "label"), [(r"EOS\x20DIGITAL", "EOS DIGITAL"), (r"\x2fcard\x2f", "/card/")])
def test_a_label_is_read_as_it_was_before_udev_wrote_it_as_a_file_name(name: str, label: str, tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cards, "LABEL_LINKS", str(tmp_path))
        assert cards.label_of(CARD) == "EOS"
        (tmp_path / name).symlink_to("/dev/null")
        assert cards.label_of(CARD) == label


@pytest.mark.parametrize(
    ("answer", "known_by"),
    [({"VolumeUUID": "2C0A-3A"}, "2C0A-3A"), ({"FilesystemType": "msdos"}, None), (None, None)],
)
def test_on_macos_diskutil_knows_it(
    answer: dict[str, str] | None, known_by: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = b"Could not find disk" if answer is None else plistlib.dumps(answer)
    (tmp_path / "answer").write_bytes(said)
    program = tmp_path / "diskutil"
    program.write_text(f'#!/bin/sh\n[ "$1 $2 $3" = "info -plist /dev/null" ] && cat {tmp_path}/answer\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert volume_id.volume_id(CARD) == known_by
