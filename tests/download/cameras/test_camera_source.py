"""Cameras on a USB cable: listed, read, never changed; recognised when they are plugged in again."""

import json
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.pictures import make_jpeg, picture
from support.virtual_camera import MODEL, NAME, STORE, camera, faulty

from photopipe.cli.commands import run
from photopipe.download.cameras import camera as module
from photopipe.download.cameras.camera import AttachedCamera, Camera, camera_named
from photopipe.download.cameras.camera_files import CameraFiles
from photopipe.download.cameras.open_cameras import closing_cameras, connect
from photopipe.download.fetching.fetched_files import FetchedFiles
from photopipe.download.sources.camera_source import CameraSource
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import FolderPage
from photopipe.errors import SourceMissing, UsageError
from photopipe.settings import DownloadSettings
from photopipe.wakeup import Wakeup

__all__ = ["camera", "faulty"]
DCIM = f"camera:{NAME}/{STORE}/DCIM"
Process = Callable[..., tuple[int, list[str], str]]
"""Takes arguments; gives the exit code, what became of each photo (`PATH STATUS REASON`), and stderr."""


@pytest.fixture
def process(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Process:
    (tmp_path / "site").mkdir()

    def process(*arguments: str) -> tuple[int, list[str], str]:
        places = ["--to", f"folder://{tmp_path}/site", "--journal", str(tmp_path / "journal.sqlite")]
        code = run(["process", *arguments, *places, "--json", "-q"])
        output = capsys.readouterr()
        photos = [record for record in map(json.loads, output.out.splitlines()) if record["type"] == "photo"]
        lines = [f"{photo['path']} {photo['status']} {photo['reason'] or ''}".strip() for photo in photos]
        return code, sorted(lines), output.err

    return process


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is read from the camera."""
    paths: list[str] = []
    read_really = Camera.read

    def read_noted(camera: Camera, path: str) -> Iterator[bytes]:
        paths.append(path)
        return read_really(camera, path)

    monkeypatch.setattr(Camera, "read", read_noted)
    return paths


def fill(memory: Path, *names: str, seed: int = 0) -> None:
    for number, name in enumerate(names, start=seed):
        path = memory / "DCIM" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        make_jpeg(path, size=(60, 40), seed=number)
        os.utime(path, (1_700_000_000, 1_700_000_000))


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_each_photo_arrives_as_it_is_on_the_camera_and_the_camera_is_not_changed(
    camera: Path, tmp_path: Path, process: Process
) -> None:
    fill(camera, "100NCD75/DSC_0001.JPG", "100NCD75/DSC_0002.JPG", "101NCD75/DSC_0001.JPG")
    (camera / "DCIM" / "101NCD75" / "DSC_0003.MOV").write_bytes(b"a film")
    before = contents(camera)
    code, photos, err = process("camera:", "--original", "instead")
    names = ("100NCD75/DSC_0001.JPG", "100NCD75/DSC_0002.JPG", "101NCD75/DSC_0001.JPG")
    assert (code, photos, err) == (0, [f"{DCIM}/{name} uploaded" for name in names], "")
    sent = sorted(path.read_bytes() for path in (tmp_path / "site").glob("*.jpg"))
    assert sent == sorted(content for name, (content, _) in before.items() if name.endswith(".JPG"))
    assert contents(camera) == before
    assert not (tmp_path / "journal.sqlite.sources").exists()


def test_the_next_time_it_is_recognised_without_reading_a_photo(
    camera: Path, process: Process, reads: list[str]
) -> None:
    fill(camera, "100NCD75/DSC_0001.JPG", "100NCD75/DSC_0002.JPG")
    process("camera:")
    reads.clear()
    fill(camera, "100NCD75/DSC_0003.JPG", seed=5)
    code, photos, _ = process(f"camera:{MODEL[-4:].lower()}")
    statuses = ("DSC_0001.JPG skipped unchanged", "DSC_0002.JPG skipped unchanged", "DSC_0003.JPG uploaded")
    assert (code, photos) == (0, [f"{DCIM}/100NCD75/{status}" for status in statuses])
    assert set(reads) == {f"/{STORE}/DCIM/100NCD75/DSC_0003.JPG"}


def test_without_a_clock_each_photo_is_read_each_time(camera: Path, process: Process, reads: list[str]) -> None:
    fill(camera, "100NCD75/DSC_0001.JPG")
    os.utime(camera / "DCIM" / "100NCD75" / "DSC_0001.JPG", (315_576_000, 315_576_000))
    process("camera:")
    reads.clear()
    code, photos, _ = process("camera:usb:001,001")
    assert (code, photos, len(reads)) == (0, [f"{DCIM}/100NCD75/DSC_0001.JPG skipped unchanged"], 1)


def test_one_that_is_unplugged_leaves_the_rest_for_the_next_run(
    camera: Path, tmp_path: Path, process: Process, faulty: dict[str, tuple[int, int]]
) -> None:
    fill(camera, *(f"100NCD75/DSC_{number:04}.JPG" for number in range(1, 13)))
    faulty["file_get"] = -52, 4
    code, photos, err = process("camera:")
    assert (code, sum(photo.endswith("uploaded") for photo in photos)) == (13, 4)
    assert "the camera does not answer any more" in err
    del faulty["file_get"]
    code, photos, _ = process("camera:")
    assert (code, sum(photo.endswith("uploaded") for photo in photos)) == (0, 8)
    assert len(list((tmp_path / "site").glob("*.jpg"))) == 12


def test_one_that_is_unplugged_while_it_is_listed_is_a_missing_source(
    camera: Path, process: Process, faulty: dict[str, tuple[int, int]]
) -> None:
    fill(camera, "100NCD75/DSC_0001.JPG", "101NCD75/DSC_0001.JPG")
    faulty["folder_list_files"] = -7, 4  # as far as 100NCD75
    code, _, err = process("camera:")
    assert (code, "does not answer any more" in err) == (13, True)


def test_a_file_that_the_camera_does_not_hand_over_fails_alone(camera: Path, process: Process) -> None:
    fill(camera, "100NCD75/DSC_0001.JPG")
    picture().save(camera / "DCIM" / "100NCD75" / "DSC_0002.WEBP")  # a kind that PTP has no code for
    code, photos, err = process("camera:")
    statuses = ("DSC_0001.JPG uploaded", "DSC_0002.WEBP failed unreadable_file")
    assert (code, photos) == (3, [f"{DCIM}/100NCD75/{status}" for status in statuses])
    assert "Put its card into a reader." in err


def test_one_that_another_program_uses_is_said_to_be(
    camera: Path, process: Process, faulty: dict[str, tuple[int, int]]
) -> None:
    faulty["init"] = -53, 0
    code, _, err = process("camera:")
    assert (code, "is used by another program" in err, "gio mount -s gphoto2" in err) == (13, True, True)


def test_without_its_package_it_says_what_to_install(process: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gphoto2", None)
    code, _, err = process("camera:")
    assert (code, "pip install 'photopipe[camera]'" in err) == (2, True)


def test_a_camera_that_is_looked_at_again_shows_what_was_taken_since(camera: Path) -> None:
    fill(camera, "100NCD75/DSC_0001.JPG")
    with closing_cameras():
        found = [photo_names() for _ in range(2)]
        fill(camera, "100NCD75/DSC_0002.JPG")
        assert [*found, photo_names()] == [["DSC_0001.JPG"]] * 2 + [["DSC_0001.JPG", "DSC_0002.JPG"]]


def photo_names() -> list[str]:
    """What a source finds."""
    findings = CameraSource("camera:", DownloadSettings()).find(Selection(), Wakeup())
    return [photo.name for page in findings if isinstance(page, FolderPage) for photo in page.photos]


def test_a_name_may_mean_one_camera_only(monkeypatch: pytest.MonkeyPatch) -> None:
    canon, nikon = AttachedCamera("Canon EOS R6", "usb:001,004"), AttachedCamera("Nikon Z 6", "usb:001,005")
    monkeypatch.setattr(module, "attached_cameras", lambda: [canon, nikon])
    assert camera_named("camera:eos") == canon
    assert camera_named("camera:usb:001,005") == nikon
    with pytest.raises(UsageError, match=r"several cameras: camera:usb:001,004 \(Canon EOS R6\), camera:usb:001,005"):
        camera_named("camera:")
    with pytest.raises(SourceMissing, match=r"no such camera is plugged in \(there is Canon EOS R6 \(usb:001,004\),"):
        camera_named("camera:Leica")


def test_a_mounted_card_is_no_camera(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gphoto:
        class Camera:
            @staticmethod
            def autodetect() -> Any:
                listed = pytest.importorskip("gphoto2").CameraList()
                listed.append("Mass Storage Camera", "disk:/media/anna/EOS")
                listed.append("Canon EOS R6", "usb:001,004")
                return listed

    monkeypatch.setattr(module, "load_gphoto", lambda: Gphoto)
    assert module.attached_cameras() == [AttachedCamera("Canon EOS R6", "usb:001,004")]


def test_its_photos_travel_and_are_found_through_the_connection_there(camera: Path, tmp_path: Path) -> None:
    fill(camera, "100NCD75/DSC_0001.JPG")
    with closing_cameras():
        for folder in ("/", f"/{STORE}", f"/{STORE}/DCIM", f"/{STORE}/DCIM/100NCD75"):
            connect("camera:").list_folder(folder)
        storage = FetchedFiles(CameraFiles("camera:", f"camera:{NAME}", 7, 8), str(tmp_path / "spool"), 1_000_000)
        travelled = pickle.loads(pickle.dumps(storage))  # noqa: S301 - our own
        assert travelled == storage
        size_bytes = (camera / "DCIM" / "100NCD75" / "DSC_0001.JPG").stat().st_size
        identity = travelled.identity(f"{DCIM}/100NCD75/DSC_0001.JPG")
        assert identity == (7, 0, size_bytes, 1_700_000_000 * 10**9, 0)
    with pytest.raises(SourceMissing):
        storage.check_source()


def test_two_hosts_share_what_is_on_a_camera(camera: Path, process: Process) -> None:
    fill(camera, *(f"100A/IMG_{number}.JPG" for number in range(6)))
    (camera / "DCIM" / "100A" / "IMG_0.XMP").write_text("no photo")
    parts = [process("camera:", "--dry-run", "--shard", shard)[1] for shard in ("1/2", "2/2")]
    assert sorted(parts[0] + parts[1]) == [f"{DCIM}/100A/IMG_{number}.JPG would_upload" for number in range(6)]
