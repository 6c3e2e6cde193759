"""`photopipe gallery rebuild` makes the index agree with the files, whatever became of either."""

import os
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from gallery.filling import add, picture, shown
from gallery.running_gallery import DEADLINE_S, jpeg, running_gallery, sha256_of

from photopipe.cli.commands import run
from photopipe.errors import GalleryBroken
from photopipe.gallery.index.index import index_path, state_folder
from photopipe.gallery.index.listing import PhotoFilter
from photopipe.gallery.index.stored_photo import StoredPhoto
from photopipe.gallery.maintenance.fault import Fault
from photopipe.gallery.maintenance.found_files import photo_files
from photopipe.gallery.maintenance.rebuild import Rebuilt, rebuild
from photopipe.gallery.maintenance.verify import verify
from photopipe.gallery.store.details import read_details
from photopipe.gallery.store.store import PhotoStore

MONTH = "2025/10"
LATER_S = 2_000_000_000
EARLIER_S = 1_000_000_000
LEAF_OF_A_TABLE = b"\x0d"
"""Source: https://www.sqlite.org/fileformat.html, the first byte of a page."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A gallery with the photos a, b and c, each with a key, the first two in an album; c is in the trash."""
    folder = tmp_path / "gallery"
    with PhotoStore(str(folder)) as store:
        for name in "abc":
            add(store, picture(grey=ord(name)), f"{name}.jpg", key=name, album="Norway" if name != "c" else None)
        store.trash(3)
    return folder


def changes(folder: Path) -> dict[str, int]:
    """What a rebuild has changed; afterwards, a second one has nothing to do."""
    told: list[Fault] = []
    done = rebuild(str(folder), told.append)
    assert told == []
    assert rebuild(str(folder)) == Rebuilt()
    return counts(done)


def counts(done: Rebuilt) -> dict[str, int]:
    names = ("added", "edited", "moved", "removed", "described")
    return {name: getattr(done, name) for name in names if getattr(done, name)}


def photo(folder: Path, number: int) -> StoredPhoto:
    with PhotoStore(str(folder)) as store:
        found = store.with_id(number)
    assert found is not None
    return found


def assert_sound(folder: Path) -> None:
    assert list(verify(str(folder))) == []


def test_an_index_that_agrees_with_the_files_is_left_as_it_is(folder: Path) -> None:
    assert changes(folder) == {}


def test_files_without_a_row_are_added_by_their_headers_else_by_folder_and_date(folder: Path) -> None:
    month = folder / MONTH
    (month / "header.jpg").write_bytes(picture(grey=1, taken="2019:08:07 06:05:04", caption="Café"))
    (month / "date.jpg").write_bytes(picture(grey=2))
    (month / "folder.jpg").write_bytes(picture(grey=3))
    (month / ".hidden.jpg").write_bytes(picture(grey=4))
    (month / "notes.txt").write_text("not a picture")
    (month / "link.jpg").symlink_to("header.jpg")
    os.utime(month / "date.jpg", (datetime(2025, 10, 9, 8, tzinfo=UTC).timestamp(),) * 2)
    os.utime(month / "folder.jpg", (EARLIER_S, EARLIER_S))
    for no_month in ("2025/13", "0000/01", "2025/1"):
        (folder / no_month).mkdir(parents=True)
        (folder / no_month / "a.jpg").write_bytes(picture(grey=5))
    assert changes(folder) == {"added": 3}
    with PhotoStore(str(folder)) as store:
        (found,) = (tile.photo for tile in store.tiles(PhotoFilter(text="cafe"), 10)[0])
        assert (found.path, found.shown_at, found.width_px) == (f"{MONTH}/header.jpg", "2019-08-07T06:05:04", 60)
        assert [store.at(f"{MONTH}/{name}.jpg").shown_at for name in ("date", "folder")] == [  # type: ignore[union-attr]
            "2025-10-09T08:00:00",
            "2025-10-01T00:00:00",
        ]
    assert_sound(folder)


def test_a_file_that_was_moved_by_hand_keeps_id_key_and_album(folder: Path) -> None:
    before = photo(folder, 1)
    (folder / "2024/05").mkdir(parents=True)
    (folder / before.path).rename(folder / "2024/05/fjord.jpg")
    assert changes(folder) == {"moved": 1}
    with PhotoStore(str(folder)) as store:
        ((found, key),) = store.find("a", None)
        assert (found.id, found.path, key) == (1, "2024/05/fjord.jpg", "a")
        assert shown(store, text="fjord norway") == [1]
    assert_sound(folder)


def test_an_edited_file_gets_its_new_hash_and_details_and_stays_what_it_was(folder: Path) -> None:
    edited = picture(90, 30, grey=9, caption="Cropped")
    path = folder / photo(folder, 2).path
    path.write_bytes(edited)
    os.utime(path, (LATER_S, LATER_S))
    rebuild(str(folder))
    now = photo(folder, 2)
    assert (now.sha256, now.size_bytes, now.width_px, now.caption) == (sha256_of(edited), len(edited), 90, "Cropped")
    with PhotoStore(str(folder)) as store:
        assert store.find("b", None) == [(now, "b")]
        assert shown(store, text="cropped") == [2]
    assert_sound(folder)


def test_photos_whose_files_are_gone_are_taken_out_and_their_ids_not_used_again(folder: Path) -> None:
    (folder / photo(folder, 2).path).unlink()
    with PhotoStore(str(folder)) as store:
        store.purge(datetime.now(UTC) + timedelta(days=31))  # the one in the trash: so 2 is the highest id
    assert changes(folder) == {"removed": 1}
    with PhotoStore(str(folder)) as store:
        assert (store.with_id(2), shown(store)) == (None, [1])
        assert add(store, "new").photo.id == 4
    assert_sound(folder)


def test_a_smaller_rendition_stands_for_its_source_when_the_largest_is_gone(tmp_path: Path) -> None:
    with PhotoStore(str(tmp_path)) as store:
        for width_px in (60, 600):
            add(store, picture(width_px), f"{width_px}.jpg", source_sha256="0" * 64)
    (tmp_path / MONTH / "600.jpg").unlink()
    assert changes(tmp_path) == {"removed": 1}
    with PhotoStore(str(tmp_path)) as store:
        assert shown(store) == [1]


def test_a_photo_that_was_put_back_from_the_trash_by_hand_is_restored(folder: Path) -> None:
    (folder / photo(folder, 3).path).rename(folder / MONTH / "again.jpg")
    assert changes(folder) == {"moved": 1}
    assert (photo(folder, 3).path, photo(folder, 3).deleted_at) == (f"{MONTH}/again.jpg", None)
    assert_sound(folder)


def test_a_file_that_replaced_another_keeps_its_own_id(folder: Path) -> None:
    replacement = folder / photo(folder, 2).path
    os.utime(
        replacement, (LATER_S, LATER_S)
    )  # of one as long and as old as the other, nothing but its bytes would tell
    replacement.replace(folder / photo(folder, 1).path)
    assert changes(folder) == {"removed": 1, "moved": 1}
    assert photo(folder, 2).path == f"{MONTH}/a.jpg"
    assert_sound(folder)


def test_what_a_person_has_to_look_after_is_told_and_left_alone(folder: Path) -> None:
    (folder / MONTH / "copy.jpg").write_bytes(picture(grey=ord("b")))
    (folder / MONTH / "A.JPG").write_bytes(picture(grey=6))
    (folder / MONTH / os.fsdecode(b"\xff.jpg")).write_bytes(picture(grey=7))
    damaged = folder / photo(folder, 1).path
    damaged.write_bytes(picture(grey=8) + b"!")
    os.utime(damaged, (EARLIER_S, EARLIER_S))
    before, told = photo(folder, 1), list[Fault]()
    assert counts(rebuild(str(folder), told.append)) == {}
    expected = [
        ("bad_name", f"{MONTH}/A.JPG"),
        ("bad_name", f"{MONTH}/\udcff.jpg"),
        ("damaged", f"{MONTH}/a.jpg"),
        ("duplicate", f"{MONTH}/copy.jpg"),
    ]
    assert sorted((fault.kind, fault.path) for fault in told) == expected
    assert sorted((fault.kind, fault.path) for fault in verify(str(folder))) == expected
    assert photo(folder, 1) == before


def test_a_disk_that_is_not_there_does_not_empty_the_index(folder: Path) -> None:
    (folder / "2025").rename(folder.parent / "elsewhere")
    with pytest.raises(GalleryBroken, match=r"Is the disk there .*Nothing was changed"):
        rebuild(str(folder))
    (folder.parent / "elsewhere").rename(folder / "2025")
    assert changes(folder) == {}


def test_a_lost_index_is_made_anew_from_the_files_and_the_trash(folder: Path) -> None:
    identity = PhotoStore(str(folder)).identity
    for path in Path(state_folder(str(folder))).glob("index.sqlite*"):
        path.unlink()
    assert changes(folder) == {"added": 3}
    with PhotoStore(str(folder)) as store:
        assert (store.identity, store.count()) == (identity, 2)
        (trashed,) = (photo for photo in map(store.with_id, (1, 2, 3)) if photo is not None and photo.is_in_trash)
        restored = store.restore(trashed.id)
        assert restored is not None
        assert restored.path == f"{MONTH}/c.jpg"
    assert_sound(folder)


def spoil_page_of(folder: Path, table: str) -> None:
    """Overwrite the root page of a table."""
    with closing(sqlite3.connect(index_path(str(folder)))) as index:
        index.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = index.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
        (page_bytes,) = index.execute("PRAGMA page_size").fetchone()
    with open(index_path(str(folder)), "r+b") as file:
        file.seek((page - 1) * page_bytes)
        file.write(b"\xff" * page_bytes)


def test_a_damaged_index_is_replaced_with_what_can_be_read_of_it(folder: Path) -> None:
    before = [photo(folder, number) for number in (1, 2, 3)]
    identity = PhotoStore(str(folder)).identity
    spoil_page_of(folder, "photo_words_data")
    done = rebuild(str(folder))
    assert done.salvaged is not None
    assert (done.salvaged.photos, counts(done)) == (3, {})
    assert Path(done.salvaged.kept_as).is_file()
    with PhotoStore(str(folder)) as store:
        assert [store.with_id(number) for number in (1, 2, 3)] == before
        assert (store.identity, store.find("a", None)[0][0].id) == (identity, 1)
        assert shown(store, text="norway") == [2, 1]
    assert_sound(folder)


def test_photos_that_cannot_be_read_from_a_damaged_index_are_added_anew(folder: Path) -> None:
    identity = PhotoStore(str(folder)).identity
    spoil_page_of(folder, "photos")
    done = rebuild(str(folder))
    assert done.salvaged is not None
    assert (done.salvaged.photos, counts(done)) == (0, {"added": 3})
    with PhotoStore(str(folder)) as store:
        assert (store.identity, store.count()) == (identity, 2)
    assert_sound(folder)


def test_the_first_and_the_last_rows_are_read_around_a_damaged_page(tmp_path: Path) -> None:
    with PhotoStore(str(tmp_path)) as store, store.transaction() as (index, _):
        index.executemany(
            "INSERT INTO photos (id, sha256, path, path_folded, original_name, shown_at, size_bytes, content_type, "
            "received_at) VALUES (:id, :id, '2025/10/' || :id || '.jpg', :id, '', '2025-10-03T12:33:10', 1, '', "
            "'2030-01-01T00:00:00Z')",
            ({"id": number} for number in range(1, 501)),
        )
    with closing(sqlite3.connect(index_path(str(tmp_path)))) as index:
        index.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with open(index_path(str(tmp_path)), "r+b") as file:
        while not ((page := file.read(4096)).startswith(LEAF_OF_A_TABLE) and b"2025/10/250.jpg" in page):
            assert page
        file.seek(-4096, os.SEEK_CUR)
        file.write(b"\xff" * 4096)
    (tmp_path / MONTH).mkdir(parents=True)
    for number in (1, 500):
        (tmp_path / MONTH / f"{number}.jpg").write_bytes(b"?")
    done = rebuild(str(tmp_path))
    assert done.salvaged is not None
    assert 400 < done.salvaged.photos < 500
    assert photo(tmp_path, 1).id == 1
    assert photo(tmp_path, 500).id == 500


def test_a_row_that_leads_out_of_the_folder_is_not_taken_over(folder: Path) -> None:
    with closing(sqlite3.connect(index_path(str(folder)), isolation_level=None)) as index:
        index.execute("UPDATE photos SET path = '../../etc/passwd' WHERE id = 1")
        index.execute("UPDATE photos SET path = '.photopipe/index.sqlite' WHERE id = 2")
        index.execute("INSERT INTO keys VALUES ('k', 99)")  # damage, so that the index is replaced
    done = rebuild(str(folder))
    assert done.salvaged is not None
    assert (done.salvaged.photos, counts(done)) == (1, {"added": 2})
    assert_sound(folder)


def test_a_damaged_index_that_is_in_use_is_not_replaced(folder: Path) -> None:
    with PhotoStore(str(folder)):
        spoil_page_of(folder, "photo_words_data")
        with pytest.raises(GalleryBroken, match="Stop that first"):
            rebuild(str(folder))
    assert rebuild(str(folder)).salvaged is not None


def test_photos_can_be_sent_while_an_index_is_rebuilt(folder: Path) -> None:
    for number in range(30):
        (folder / MONTH / f"{number}.jpg").write_bytes(picture(grey=100 + number))
    started = threading.Event()
    with running_gallery(folder) as client, ThreadPoolExecutor(1) as thread:
        rebuilding = thread.submit(rebuild, str(folder), show=lambda _done, _total: started.set())
        assert started.wait(DEADLINE_S)
        assert [client.post(jpeg(str(number))).status_code for number in range(10)] == [201] * 10
        assert rebuilding.result(DEADLINE_S).added == 30
    assert_sound(folder)


def test_a_photo_that_is_deleted_while_its_file_is_read_stays_deleted(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.utime(folder / photo(folder, 1).path, (LATER_S, LATER_S))  # so that it is read

    def read_and_delete(path: str) -> object:
        details = read_details(path)
        with PhotoStore(str(folder)) as store:
            store.trash(1)
        return details

    monkeypatch.setattr("photopipe.gallery.maintenance.rebuild.read_details", read_and_delete)
    assert counts(rebuild(str(folder))) == {}
    assert photo(folder, 1).is_in_trash
    assert_sound(folder)


def test_files_that_go_while_their_folder_is_read_are_passed_over(tmp_path: Path) -> None:
    month = tmp_path / "2025" / "10"
    month.mkdir(parents=True)
    for number in range(5):
        (month / f"{number}.jpg").write_bytes(picture(grey=number))
    files = photo_files(str(tmp_path))
    first = next(files)
    for path in month.iterdir():
        path.unlink()
    assert first.path.startswith("2025/10/")
    assert list(files) == []


def test_the_command_says_what_it_has_done(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["gallery", "rebuild", "--gallery-dir", str(folder)]) == 0
    assert capsys.readouterr() == ("", "The index agrees with the files.\n")
    (folder / MONTH / "new.jpg").write_bytes(picture(grey=1))
    (folder / photo(folder, 1).path).unlink()
    spoil_page_of(folder, "photo_words_data")
    assert run(["gallery", "rebuild", "--gallery-dir", str(folder)]) == 0
    salvaged, account = capsys.readouterr().err.splitlines()
    assert salvaged.startswith("The index was damaged (")
    assert account == "Photos: 1 added, 1 taken out because their files are gone."
    (folder / MONTH / "copy.jpg").write_bytes(picture(grey=1))
    assert run(["gallery", "rebuild", "--gallery-dir", str(folder)]) == 3
    assert "2025/10/copy.jpg: duplicate: 2025/10/new.jpg has the same bytes." in capsys.readouterr().err
    assert run(["gallery", "rebuild", "--gallery-dir", str(folder / "absent")]) == 1
