"""Which photos are taken by what their headers say: halves of pairs, capture times, ratings."""

import json
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from PIL import Image
from support.deadline import within_deadline
from support.movies import movie
from support.photos import found
from support.pictures import camera_exif, make_jpeg, picture
from support.raw_files import make_dng

from photopipe.assembly import open_line
from photopipe.found_photo import FoundPhoto
from photopipe.journal import Journal
from photopipe.report import PhotoOutcome
from photopipe.resize.facts import PhotoFacts
from photopipe.settings import LAST_RUN, DownloadSettings, Pairs, ResizeSettings, Settings, UploadSettings
from photopipe.stages.choosing import Limits
from photopipe.stages.companions import companions_of, is_pair

LIVE = "B2F5A1C0-1111-2222-3333-444455556666"
TICK_S = 0.02


def live_exif(content_id: str, taken: str | None = "2024:05:01 12:33:10") -> Image.Exif:
    """EXIF of an iPhone's Live Photo."""
    exif, text = camera_exif(taken=taken), content_id.encode() + b"\0"
    entry = struct.pack(">HHII", 0x11, 2, len(text), 14 + 2 + 12 + 4)
    note = b"Apple iOS\0\0\1MM" + struct.pack(">H", 1) + entry + bytes(4) + text
    exif.get_ifd(0x8769)[37500] = note
    return exif


def jpeg(path: Path, taken: str | None = "2024:05:01 12:33:10", *, seed: int = 1) -> Path:
    return make_jpeg(path, (64, 48), seed=seed, exif=camera_exif(taken=taken))


def dng(path: Path, taken: str = "2024:05:01 12:33:10") -> Path:
    path.write_bytes(make_dng(picture((64, 48), seed=9), taken=f"{taken}\0".encode()))
    return path


@pytest.fixture
def card(tmp_path: Path) -> Path:
    (tmp_path / "card").mkdir()
    return tmp_path / "card"


@contextmanager
def opened(card: Path, download: DownloadSettings | None = None, *, dry_run: bool = False) -> Iterator[list[str]]:
    """The outcomes of a whole run, and then its record."""
    site = card.parent / "site"
    site.mkdir(exist_ok=True)
    settings = Settings(
        download or DownloadSettings((str(card),), settle_s=0.0),
        (("default", ResizeSettings(64, 64, workers=1)),),
        (UploadSettings(str(site), kind="folder", workers=1),),
        gallery_folder="",
        journal_path=str(card.parent / "journal.sqlite"),
        dry_run=dry_run,
    )
    with open_line(settings) as line:
        events = within_deadline(lambda: list(line.run(TICK_S, tells_skipped=True)))
        outcomes = [event for event in events if isinstance(event, PhotoOutcome)]
        assert line.account.balances
        yield sorted(f"{Path(one.path).name} {one.reason or one.status}" for one in outcomes)
        line.record_end(0)


def run(card: Path, *, pairs: Pairs = "jpeg", dry_run: bool = False, **limits: str | int) -> list[str]:
    settings = DownloadSettings((str(card),), settle_s=0.0, pairs=pairs, **limits)  # type: ignore[arg-type]
    with opened(card, settings, dry_run=dry_run) as outcomes:
        return outcomes


def test_a_pair_is_one_photo_in_the_gallery_and_is_not_opened_again(
    card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jpeg(card / "a.JPG")
    dng(card / "a.DNG", "2024:05:01 12:33:11")
    expected = ["a.DNG paired", "a.JPG uploaded"]
    assert run(card, dry_run=True) == ["a.DNG paired", "a.JPG would_upload"]
    assert run(card) == expected
    monkeypatch.setattr("photopipe.stages.choosing.is_pair", None)
    assert run(card) == ["a.DNG paired", "a.JPG unchanged"]


def test_of_a_pair_the_raw_file_can_be_taken_or_both(card: Path) -> None:
    jpeg(card / "a.JPG")
    dng(card / "a.DNG")
    assert run(card, pairs="raw") == ["a.DNG uploaded", "a.JPG paired"]
    assert run(card, pairs="both") == ["a.DNG unchanged", "a.JPG uploaded"]


@pytest.mark.parametrize(
    ("jpeg_taken", "raw_taken"),
    [("2024:05:01 12:33:10", "2024:05:01 12:33:13"), ("2024:05:01 12:33:10", ""), (None, "2024:05:01 12:33:10")],
    ids=["three seconds later", "raw without a time", "jpeg without a time"],
)
def test_files_of_one_name_that_do_not_prove_to_be_a_pair_are_both_taken(
    card: Path, jpeg_taken: str | None, raw_taken: str
) -> None:
    jpeg(card / "IMG_20240501_123310.jpg", jpeg_taken)
    dng(card / "IMG_20240501_123310.dng", raw_taken)
    for name in ("jpg", "dng"):
        os.utime(card / f"IMG_20240501_123310.{name}", (0, 0))
    (card / "IMG_20240501_123310.xmp").write_text(
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        "<rdf:Description xmlns:exif='http://ns.adobe.com/exif/1.0/' exif:DateTimeOriginal='2024-05-01T12:33:10'/>"
        "</rdf:RDF></x:xmpmeta>"
    )
    assert [line.split()[1] for line in run(card)] == ["uploaded", "uploaded"]


def test_when_the_photo_that_shows_another_goes_that_is_taken(card: Path) -> None:
    shown_by = jpeg(card / "a.JPG")
    dng(card / "a.DNG")
    run(card)
    shown_by.unlink()
    assert run(card) == ["a.DNG uploaded"]


def test_when_the_photo_that_shows_another_is_replaced_they_are_looked_at_again(card: Path) -> None:
    jpeg(card / "a.JPG")
    dng(card / "a.DNG")
    run(card)
    jpeg(card / "a.JPG", "2025:05:01 12:33:10", seed=2)
    assert run(card) == ["a.DNG uploaded", "a.JPG uploaded"]


def halves(folder: Path, content_id: str, said: dict[str, str], taken: str | None) -> tuple[FoundPhoto, FoundPhoto]:
    photo = make_jpeg(folder / "a.jpg", (32, 24), exif=live_exif(content_id, taken) if content_id else camera_exif())
    (folder / "a.mov").write_bytes(movie(datetime(2024, 5, 1, 10, 33, 11, tzinfo=UTC), said))
    return found(photo), found(folder / "a.mov")


@pytest.mark.parametrize(
    ("content_id", "said", "taken", "expected"),
    [
        (LIVE, {"content.identifier": LIVE}, None, True),
        (LIVE, {"content.identifier": "another"}, "2024:05:01 12:33:10", False),
        (LIVE, {"creationdate": "2024-05-01T12:33:12+0200"}, "2024:05:01 12:33:10", True),
        ("", {"content.identifier": LIVE, "creationdate": "2024-05-01T12:33:09+0200"}, "", True),
        ("", {"creationdate": "2024-05-01T12:33:15+0200"}, "", False),
        (LIVE, {"creationdate": "2024-05-01T12:33:10+0200"}, None, False),
    ],
    ids=["same identifier", "other identifier", "time", "time, one identifier", "other time", "no time"],
)
def test_the_video_of_a_live_photo_is_known_by_its_identifier_or_its_time(
    tmp_path: Path, content_id: str, said: dict[str, str], taken: str | None, expected: bool
) -> None:
    photo, video = halves(tmp_path, content_id, said, taken)
    assert is_pair(photo, video) == expected
    sidecar = found(make_jpeg(tmp_path / "a.xmp", (8, 8)))
    with_both = photo._replace(companions=(sidecar, video))
    assert companions_of(with_both) == ((sidecar, video) if expected else (sidecar,))


def test_what_cannot_be_read_is_no_pair(tmp_path: Path) -> None:
    photo = found(jpeg(tmp_path / "a.jpg"))
    other = found(dng(tmp_path / "a.dng"))
    assert is_pair(photo, other)
    (tmp_path / "a.dng").unlink()
    assert not is_pair(photo, other)


NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("limits", "facts", "expected"),
    [
        (Limits(since=NOON), PhotoFacts(NOON), True),
        (Limits(since=NOON), PhotoFacts(NOON - HOUR), False),
        (Limits(until=NOON), PhotoFacts(NOON), False),
        (Limits(until=NOON), PhotoFacts(NOON - HOUR), True),
        (Limits(since=NOON, until=NOON + HOUR), PhotoFacts(NOON + HOUR / 2), True),
        (Limits(since=NOON), PhotoFacts(datetime(2024, 5, 1, 13, tzinfo=timezone(2 * HOUR))), False),
        (Limits(since=NOON), PhotoFacts(None), True),
        (Limits(since=NOON), PhotoFacts(datetime(1, 1, 1)), False),
        (Limits(until=NOON), PhotoFacts(datetime(1, 1, 1, tzinfo=timezone(2 * HOUR))), True),
        (Limits(min_rating=3), PhotoFacts(rating=3), True),
        (Limits(min_rating=3), PhotoFacts(rating=2), False),
        (Limits(min_rating=1), PhotoFacts(), False),
        (Limits(min_rating=1), PhotoFacts(rating=-1), False),
    ],
)
def test_limits_of_time_and_rating(limits: Limits, facts: PhotoFacts, *, expected: bool) -> None:
    assert limits.keeps_to(facts) == expected


def test_a_time_without_a_zone_is_one_of_this_machine() -> None:
    wall_clock = NOON.astimezone().replace(tzinfo=None)
    assert Limits(since=NOON).keeps_to(PhotoFacts(wall_clock))
    assert not Limits(since=NOON).keeps_to(PhotoFacts(wall_clock - timedelta(seconds=1)))


def test_what_is_not_selected_is_skipped_and_nothing_is_recorded_of_it(card: Path) -> None:
    jpeg(card / "old.jpg", "2023:05:01 12:00:00", seed=1)
    jpeg(card / "new.jpg", "2024:05:01 12:00:00", seed=2)
    since = datetime(2024, 1, 1).astimezone().isoformat()
    assert run(card, since=since, dry_run=True) == ["new.jpg would_upload", "old.jpg not_selected"]
    assert run(card, since=since) == ["new.jpg uploaded", "old.jpg not_selected"]
    journal = Journal(str(card.parent / "journal.sqlite"), [], read_only=True)
    assert journal._database.read("SELECT name FROM files") == [(b"new.jpg",)]
    journal.close()
    assert run(card, since=since) == ["new.jpg unchanged", "old.jpg not_selected"]
    assert run(card) == ["new.jpg unchanged", "old.jpg uploaded"]


def test_the_last_run_is_where_a_later_one_goes_on(card: Path) -> None:
    jpeg(card / "old.jpg", "2023:05:01 12:00:00", seed=1)
    assert run(card, since=LAST_RUN, dry_run=True) == ["old.jpg would_upload"]
    assert run(card, min_rating=1) == ["old.jpg not_selected"]
    jpeg(card / "new.jpg", "2099:05:01 12:00:00", seed=2)
    assert run(card, since=LAST_RUN) == ["new.jpg uploaded", "old.jpg not_selected"]


def test_a_photo_that_changes_while_it_is_chosen_comes_again(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = jpeg(card / "a.jpg")
    read, reads = FoundPhoto.open, list[str]()

    def change_first(photo: FoundPhoto) -> object:
        reads.append(photo.path)
        if len(reads) == 1:
            jpeg(path, seed=5)
        return read(photo)

    monkeypatch.setattr(FoundPhoto, "open", change_first)
    assert run(card, since="2020-01-01T00:00:00+00:00") == ["a.jpg uploaded"]


def test_the_reasons_are_those_of_the_schema(card: Path) -> None:
    schema = json.loads((Path(__file__).parents[2] / "docs" / "json-output.schema.json").read_text())
    known = schema["$defs"]["photo"]["properties"]["reason"]["enum"]
    jpeg(card / "a.JPG")
    dng(card / "a.DNG")
    assert {line.split()[1] for line in run(card, min_rating=1)} == {"paired", "not_selected"} <= set(known)
