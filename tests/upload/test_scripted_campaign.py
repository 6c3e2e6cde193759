"""Seeded faults on a third of all calls, several workers: nothing is lost, nothing is there twice."""

import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from support import fake_immich, fake_piwigo
from support.deadline import within_deadline
from support.fake_immich import FakeImmich
from support.fake_piwigo import TAKE_LATER, FakePiwigo
from support.fault_gallery import Fault, status
from support.uploading import make_photo

from photopipe.settings import UploadSettings
from photopipe.stop_token import StopToken
from photopipe.upload.uploader import Uploader

PHOTOS, WORKERS, SHARE = 40, 4, 0.3
FAULTS = [
    Fault.TAKE_AND_DROP,
    Fault.TAKE_AND_CUT,
    Fault.TAKE_AND_HANG,
    Fault.CUT_BODY,
    Fault.HANG,
    status(429),
    status(429, {"Retry-After": "3"}),
    status(500),
    status(502, {"Content-Type": "text/html"}, b"<html>"),
    status(503, {"Retry-After": "1"}),
    status(200, {"Content-Type": "text/html"}, b"<html>please wait</html>"),
]


class Hurry(StopToken):
    """A clock and a stop that is never set: every wait passes at once, for everybody."""

    def __init__(self) -> None:
        super().__init__()
        self._now = 1000.0
        self._lock = threading.Lock()

    def clock(self) -> float:
        with self._lock:
            return self._now

    def wait(self, timeout: float | None = None) -> bool:
        with self._lock:
            self._now += timeout or 0.0
        return False


def seeded(seed: int, faults: list[Fault]) -> Callable[[str, int], Fault]:
    """The same faults for the same calls, whichever thread makes them."""

    def fault(name: str, number: int) -> Fault:
        chance = random.Random(f"{seed} {name} {number}")
        return chance.choice(faults) if chance.random() < SHARE else Fault.OK

    return fault


def upload_all(uploader: Uploader, time: Hurry) -> list[Any]:
    """The receipts of all photos, from several workers at the same time."""
    receipts: list[Any] = []

    def work(worker: int) -> None:
        with uploader.open_client() as client:
            for n in range(worker, PHOTOS, WORKERS):
                photo = make_photo(f"photo {n}".encode() * 500, caption=f"caption {n}", keywords=("all", f"k{n % 5}"))
                receipts.append(client.upload(photo, str(n), time, album=f"Album {n % 3}").receipt)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        within_deadline(thread.join)
    return receipts


def patient(url: str, time: Hurry, **settings: Any) -> Uploader:
    known: dict[str, Any] = {"read_timeout_s": 0.06, "retry_for_s": 1e6, "first_answer_s": 1e6, "workers": WORKERS}
    return Uploader(UploadSettings(url, **known, **settings), clock=time.clock, random=lambda: 0.5)


@pytest.mark.campaign
@pytest.mark.parametrize(("seed", "version"), [(1, 2), (2, 3)])
def test_immich_holds_each_photo_once_in_its_album_with_its_words(seed: int, version: int) -> None:
    time = Hurry()
    with FakeImmich(seeded(seed, FAULTS), version=version) as gallery:
        receipts = upload_all(patient(gallery.site, time, kind="immich", token=fake_immich.KEY), time)
    assert sorted(receipt.remote_id for receipt in receipts) == sorted(asset.id for asset in gallery.assets)
    assert len({asset.sha1 for asset in gallery.assets}) == len(gallery.assets) == PHOTOS
    assert not [receipt for receipt in receipts if receipt.already_there]
    assert sorted(album.name for album in gallery.albums) == ["Album 0", "Album 1", "Album 2"]
    assert sorted(id_ for album in gallery.albums for id_ in album.asset_ids) == sorted(a.id for a in gallery.assets)
    assert all(asset.description and len(asset.tags) == 2 for asset in gallery.assets)


LOGINS = {"key": {"token": fake_piwigo.KEY}, "name": {"username": "anna", "token": fake_piwigo.PASSWORD}}


@pytest.mark.campaign
@pytest.mark.parametrize(("login", "detects"), [("key", True), ("name", False)])
def test_piwigo_holds_each_photo_once_and_shows_it_in_its_album(login: str, detects: bool) -> None:
    time, faults = Hurry(), seeded(3, FAULTS)

    def fault(name: str, number: int) -> Fault:
        if name == "pwg.images.addSimple" and number % 7 == 3:
            return TAKE_LATER
        if name == "pwg.images.uploadCompleted" and number % 20 == 9:
            gallery.sessions.clear()
        return faults(name, number)

    with FakePiwigo(fault, detects_duplicates=detects, clock=time.clock) as gallery:
        receipts = upload_all(patient(gallery.url, time, kind="piwigo", **LOGINS[login]), time)
        with gallery.lock:
            time.wait(10)
            gallery._finish_what_is_due()
    assert sorted(receipt.remote_id for receipt in receipts) == sorted(str(photo.id) for photo in gallery.photos)
    assert len({photo.md5 for photo in gallery.photos}) == len(gallery.photos) == PHOTOS
    assert not [receipt for receipt in receipts if receipt.already_there]
    assert sorted(name for _, name in gallery.categories) == ["Album 0", "Album 1", "Album 2", "Public"]
    assert all(len(photo.albums) == 1 and not photo.lounge for photo in gallery.photos)
