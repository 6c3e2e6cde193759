"""What is known of a photo or video by its header alone."""

import io
import os
import struct
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import BinaryIO

import pytest
from PIL import Image
from support.deadline import within_deadline
from support.marked_photo import save_with, xmp
from support.movies import box, movie
from support.photos import found
from support.pictures import camera_exif, make_jpeg, picture
from support.raw_files import jpeg_bytes, make_dng

from photopipe.errors import PhotoChanged, PhotoVanished
from photopipe.found_photo import FoundPhoto, Identity, LocalFiles
from photopipe.resize.facts import PhotoFacts, read_facts

TAKEN = datetime(2024, 5, 1, 12, 33, 10)
CEST = timezone(timedelta(hours=2))
MTIME = datetime(2020, 2, 3, 4, 5, 6, tzinfo=UTC)
LIVE = "B2F5A1C0-1111-2222-3333-444455556666"


def dated(path: Path) -> FoundPhoto:
    """The file with a date of its own."""
    os.utime(path, (MTIME.timestamp(), MTIME.timestamp()))
    return found(path)


def apple_note(content_id: str = LIVE) -> bytes:
    text = content_id.encode() + b"\0"
    entry = struct.pack(">HHII", 0x11, 2, len(text), 14 + 2 + 12 + 4)
    return b"Apple iOS\0\0\1MM" + struct.pack(">H", 1) + entry + bytes(4) + text


def full_exif() -> Image.Exif:
    exif = camera_exif()
    exif[18246] = 4
    exif.get_ifd(0x8769).update({36881: "+02:00", 37521: "25", 37500: apple_note()})
    return exif


FULL = PhotoFacts(TAKEN.replace(microsecond=250_000, tzinfo=CEST), "exif", "Acme Shooter 3", 4, LIVE)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif", "a.heic", "a.avif"])
def test_every_kind_of_photo_tells_its_facts_by_its_header(tmp_path: Path, name: str) -> None:
    save_with(tmp_path / name, exif=full_exif().tobytes())
    assert read_facts(dated(tmp_path / name)) == FULL


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.tif", "a.heic", "a.avif"])
def test_xmp_tells_time_and_rating_too(tmp_path: Path, name: str) -> None:
    save_with(tmp_path / name, xmp=xmp("xmp:Rating='-1' exif:DateTimeOriginal='2024-05-01T12:33:10+02:00'"))
    assert read_facts(dated(tmp_path / name)) == PhotoFacts(TAKEN.replace(tzinfo=CEST), "xmp", rating=-1)


def test_the_camera_is_named_as_people_name_it(tmp_path: Path) -> None:
    for make, model, wanted in (
        ("Canon", "Canon EOS R6", "Canon EOS R6"),
        ("NIKON CORPORATION", "NIKON Z 6", "NIKON Z 6"),
        ("Apple", "iPhone 15", "Apple iPhone 15"),
        ("", "Shooter", "Shooter"),
        ("Acme", "", "Acme"),
    ):
        exif = camera_exif()
        exif[271], exif[272] = make, model
        assert read_facts(found(make_jpeg(tmp_path / "a.jpg", (16, 16), exif=exif))).camera == wanted


@pytest.mark.parametrize(("rating", "wanted"), [("5", 5), ("3.0", 3), ("-1", -1), ("0", 0), ("99", None), ("x", None)])
def test_a_rating_that_makes_sense_is_taken(tmp_path: Path, rating: str, wanted: int | None) -> None:
    assert read_facts(found(save_with(tmp_path / "a.jpg", xmp=xmp(f"xmp:Rating='{rating}'")))).rating == wanted


def test_a_raw_tells_its_facts_without_its_decoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "rawpy", None)
    dng, raf, cr3 = tmp_path / "a.dng", tmp_path / "a.raf", tmp_path / "a.cr3"
    dng.write_bytes(make_dng(picture((32, 32))))
    assert read_facts(found(dng)) == PhotoFacts(TAKEN, "exif", "Acme Raw 1")
    preview = jpeg_bytes(picture((32, 32)), exif=full_exif().tobytes())
    raf.write_bytes(
        b"FUJIFILMCCD-RAW 0201".ljust(84, b"\0") + struct.pack(">II", 200, len(preview)) + bytes(108) + preview
    )
    assert read_facts(found(raf)) == FULL
    cr3.write_bytes(canon_raw())
    assert read_facts(found(cr3)) == PhotoFacts(TAKEN, "exif", "Acme Shooter 3", 2)


def canon_raw() -> bytes:
    main, detail = Image.Exif(), Image.Exif()
    main[271], main[272] = "Acme", "Shooter 3"
    detail[36867] = "2024:05:01 12:33:10"
    parts = [box(name, exif.tobytes()[6:]) for name, exif in ((b"CMT1", main), (b"CMT2", detail))]
    canon = box(b"uuid", bytes.fromhex("85c0b687820f11e08111f4ce462b6a48") + b"".join(parts))
    packet = box(b"uuid", bytes.fromhex("be7acfcb97a942e89c71999491e3afac") + xmp("xmp:Rating='2'"))
    return box(b"ftyp", b"crx " + bytes(4)) + box(b"moov", canon) + packet + box(b"mdat", bytes(100))


@pytest.mark.parametrize("name", ["a.mov", "a.mp4"])
def test_a_video_tells_when_it_was_taken_and_which_live_photo_it_belongs_to(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    said = {"creationdate": "2024-05-01T12:33:10+0200", "content.identifier": LIVE, "make": "Apple", "model": "iPhone"}
    path.write_bytes(movie(TAKEN.replace(tzinfo=UTC), said, iso_meta=name == "a.mp4"))
    assert read_facts(found(path)) == PhotoFacts(TAKEN.replace(tzinfo=CEST), "exif", "Apple iPhone", None, LIVE)


@pytest.mark.parametrize("version", [0, 1])
def test_a_video_without_a_zone_is_in_utc(tmp_path: Path, version: int) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(movie(TAKEN.replace(tzinfo=UTC), brand=b"isom", version=version))
    assert read_facts(found(path)) == PhotoFacts(TAKEN.replace(tzinfo=UTC), "exif")


def test_a_video_without_a_time_is_as_old_as_its_name_says(tmp_path: Path) -> None:
    path = tmp_path / "VID_20240501_123310.mp4"
    path.write_bytes(movie())
    assert read_facts(found(path)) == PhotoFacts(TAKEN, "file_name")


def test_the_end_of_a_huge_video_is_found_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    whole = movie(TAKEN.replace(tzinfo=UTC))
    start = whole.index(b"moov") - 4
    length = 3 << 40
    with path.open("wb") as file:
        file.write(box(b"ftyp", b"isom" + bytes(4)) + struct.pack(">I4sQ", 1, b"mdat", length))
        file.seek(length - 16, os.SEEK_CUR)
        file.write(whole[start:])
    assert read_counted(path) == (PhotoFacts(TAKEN.replace(tzinfo=UTC), "exif"), True)


def test_what_nothing_tells_is_guessed_and_said_to_be(tmp_path: Path) -> None:
    named = make_jpeg(tmp_path / "IMG_20240501_123310.jpg", (16, 16))
    assert read_facts(dated(named)) == PhotoFacts(TAKEN, "file_name")
    facts = read_facts(dated(make_jpeg(tmp_path / "DSC1.jpg", (16, 16))))
    assert (facts.taken_at, facts.taken_at_from) == (MTIME, "file_date")
    assert facts.taken_at is not None
    assert facts.taken_at.tzinfo is not None


class Counting(LocalFiles):
    """Files of which it is counted how much is read."""

    read_bytes = 0

    def open(self, path: str) -> BinaryIO:
        storage = self

        class Counted(io.FileIO):
            def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
                size = super().readinto(buffer) or 0
                type(storage).read_bytes += size
                return size

        return io.BufferedReader(Counted(path))

    def identity(self, path: str, file: BinaryIO | None = None) -> Identity:
        return LocalFiles.identity(self, path, file)


def read_counted(path: Path) -> tuple[PhotoFacts, bool]:
    """The facts, and whether no more than 20 MB were read for them, with what the buffer reads ahead."""
    Counting.read_bytes = 0
    facts = within_deadline(lambda: read_facts(found(path)._replace(storage=Counting())), 20)
    return facts, 0 < Counting.read_bytes < 20 << 20


HOSTILE = {
    "segments.jpg": b"\xff\xd8" + (b"\xff\xe1\xff\xff" + b"http" + bytes(65529)) * 400,
    "chunks.png": b"\x89PNG\r\n\x1a\n"
    + struct.pack(">I4s", 13, b"IHDR")
    + bytes(17)
    + (b"\0\0\0\0abcd\0\0\0\0" * 200_000),
    "claims.png": b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 0x7FFFFFFF, b"eXIf") + bytes(9000),
    "claims.webp": b"RIFF\xff\xff\xff\xffWEBP" + b"EXIF\xff\xff\xff\xff" + bytes(9000),
    "chunks.webp": b"RIFF\xff\xff\xff\xffWEBP" + b"ABCD\0\0\0\0" * 200_000,
    "claims.heic": box(b"ftyp", b"heic" + bytes(4)) + struct.pack(">I4s", 0xFFFFFFF0, b"meta") + bytes(9000),
    "boxes.heic": box(b"ftyp", b"heic" + bytes(4)) + box(b"free", b"") * 200_000,
    "claims.tif": b"II*\0\x08\0\0\0\xff\xff" + struct.pack("<HHII", 700, 7, 0xFFFFFFFF, 8) * 9000,
    "circle.tif": b"II*\0\x08\0\0\0\1\0" + struct.pack("<HHII", 34665, 4, 1, 8) + b"\x08\0\0\0",
    "claims.mp4": box(b"ftyp", b"isom" + bytes(4)) + struct.pack(">I4s", 0xFFFFFFF0, b"moov") + bytes(9000),
    "boxes.mov": box(b"ftyp", b"qt  " + bytes(4)) + box(b"moov", box(b"meta", box(b"hdlr", b"") * 200_000)),
    "empty.mov": struct.pack(">I4s", 0, b"moov") * 9000,
    "keys.mov": movie(None, {"content.identifier": LIVE}).replace(b"\0\0\0\x2emdta", b"\xff\xff\xff\xffmdta"),
    "nothing.jpg": b"",
    "text.jpg": b"hello, world" * 9,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_header_says_nothing_and_costs_little(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(HOSTILE[name])
    facts, read_little = read_counted(tmp_path / name)
    assert (facts.taken_at_from, facts.camera, facts.rating, facts.content_id) == ("file_date", None, None, None)
    assert read_little or name == "nothing.jpg"


def test_a_tiff_that_sends_its_reader_all_over_the_file_is_left_soon(tmp_path: Path) -> None:
    entries = b"".join(struct.pack("<HHII", 40_000 + at % 9000, 2, 5, at * 16_384) for at in range(65_000))
    (tmp_path / "a.tif").write_bytes(b"II*\0\x08\0\0\0" + struct.pack("<H", 65_000) + entries)
    os.truncate(tmp_path / "a.tif", 65_000 * 16_384)
    facts, read_little = read_counted(tmp_path / "a.tif")
    assert (facts.taken_at_from, read_little) == ("file_date", True)


def test_a_terabyte_named_jpg_is_hardly_read(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg", (16, 16), exif=full_exif())
    os.truncate(path, 1 << 40)
    assert read_counted(path) == (FULL, True)


def test_cut_anywhere_a_header_never_raises(tmp_path: Path) -> None:
    for name in ("a.jpg", "a.png", "a.webp", "a.tif", "a.heic"):
        picture((32, 32)).save(tmp_path / name, exif=full_exif())
        whole = (tmp_path / name).read_bytes()
        for end in range(0, len(whole), max(1, len(whole) // 40)):
            (tmp_path / name).write_bytes(whole[:end])
            assert read_facts(found(tmp_path / name)).taken_at_from in ("exif", "file_date")


def test_a_photo_that_is_gone_or_changed_is_an_error(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg", (16, 16))
    seen = found(path)
    path.write_bytes(b"something else")
    with pytest.raises(PhotoChanged):
        read_facts(seen)
    path.unlink()
    with pytest.raises(PhotoVanished):
        read_facts(seen)
