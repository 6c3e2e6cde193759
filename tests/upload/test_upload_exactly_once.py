"""Whatever happens to the answers, the gallery holds each photo once and we report it rightly."""

import sqlite3
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.command import Home
from support.deadline import within_deadline
from support.fault_gallery import Fault, FaultGallery, status
from support.pictures import make_jpeg
from support.uploading import Time, make_photo, open_client

from photopipe.errors import GalleryRefused, RunStopped
from photopipe.settings import UploadSettings
from photopipe.stop_token import StopToken
from photopipe.upload.uploader import Uploader

LOST_ANSWERS = [Fault.TAKE_AND_DROP, Fault.TAKE_AND_CUT, Fault.TAKE_AND_HANG]


@pytest.mark.parametrize("idempotent", [True, False], ids=["idempotent", "not idempotent"])
@pytest.mark.parametrize("fault", LOST_ANSWERS, ids=str)
def test_a_lost_answer_leaves_one_photo_and_is_reported_as_ours(fault: Fault, idempotent: bool) -> None:
    photo, time = make_photo(), Time()
    with FaultGallery([fault], idempotent=idempotent) as gallery:
        with open_client(gallery.url, time, read_timeout_s=0.2) as client:
            receipt = client.upload(photo, "key", time).receipt
        assert receipt.url == gallery.url.replace("/api/photos", "/photos/1")
    assert (len(gallery.stored), gallery.posts, gallery.finds) == (1, ["key"], ["key"])
    assert (receipt.remote_id, receipt.already_there) == ("1", False)
    assert len(time.waits) == 1


def test_a_gallery_that_cannot_be_asked_gets_the_same_key_again() -> None:
    time = Time()
    with FaultGallery([Fault.TAKE_AND_DROP], findable=False) as gallery, open_client(gallery.url, time) as client:
        receipt = client.upload(make_photo(), "key", time).receipt
    assert (len(gallery.stored), gallery.posts) == (1, ["key", "key"])
    assert not receipt.already_there, "it was we who sent it"


@pytest.mark.parametrize("fault", [Fault.CUT_BODY, Fault.HANG, status(500), status(502), status(504)], ids=str)
def test_a_photo_that_did_not_arrive_is_asked_for_and_sent_again(fault: Fault) -> None:
    time = Time()
    with (
        FaultGallery([fault], idempotent=False) as gallery,
        open_client(gallery.url, time, read_timeout_s=0.2) as client,
    ):
        client.upload(make_photo(b"x" * 3_000_000), "key", time)
    assert (len(gallery.stored), gallery.posts, gallery.finds) == (1, ["key", "key"], ["key"])


@pytest.mark.parametrize("code", [425, 429, 503])
def test_a_gallery_that_says_not_now_is_not_asked(code: int) -> None:
    time = Time()
    with FaultGallery([status(code)]) as gallery, open_client(gallery.url, time) as client:
        client.upload(make_photo(), "key", time)
    assert (gallery.posts, gallery.finds) == (["key", "key"], [])


def test_a_retry_sends_the_same_bytes() -> None:
    time = Time()
    with (
        FaultGallery([Fault.TAKE_AND_DROP], idempotent=False, findable=False) as gallery,
        open_client(gallery.url, time) as client,
    ):
        client.upload(make_photo(), "key", time)
    first, second = gallery.stored
    assert (first.data, first.fields, first.file_name) == (second.data, second.fields, second.file_name)


def test_bytes_the_gallery_had_before_are_reported_as_already_there() -> None:
    with FaultGallery() as gallery, open_client(gallery.url) as client:
        client.upload(make_photo(), "mine", Time())
        receipt = client.upload(make_photo(), "another", Time()).receipt
    assert (receipt.remote_id, receipt.already_there, len(gallery.stored)) == ("1", True, 1)


@pytest.mark.parametrize("findable", [True, False])
def test_a_photo_in_doubt_is_asked_for_before_it_is_sent(findable: bool) -> None:
    with FaultGallery(findable=findable) as gallery, open_client(gallery.url) as client:
        client.upload(make_photo(), "key", Time())
        receipt = client.upload(make_photo(), "key", Time(), earlier=make_photo().rendition).receipt
    assert (len(gallery.stored), len(gallery.posts)) == (1, 1 if findable else 2)
    assert (receipt.remote_id, receipt.already_there) == ("1", False)


def test_a_photo_that_was_damaged_on_its_way_is_sent_again() -> None:
    damaged = status(400, {"Content-Type": "application/json"}, b'{"reason": "checksum_mismatch"}')
    time = Time()
    with FaultGallery([damaged]) as gallery, open_client(gallery.url, time) as client:
        client.upload(make_photo(), "key", time)
    assert (gallery.posts, gallery.finds, len(gallery.stored), len(time.waits)) == (["key", "key"], [], 1, 1)


@pytest.mark.parametrize("findable", [True, False])
def test_what_an_earlier_run_may_have_sent_is_asked_for_once_and_noted_before_it_is_sent(findable: bool) -> None:
    noted, earlier = list[int](), make_photo(b"what an older version made of it").rendition
    with FaultGallery(findable=findable) as gallery, open_client(gallery.url) as client:
        if findable:
            client.upload(make_photo(b"what an older version made of it"), "key", Time())
        before = len(gallery.posts)
        client.upload(
            make_photo(), "key", Time(), earlier=earlier, before_sending=lambda: noted.append(len(gallery.posts))
        )
    assert noted == ([] if findable else [before])
    assert gallery.finds == (["key"] if findable else [])
    assert len(gallery.posts) == 1


def test_a_run_asks_once_about_a_photo_in_doubt(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    (tmp_path / "card").mkdir()
    make_jpeg(tmp_path / "card" / "IMG_1.JPG")
    with FaultGallery() as gallery:
        assert home.run("process", str(tmp_path / "card"), "--to", gallery.url).code == 0
        with closing(sqlite3.connect(home.journal)) as journal, journal:
            journal.execute("UPDATE deliveries SET state = 'sending'")
        gallery.stored.clear()
        assert home.run("process", str(tmp_path / "card"), "--to", gallery.url).code == 0
    assert (len(gallery.posts), len(gallery.finds), len(gallery.stored)) == (2, 1, 1)


def test_find_tells_what_is_there() -> None:
    photo, time = make_photo(), Time()
    with FaultGallery() as gallery, open_client(gallery.url) as client:
        assert client.find(photo, "key", time) is None
        client.upload(photo, "key", time)
        ours, bytes_only = client.find(make_photo(), "key", time), client.find(photo, "another", time)
        assert client.find(make_photo(b"other"), "another", time) is None
    assert ours is not None
    assert bytes_only is not None
    assert (ours.remote_id, ours.already_there) == ("1", False)
    assert (bytes_only.remote_id, bytes_only.already_there) == ("1", True)


def test_a_gallery_without_the_question_finds_nothing() -> None:
    with FaultGallery(findable=False) as gallery, open_client(gallery.url) as client:
        assert client.find(make_photo(), "key", Time()) is None


FAULTS = st.sampled_from(
    [
        Fault.OK,
        *LOST_ANSWERS,
        Fault.CUT_BODY,
        Fault.HANG,
        status(429, {"Retry-After": "3"}),
        status(503),
        status(500),
        status(502),
        status(413),
    ]
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FAULTS, max_size=6), st.sampled_from([(True, True), (True, False), (False, True)]))
def test_no_plan_of_faults_makes_a_second_copy_or_a_false_success(plan: list[Fault], kind: tuple[bool, bool]) -> None:
    idempotent, findable = kind
    time, outcome = Time(), ""
    with FaultGallery(plan, idempotent=idempotent, findable=findable) as gallery:
        with (
            open_client(gallery.url, time, random=lambda: 0.1, read_timeout_s=0.15) as client,
            suppress(GalleryRefused),
        ):
            outcome = client.upload(make_photo(), "key", time).receipt.url
        assert outcome in {"", gallery.url.replace("/api/photos", "/photos/1")}
    assert len(gallery.stored) == 1 if outcome else len(gallery.stored) <= 1


def test_workers_share_an_uploader() -> None:
    def plan(number: int) -> Fault:
        return [Fault.OK, status(503), Fault.TAKE_AND_DROP][number % 3]

    def work(worker: int) -> None:
        with uploader.open_client() as client:
            for number in range(6):
                photo = make_photo(f"{worker}/{number}".encode())
                client.upload(photo, f"key-{worker}-{number}", stop)

    stop = StopToken()
    with FaultGallery(plan, idempotent=False) as gallery:
        uploader = Uploader(UploadSettings(gallery.url), random=lambda: 0.01)
        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            within_deadline(thread.join)
    assert sorted(photo.data for photo in gallery.stored) == sorted(
        f"{worker}/{number}".encode() for worker in range(4) for number in range(6)
    )


def test_a_connection_serves_many_photos() -> None:
    with FaultGallery() as gallery, open_client(gallery.url) as client:
        for number in range(5):
            client.upload(make_photo(bytes([number])), str(number), Time())
    assert (len(gallery.stored), gallery.connections, gallery.heads) == (5, 1, 1)


def test_nothing_is_sent_after_the_stop() -> None:
    with (
        FaultGallery() as gallery,
        open_client(gallery.url) as client,
        pytest.raises(RunStopped),
    ):
        client.upload(make_photo(), "key", Time(stop_at_wait=0))
    assert (gallery.posts, gallery.heads) == ([], 0)
