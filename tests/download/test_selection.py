"""Which files are wanted: patterns, junk, hidden files, links, names of files that are still being written."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from photopipe.download.sources.folder_source import FolderSource
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import FolderPage
from photopipe.errors import UsageError
from photopipe.photo import OtherFiles
from photopipe.settings import DownloadSettings

TREE = (
    "a.jpg", "b.png", "raw/a.cr2", "raw/deep/b.jpg", "export/c.jpg", "export/keep.jpg", "2024/export/d.jpg",
    "#1.jpg", "!2.jpg", "x y.jpg", "tmp/[1].jpg",
)  # fmt: skip


def plant(top: Path, *names: str) -> None:
    for name in names:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(b"\xff\xd8\xff")


def found_in(top: Path, settings: DownloadSettings) -> set[str]:
    pages = FolderSource(str(top), settings).find(Selection.of(settings))
    return {os.path.relpath(photo.path, top) for page in pages if isinstance(page, FolderPage) for photo in page.photos}


@pytest.mark.parametrize(
    "patterns",
    [
        ["*.jpg"],
        ["export/"],
        ["/export"],
        ["export/*", "!export/keep.jpg"],
        ["export/", "!export/keep.jpg"],
        ["**/deep/**"],
        ["2024/**/d.jpg"],
        ["raw/*.jpg"],
        [r"\#1.jpg", r"\!2.jpg", "x*"],
        ["[ab].*", r"\[1\].jpg"],
        ["*", "!*/", "!a.jpg"],
    ],
    ids=" ".join,
)
def test_what_is_excluded_is_what_git_ignores(tmp_path: Path, patterns: list[str]) -> None:
    top = tmp_path / "source"
    plant(top, *TREE)
    found = found_in(top, DownloadSettings(exclude=tuple(patterns)))
    git = shutil.which("git")
    if git is None:
        pytest.skip("git says what its patterns mean")
    (top / ".gitignore").write_text("\n".join(patterns))
    environment = os.environ | {"GIT_DIR": str(tmp_path / "git"), "GIT_WORK_TREE": str(top), "HOME": str(tmp_path)}
    subprocess.run([git, "init", "-q"], env=environment, cwd=top, check=True)
    listed = subprocess.run(
        [git, "ls-files", "-z", "--others", "--exclude-standard"],
        env=environment, cwd=top, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert found == set(listed.stdout.split("\0")) - {"", ".gitignore"}


def test_only_what_is_included_is_taken_and_every_folder_is_looked_into(tmp_path: Path) -> None:
    plant(tmp_path, *TREE)
    assert found_in(tmp_path, DownloadSettings(include=("*.png", "deep/"))) == {"b.png", "raw/deep/b.jpg"}
    both = DownloadSettings(include=("*.jpg",), exclude=("export/",))
    assert found_in(tmp_path, both) == {
        name for name in TREE if name.endswith(".jpg") and "export/" not in name
    }  # fmt: skip


def test_an_excluded_folder_is_not_entered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, "in/a.jpg", "out/b.jpg")
    listed, scandir = [], os.scandir

    def recording_scandir(path: str) -> object:
        listed.append(os.path.relpath(path, tmp_path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", recording_scandir)
    assert found_in(tmp_path, DownloadSettings(exclude=("/out/",))) == {"in/a.jpg"}
    assert listed == [".", "in"]


def test_what_patterns_leave_out_is_not_called_another_file(tmp_path: Path) -> None:
    plant(tmp_path, "a.jpg", "b.jpg", "c.png", "notes.txt")
    selection = Selection.of(DownloadSettings(include=("*.jpg",), exclude=("b.*",)))
    others = [finding for finding in FolderSource(str(tmp_path)).find(selection) if isinstance(finding, OtherFiles)]
    assert others == [OtherFiles(((".txt", 1),))]


@pytest.mark.parametrize("pattern", ["!", "back\\", "[z-a]", "#1.jpg", "/"])
def test_a_pattern_that_is_none_is_refused_by_name(pattern: str) -> None:
    with pytest.raises(UsageError, match=rf"--exclude {re.escape(repr(pattern))}.*\.gitignore"):
        Selection.of(DownloadSettings(exclude=("fine", pattern)))


HIDDEN = (".hidden.jpg", ".album/a.jpg")
JUNK = ("._good.jpg", "@eaDir/good.jpg", "SYNOFILE_THUMB_M.jpg", ".Trashes/c.jpg", ".trashed-17-b.jpg")
UNFINISHED = (
    "~$x.jpg", ".pending-1714-IMG.jpg", ".~tmp~/a.jpg", ".rsync-partial/b.jpg", "c.jpg.download/c.jpg",
    ".dropbox.cache/d.jpg", ".e.jpg.X4tQ2a", ".syncthing.f.jpg.tmp", "g.jpg.part", "h.jpg_exiftool_tmp",
)  # fmt: skip


@pytest.mark.parametrize(
    ("settings", "taken"),
    [
        (DownloadSettings(), ()),
        (DownloadSettings(hidden=True), HIDDEN),
        (DownloadSettings(ignore_junk=False), ("@eaDir/good.jpg", "SYNOFILE_THUMB_M.jpg")),
        (DownloadSettings(hidden=True, ignore_junk=False), HIDDEN + JUNK),
    ],
    ids=["default", "hidden", "junk", "both"],
)
def test_junk_and_hidden_files_can_be_asked_for_and_unfinished_ones_never(
    tmp_path: Path, settings: DownloadSettings, taken: tuple[str, ...]
) -> None:
    names = ("good.jpg", *HIDDEN, *JUNK, *UNFINISHED)
    plant(tmp_path, *names)
    assert found_in(tmp_path, settings) == {"good.jpg", *taken}
    selection = Selection.of(settings)
    assert {name for name in names if selection.wants_path(name)} == {"good.jpg", *taken}


def test_one_path_at_a_time_gets_the_answer_of_a_scan(tmp_path: Path) -> None:
    plant(tmp_path, *TREE)
    settings = DownloadSettings(include=("*.jpg", "!c.jpg"), exclude=("raw/", "!raw/deep/", "[!a]*.png"))
    selection = Selection.of(settings)
    assert found_in(tmp_path, settings) == {name for name in TREE if selection.wants_path(name)}


def test_links_can_be_left_alone(tmp_path: Path) -> None:
    plant(tmp_path, "elsewhere/a.jpg", "source/b.jpg")
    (tmp_path / "source" / "folder").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "source" / "c.jpg").symlink_to(tmp_path / "elsewhere" / "a.jpg")
    (tmp_path / "link").symlink_to(tmp_path / "source")
    assert found_in(tmp_path / "source", DownloadSettings()) == {"b.jpg", "c.jpg", "folder/a.jpg"}
    assert found_in(tmp_path / "link", DownloadSettings(follow=False)) == {"b.jpg"}
