"""Rules 18 to 20 and 28 to 32 of the protocol: what the gallery says it has, it has."""

import io
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from gallery.running_gallery import GalleryClient, jpeg, sha256_of, stored_files
from PIL import Image

from photopipe.gallery.index.listing import DayCount, PhotoFilter
from photopipe.gallery.store.store import PhotoStore
from photopipe.gallery.store.upload import Upload


def names(photos: list[dict[str, Any]]) -> list[str]:
    return [photo["file_name"] for photo in photos]


def drawn(width_px: int, height_px: int) -> bytes:
    file = io.BytesIO()
    Image.new("L", (width_px, height_px)).save(file, "JPEG")
    return file.getvalue()


def test_rule_18_a_photo_is_found_by_key_and_by_hash(gallery: GalleryClient) -> None:
    sent = gallery.post(jpeg("a"), key="k1", taken_at="2025-10-03T12:33:10+02:00").json()
    expected = {
        "id": sent["id"],
        "url": sent["url"],
        "sha256": sha256_of(jpeg("a")),
        "taken_at": "2025-10-03T12:33:10+02:00",
        "file_name": "IMG_0042.jpg",
        "size": len(jpeg("a")),
        "width": None,
        "height": None,
        "albums": [],
        "deleted_at": None,
    }
    assert gallery.photos(idempotency_key="k1") == [expected | {"idempotency_key": "k1"}]
    assert gallery.photos(sha256=sha256_of(jpeg("a"))) == [expected | {"idempotency_key": None}]
    assert gallery.photos(sha256=sha256_of(jpeg("a")).upper(), idempotency_key="k1") == [
        expected | {"idempotency_key": "k1"}
    ]


def test_rule_18_photos_that_match_either_are_listed(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"), key="k1")
    gallery.post(jpeg("b"), key="k2")
    found = gallery.photos(idempotency_key="k1", sha256=sha256_of(jpeg("b")))
    assert [(photo["id"], photo["idempotency_key"]) for photo in found] == [("1", "k1"), ("2", None)]


@pytest.mark.parametrize(
    "query", [{"idempotency_key": "k9"}, {"sha256": "00"}, {"sha256": ""}, {"idempotency_key": ""}]
)
def test_rule_18_an_empty_list_means_not_here(gallery: GalleryClient, query: dict[str, str]) -> None:
    gallery.post(jpeg("a"), key="k1")
    assert gallery.photos(**query) == []


def test_rule_19_a_deleted_file_is_not_reported(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"), key="k1")
    (gallery.folder / "2025/10/IMG_0042.jpg").unlink()
    assert gallery.photos(idempotency_key="k1", sha256=sha256_of(jpeg("a"))) == gallery.photos() == []
    assert gallery.get("/photos/2025/10/IMG_0042.jpg").status_code == 404


@pytest.mark.parametrize("key", ["k1", "k2", None])
def test_rule_19_a_deleted_file_is_put_back_at_its_old_path(gallery: GalleryClient, key: str | None) -> None:
    first = gallery.post(jpeg("a"), key="k1")
    (gallery.folder / "2025/10/IMG_0042.jpg").unlink()
    again = gallery.post(jpeg("a"), key=key, name="other.jpg", taken_at="2020-01-01T00:00:00")
    assert (again.status_code, again.json()) == (201, first.json())
    assert stored_files(gallery.folder) == ["2025/10/IMG_0042.jpg"]
    assert len(gallery.photos(idempotency_key="k1")) == 1


def test_rule_19_a_shortened_file_is_not_reported_and_not_overwritten(gallery: GalleryClient) -> None:
    first = gallery.post(jpeg("a"), key="k1")
    (gallery.folder / "2025/10/IMG_0042.jpg").write_bytes(b"short")
    assert gallery.photos(idempotency_key="k1") == []
    again = gallery.post(jpeg("a"), key="k1")
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    assert (gallery.folder / "2025/10/IMG_0042.jpg").read_bytes() == b"short"
    assert gallery.get(again.json()["url"].removeprefix(gallery.url)).content == jpeg("a")


def test_rule_19_a_key_whose_photo_is_gone_is_free(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"), key="k1")
    (gallery.folder / "2025/10/IMG_0042.jpg").unlink()
    other = gallery.post(jpeg("b"), key="k1")
    assert (other.status_code, other.json()["sha256"]) == (201, sha256_of(jpeg("b")))
    assert [photo["sha256"] for photo in gallery.photos(idempotency_key="k1")] == [sha256_of(jpeg("b"))]


def test_rule_19_a_whole_deleted_month_comes_back(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"))
    (gallery.folder / "2025/10/IMG_0042.jpg").unlink()
    (gallery.folder / "2025/10").rmdir()
    (gallery.folder / "2025").rmdir()
    assert gallery.post(jpeg("a")).status_code == 201


def test_rule_20_pages_go_from_new_to_old_and_end(gallery: GalleryClient) -> None:
    days = ["05", "01", "04", "02", "03", "03"]
    for number, day in enumerate(days):
        gallery.post(jpeg(str(number)), name=f"{number}.jpg", taken_at=f"2025-10-{day}T10:00:00")
    seen, query = [], {"limit": "2"}
    for _ in range(3):
        answer = gallery.get("/api/photos", **query).json()
        seen += [photo["file_name"] for photo in answer["photos"]]
        query["after"] = answer["next"]
    assert seen == ["0.jpg", "2.jpg", "5.jpg", "4.jpg", "3.jpg", "1.jpg"]
    assert answer["next"] is None


def test_rule_20_without_photos_there_is_an_empty_page(gallery: GalleryClient) -> None:
    assert gallery.get("/api/photos").json() == {"photos": [], "next": None}


@pytest.mark.parametrize("limit", ["1001", "9999999999999999999"])
def test_rule_20_a_limit_over_1000_counts_as_1000(gallery: GalleryClient, limit: str) -> None:
    status = 200 if len(limit) < 19 else 400
    assert gallery.get("/api/photos", limit=limit).status_code == status


@pytest.mark.parametrize("query", [{"limit": "0"}, {"limit": "-1"}, {"limit": "ten"}, {"after": "x"}, {"after": "²"}])
def test_rule_20_what_is_no_number_is_refused(gallery: GalleryClient, query: dict[str, str]) -> None:
    answer = gallery.get("/api/photos", **query)
    assert (answer.status_code, answer.json()["reason"]) == (400, f"bad_{next(iter(query))}")


def test_rule_20_the_list_can_be_searched(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"), name="fjord.jpg", taken_at="2025-10-03T10:00:00", album="Norway")
    gallery.post(jpeg("b"), name="dune.jpg", taken_at="2024-05-01T10:00:00")
    assert names(gallery.photos(q="fjo")) == ["fjord.jpg"]
    assert names(gallery.photos(**{"from": "2025-01-01"})) == ["fjord.jpg"]
    assert names(gallery.photos(to="2024-12-31")) == ["dune.jpg"]
    assert names(gallery.photos(album="1")) == ["fjord.jpg"]
    assert names(gallery.photos(q="fjo", to="2024-12-31")) == []
    assert gallery.photos(q="fjo")[0]["albums"] == [{"id": 1, "name": "Norway"}]


@pytest.mark.parametrize("field", ["from", "to"])
@pytest.mark.parametrize("day", ["2025-02-30", "yesterday", "20251003", "2025-10-03T10:00:00", "2025-1-3"])
def test_rule_20_a_day_that_is_none_is_refused(gallery: GalleryClient, field: str, day: str) -> None:
    for path in ("/api/photos", "/api/days"):
        answer = gallery.get(path, **{field: day})
        assert (answer.status_code, answer.json()["reason"]) == (400, f"bad_{field}")


def test_rule_28_one_photo_is_asked_for_by_id_or_by_hash(gallery: GalleryClient) -> None:
    gallery.post(drawn(60, 40), taken_at="2025-10-03T12:33:10")
    photo = gallery.photos()[0]
    assert (photo["width"], photo["height"], photo["size"]) == (60, 40, len(drawn(60, 40)))
    assert gallery.get("/api/photos/1").json() == photo
    assert gallery.get(f"/api/photos/by-checksum/{photo['sha256'].upper()}").json() == photo


@pytest.mark.parametrize("path", ["2", "0", "-1", "x", "9" * 30, "by-checksum/" + "0" * 64, "by-checksum/x"])
def test_rule_28_a_photo_that_is_not_there_is_not_found(gallery: GalleryClient, path: str) -> None:
    gallery.post(jpeg("a"))
    assert gallery.get(f"/api/photos/{path}").status_code == 404


def test_rule_28_a_photo_whose_file_is_gone_is_not_found(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"))
    (gallery.folder / "2025/10/IMG_0042.jpg").unlink()
    assert gallery.get("/api/photos/1").status_code == 404
    assert gallery.get(f"/api/photos/by-checksum/{sha256_of(jpeg('a'))}").status_code == 404


def test_rule_29_a_photo_is_deleted_and_restored(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"), key="k1")
    deleted = gallery.send("DELETE", "/api/photos/1")
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert (stored_files(gallery.folder), gallery.photos()) == ([], [])
    assert gallery.get("/api/photos/1").status_code == 404
    trashed = gallery.photos(deleted="true")
    assert [(photo["id"], photo["url"]) for photo in trashed] == [("1", None)]
    assert trashed[0]["deleted_at"] > "2025"
    restored = gallery.send("POST", "/api/photos/1/restore")
    assert (restored.status_code, restored.json()) == (200, gallery.photos()[0])
    assert (stored_files(gallery.folder), gallery.photos(deleted="true")) == (["2025/10/IMG_0042.jpg"], [])


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/api/photos/1"), ("POST", "/api/photos/2/restore")])
def test_rule_29_what_is_not_there_cannot_be_deleted_or_restored(
    gallery: GalleryClient, method: str, path: str
) -> None:
    gallery.post(jpeg("a"))
    gallery.post(jpeg("b"))
    gallery.send("DELETE", "/api/photos/1")
    answer = gallery.send(method, path)
    assert (answer.status_code, answer.json()["reason"]) == (404, "not_found")


def test_rule_30_albums_are_listed_with_what_is_in_them(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"), name="a.jpg", taken_at="2025-10-03T10:00:00", album="Norway")
    gallery.post(jpeg("b"), name="b.jpg", taken_at="2025-10-05T10:00:00", album="Norway")
    gallery.post(jpeg("c"), name="c.jpg")
    assert gallery.get("/api/albums").json() == {
        "albums": [
            {
                "id": 1,
                "name": "Norway",
                "photos": 2,
                "cover_id": "2",
                "first_day": "2025-10-03",
                "last_day": "2025-10-05",
            }
        ]
    }


def test_rule_31_days_say_how_many_photos_they_have_and_how_wide(gallery: GalleryClient) -> None:
    gallery.post(drawn(60, 40), taken_at="2025-10-03T12:33:10", album="Norway")
    gallery.post(drawn(40, 40), taken_at="2025-10-03T12:33:11")
    gallery.post(jpeg("x"), taken_at="2024-01-01T00:00:00")
    days = {"photos": 3, "days": [["2025-10-03", 2, 2.5], ["2024-01-01", 1, 1.5]]}
    assert gallery.get("/api/days").json() == days
    assert gallery.get("/api/days", q="", **{"from": "", "to": ""}).json() == days
    assert gallery.get("/api/days", album="1").json() == {"photos": 1, "days": [["2025-10-03", 1, 1.5]]}


def test_rule_31_the_days_are_sent_again_only_if_they_have_changed(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"))
    first = gallery.get("/api/days")
    gallery.session.headers["If-None-Match"] = first.headers["ETag"]
    again = gallery.get("/api/days")
    assert (again.status_code, again.content) == (304, b"")
    gallery.post(jpeg("b"))
    assert gallery.get("/api/days").status_code == 200


def test_the_days_are_counted_once_for_all_who_ask_between_two_changes(
    gallery: GalleryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[PhotoFilter] = []
    count = PhotoStore.days

    def note(store: PhotoStore, wanted: PhotoFilter) -> list[DayCount]:
        counted.append(wanted)
        return count(store, wanted)

    monkeypatch.setattr(PhotoStore, "days", note)
    assert [gallery.get("/api/days").json()["photos"] for _ in range(3)] == [0, 0, 0]
    with PhotoStore(str(gallery.folder)) as other:
        other.add(Upload(None, None, "a.jpg", ""), io.BytesIO(jpeg("a")))
    assert [gallery.get("/api/days").json()["photos"] for _ in range(3)] == [1, 1, 1]
    assert [gallery.get("/api/days", q="b").json()["photos"] for _ in range(2)] == [0, 0]
    assert counted == [PhotoFilter(), PhotoFilter(), PhotoFilter(text="b")]


def test_rule_32_a_day_is_read_a_hundred_photos_at_a_time(gallery: GalleryClient) -> None:
    with PhotoStore(str(gallery.folder)) as store:
        for number in range(102):
            taken_at = f"2025-10-03T12:{number // 60:02}:{number % 60:02}"
            upload = Upload(None, None, f"{number}.jpg", "", taken_at, album="Norway")
            store.add(upload, io.BytesIO(jpeg(str(number))))
    first = gallery.get("/api/days/2025-10-03", album="1", q="jpg").json()
    second = gallery.get(first["next"]).json()
    assert [photo["name"] for photo in first["photos"]] == [f"{number}.jpg" for number in range(101, 1, -1)]
    assert [photo["name"] for photo in second["photos"]] == ["1.jpg", "0.jpg"]
    assert second["next"] is None
    assert set(parse_qs(urlsplit(first["next"]).query)) == {"album", "q", "after"}


@pytest.mark.parametrize("day", ["2025-02-30", "x", "20251003"])
def test_rule_32_a_day_that_does_not_exist_is_refused(gallery: GalleryClient, day: str) -> None:
    answer = gallery.get(f"/api/days/{day}")
    assert (answer.status_code, answer.json()["reason"]) == (400, "bad_day")
