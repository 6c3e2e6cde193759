"""What is text goes compressed to those who can read it, and nothing else does."""

import gzip

import pytest
import requests
from gallery.running_gallery import DEADLINE_S, GalleryClient, jpeg

from photopipe.gallery.site.pages import STATIC_FOLDER

STATIC = "/static/gallery.css"


@pytest.fixture
def big_style() -> bytes:
    """The style sheet of the pages."""
    return (STATIC_FOLDER / "gallery.css").read_bytes()


def raw(gallery: GalleryClient, path: str, accepted: str, **headers: str) -> tuple[requests.Response, bytes]:
    """An answer and its body as it came, still packed."""
    answer = gallery.session.get(
        gallery.url + path, headers={"Accept-Encoding": accepted} | headers, timeout=DEADLINE_S, stream=True
    )
    return answer, answer.raw.read(decode_content=False)


def test_a_long_answer_is_compressed_if_the_client_can_read_it(gallery: GalleryClient) -> None:
    for number in range(20):
        gallery.post(jpeg(str(number)), name=f"{number}.jpg")
    plain, content = raw(gallery, "/api/photos", "identity")
    packed, body = raw(gallery, "/api/photos", "br, gzip;q=0.5")
    assert "Content-Encoding" not in plain.headers
    assert (packed.headers["Content-Encoding"], gzip.decompress(body)) == ("gzip", content)
    assert int(packed.headers["Content-Length"]) == len(body) < len(content) / 3
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Accept-Encoding" in packed.headers["Vary"]


@pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "identity"])
def test_who_cannot_read_it_gets_it_plain(gallery: GalleryClient, big_style: bytes, accepted: str) -> None:
    answer, body = raw(gallery, STATIC, accepted)
    assert ("Content-Encoding" in answer.headers, body) == (False, big_style)


def test_short_answers_and_pictures_stay_as_they_are(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a").ljust(5000, b"."))
    for path in ("/api/health", "/photos/2025/10/IMG_0042.jpg"):
        assert "Content-Encoding" not in raw(gallery, path, "gzip")[0].headers
    assert raw(gallery, "/photos/2025/10/IMG_0042.jpg", "gzip")[1] == jpeg("a").ljust(5000, b".")


def test_a_file_of_the_pages_is_compressed_once(
    gallery: GalleryClient, big_style: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, body = raw(gallery, STATIC, "gzip")
    assert (first.headers["Content-Encoding"], gzip.decompress(body)) == ("gzip", big_style)
    monkeypatch.setattr(gzip, "compress", None)
    assert raw(gallery, STATIC, "gzip")[1] == body


def test_a_browser_that_has_it_compressed_is_told_that_nothing_has_changed(
    gallery: GalleryClient, big_style: bytes
) -> None:
    etag = raw(gallery, STATIC, "gzip")[0].headers["ETag"]
    assert etag.startswith("W/")
    again, body = raw(gallery, STATIC, "gzip", **{"If-None-Match": etag})
    assert (again.status_code, body) == (304, b"")
    assert "Accept-Encoding" in again.headers["Vary"]
