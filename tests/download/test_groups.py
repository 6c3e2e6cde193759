"""Files that belong together: photos with their sidecars, the halves of pairs, the videos of Live Photos."""

import os
from collections import defaultdict
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from photopipe.download.file_names.groups import group_names, names_beside, stem_of
from photopipe.download.sources import pages
from photopipe.download.sources.folder_source import FolderSource
from photopipe.download.sources.pages import find_files
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding, FolderPage
from photopipe.found_photo import FoundPhoto, LocalFiles
from photopipe.photo import OtherFiles, UnclearPairs
from photopipe.settings import DownloadSettings, Pairs

Described = dict[str, tuple[str | None, list[str]]]
"""Name of each photo, in the order they are found -> by which it is shown, and its companions."""


def plant(top: Path, *names: str) -> None:
    for name in names:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(b"\xff\xd8\xff")


def described(findings: list[Finding]) -> Described:
    photos = [photo for finding in findings if isinstance(finding, FolderPage) for photo in finding.photos]
    return {
        photo.name: (photo.shown_by and os.path.basename(photo.shown_by), [one.name for one in photo.companions])
        for photo in photos
    }


def find(top: Path, pairs: Pairs = "jpeg") -> list[Finding]:
    return list(FolderSource(str(top)).find(Selection.of(DownloadSettings(pairs=pairs))))


def test_the_stem_is_what_the_names_of_a_group_have_in_common() -> None:
    names = ["a.jpg", "a.CR2", "a.xmp", "a.jpg.xmp", "a.JPG.XMP", "a.mov"]
    assert {stem_of(name) for name in names} == {"a"}
    assert [stem_of(name) for name in ("a.b.jpg", "a.txt.xmp", "none", ".jpg.xmp")] == ["a.b", "a.txt", "none", ".jpg"]


ENDINGS = st.sampled_from([".jpg", ".JPG", ".cr2", ".xmp", ".jpg.xmp", ".mov", ".avif"])
NAMES = st.builds("".join, st.tuples(st.text("ab. ", min_size=1, max_size=5), ENDINGS))


@given(st.sets(NAMES))
@settings(max_examples=300, deadline=None)
def test_names_in_order_are_put_together_by_their_stem(names: set[str]) -> None:
    by_stem = defaultdict(list)
    for name in sorted(names):
        by_stem[stem_of(name)].append(name)
    groups = list(group_names(sorted(names)))
    assert sorted(groups) == sorted(by_stem.values())


def test_a_group_is_handed_on_as_soon_as_the_names_are_past_it() -> None:
    names = iter(["a.avif", "a.b.cr2", "a.b.jpg", "a.jpg", "b.jpg", "c.jpg"])
    groups = group_names(names)
    assert next(groups) == ["a.b.cr2", "a.b.jpg"]
    assert next(groups) == ["a.avif", "a.jpg"]
    assert list(names) == ["c.jpg"]
    names = iter(["a.avif", "a.b.avif", "b.jpg", "c.jpg"])
    groups = group_names(names)
    assert (next(groups), next(groups)) == (["a.b.avif"], ["a.avif"])
    assert list(names) == ["c.jpg"]


def test_sidecars_and_videos_go_with_their_photos(tmp_path: Path) -> None:
    plant(
        tmp_path, "a.jpg", "a.png", "a.xmp", "a.jpg.xmp", "a.mov", "b.HEIC", "b.heic.XMP", "b.MP4", "c.jpg", "._c.xmp",
        "d.xmp", "d.mov", "e.avi", "e.jpg",
    )  # fmt: skip
    findings = find(tmp_path)
    assert described(findings) == {
        "a.jpg": (None, ["a.jpg.xmp", "a.xmp", "a.mov"]),
        "a.png": (None, ["a.xmp", "a.mov"]),
        "b.HEIC": (None, ["b.heic.XMP", "b.MP4"]),
        "c.jpg": (None, []),
        "e.jpg": (None, []),
    }
    others = [finding for finding in findings if isinstance(finding, OtherFiles)]
    assert others == [OtherFiles(((".avi", 1), (".mov", 2), (".mp4", 1), (".xmp", 1)))]  # of no photo


@pytest.mark.parametrize("photo", ["a.png", "a.jpg", "a.cr2"])
def test_whatever_a_folder_has_a_sidecar_is_found(tmp_path: Path, photo: str) -> None:
    plant(tmp_path, photo, "a.xmp")
    assert described(find(tmp_path)) == {photo: (None, ["a.xmp"])}


def test_companions_look_as_they_did_when_they_were_found(tmp_path: Path) -> None:
    plant(tmp_path, "a.jpg", "a.xmp")
    (page,) = find(tmp_path)
    assert isinstance(page, FolderPage)
    (sidecar,) = page.photos[0].companions
    assert sidecar == FoundPhoto.from_stat(str(tmp_path / "a.xmp"), os.stat(tmp_path / "a.xmp"))._replace(
        storage=LocalFiles(str(tmp_path), tmp_path.stat().st_dev)
    )


@pytest.mark.parametrize(
    ("names", "pairs", "expected"),
    [
        ("a.CR2 a.JPG", "jpeg", {"a.CR2": ("a.JPG", ["a.JPG"]), "a.JPG": (None, ["a.CR2"])}),
        ("a.CR2 a.JPG", "raw", {"a.JPG": ("a.CR2", ["a.CR2"]), "a.CR2": (None, ["a.JPG"])}),
        ("a.CR2 a.JPG", "both", {"a.CR2": (None, []), "a.JPG": (None, [])}),
        ("a.heic a.jpeg", "jpeg", {"a.heic": ("a.jpeg", ["a.jpeg"]), "a.jpeg": (None, ["a.heic"])}),
        ("a.heic a.jpeg", "raw", {"a.jpeg": ("a.heic", ["a.heic"]), "a.heic": (None, ["a.jpeg"])}),
        ("a.CR3 a.HIF", "jpeg", {"a.CR3": ("a.HIF", ["a.HIF"]), "a.HIF": (None, ["a.CR3"])}),
        (
            "a.dng a.heic a.jpg", "jpeg",
            {"a.dng": ("a.jpg", ["a.jpg"]), "a.heic": ("a.jpg", ["a.jpg"]), "a.jpg": (None, ["a.dng", "a.heic"])},
        ),
        (
            "a.dng a.heic a.jpg", "raw",
            {"a.heic": ("a.dng", ["a.dng"]), "a.jpg": ("a.dng", ["a.dng"]), "a.dng": (None, ["a.heic", "a.jpg"])},
        ),
        ("a.jpg a.png", "jpeg", {"a.jpg": (None, []), "a.png": (None, [])}),
        ("a.jpg A.CR2", "jpeg", {"A.CR2": (None, []), "a.jpg": (None, [])}),
        ("a.jpg sub/a.CR2", "jpeg", {"a.jpg": (None, []), "a.CR2": (None, [])}),
    ],
)  # fmt: skip
def test_of_a_pair_the_half_that_is_not_wanted_is_shown_by_the_other_and_comes_first(
    tmp_path: Path, names: str, pairs: Pairs, expected: Described
) -> None:
    plant(tmp_path, *names.split())
    found = described(find(tmp_path, pairs))
    assert list(found.items()) == list(expected.items())


@pytest.mark.parametrize("names", ["a.CR2 a.dng a.jpg", "a.CR2 a.jpeg a.jpg"])
def test_where_it_is_unclear_which_are_a_pair_all_are_taken_and_it_is_said(tmp_path: Path, names: str) -> None:
    plant(tmp_path, *names.split(), "b.jpg", "b.cr2", "c.jpg", "c.jpeg")
    findings = find(tmp_path)
    found = described(findings)
    assert [shown_by for name, (shown_by, _) in found.items() if not name.startswith("b")] == [None] * 5
    assert found["b.cr2"][0] == "b.jpg"
    assert findings[-1] == UnclearPairs(1, str(tmp_path / "a.CR2"))
    assert not any(isinstance(finding, UnclearPairs) for finding in find(tmp_path, "both"))


def test_a_photo_that_a_pattern_excludes_shows_nothing(tmp_path: Path) -> None:
    plant(tmp_path, "a.cr2", "a.jpg", "a.xmp", "b.cr2", "b.xmp")
    selection = Selection.of(DownloadSettings(include=("*.cr2",), exclude=("b.xmp",)))
    found = described(list(FolderSource(str(tmp_path)).find(selection)))
    assert found == {"a.cr2": (None, ["a.xmp"]), "b.cr2": (None, [])}


def test_a_group_is_never_on_two_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE_SIZE", 3)
    plant(tmp_path, *(f"{number}.{extension}" for number in range(5) for extension in ("cr2", "jpg")))
    found = [finding for finding in find(tmp_path) if isinstance(finding, FolderPage)]
    assert [[photo.name for photo in page.photos] for page in found] == [
        ["0.cr2", "0.jpg", "1.cr2", "1.jpg"], ["2.cr2", "2.jpg", "3.cr2", "3.jpg"], ["4.cr2", "4.jpg"],
    ]  # fmt: skip


def named(top: Path, *names: str, with_photos: bool = False, selection: Selection | None = None) -> Described:
    storage = LocalFiles(str(top))
    return described(list(find_files(str(top), names, selection or Selection(), storage, with_photos=with_photos)))


def test_files_that_are_named_get_their_companions_without_their_folder_being_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant(tmp_path, "a.CR2", "a.JPG", "a.xmp", "a.CR2.XMP", "b.jpg", "b.MOV", "c.jpg")
    monkeypatch.setattr(os, "scandir", None)
    assert named(tmp_path, "c.jpg", "a.CR2", "b.jpg") == {
        "c.jpg": (None, []),
        "a.CR2": (None, ["a.CR2.XMP", "a.xmp"]),
        "b.jpg": (None, ["b.MOV"]),
    }
    assert named(tmp_path, "a.CR2", with_photos=True) == {"a.CR2": ("a.JPG", ["a.CR2.XMP", "a.xmp", "a.JPG"])}
    excluding = Selection.of(DownloadSettings(exclude=("*.JPG", "a.xmp")))
    assert named(tmp_path, "a.CR2", with_photos=True, selection=excluding) == {"a.CR2": (None, ["a.CR2.XMP"])}


def test_both_halves_named_are_a_pair_and_a_name_given_twice_is_one_photo(tmp_path: Path) -> None:
    plant(tmp_path, "a.CR2", "a.JPG")
    found = [*find_files(str(tmp_path), ["a.JPG", "a.CR2", "a.JPG"], Selection(), LocalFiles(), with_photos=False)]
    assert [len(page.photos) for page in found if isinstance(page, FolderPage)] == [2]
    assert described(found) == {"a.CR2": ("a.JPG", ["a.JPG"]), "a.JPG": (None, ["a.CR2"])}


def test_a_companion_is_one_file_in_whatever_capitals_it_is_asked_for(tmp_path: Path) -> None:
    """As on a card, where any spelling opens the file: here a second name for it stands for that."""
    plant(tmp_path, "a.JPG", "a.XMP")
    os.link(tmp_path / "a.XMP", tmp_path / "a.xmp")
    assert named(tmp_path, "a.JPG") == {"a.JPG": (None, ["a.XMP"])}
    assert next(iter(names_beside("a.JPG", with_photos=False))) == "a.JPG.XMP"
    assert next(iter(names_beside("a.jpg", with_photos=False))) == "a.jpg.xmp"


def test_a_single_file_as_the_source_gets_its_sidecar_and_is_taken_though_its_other_half_is_there(
    tmp_path: Path,
) -> None:
    plant(tmp_path, "a.cr2", "a.jpg", "a.xmp")
    assert described(find(tmp_path / "a.cr2")) == {"a.cr2": (None, ["a.xmp"])}
