"""Several hosts share the work: each photo belongs to exactly one shard, the same on every host."""

import os
import shutil
import unicodedata
from pathlib import Path

import click
import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from support.command import Home
from support.pictures import make_jpeg

from photopipe.cli.options.limit_options import SHARD
from photopipe.download.sources.folder_source import FolderSource
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.shard import Shard, shard_number
from photopipe.download.sources.source import FolderPage
from photopipe.files.kinds import PHOTO_EXTENSIONS
from photopipe.photo import OtherFiles
from photopipe.settings import DownloadSettings

PATHS = st.binary(min_size=1, max_size=30).map(os.fsdecode) | st.text(min_size=1, max_size=30).filter(
    lambda text: not any("\ud800" <= character <= "\udfff" for character in text)
)
COUNTS = st.integers(min_value=1, max_value=64)

KNOWN = {
    ("DCIM/100CANON/IMG_0001.JPG", 2): 1,
    ("DCIM/100CANON/IMG_0001.JPG", 8): 1,
    ("DCIM/100CANON/IMG_0002.CR2", 8): 1,
    ("2024/Ferien in Österreich/Grüße.heic", 8): 2,
    ("2024/写真/夏.jpg", 64): 9,
    (os.fsdecode(b"2024/caf\xe9.jpg"), 64): 49,
    ("a", 10_000): 3344,
}
"""Values that must never change: hosts with different versions of photopipe share the work."""


@pytest.mark.parametrize(("path", "count"), KNOWN)
def test_the_shard_of_a_path_is_what_it_has_always_been(path: str, count: int) -> None:
    assert shard_number(path, count) == KNOWN[path, count]


@settings(max_examples=40)
@given(PATHS, COUNTS)
def test_every_path_is_in_exactly_one_shard(path: str, count: int) -> None:
    assert [Shard(number, count).has(path) for number in range(1, count + 1)].count(True) == 1


@settings(max_examples=40)
@given(PATHS.filter(lambda path: not path.endswith("/")), COUNTS, st.sampled_from(sorted(PHOTO_EXTENSIONS)))
def test_what_belongs_together_is_in_one_shard(stem: str, count: int, extension: str) -> None:
    together = [f"{stem}{extension}", f"{stem}.CR2", f"{stem}.MOV", f"{stem}.xmp", f"{stem}{extension}.xmp"]
    assert len({shard_number(path, count) for path in together}) == 1


@settings(max_examples=40)
@given(PATHS, COUNTS)
def test_systems_that_spell_accents_in_another_way_agree(path: str, count: int) -> None:
    for form in ("NFC", "NFD"):
        assert shard_number(unicodedata.normalize(form, path), count) == shard_number(path, count)


def test_the_parts_are_about_equal() -> None:
    sizes = [0] * 8
    for number in range(8000):
        sizes[shard_number(f"DCIM/100CANON/IMG_{number:04}.JPG", 8) - 1] += 1
    assert max(sizes) < 1.15 * min(sizes)


def shared(folder: Path, number: int, count: int) -> tuple[list[str], int, dict[str, int]]:
    """Photos of a shard as paths in the folder, the number of those in other shards, and the other files."""
    selection = Selection.of(DownloadSettings(shard=(number, count)))
    photos, others, kinds = list[str](), 0, dict[str, int]()
    for finding in FolderSource(str(folder)).find(selection):
        if isinstance(finding, FolderPage):
            photos += [os.path.relpath(photo.path, folder) for photo in finding.photos]
            for photo in finding.photos:
                for companion in photo.companions:
                    assert os.path.splitext(companion.path)[0].startswith(os.path.splitext(photo.path)[0])
        elif isinstance(finding, OtherFiles):
            others += finding.other_shards
            for extension, files in finding.counts:
                kinds[extension] = kinds.get(extension, 0) + files
    return photos, others, kinds


def test_the_shards_of_a_folder_are_disjoint_and_complete_wherever_it_is_mounted(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "mnt" / "there"
    for number in range(20):
        for extension in ("JPG", "CR2", "xmp") if number % 2 else ("JPG", "txt"):
            file = here / f"{number % 3}" / f"IMG_{number}.{extension}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"")
    shutil.copytree(here, there)
    everything, _, _ = shared(here, 1, 1)
    parts = [shared(here if number % 2 else there, number, 3) for number in (1, 2, 3)]
    assert sorted(path for photos, _, _ in parts for path in photos) == sorted(everything)
    assert all(len(photos) + others == len(everything) == 30 for photos, others, _ in parts)
    kinds = [kinds.get(".txt", 0) for _, _, kinds in parts]
    assert sum(kinds) == 10
    assert not any(".xmp" in kinds for _, _, kinds in parts)  # they belong to photos, here or elsewhere


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home")


def test_two_hosts_share_a_folder_a_list_and_a_single_photo(home: Home, tmp_path: Path) -> None:
    card = tmp_path / "card"
    card.mkdir()
    for number in range(8):
        make_jpeg(card / f"{number}.jpg", seed=number)
    names = b"".join(os.fsencode(path) + b"\0" for path in sorted(card.iterdir()))
    (tmp_path / "list").write_bytes(names)
    sources = (str(card),), ("-0", "--files-from", str(tmp_path / "list")), tuple(map(str, sorted(card.iterdir())))
    for source in sources:
        uploaded = list[str]()
        for shard in ("1/2", "2/2"):
            command = ["process", "--dry-run", "--json", *source, "--shard", shard]
            *photos, summary = home.run(*command, cwd=card).records
            assert 0 < len(photos) < 8
            assert summary["found"] + summary["other_shards"] == 8
            uploaded += [photo["path"] for photo in photos]
        assert sorted(uploaded) == [str(card / f"{number}.jpg") for number in range(8)]
    said = home.run("process", "--dry-run", str(card), "--shard", "1/10000").err
    assert "8 more photos belong to other shards" in said


@pytest.mark.parametrize("value", ["0/2", "3/2", "1", "1/0", "a/b", "1/99999", "-1/2", "1/2/3", "\u0661/2"])
def test_a_shard_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(click.BadParameter, match="is not a shard; write which of how many, such as 2/8"):
        SHARD.convert(value, None, None)
