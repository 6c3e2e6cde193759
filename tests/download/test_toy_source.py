"""A source of one's own: photos that lie in a dictionary, found and opened like those in a folder."""

import io
import json
import pickle
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import pytest
from support.pictures import make_jpeg

from photopipe.cli.commands import run
from photopipe.download.sources import sources
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding, FolderPage
from photopipe.errors import PhotoVanished, SourceMissing
from photopipe.found_photo import FoundPhoto, Identity
from photopipe.settings import DownloadSettings
from photopipe.wakeup import Wakeup

PHOTOS: dict[str, bytes] = {}
"""Address -> content."""
OPENED: list[str] = []


@dataclass(frozen=True)
class MemorySource:
    """`memory:ALBUM`: the photos of the dictionary whose address begins so, and their storage."""

    argument: str
    settings: DownloadSettings

    def check(self, _gallery_folders: Sequence[str]) -> None:
        if not any(address.startswith(self.argument) for address in PHOTOS):
            raise SourceMissing(f"{self.argument}: there is no such album")

    def find(self, _selection: Selection, _wakeup: Wakeup) -> Iterator[Finding]:
        addresses = sorted(address for address in PHOTOS if address.startswith(self.argument))
        yield FolderPage(self.argument, [FoundPhoto(path, *self.identity(path), self) for path in addresses])

    def open(self, path: str) -> BinaryIO:
        OPENED.append(path)
        return io.BytesIO(PHOTOS[path])

    def identity(self, path: str, _file: BinaryIO | None = None) -> Identity:
        if path not in PHOTOS:
            raise PhotoVanished("is gone since it was found.")
        return Identity(0, zlib.crc32(PHOTOS[path]), len(PHOTOS[path]), 0, 0)

    def key(self, path: str) -> str:
        return path

    def release(self, path: str) -> None:
        """Nothing was kept."""

    def check_source(self) -> None:
        """It is always there."""


@pytest.fixture
def album(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(sources, "SOURCES", [(r"memory:", f"{__name__}:MemorySource"), *sources.SOURCES])
    for number in range(3):
        picture = make_jpeg(tmp_path / "picture.jpg", seed=number).read_bytes()
        monkeypatch.setitem(PHOTOS, f"memory:trip/IMG_{number}.jpg", picture)
    OPENED.clear()
    return "memory:trip"


def process(source: str, folder: Path, output: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """The exit code, and what became of each photo."""
    (folder / "site").mkdir(exist_ok=True)
    places = ["--to", f"folder://{folder}/site", "--journal", str(folder / "journal.sqlite")]
    code = run(["process", source, *places, "--json", "-q"])
    records = [json.loads(line) for line in output.readouterr().out.splitlines()]
    return code, sorted(f"{record['path']} {record['status']}" for record in records if record["type"] == "photo")


def test_a_source_of_ones_own_goes_through_the_whole_line_and_is_skipped_unopened_next_time(
    album: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert process(album, tmp_path, capsys) == (0, [f"{path} uploaded" for path in PHOTOS])
    assert sorted(path.name for path in (tmp_path / "site").glob("*.jpg")) == ["IMG_0.jpg", "IMG_1.jpg", "IMG_2.jpg"]
    assert set(OPENED) == PHOTOS.keys()
    OPENED.clear()
    assert process(album, tmp_path, capsys) == (0, [f"{path} skipped" for path in PHOTOS])
    assert OPENED == []


def test_what_it_found_is_looked_at_again_when_it_changes(
    album: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    process(album, tmp_path, capsys)
    changed = "memory:trip/IMG_1.jpg"
    PHOTOS[changed] = make_jpeg(tmp_path / "other.jpg", seed=9).read_bytes()
    _, lines = process(album, tmp_path, capsys)
    assert lines == [f"{path} {'uploaded' if path == changed else 'skipped'}" for path in PHOTOS]


def test_its_photos_travel_to_other_processes(album: str) -> None:
    (page,) = sources.source_of(album, DownloadSettings()).find(Selection(), Wakeup())
    assert isinstance(page, FolderPage)
    (found, *_) = pickle.loads(pickle.dumps(page.photos))  # noqa: S301 - our own
    with found.open() as file:
        assert file.read() == PHOTOS[found.path]


def test_one_that_is_not_there_ends_the_run_before_anything_is_read(
    album: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert process("memory:nothing", tmp_path, capsys) == (13, [])
    assert OPENED == []
