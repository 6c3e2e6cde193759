"""What the pages show of the index: one photo for each source, by day, searched and filtered."""

import random
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from gallery import filling
from gallery.filling import picture
from gallery.running_gallery import sha256_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photopipe.gallery.index.index import SCHEMA_VERSION, VERSION_1, index_path
from photopipe.gallery.index.listing import DayCount, PhotoFilter
from photopipe.gallery.store.identity import create_gallery
from photopipe.gallery.store.store import PhotoStore


def add(store: PhotoStore, data: bytes, name: str, **said: Any) -> int:
    return filling.add(store, data, name, **({"taken_at": None} | said)).photo.id


def found(store: PhotoStore, **wanted: Any) -> list[str]:
    return [tile.photo.file_name for tile in store.tiles(PhotoFilter(**wanted), 100)[0]]


@pytest.fixture
def store(tmp_path: Path) -> PhotoStore:
    store = PhotoStore(str(tmp_path / "gallery"))
    add(store, picture(make="Canon", model="Canon EOS R6", caption="Sunrise over the fjord"), "IMG_0042.jpg",
        taken_at="2025-10-03T06:10:00", album="Norway")  # fmt: skip
    add(store, picture(40, 60, grey=9, caption="Café"), "DSC_2025.jpg", taken_at="2024-05-01T12:00:00")
    return store


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("fjord", ["IMG_0042.jpg"]),
        ("SUN eos", ["IMG_0042.jpg"]),
        ("cafe", ["DSC_2025.jpg"]),
        ("img_0042", ["IMG_0042.jpg"]),
        ("norway", ["IMG_0042.jpg"]),
        ('"over the"', ["IMG_0042.jpg"]),
        ('"the over"', []),
        ("2024-05", ["DSC_2025.jpg"]),
        ("2025", ["IMG_0042.jpg", "DSC_2025.jpg"]),
        ("fjord nothing", []),
        ("* ( ' -", ["IMG_0042.jpg", "DSC_2025.jpg"]),
        ("fjord NEAR(", []),
        ("", ["IMG_0042.jpg", "DSC_2025.jpg"]),
        ('fjord"', ["IMG_0042.jpg"]),
    ],
)
def test_a_search_finds_words_by_their_beginning_and_dates(store: PhotoStore, text: str, names: list[str]) -> None:
    assert found(store, text=text) == names


@pytest.mark.parametrize(
    "text",
    ['"', '""', '"""', "\0", "a\0b", "NEAR(a b)", "a AND", "OR", "NOT fjord NOT", "caption:fjord -", "{a b}:c", "^a",
     "a*b", "(" * 50, "x" * 10_000, "x " * 5_000, "'; DROP TABLE photos; --", "\ud800", "🏔️", "²", "٣"],
)  # fmt: skip
def test_a_search_for_whatever_it_is_finds_nothing_and_does_not_fail(store: PhotoStore, text: str) -> None:
    assert found(store, text=text) in ([], ["IMG_0042.jpg", "DSC_2025.jpg"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(text=st.text(st.characters(exclude_categories=[])))
def test_no_search_fails(store: PhotoStore, text: str) -> None:
    assert len(found(store, text=text)) <= 2


def test_words_of_other_scripts_are_found(store: PhotoStore) -> None:
    add(store, picture(grey=1, caption="富士山 の朝"), "東京タワー.jpg", taken_at="2023-01-01T00:00:00")
    add(store, picture(grey=2, caption="Έρημος και θάλασσα"), "b.jpg", taken_at="2022-01-01T00:00:00")
    assert found(store, text="富士") == ["東京タワー.jpg"]
    assert found(store, text="東京") == ["東京タワー.jpg"]
    assert found(store, text="ΈΡΗΜΟΣ") == ["b.jpg"]


def test_a_photo_can_be_sent_to_a_second_album(store: PhotoStore) -> None:
    data = picture(make="Canon", model="Canon EOS R6", caption="Sunrise over the fjord")
    add(store, data, "IMG_0042.jpg", album="Best of 2025")
    albums = {album.name: album for album in store.albums()}
    assert [albums[name].photos for name in ("Norway", "Best of 2025")] == [1, 1]
    assert found(store, text="norway best") == ["IMG_0042.jpg"]
    assert found(store, album_id=albums["Best of 2025"].id) == ["IMG_0042.jpg"]


def test_a_photo_learns_later_what_it_was_made_from(store: PhotoStore) -> None:
    small, large = picture(30, 20, grey=70), picture(300, 200, grey=70)
    add(store, small, "small.jpg", taken_at="2023-01-01T00:00:00")
    add(store, large, "large.jpg", taken_at="2023-01-01T00:00:00", source_sha256="1" * 64)
    add(store, small, "small.jpg", source_sha256="1" * 64)
    assert found(store, text="2023") == ["large.jpg"]


def test_a_range_of_days_includes_its_ends(store: PhotoStore) -> None:
    assert found(store, since="2025-10-03", until="2025-10-03") == ["IMG_0042.jpg"]
    assert found(store, until="2025-10-02") == ["DSC_2025.jpg"]


def test_days_are_counted_with_the_room_their_photos_take(store: PhotoStore) -> None:
    assert store.days(PhotoFilter()) == [DayCount("2025-10-03", 1, 1.5), DayCount("2024-05-01", 1, 0.67)]


def test_albums_know_how_many_photos_they_have(store: PhotoStore) -> None:
    add(store, picture(grey=50), "later.jpg", taken_at="2025-10-04T06:10:00", album="NORWAY")
    (album,) = store.albums()
    assert (album.name, album.photos, album.first_day, album.last_day) == ("Norway", 2, "2025-10-03", "2025-10-04")
    assert found(store, album_id=album.id) == ["later.jpg", "IMG_0042.jpg"]


@pytest.mark.parametrize("seed", range(6))
def test_renditions_of_one_source_are_one_tile_in_whatever_order_they_come(tmp_path: Path, seed: int) -> None:
    store = PhotoStore(str(tmp_path))
    source = picture(600, 400)
    own = {"taken_at": "2025-10-03T06:10:00", "source_sha256": sha256_of(source)}
    files = {
        name: picture(px, px * 2 // 3) for px, name in ((60, "small.jpg"), (300, "large.jpg"), (120, "middle.jpg"))
    }
    files["original.jpg"] = source
    for name in random.Random(seed).sample(sorted(files), len(files)):
        add(store, files[name], name, **own)
    ((tile,), _) = store.tiles(PhotoFilter(), 10)
    assert tile.photo.file_name == "large.jpg"
    assert [one.file_name for one in tile.renditions] == ["small.jpg", "middle.jpg", "large.jpg"]
    assert tile.original is not None
    assert tile.original.file_name == "original.jpg"


def test_a_photo_without_a_stated_time_is_filed_under_the_one_in_its_header(tmp_path: Path) -> None:
    store = PhotoStore(str(tmp_path))
    number = add(store, picture(taken="2019:08:07 06:05:04"), "a.jpg", modified_at="2025-01-01T00:00:00Z")
    photo = store.with_id(number)
    assert photo is not None
    assert (photo.path, photo.width_px) == ("2019/08/a.jpg", 60)


def test_an_index_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    (tmp_path / ".photopipe").mkdir()
    with closing(sqlite3.connect(index_path(str(tmp_path)), isolation_level=None)) as index:
        for statement in VERSION_1:
            index.execute(statement)
        index.execute("INSERT INTO meta VALUES ('gallery_id', 'abc')")
        index.execute(
            "INSERT INTO photos VALUES (1, 'x', '2025/10/a.jpg', '2025/10/a.jpg', 'a.jpg', NULL, NULL, "
            "'2025-10-03T00:00:00', 3, 'image/jpeg', '2025-10-03T00:00:00Z')"
        )
        index.execute("PRAGMA user_version=1")
    assert create_gallery(str(tmp_path)) == "photopipe-gallery:abc"
    with closing(sqlite3.connect(index_path(str(tmp_path)))) as index:
        assert index.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert index.execute("SELECT rowid FROM photo_words WHERE photo_words MATCH 'a'").fetchall() == [(1,)]
