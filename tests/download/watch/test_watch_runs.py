"""Whole runs on a watched folder: each photo exactly once, and none before it is complete."""

import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import pytest
from PIL import Image, ImageChops, ImageStat
from support.deadline import until
from support.mounting import mounted_tmpfs, needs_mount
from support.pictures import make_jpeg
from support.watch_run import tiny_jpegs, watch_run

from photopipe.download.watch import watched_folder
from photopipe.pipeline import Pipeline
from photopipe.settings import WatchSettings

SETTLE_S = 0.15
PAUSE_S = 0.4

SLOW_WRITER = """
import sys, threading
source, target, pause_s = sys.argv[1], sys.argv[2], float(sys.argv[3])
content = open(source, "rb").read()
size = -(-len(content) // 50)
wait = threading.Event().wait
with open(target, "wb", buffering=0) as file:
    for piece in range(50):
        file.write(content[piece * size : (piece + 1) * size])
        wait(pause_s if piece == 24 else 0.002)
"""


@pytest.fixture
def card(tmp_path: Path) -> Path:
    (tmp_path / "card").mkdir()
    return tmp_path / "card"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "site"


def test_a_file_that_is_written_slowly_is_taken_once_and_whole(card: Path, site: Path, tmp_path: Path) -> None:
    source = make_jpeg(tmp_path / "source.jpg", size=(640, 480), seed=1)
    with watch_run(card, site, settle_s=SETTLE_S) as run:
        writer = [sys.executable, "-I", "-S", "-c", SLOW_WRITER, str(source), str(card / "slow.jpg"), str(PAUSE_S)]
        subprocess.run(writer, check=True)
        assert not run.outcomes
        run.until_uploaded("slow.jpg")
    assert [(outcome.path, outcome.status) for outcome in run.outcomes] == [(str(card / "slow.jpg"), "uploaded")]
    with Image.open(site / "slow.jpg") as sent, Image.open(source) as whole:
        difference = ImageChops.difference(sent.convert("L"), whole.resize(sent.size).convert("L"))
        assert ImageStat.Stat(difference).mean[0] < 16


def put(photo: Path) -> None:
    """Have a photo appear whole, so that it needs no settling."""
    shutil.move(make_jpeg(photo.parent.parent / "being-made.jpg", seed=ord(photo.name[0])), f"{photo}.part")
    photo.with_name(f"{photo.name}.part").rename(photo)


def test_a_photo_that_is_overwritten_is_another_photo(card: Path, site: Path, tmp_path: Path) -> None:
    with watch_run(card, site) as run:
        put(card / "a.jpg")
        run.until_uploaded("a.jpg")
        make_jpeg(tmp_path / "second.jpg", seed=2).replace(card / "a.jpg")
        until(lambda: run.names()["a.jpg"] == 2)
        (card / "a.jpg").touch()
        until(lambda: run.names("skipped")["a.jpg"] == 1)
    assert len({outcome.source_sha256 for outcome in run.outcomes if outcome.status == "uploaded"}) == 2
    assert run.account.found == 3
    assert len(list(site.glob("*.jpg"))) == 2


def test_however_photos_come_each_arrives_once(card: Path, site: Path, tmp_path: Path) -> None:
    contents = tiny_jpegs(60)
    (tmp_path / "trip" / "day").mkdir(parents=True)
    for number in range(20):
        (tmp_path / "trip" / "day" / f"moved{number}.jpg").write_bytes(next(contents))
    with watch_run(card, site, settle_s=SETTLE_S) as run:
        (tmp_path / "trip").rename(card / "trip")
        for number in range(20):
            target = card / "deep" / str(number % 4) / f"named{number}.jpg"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.with_suffix(".part").write_bytes(next(contents))
            target.with_suffix(".part").rename(target)
            (card / f"written{number}.jpg").write_bytes(next(contents))
        until(lambda: run.account.uploaded == 60)
    assert set(run.names().values()) == {1}
    assert run.account.found == 60


def test_what_was_sent_is_not_sent_again_by_the_next_start(card: Path, site: Path) -> None:
    put(card / "a.jpg")
    with watch_run(card, site) as run:
        run.until_uploaded("a.jpg")
    put(card / "b.jpg")
    with watch_run(card, site) as run:
        run.until_uploaded("b.jpg")
    assert run.names("skipped") == {"a.jpg": 1}


def test_a_photo_that_failed_is_not_tried_at_every_look_but_when_it_changes(card: Path, site: Path) -> None:
    watch = WatchSettings(poll=True, poll_s=0.01)
    with watch_run(card, site, watch=watch) as run:
        for beginning in ("a", "b", "c", "d"):
            (card / f"{beginning}.part").write_bytes(b"no photo")
            (card / f"{beginning}.part").rename(card / f"{beginning}.jpg")
            until(lambda name=f"{beginning}.jpg": run.names("failed")[name] > 0)  # type: ignore[misc]
        put(card / "a.jpg")
        run.until_uploaded("a.jpg")
    assert run.names("failed") == {"a.jpg": 1, "b.jpg": 1, "c.jpg": 1, "d.jpg": 1}


def test_a_photo_that_failed_is_tried_again_with_every_rescan(card: Path, site: Path) -> None:
    (card / "bad.jpg").write_bytes(b"no photo")
    with watch_run(card, site, watch=WatchSettings(poll=True, poll_s=0.01, rescan_s=0.05)) as run:
        until(lambda: run.names("failed")["bad.jpg"] == 2)


@pytest.fixture
def queues_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every queue of the line has room for one photo."""

    add_queue = Pipeline._add_queue
    monkeypatch.setattr(Pipeline, "_add_queue", lambda line, name, _maxsize, putters: add_queue(line, name, 1, putters))


@pytest.mark.usefixtures("queues_of_one")
@pytest.mark.parametrize("count", [40, pytest.param(1000, marks=pytest.mark.campaign)])
def test_a_run_that_is_stopped_while_photos_arrive_leaves_over_what_it_has_not_sent(
    card: Path, site: Path, tmp_path: Path, count: int
) -> None:
    moment = random.randrange(count)
    arrived = Event()

    def arrive() -> None:
        for number, content in enumerate(tiny_jpegs(count)):
            (tmp_path / "arriving.jpg").write_bytes(content)
            (tmp_path / "arriving.jpg").rename(card / f"{number}.jpg")
            if number == moment:
                arrived.set()

    arriving = Thread(target=arrive, name="arriving")
    with watch_run(card, site) as run:
        arriving.start()
        arrived.wait(20)
        run.drain()
    arriving.join()
    first = run.account
    assert first.found == first.uploaded + first.left_over, f"stopped after {moment}"
    with watch_run(card, site) as again:
        until(lambda: again.account.finished == count, 60)
    assert (again.account.uploaded, again.account.skipped["unchanged"]) == (count - first.uploaded, first.uploaded)
    assert len(list(site.glob("*.jpg"))) == count


@pytest.mark.campaign
def test_five_thousand_photos_at_once_all_arrive(card: Path, site: Path, tmp_path: Path) -> None:
    for number, content in enumerate(tiny_jpegs(5000)):
        (tmp_path / f"{number}.jpg").write_bytes(content)
    with watch_run(card, site) as run:
        for number in range(5000):
            os.link(tmp_path / f"{number}.jpg", card / f"{number}.jpg")
        until(lambda: run.account.uploaded == 5000, 120)
    assert run.account.found == 5000
    assert len(list(site.glob("*.jpg"))) == 5000


@needs_mount
def test_a_card_that_is_pulled_out_and_put_in_again_goes_on(
    card: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_folder, "LOOK_S", 0.05)
    with watch_run(card, site) as run:
        with mounted_tmpfs(card):
            put(card / "a.jpg")
            run.until_uploaded("a.jpg")
        with mounted_tmpfs(card):
            put(card / "b.jpg")
            run.until_uploaded("b.jpg")
    assert run.names() == {"a.jpg": 1, "b.jpg": 1}


def test_what_was_lost_with_its_folder_is_taken_when_that_is_back(
    card: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched_folder, "LOOK_S", 0.05)
    names = [f"{number}.jpg" for number in range(40)]
    for number, name in enumerate(names):
        make_jpeg(card / name, seed=number)
    with watch_run(card, site) as run:
        until(lambda: len(run.names()) > 0)
        card.rename(card.with_name("away"))
        until(lambda: run.waiting > 0)
        card.with_name("away").rename(card)
        run.until_uploaded(*names)
    assert run.names() == dict.fromkeys(names, 1)
    assert (run.account.found, run.account.left_over) == (40, 0)
