import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fault_gallery import FaultGallery
from support.uploading import Time, make_photo, open_client

from photopipe.errors import PhotoChanged
from photopipe.files.names import clean_text, header_file_name
from photopipe.found_photo import FoundPhoto
from photopipe.upload.galleries.form.fields import rfc3339
from photopipe.upload.http.multipart import multipart


def test_the_gallery_gets_the_bytes_and_all_that_is_known_about_them() -> None:
    data = bytes(range(256)) * 10 + b"\r\n--"
    photo = make_photo(data, path="/camera/Über 1.HEIC", taken_at="2024-05-01T12:33:10.5+02:00")
    with FaultGallery(token="t0ken") as gallery, open_client(gallery.url, Time(), token="t0ken") as client:
        uploaded = client.upload(photo, "the-key", Time())
    stored = gallery.stored[0]
    assert (stored.data, stored.file_name, stored.content_type) == (data, "IMG_0001.jpg", "image/jpeg")
    assert stored.fields == {
        "sha256": photo.rendition.sha256,
        "original_name": "Über 1.HEIC",
        "taken_at": "2024-05-01T12:33:10.5+02:00",
        "modified_at": "2023-11-14T22:13:20.250Z",
        "source_sha256": "5" * 64,
    }
    assert stored.headers["idempotency-key"] == "the-key"
    assert stored.headers["authorization"] == "Bearer t0ken"
    assert stored.headers["user-agent"] == "photopipe"
    assert (uploaded.source, uploaded.rendition) == (photo.source, photo.rendition)
    assert uploaded.receipt.url == gallery.url.replace("/api/photos", "/photos/1")
    assert (uploaded.receipt.remote_id, uploaded.receipt.already_there) == ("1", False)


HOSTILE = [
    'quote".jpg',
    "newline\r\n\r\n--x\n.jpg",
    "back\\slash\\",
    "..\\..\\a.jpg",
    os.fsdecode(b"bad \xff\xfe.jpg"),
    "\ud800lone.jpg",
    "right\u202eto-left.jpg",
    "nul\x00.jpg",
    "\u2028line.jpg",
    '"; filename="other.jpg',
    "%22.jpg",
    "日本語 📷.jpg",
    ";name=file;.jpg",
]


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
def test_a_hostile_file_name_arrives_as_one_part(name: str) -> None:
    photo = make_photo(path=f"/camera/{name}", file_name=name)
    with FaultGallery() as gallery, open_client(gallery.url) as client:
        client.upload(photo, "key", Time())
    stored = gallery.stored[0]
    assert stored.data == photo.data
    assert set(stored.fields) == {"sha256", "original_name", "modified_at", "source_sha256"}
    assert stored.fields["original_name"] == clean_text(name)
    assert stored.file_name == header_file_name(name).replace('"', "%22")


@given(st.text(st.characters(), max_size=30))
def test_any_name_becomes_valid_text_on_one_line(name: str) -> None:
    for clean in (clean_text(name), header_file_name(name)):
        assert clean.encode().decode() == clean
        assert len(clean.splitlines()) <= 1
        assert len(clean) == len(name)
    assert not set(header_file_name(name)) & set("\\/")


@pytest.mark.parametrize(
    ("time_ns", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (1_700_000_000_250_000_000, "2023-11-14T22:13:20.250Z"),
        (-(2**63), "1677-09-21T00:12:43.145Z"),
        (10**21, None),
        (-(10**21), None),
    ],
)
def test_a_time_is_rfc_3339_in_utc_or_left_out(time_ns: int, text: str | None) -> None:
    assert rfc3339(time_ns) == text


def test_an_original_is_streamed_and_one_that_changes_meanwhile_never_arrives_whole(tmp_path: Path) -> None:
    path = tmp_path / "IMG_0001.JPG"
    path.write_bytes(b"o" * 3_000_000)
    photo = replace(make_photo(path.read_bytes(), path=str(path)), data=None)
    photo = replace(photo, source=replace(photo.source, found=FoundPhoto.from_stat(str(path), path.stat())))
    with FaultGallery() as gallery, open_client(gallery.url) as client:
        client.upload(photo, "key", Time())
        assert gallery.stored[0].data == path.read_bytes()
        with multipart({"name": "x"}, "file", photo) as (body, _):
            pieces = iter(body)
            sent = [next(pieces), next(pieces)]
            path.write_bytes(b"n" * 3_000_000)
            with pytest.raises(PhotoChanged):
                sent.extend(pieces)
        assert sum(map(len, sent)) < 3_000_000
        with pytest.raises(PhotoChanged):
            client.upload(photo, "other key", Time())
    assert len(gallery.stored) == 1
