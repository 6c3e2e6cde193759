"""Cards in FAT and exFAT: recognised wherever they are mounted, and never mistaken for one another."""

import json
import os
import pickle
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from support.pictures import make_jpeg
from support.volumes import formatted

from photopipe.cli.commands import run
from photopipe.download.file_systems.fat_volume import FatVolume
from photopipe.download.file_systems.folder_storages import FolderStorages
from photopipe.download.sources.folder_source import FolderSource
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import FolderPage
from photopipe.download.watch.changed_paths import find_changed
from photopipe.found_photo import FoundPhoto, LocalFiles

Process = Callable[..., tuple[int, list[str], list[str]]]
"""Takes sources; gives the exit code, what became of each photo (`NAME STATUS REASON`), and the paths opened."""


@pytest.fixture
def process(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Process:
    (tmp_path / "site").mkdir()
    opened: list[str] = []
    open_really = LocalFiles.open

    def open_noted(storage: LocalFiles, path: str) -> object:
        opened.append(os.path.basename(path))
        return open_really(storage, path)

    monkeypatch.setattr(LocalFiles, "open", open_noted)

    def process(*sources: Path) -> tuple[int, list[str], list[str]]:
        opened.clear()
        places = ["--to", f"folder://{tmp_path}/site", "--journal", str(tmp_path / "journal.sqlite")]
        code = run(["process", *map(str, sources), *places, "--settle", "0s", "--json", "-q"])
        records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        photos = [record for record in records if record["type"] == "photo"]
        lines = [f"{Path(photo['path']).name} {photo['status']} {photo['reason'] or ''}".strip() for photo in photos]
        return code, sorted(lines), sorted(set(opened))

    return process


def fill(folder: Path, *names: str, seed: int = 0) -> None:
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        make_jpeg(folder / name, size=(60, 40), seed=seed + number)


@pytest.mark.parametrize("kind", ["fat16", "fat32", "exfat"])
def test_a_card_put_in_again_elsewhere_is_recognised_without_opening_a_file(
    kind: str, tmp_path: Path, process: Process
) -> None:
    card = formatted(kind, tmp_path)
    with card.mounted(tmp_path / "media" / "CARD") as top:
        fill(top / "DCIM", "100CANON/IMG_0001.JPG", "101CANON/IMG_0001.JPG")
        assert process(top) == (0, ["IMG_0001.JPG uploaded"] * 2, ["IMG_0001.JPG"])
    other = formatted(kind, tmp_path, "other")  # is put in first, so that the card gets another device
    with other.mounted(tmp_path / "other"), card.mounted(tmp_path / "media" / "CARD1") as top:
        assert process(top / "DCIM") == (0, ["IMG_0001.JPG skipped unchanged"] * 2, [])
        assert process(tmp_path / "media") == (0, ["IMG_0001.JPG skipped unchanged"] * 2, [])
        assert process(top / "DCIM" / "100CANON" / "IMG_0001.JPG") == (0, ["IMG_0001.JPG skipped unchanged"], [])


def test_a_folder_renamed_on_the_card_costs_one_read_and_no_upload(tmp_path: Path, process: Process) -> None:
    with formatted("exfat", tmp_path).mounted(tmp_path / "card") as top:
        fill(top, "DCIM/100CANON/IMG_0001.JPG", "DCIM/100CANON/IMG_0002.JPG")
        process(top)
        (top / "DCIM" / "100CANON").rename(top / "DCIM" / "100TRIP")
        names = ["IMG_0001.JPG", "IMG_0002.JPG"]
        assert process(top) == (0, [f"{name} skipped duplicate" for name in names], names)
        assert process(top) == (0, [f"{name} skipped unchanged" for name in names], [])


def test_photos_of_two_cards_that_only_their_content_tells_apart_all_arrive(tmp_path: Path, process: Process) -> None:
    names = "DCIM/100CANON/IMG_0001.TIF", "DCIM/101CANON/IMG_0001.TIF"
    for number, kind in enumerate(("exfat", "fat16")):
        with formatted(kind, tmp_path, kind).mounted(tmp_path / "card") as top:
            for shade, name in enumerate(names, start=2 * number):
                (top / name).parent.mkdir(parents=True)
                Image.new("L", (60, 40), 50 * shade).save(top / name)
                os.utime(top / name, (1_700_000_000, 1_700_000_000))
            assert len({(top / name).stat().st_size for name in names}) == 1
            assert process(top)[:2] == (0, ["IMG_0001.TIF uploaded"] * 2)
    assert len(list((tmp_path / "site").glob("*.jpg"))) == 4


def test_a_photo_replaced_by_another_of_its_name_is_uploaded(tmp_path: Path, process: Process) -> None:
    with formatted("exfat", tmp_path).mounted(tmp_path / "card") as top:
        fill(top, "IMG_0001.JPG")
        process(top)
        fill(top, "IMG_0001.JPG", seed=7)
        os.utime(top / "IMG_0001.JPG", (1_700_000_000, 1_700_000_000))
        assert process(top)[1] == ["IMG_0001.JPG uploaded"]


def test_without_a_clock_nothing_is_taken_for_known(tmp_path: Path, process: Process) -> None:
    with formatted("exfat", tmp_path).mounted(tmp_path / "card") as top:
        fill(top, "IMG_0001.JPG")
        os.utime(top / "IMG_0001.JPG", (315_576_000, 315_576_000))  # noon on 1980-01-01
        assert process(top)[1] == ["IMG_0001.JPG uploaded"]
        assert process(top) == (0, ["IMG_0001.JPG skipped unchanged"], ["IMG_0001.JPG"])


def test_a_card_pulled_out_leaves_the_rest_for_the_next_run(
    tmp_path: Path, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    card, site, open_really = formatted("exfat", tmp_path), tmp_path / "site", LocalFiles.open

    def open_some(storage: LocalFiles, path: str) -> object:
        if len(list(site.glob("*.[jJ]*"))) >= 2 and top.is_mount():
            subprocess.run(["umount", "--lazy", top], check=False)  # another thread may have been faster
        return open_really(storage, path)

    with card.mounted(tmp_path / "card") as top:
        fill(top, *(f"DCIM/IMG_{number:04}.JPG" for number in range(40)))
        with monkeypatch.context() as patched:
            patched.setattr(LocalFiles, "open", open_some)
            code, lines, _ = process(top)
        assert (code, 2 <= sum(line.endswith("uploaded") for line in lines) < 40) == (13, True)
    with card.mounted(tmp_path / "again") as top:
        code, lines, _ = process(top)
        assert (code, len(lines), {line.split()[1] for line in lines}) == (0, 40, {"uploaded", "skipped"})
    assert len(list(site.glob("*.[jJ]*"))) == 40


@pytest.mark.parametrize("named", ["IMG_0001.JPG", "img_0001.jpg"])
def test_a_sidecar_is_one_however_its_name_is_written(named: str, tmp_path: Path) -> None:
    with formatted("exfat", tmp_path).mounted(tmp_path / "card") as top:
        fill(top, "IMG_0001.JPG")
        (top / "IMG_0001.XMP").write_text("<x:xmpmeta xmlns:x='adobe:ns:meta/'/>")
        (page,) = FolderSource(str(top / named)).find()
        assert isinstance(page, FolderPage)
        (photo,) = page.photos
        assert [os.path.basename(one.path).lower() for one in photo.companions] == ["img_0001.xmp"]


def test_a_photo_that_changed_is_found_once_where_capitals_do_not_count(tmp_path: Path) -> None:
    with formatted("exfat", tmp_path).mounted(tmp_path / "card") as top:
        fill(top, "IMG_0001.JPG")
        (page,) = find_changed([str(top / "IMG_0001.JPG")], Selection(), LocalFiles(str(top)), lambda _folder: None)
        assert isinstance(page, FolderPage)
        assert [(photo.name, photo.companions) for photo in page.photos] == [("IMG_0001.JPG", ())]


def test_a_copy_of_the_card_on_the_disk_is_no_card(tmp_path: Path, process: Process) -> None:
    with formatted("exfat", tmp_path).mounted(tmp_path / "card") as top:
        fill(top, "IMG_0001.JPG")
        process(top)
        shutil.copytree(top, tmp_path / "copy")
        assert process(tmp_path / "copy")[1] == ["IMG_0001.JPG skipped duplicate"]


def test_a_storage_travels_and_names_every_folder_once(tmp_path: Path) -> None:
    storage = FatVolume("/media/anna", 5, "/media/anna/EOS", "/media/anna/EOS", "fat:1234-ABCD", 7, 8)
    assert pickle.loads(pickle.dumps(storage)) == storage  # noqa: S301 - our own
    assert storage.key("/media/anna/EOS") == "fat:1234-ABCD"
    assert storage.key("/media/anna/EOS/DCIM/a.jpg") == "fat:1234-ABCD/DCIM/a.jpg"
    assert storage.holds("/media/anna/EOS/DCIM")
    assert not storage.holds("/media/anna/EOS2")


def test_on_other_file_systems_photos_are_plain_files(tmp_path: Path) -> None:
    fill(tmp_path, "a.jpg")
    storage = FolderStorages(LocalFiles(str(tmp_path))).of(str(tmp_path))
    assert storage == LocalFiles(str(tmp_path))
    path = str(tmp_path / "a.jpg")
    assert FoundPhoto.from_stat(path, os.stat(path)).identity == storage.identity(path)
