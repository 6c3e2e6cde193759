"""Rules 21 to 23 of the protocol: what people see."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from gallery.running_gallery import GalleryClient, jpeg, running_gallery, sha256_of

from photopipe.gallery.server import page as page_module
from photopipe.gallery.server.serve import Openness

PICTURE = "/photos/2025/10/IMG_0042.jpg"


class PageReader(HTMLParser):
    """Collects tags and text, so that tests read what a browser would."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += [data.strip()] if data.strip() else []

    def all(self, tag: str, attribute: str) -> list[str | None]:
        return [attrs[attribute] for name, attrs in self.tags if name == tag and attribute in attrs]


def read_page(gallery: GalleryClient, path: str = "/") -> PageReader:
    answer = gallery.get(path)
    assert answer.status_code == 200
    return PageReader(answer.text)


def test_rule_21_a_picture_is_served_once_and_for_all(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"))
    answer = gallery.get(PICTURE)
    assert (answer.content, answer.headers["Content-Type"]) == (jpeg("a"), "image/jpeg")
    assert answer.headers["ETag"] == f'"{sha256_of(jpeg("a"))}"'
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    gallery.session.headers["If-None-Match"] = answer.headers["ETag"]
    assert gallery.get(PICTURE).status_code == 304


def test_rule_21_only_photos_in_the_index_are_served(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"))
    (gallery.folder / "private.jpg").write_bytes(jpeg("b"))
    (gallery.folder.parent / "outside.jpg").write_bytes(jpeg("c"))
    for path in [
        "private.jpg",
        ".photopipe/index.sqlite",
        "../outside.jpg",
        "..%2Foutside.jpg",
        "2025/10/../../private.jpg",
        "2025%2F10%2F..%2F..%2Fprivate.jpg",
        f"/{gallery.folder}/private.jpg",
        "2025/10",
        "%00",
        "",
    ]:
        assert gallery.get(f"/photos/{path}").status_code == 404, path


def test_rule_21_a_link_put_in_place_of_a_photo_leads_nowhere(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"))
    outside = gallery.folder.parent / "outside.jpg"
    outside.write_bytes(jpeg("a"))
    (gallery.folder / "2025/10/IMG_0042.jpg").unlink()
    (gallery.folder / "2025/10/IMG_0042.jpg").symlink_to(outside)
    assert gallery.get(PICTURE).status_code == 404


def test_rule_21_a_photo_its_owner_has_edited_is_shown_and_not_cached(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"))
    (gallery.folder / "2025/10/IMG_0042.jpg").write_bytes(jpeg("edited"))
    answer = gallery.get(PICTURE)
    assert answer.content == jpeg("edited")
    assert "immutable" not in answer.headers["Cache-Control"]
    assert read_page(gallery).all("img", "src") == [PICTURE]


def test_rule_22_days_are_listed_newest_first_and_photos_in_them_too(gallery: GalleryClient) -> None:
    for number, taken_at in enumerate(
        ["2025-10-03T09:00:00", "2024-12-31T23:59:59", "2025-10-03T18:30:00", "2026-01-01T00:00:00"]
    ):
        gallery.post(jpeg(str(number)), name=f"{number}.jpg", taken_at=taken_at)
    page = read_page(gallery)
    days = [text for text in page.text if re.fullmatch(r"\w+day, \d+ \w+ \d{4}", text)]
    assert days == ["Thursday, 1 January 2026", "Friday, 3 October 2025", "Tuesday, 31 December 2024"]
    assert page.all("img", "src") == [
        f"/photos/{path}.jpg" for path in ("2026/01/3", "2025/10/2", "2025/10/0", "2024/12/1")
    ]
    assert page.text[0] == "Thursday, 1 January 2026 - Photos"


def test_rule_22_every_picture_is_lazy_and_described(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"))
    page = read_page(gallery)
    assert page.all("img", "alt") == ["IMG_0042.jpg, Friday, 3 October 2025, 12:33"]
    assert page.all("img", "loading") == ["lazy"]
    assert page.all("a", "title") == ["IMG_0042.jpg, 12:33"]


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)<!--.jpg", "\"onerror='x' x.jpg", "{{ 7*7 }}.jpg", "a&amp;b.jpg", "50%20off#1?.jpg", "日本.jpg"],
)
def test_rule_22_hostile_names_are_text_and_their_pictures_load(gallery: GalleryClient, name: str) -> None:
    # `requests` writes quotes in file names its own way; this is how other senders do.
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="'
        + name.replace("\\", "\\\\").replace('"', '\\"').encode()
        + b'"\r\n\r\n'
        + jpeg("b")
        + b'\r\n--b\r\nContent-Disposition: form-data; name="taken_at"\r\n\r\n2025-10-03T12:33:10\r\n--b--\r\n'
    )
    sent = gallery.session.post(
        f"{gallery.url}/api/photos", data=body, headers={"Content-Type": "multipart/form-data; boundary=b"}, timeout=5
    )
    assert sent.status_code == 201
    page = read_page(gallery)
    assert page.all("a", "title")[0] == f"{name}, 12:33"
    assert [tag for tag, _ in page.tags if tag == "script"] == []
    assert gallery.get(str(page.all("img", "src")[0])).content == jpeg("b")
    assert gallery.get(sent.json()["url"].removeprefix(gallery.url)).content == jpeg("b")


def test_rule_22_an_empty_gallery_says_so_kindly(gallery: GalleryClient) -> None:
    page = read_page(gallery)
    assert any("No photos yet" in text for text in page.text)
    assert page.text[0] == "Photos"


def test_rule_22_nothing_comes_from_elsewhere_and_no_script_runs(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"))
    answer = gallery.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert re.findall(r"https?://", answer.text) == []
    for asset in PageReader(answer.text).all("link", "href"):
        assert gallery.get(str(asset)).status_code == 200


def test_rule_22_older_pages_follow(gallery: GalleryClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert page_module.PAGE_PHOTOS == 200
    monkeypatch.setattr(page_module, "PAGE_PHOTOS", 2)
    for number in range(3):
        gallery.post(jpeg(str(number)), name=f"{number}.jpg", taken_at=f"2025-10-0{number + 1}T10:00:00")
    first = read_page(gallery)
    assert first.all("img", "src") == ["/photos/2025/10/2.jpg", "/photos/2025/10/1.jpg"]
    older = first.all("a", "href")[-1]
    second = read_page(gallery, str(older))
    assert second.all("img", "src") == ["/photos/2025/10/0.jpg"]
    assert second.all("a", "href")[-1] == "/"


@pytest.mark.parametrize("folder", ["plain", "with space & ünï#?%"])
def test_rule_23_a_server_that_ends_with_a_run_links_the_files(tmp_path: Path, folder: str) -> None:
    with running_gallery(tmp_path / folder, public_url=None) as gallery:
        url = gallery.post(jpeg("a"), name="a b#ü.jpg").json()["url"]
    assert url == (tmp_path / folder / "2025/10/a b#ü.jpg").as_uri()
    assert url.isascii()
    assert url.startswith("file:///")


def test_rule_23_a_server_behind_another_address_links_that(tmp_path: Path) -> None:
    with running_gallery(tmp_path, "s3cret", "https://photos.example/", openness=Openness(is_public=True)) as gallery:
        url = gallery.post(jpeg("a"), name="ü.jpg").json()["url"]
    assert url == "https://photos.example/photos/2025/10/%C3%BC.jpg"


def test_rule_22_an_original_no_browser_shows_is_offered_as_a_file(gallery: GalleryClient) -> None:
    assert gallery.post(b"II*\x00" + b"raw" * 30, name="DSC_0001.NEF").status_code == 201
    page = read_page(gallery)
    assert page.all("img", "src") == []
    (address,) = [link for link in page.all("a", "href") if link and "DSC_0001" in link]
    assert address.endswith("DSC_0001.NEF")
    assert gallery.get(address).content.startswith(b"II*")
