"""Rules 21 to 23 of the protocol: what people see."""

import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from gallery.running_gallery import PROBLEM, GalleryClient, jpeg, running_gallery, sha256_of
from PIL import Image

from photopipe.gallery.server import page as page_module
from photopipe.gallery.server.serve import Openness
from photopipe.gallery.site.pages import GRID_PHOTOS, STATIC_FOLDER

TITLE, MODEL = 270, 272
MOST_SCRIPT_LINES = 500
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
    assert read_page(gallery).all("a", "data-id") == ["1"]


def photo(**tags: str) -> bytes:
    """A small real JPEG, another one for each title."""
    shown = Image.new("RGB", (48, 32), (len(str(tags)) % 256, 90, 120))
    exif = shown.getexif()
    exif[TITLE] = tags.get("caption", "")
    exif[MODEL] = tags.get("camera", "").encode()
    written = io.BytesIO()
    shown.save(written, "JPEG", exif=exif, comment=str(tags))
    return written.getvalue()


def test_rule_22_days_are_listed_newest_first_and_photos_in_them_too(gallery: GalleryClient) -> None:
    for number, taken_at in enumerate(
        ["2025-10-03T09:00:00", "2024-12-31T23:59:59", "2025-10-03T18:30:00", "2026-01-01T00:00:00"]
    ):
        gallery.post(photo(caption=f"number {number}"), name=f"{number}.jpg", taken_at=taken_at)
    page = read_page(gallery)
    days = [text for text in page.text if re.fullmatch(r"\w+day, \d+ \w+ \d{4}", text)]
    assert days == ["Thursday, 1 January 2026", "Friday, 3 October 2025", "Tuesday, 31 December 2024"]
    assert page.all("img", "alt") == ["number 3", "number 2", "number 0", "number 1"]
    assert page.all("section", "data-day") == ["2026-01-01", "2025-10-03", "2024-12-31"]
    assert page.text[0] == "Photos"
    assert "4 photos" in page.text


def test_rule_22_every_picture_is_small_lazy_and_described(gallery: GalleryClient) -> None:
    sent = gallery.post(photo(caption="Boats")).json()
    page = read_page(gallery)
    small = f"/thumbs/{sent['sha256']}/200.webp"
    assert page.all("img", "src") == [small]
    assert str(page.all("img", "srcset")[0]).startswith(f"{small} 48w, ")
    assert page.all("img", "loading") == ["lazy"]
    assert page.all("a", "data-width") + page.all("a", "data-height") == ["48", "32"]
    assert [attrs["aria-label"] for _, attrs in page.tags if attrs.get("class") == "photo"] == [
        "Boats, 3 October 2025, 12:33"
    ]
    assert gallery.get(small).headers["Content-Type"] == "image/webp"


HOSTILE = [
    "<script>alert(1)<!--.jpg",
    "\"onerror='x' x.jpg",
    "{{ 7*7 }}.jpg",
    "a&amp;b.jpg",
    "50%20off#1?.jpg",
    "日本.jpg",
]


def test_rule_22_hostile_names_are_text_and_their_pictures_load(gallery: GalleryClient) -> None:
    for number, name in enumerate(HOSTILE):
        content = photo(camera=f"{name} {number}")
        # `requests` writes quotes in file names its own way; this is how other senders do.
        body = (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="'
            + name.replace("\\", "\\\\").replace('"', '\\"').encode()
            + b'"\r\n\r\n'
            + content
            + b'\r\n--b\r\nContent-Disposition: form-data; name="taken_at"\r\n\r\n2025-10-03T12:33:1'
            + b"%d\r\n--b--\r\n" % (9 - number)
        )
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        sent = gallery.session.post(f"{gallery.url}/api/photos", data=body, headers=headers, timeout=5)
        assert sent.status_code == 201
        page = read_page(gallery, f"/photo/{sent.json()['id']}")
        assert f"{name} {number}" in page.text  # the camera
        picture = str(page.all("img", "src")[0])
        assert gallery.get(picture).content == content
        assert gallery.get(sent.json()["url"].removeprefix(gallery.url)).content == content
    page = read_page(gallery)
    assert page.all("img", "alt") == HOSTILE
    assert [attrs.get("src") for tag, attrs in page.tags if tag == "script"] == ["/static/main.js"]


def test_rule_22_an_empty_gallery_says_so_kindly(gallery: GalleryClient) -> None:
    page = read_page(gallery)
    assert any("No photos yet" in text for text in page.text)
    assert any("No albums yet" in text for text in read_page(gallery, "/albums").text)
    assert any("No photos found" in text for text in read_page(gallery, "/?q=dew").text)


def test_rule_22_nothing_comes_from_elsewhere_and_no_script_stands_in_the_page(gallery: GalleryClient) -> None:
    gallery.post(photo(caption="Boats"))
    for path in ("/", "/albums", "/photo/1", "/login", "/nowhere"):
        answer = gallery.session.get(gallery.url + path, headers={"Accept": "text/html"}, timeout=5)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert re.findall(r"https?://", answer.text) == []
        page = PageReader(answer.text)
        assert [attrs for tag, attrs in page.tags if tag == "style" or "style" in attrs] == []
        assert [name for _, attrs in page.tags for name in attrs if name.startswith("on")] == []
        loaded = page.all("link", "href") + page.all("script", "src")
        assert [address for address in loaded if gallery.get(str(address)).status_code != 200] == []


def test_rule_22_scripts_and_style_sheets_load_only_what_is_there(gallery: GalleryClient) -> None:
    for file in STATIC_FOLDER.glob("*.*"):
        text = file.read_text()
        named = re.findall(r"""(?:from |import\(|here\()'(?:\./)?([^']+)'""", text)
        assert [name for name in named if gallery.get(f"/static/{name}").status_code != 200] == []
        assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)|innerHTML|url\(", text) == [], file.name


def test_the_gallerys_own_scripts_stay_small() -> None:
    lines = [line for file in STATIC_FOLDER.glob("*.js") for line in file.read_text().splitlines()]
    assert max(map(len, lines)) <= 120
    assert len(lines) < MOST_SCRIPT_LINES


def test_rule_22_older_pages_follow(gallery: GalleryClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert GRID_PHOTOS == 100
    monkeypatch.setattr(page_module, "GRID_PHOTOS", 2)
    for number in range(3):
        caption, taken_at = f"number {number}", f"2025-10-0{number + 1}T10:00:00"
        gallery.post(photo(caption=caption), name=f"{number}.jpg", taken_at=taken_at, album="Boats")
    for first_address in ("/", "/?q=number", "/albums/1"):
        first = read_page(gallery, first_address)
        assert first.all("img", "alt") == ["number 2", "number 1"]
        older = str(first.all("a", "href")[-1])
        second = read_page(gallery, older)
        assert second.all("img", "alt") == ["number 0"]
        assert second.all("a", "href")[-1] == first_address
        assert [tag for tag, _ in second.tags if tag == "script"] == []  # the first page's goes on to all photos


def test_a_page_of_one_photo_tells_all_of_it_and_leads_to_its_neighbours(gallery: GalleryClient) -> None:
    for number in range(3):
        tags = {"caption": f"number {number}", "camera": "Rangefinder"}
        gallery.post(photo(**tags), name=f"{number}.jpg", taken_at=f"2025-10-0{number + 1}T10:00:00", album="Boats")
    page = read_page(gallery, "/photo/2")
    assert {"number 1", "Rangefinder", "Boats", "1.jpg", "Thursday, 2 October 2025, 10:00"} <= set(page.text)
    assert [attrs["href"] for _, attrs in page.tags if attrs.get("rel") in ("prev", "next")] == ["/photo/3", "/photo/1"]
    assert "/albums/1" in page.all("a", "href")
    assert [attrs["href"] for _, attrs in page.tags if "download" in attrs] == ["/photos/2025/10/1.jpg"]


def test_a_search_shows_what_was_searched_for(gallery: GalleryClient) -> None:
    gallery.post(photo(caption="Boats"), name="1.jpg", taken_at="2025-10-01T10:00:00")
    gallery.post(photo(caption="Birds"), name="2.jpg", taken_at="2025-10-02T10:00:00")
    page = read_page(gallery, "/?q=b&to=2025-10-01")
    assert page.all("img", "alt") == ["Boats"]
    assert "1 photo" in page.text
    values = {attrs["name"]: attrs.get("value") for tag, attrs in page.tags if tag == "input" and "name" in attrs}
    assert values == {"q": "b", "from": "", "to": "2025-10-01"}
    assert page.all("main", "data-days") == ["/api/days?q=b&to=2025-10-01"]


def test_an_error_is_a_page_for_browsers_and_json_for_programs(gallery: GalleryClient) -> None:
    for path in ("/photo/7", "/albums/7", "/nowhere", "/?from=soon", "/photos/2025/10/none.jpg"):
        answer = gallery.session.get(gallery.url + path, headers={"Accept": "text/html,*/*;q=0.8"}, timeout=5)
        assert answer.status_code == (400 if "from" in path else 404)
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "See all photos" in PageReader(answer.text).text
        assert set(gallery.get(path).json()) == PROBLEM
    answer = gallery.session.get(gallery.url + "/api/nowhere", headers={"Accept": "text/html"}, timeout=5)
    assert set(answer.json()) == PROBLEM


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
    number = gallery.post(b"II*\x00" + b"raw" * 30, name="DSC_0001.NEF").json()["id"]
    page = read_page(gallery)
    assert page.all("img", "src") == []
    assert "NEF" in page.text
    (address,) = {link for link in read_page(gallery, f"/photo/{number}").all("a", "href") if link and "DSC" in link}
    assert address.endswith("DSC_0001.NEF")
    assert gallery.get(address).content.startswith(b"II*")
