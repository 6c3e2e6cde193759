"""Attacks: what hostile senders, visitors, web sites and files try; nothing of it may work."""

import io
import itertools
import json
import os
import re
import resource
import struct
import threading
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from gallery.raw_connection import RawConnection
from gallery.running_gallery import DEADLINE_S, GalleryClient, jpeg, running_gallery, sha256_of, stored_files
from PIL import Image

SCRIPT = "<script>alert(1)</script>"
CLIMBS = [
    "../../evil.jpg",
    "..\\..\\evil.jpg",
    "/etc/evil.jpg",
    "....//evil.jpg",
    "..",
    ".",
    "...",
    "C:\\evil.jpg",
    "%2e%2e%2fevil.jpg",
    ".photopipe/index.sqlite",
    "evil\x00.jpg",
    "a/../../evil.jpg",
    "~/evil.jpg",
    "\u2025/evil.jpg",
]


def post_raw(gallery: GalleryClient, parts: bytes, *headers: str) -> tuple[int, dict[str, str]]:
    """POST a form whose parts are written by hand; returns status and answer."""
    body = parts + b"--b--\r\n"
    with RawConnection(gallery.url) as connection:
        connection.request(
            "POST /api/photos",
            "Content-Type: multipart/form-data; boundary=b",
            f"Content-Length: {len(body)}",
            "Connection: close",
            *headers,
        )
        head, _, answer = connection.send(body).rest().partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(answer)


def part(disposition: bytes, content: bytes) -> bytes:
    return b"--b\r\nContent-Disposition: form-data; " + disposition + b"\r\n\r\n" + content + b"\r\n"


@pytest.mark.parametrize("field", ["filename", "original_name", "album", "source_sha256", "sha256"])
def test_no_name_leads_out_of_the_folder(gallery: GalleryClient, field: str) -> None:
    for number, climb in enumerate(CLIMBS):
        data, name = jpeg(f"{number}"), climb.encode() if field == "filename" else b"IMG_0042.jpg"
        extra = b"" if field == "filename" else part(b'name="%b"' % field.encode(), climb.encode())
        status, _ = post_raw(gallery, part(b'name="file"; filename="%b"' % name, data) + extra)
        assert status == (400 if field == "sha256" else 201), climb
    everything = {str(path.relative_to(gallery.folder.parent)) for path in gallery.folder.parent.rglob("*")}
    assert all(name.startswith(gallery.folder.name) for name in everything)
    assert all(re.fullmatch(r"\d{4}/\d\d/[^/]+\.jpg", name) for name in stored_files(gallery.folder))
    assert all(not Path(name).name.startswith(".") for name in stored_files(gallery.folder))


LOOKED_FOR = [
    "/photos/../.photopipe/index.sqlite",
    "/photos/.photopipe/index.sqlite",
    "/photos/.photopipe/access.json",
    "/photos/%2e%2e/%2e%2e/etc/passwd",
    "/photos/..%2f..%2f..%2fetc%2fpasswd",
    "/photos//etc/passwd",
    "/photos/%00",
    "/photos/2025/10/%2e%2e/10/IMG_0042.jpg",
    "/photos/2025%5C10%5CIMG_0042.jpg",
    "/static/../../../../etc/passwd",
    "/static/%2e%2e/pages.py",
    "/static/..%2fpages.py",
    "/thumbs/..%2f..%2findex.sqlite/200.webp",
    "/thumbs/%2e%2e/200.webp",
    f"/thumbs/{'0' * 64}/200.webp",
    f"/thumbs/{'0' * 64}/../../../index.sqlite",
    "/thumbs/SHA/99999999999999999999.webp",
    "/thumbs/SHA/-1.webp",
    "/thumbs/SHA/4000.webp",
    "/photo/../../etc/passwd",
    "/photo/99999999999999999999",
    "/albums/%27%20OR%201=1",
    "/api/photos/..%2f..%2fetc%2fpasswd",
    "/api/photos/1%20OR%201=1",
    "/api/photos/99999999999999999999999",
    "/api/photos/by-checksum/..%2f..%2fetc%2fpasswd",
    "/api/photos/by-checksum/%27%20OR%20%271%27=%271",
    "/api/days/..%2f..%2fetc%2fpasswd",
]


def test_no_address_leads_out_of_the_folder(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"))
    statuses = {}
    for path in LOOKED_FOR:
        with RawConnection(gallery.url) as connection:  # a client library would tidy the address up
            statuses[path] = connection.request("GET " + path.replace("SHA", sha256_of(jpeg("a")))).status()
    assert {path: status for path, status in statuses.items() if status not in (400, 404)} == {
        "/photos//etc/passwd": 308
    }


@pytest.mark.parametrize(
    "query", ['q="', "q=*", "q=NEAR(", "q=a:b", "q=%00", "q=' OR 1=1 --", "q=%FF", f"q={'a ' * 5000}"]
)
def test_no_search_is_more_than_a_search(gallery: GalleryClient, query: str) -> None:
    gallery.post(jpeg("a"))
    answer = gallery.session.get(f"{gallery.url}/api/photos?{query}", timeout=DEADLINE_S)
    assert answer.status_code in (200, 400, 414, 431)


def test_line_ends_in_names_forge_no_header(gallery: GalleryClient) -> None:
    forged = "a%0d%0aSet-Cookie: evil=1\r\nSet-Cookie: evil=1"
    names = [b'filename="a\rSet-Cookie: evil=1\n.jpg"', b"filename*=UTF-8''a%0d%0aSet-Cookie:%20evil=1.jpg"]
    for number, name in enumerate(names):
        status, answer = post_raw(
            gallery, part(b'name="file"; ' + name, jpeg(f"{number}")) + part(b'name="album"', forged.encode())
        )
        if status == 400:
            assert answer["reason"] == "file_missing", "a line end that is one in the request ends the name"
            continue
        shown = requests.get(answer["url"], timeout=DEADLINE_S)
        assert (shown.status_code, "evil" in str(shown.cookies)) == (200, False)
        assert not [header for header in shown.headers if "evil" in header or "cookie" in header.lower()]
    assert all(re.fullmatch(r"[^\r\n]+", album["name"]) for album in gallery.get("/api/albums").json()["albums"])


HTML_IN_A_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00<html><body><script>alert(document.domain)</script></body></html>"


def test_a_picture_that_is_a_page_as_well_is_only_a_picture(gallery: GalleryClient) -> None:
    for data, name in ((HTML_IN_A_JPEG, "page.html"), (b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)", "script.js")):
        answer = requests.get(gallery.post(data, name=name).json()["url"], timeout=DEADLINE_S)
        assert answer.content == data
        assert re.fullmatch(r"image/(jpeg|gif)", answer.headers["Content-Type"])
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert answer.headers["Content-Disposition"] == "inline"
    assert not [name for name in stored_files(gallery.folder) if name.endswith((".html", ".js"))]


def test_a_file_that_browsers_do_not_show_is_saved(gallery: GalleryClient) -> None:
    answer = requests.get(gallery.post(b"II*\x00" + b"raw" * 30, name="a.nef").json()["url"], timeout=DEADLINE_S)
    assert answer.headers["Content-Disposition"] == "attachment"


NO_PICTURES = {
    "svg": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "svg with a head": b"<?xml version='1.0'?><!DOCTYPE svg><svg xmlns='http://www.w3.org/2000/svg'/>",
    "page": b"<!doctype html><script>alert(1)</script>",
    "script": b"alert(1)",
    "program": b"\x7fELF\x02\x01\x01" + bytes(100),
    "pdf": b"%PDF-1.7\n",
    "archive": b"PK\x03\x04" + bytes(100),
}


@pytest.mark.parametrize("kind", NO_PICTURES)
def test_what_is_no_picture_is_refused_whatever_it_says(gallery: GalleryClient, kind: str) -> None:
    answer = gallery.post(NO_PICTURES[kind], name="IMG_0042.jpg")
    assert (answer.status_code, stored_files(gallery.folder)) == (415, [])


def captioned_jpeg(text: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = text  # ImageDescription
    exif[0x010F], exif[0x0110] = text, text  # Make, Model
    xmp = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag><rdf:li>'
        f"{text.replace('&', '&amp;').replace('<', '&lt;')}</rdf:li></rdf:Bag></dc:subject></rdf:Description></rdf:RDF>"
        "</x:xmpmeta>"
    )
    file = io.BytesIO()
    Image.new("RGB", (40, 30)).save(file, "JPEG", exif=exif, xmp=xmp.encode())
    return file.getvalue()


@pytest.mark.parametrize(
    "text", [SCRIPT, '"><img src=x onerror=alert(1)>', "{{ 7*7 }}", "javascript:alert(1)", "</title>" + SCRIPT]
)
def test_scripts_in_captions_keywords_cameras_and_albums_are_text(gallery: GalleryClient, text: str) -> None:
    sent = gallery.post(captioned_jpeg(text), name=f"{text}.jpg", album=text)
    assert sent.status_code == 201
    (photo,) = gallery.get("/api/days/2025-10-03").json()["photos"]
    assert (photo["caption"], photo["keywords"], photo["albums"][0]["name"]) == (text, [text], text)
    for path in (
        "/",
        "/albums",
        f"/albums/{photo['albums'][0]['id']}",
        f"/photo/{photo['id']}",
        f"/?q={text}",
        f"/{text}",
    ):
        page = gallery.get(path)
        assert not re.search(r"<script>|<img src=x|href=\"javascript:|>49<|alert\(1\)>", page.text), path
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        assert "script-src 'self'" in page.headers["Content-Security-Policy"]


FORMS = {
    "form": {"Content-Type": "application/x-www-form-urlencoded"},
    "upload": {"Content-Type": "multipart/form-data; boundary=b"},
    "text": {"Content-Type": "text/plain"},
}
"""What a page of any site can have a browser send without asking first. Source: Fetch Standard, CORS-safelisted."""
FOREIGN = {
    "another site": {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    "a file": {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    "another port": {"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-site"},
    "the same name by https": {"Origin": "https://127.0.0.1.evil.example"},
    "no origin": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    "a sister site": {"Sec-Fetch-Site": "same-site"},
}


@pytest.mark.parametrize("form", FORMS)
def test_a_page_of_another_site_changes_nothing(gallery: GalleryClient, form: str) -> None:
    gallery.post(jpeg("a"))
    body = part(b'name="file"; filename="b.jpg"', jpeg("b")) + b"--b--\r\n"
    attempts = [
        ("POST", "/api/photos"),
        ("POST", "/api/photos/1/restore"),
        ("DELETE", "/api/photos/1"),
        ("POST", "/logout"),
    ]
    for origin, data in itertools.product(FOREIGN, (body, b"")):
        for method, path in attempts:
            headers = FORMS[form] | FOREIGN[origin]
            answer = requests.request(method, f"{gallery.url}{path}", headers=headers, data=data, timeout=DEADLINE_S)
            assert (answer.status_code, answer.json()["reason"]) == (403, "wrong_origin"), origin
    assert [photo["sha256"] for photo in gallery.photos()] == [sha256_of(jpeg("a"))]


def test_no_other_site_is_allowed_to_ask_or_read(gallery: GalleryClient) -> None:
    preflight = {"Origin": "https://evil.example", "Access-Control-Request-Method": "DELETE"}
    asked = requests.options(f"{gallery.url}/api/photos/1", headers=preflight, timeout=DEADLINE_S)
    read = requests.get(f"{gallery.url}/api/photos", headers={"Origin": "https://evil.example"}, timeout=DEADLINE_S)
    for answer in (asked, read):
        assert not [header for header in answer.headers if header.lower().startswith("access-control")]
        assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:80",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "a@localhost",
        "localhost, evil.example",
    ],
)
def test_a_name_that_another_site_makes_lead_here_is_refused(gallery: GalleryClient, host: str) -> None:
    for line in ("GET /", "GET /api/photos", "GET /api/health", "GET /static/gallery.css", "POST /api/photos"):
        with RawConnection(gallery.url) as connection:
            assert connection.request(line, f"Host: {host}", "Content-Length: 0").status() == 421


def test_identical_photos_sent_at_once_are_one(gallery: GalleryClient) -> None:
    answers, start = list[requests.Response](), threading.Barrier(8)

    def send() -> None:
        with GalleryClient(gallery.url, gallery.folder).session as session:
            start.wait(DEADLINE_S)
            answers.append(GalleryClient(gallery.url, gallery.folder, session=session).post(jpeg("a")))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert {answer.json()["id"] for answer in answers} == {"1"}
    assert stored_files(gallery.folder) == ["2025/10/IMG_0042.jpg"]


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file outside of the gallery that nobody is to see or lose."""
    file = tmp_path / "outside" / "IMG_0042.jpg"
    file.parent.mkdir()
    file.write_bytes(jpeg("a"))
    return file


@pytest.mark.parametrize("replaced", ["2025/10/IMG_0042.jpg", "2025/10", "2025"])
def test_a_link_in_place_of_a_photo_or_a_folder_is_not_followed(
    gallery: GalleryClient, secret: Path, replaced: str
) -> None:
    gallery.post(jpeg("a"))
    place = gallery.folder / replaced
    place.rename(gallery.folder.parent / "away")
    inside = Path("2025/10/IMG_0042.jpg").relative_to(replaced)
    target = secret.parent / "tree"
    (target / inside).parent.mkdir(parents=True, exist_ok=True)
    if inside.name:
        (target / inside).write_bytes(jpeg("a"))
    place.symlink_to(target if inside.name else secret)
    assert gallery.get("/photos/2025/10/IMG_0042.jpg").status_code == 404
    assert gallery.get(f"/thumbs/{sha256_of(jpeg('a'))}/200.webp").status_code == 404
    answer = gallery.post(jpeg("b"), name="b.jpg")
    assert answer.status_code == (201 if not inside.name else 500)
    gallery.session.delete(f"{gallery.url}/api/photos/1", timeout=DEADLINE_S)
    assert secret.read_bytes() == jpeg("a")
    assert sorted(path.name for path in target.rglob("*") if path.is_file()) == ([inside.name] if inside.name else [])


def png_claiming(width_px: int, height_px: int) -> bytes:
    """A few hundred bytes that say they are a huge picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def test_a_small_file_that_claims_to_be_huge_takes_no_memory(gallery: GalleryClient) -> None:
    bomb = png_claiming(60_000, 60_000)
    assert len(bomb) < 1000
    gallery.post(jpeg("a"))  # whatever is loaded for the first picture is loaded
    gallery.get(f"/thumbs/{sha256_of(jpeg('a'))}/200.webp")
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert gallery.post(bomb, name="bomb.png").status_code == 201
    for size_px in (200, 400, 1280):
        assert gallery.get(f"/thumbs/{sha256_of(bomb)}/{size_px}.webp").status_code == 404
    assert gallery.get("/").status_code == 200
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 100_000


def test_two_hundred_connections_that_do_nothing_keep_nobody_out(gallery: GalleryClient) -> None:
    with ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(RawConnection(gallery.url)).send(b"POST /api/photos HTTP/1.1\r\n")
        assert gallery.post(jpeg("a")).status_code == 201
        assert gallery.get("/").status_code == 200


@pytest.fixture
def private(tmp_path: Path) -> Iterator[GalleryClient]:
    with running_gallery(tmp_path / "private", "s3cret") as client:
        client.post(jpeg("a"))
        yield client


def test_no_wrong_token_opens_anything(private: GalleryClient) -> None:
    wrong = ["", "s3cre", "s3cret1", "S3CRET", "s3cret, s3cret", "null", "undefined", "' OR 1=1", "s3cret\xff"]
    for token in wrong:
        with RawConnection(private.url) as connection:
            status = connection.request("GET /photos/2025/10/IMG_0042.jpg", f"Authorization: Bearer {token}").status()
            assert status == 401, token
    for path in ("/?token=s3cret", "/login", "/api/photos?access_token=s3cret"):
        assert "IMG_0042" not in requests.get(f"{private.url}{path}", timeout=DEADLINE_S).text


def test_the_gallery_of_a_run_has_no_login(private: GalleryClient) -> None:
    answer = requests.post(
        f"{private.url}/login", data={"password": "s3cret"}, timeout=DEADLINE_S, allow_redirects=False
    )
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (404, False)


MALFORMED = [
    b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"\x00" * 100 + b"\r\n\r\n",
    b"GET http://evil.example/ HTTP/1.1\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\nb\r\n\r\n",
    b"POST /api/photos HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    b"POST /api/photos HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1, 2\r\n\r\n",
    b"POST /api/photos HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
]


def test_a_malformed_request_is_answered_with_an_error(gallery: GalleryClient) -> None:
    for malformed in MALFORMED:
        with RawConnection(gallery.url) as connection:
            assert connection.send(malformed).status() in (400, 413, 421, 501), malformed
    assert gallery.get("/api/health").status_code == 200


def test_nothing_of_the_gallery_s_own_is_readable_by_others(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"))
    for name in os.listdir(gallery.folder / ".photopipe"):
        assert gallery.get(f"/photos/.photopipe/{name}").status_code == 404
