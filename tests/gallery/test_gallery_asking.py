"""Rules 18 to 20 of the protocol: what the gallery says it has, it has."""

import pytest
from gallery.running_gallery import GalleryClient, jpeg, sha256_of, stored_files


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
