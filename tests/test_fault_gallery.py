"""The gallery that fails on purpose keeps its own promises, or the tests built on it prove nothing."""

import hashlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from support.deadline import within_deadline
from support.fault_gallery import Fault, FaultGallery, status

TIMEOUT_S = 5.0


@pytest.fixture
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False  # no proxy between us
        yield session


def post(session: requests.Session, gallery: FaultGallery, key: str = "k", data: bytes = b"bytes") -> requests.Response:
    return session.post(
        gallery.url,
        files={"file": ("a.jpg", data, "image/jpeg")},
        data={"sha256": hashlib.sha256(data).hexdigest()},
        headers={"Idempotency-Key": key},
        timeout=TIMEOUT_S,
    )


def test_a_photo_is_stored_byte_for_byte_with_all_that_was_said_about_it(session: requests.Session) -> None:
    data = bytes(range(256)) + b"\r\n--\r\n\r"
    with FaultGallery() as gallery:
        answer = post(session, gallery, "key", data)
    stored = gallery.stored[0]
    assert (answer.status_code, answer.json()["duplicate"]) == (201, False)
    assert answer.headers["Location"] == answer.json()["url"]
    assert (stored.key, stored.data, stored.file_name, stored.content_type) == ("key", data, "a.jpg", "image/jpeg")
    assert stored.fields["sha256"] == stored.sha256 == hashlib.sha256(data).hexdigest()


def test_the_same_key_or_the_same_bytes_are_kept_once(session: requests.Session) -> None:
    with FaultGallery() as gallery:
        first = post(session, gallery, "a", b"1").json()
        again = [post(session, gallery, "a", b"2"), post(session, gallery, "b", b"1")]
    assert [(answer.status_code, answer.json()["duplicate"]) for answer in again] == [(200, True)] * 2
    assert [answer.json()["id"] for answer in again] == [first["id"]] * 2
    assert len(gallery.stored) == 1


def test_a_gallery_that_is_not_idempotent_adds_a_copy_each_time(session: requests.Session) -> None:
    with FaultGallery(idempotent=False) as gallery:
        assert [post(session, gallery).status_code for _ in range(2)] == [201, 201]
    assert len(gallery.stored) == 2


def test_it_answers_by_key_and_by_hash_and_lists_nothing_else(session: requests.Session) -> None:
    def ask(**question: str) -> Any:
        return session.get(gallery.url, params=question, timeout=TIMEOUT_S).json()["photos"]

    with FaultGallery() as gallery:
        post(session, gallery, "a", b"1")
        post(session, gallery, "b", b"2")
        by_key, by_hash = ask(idempotency_key="b"), ask(idempotency_key="x", sha256=gallery.stored[0].sha256)
        nothing = ask(idempotency_key="x")
    assert [entry["idempotency_key"] for entry in by_key + by_hash] == ["b", "a"]
    assert nothing == []
    assert gallery.finds == ["b", "x", "x"]


def test_a_gallery_that_cannot_be_asked_says_405_and_so_does_head(session: requests.Session) -> None:
    with FaultGallery(findable=False) as gallery:
        assert session.get(gallery.url, timeout=TIMEOUT_S).status_code == 405
        assert session.head(gallery.url, timeout=TIMEOUT_S).status_code == 405
    assert gallery.heads == 1


def test_a_wrong_token_gets_401_and_nothing_is_stored(session: requests.Session) -> None:
    with FaultGallery(token="right-t0ken") as gallery:
        assert post(session, gallery).status_code == 401
        session.headers["Authorization"] = "Bearer right-t0ken"
        assert post(session, gallery).status_code == 201
    assert len(gallery.stored) == 1


@pytest.mark.parametrize(
    ("fault", "stored"), [(Fault.TAKE_AND_DROP, 1), (Fault.TAKE_AND_CUT, 1), (Fault.CUT_BODY, 0)], ids=str
)
def test_a_broken_connection_is_an_error_for_the_client(session: requests.Session, fault: Fault, stored: int) -> None:
    with FaultGallery([fault]) as gallery:
        with pytest.raises(requests.RequestException):
            post(session, gallery, data=b"x" * 2_000_000)
        assert len(gallery.stored) == stored
        assert post(session, gallery, "another", b"other").status_code == 201
    assert gallery.posts == ["k", "another"]


@pytest.mark.parametrize(("fault", "stored"), [(Fault.HANG, 0), (Fault.TAKE_AND_HANG, 1)], ids=str)
def test_a_hanging_gallery_says_nothing_and_can_still_be_closed(fault: Fault, stored: int) -> None:
    def hang() -> None:
        with requests.Session() as session, FaultGallery([fault]) as gallery:
            with pytest.raises(requests.ReadTimeout):
                session.post(gallery.url, files={"file": b"1"}, timeout=0.1)
            assert len(gallery.stored) == stored

    within_deadline(hang)


def test_closing_ends_a_client_that_still_waits() -> None:
    def wait(url: str) -> None:
        with pytest.raises(requests.ConnectionError):
            requests.post(url, files={"file": b"1"}, timeout=20)
        gone.set()

    gone, arrived = threading.Event(), threading.Event()

    def plan(_number: int) -> Fault:
        arrived.set()
        return Fault.HANG

    with FaultGallery(plan) as gallery:
        client = threading.Thread(target=wait, args=(gallery.url,))
        client.start()
        assert arrived.wait(5)
    client.join(5)
    assert gone.is_set()


def test_a_status_comes_with_its_headers_and_body_and_takes_nothing(session: requests.Session) -> None:
    date = "Tue, 01 Jan 2030 00:00:00 GMT"
    with FaultGallery([status(503, {"Retry-After": "7", "Date": date}, b"busy")]) as gallery:
        answer = post(session, gallery)
    assert (answer.status_code, answer.text, answer.headers["Retry-After"]) == (503, "busy", "7")
    assert answer.headers["Date"] == date
    assert gallery.stored == []


def test_the_plan_can_be_a_function(session: requests.Session) -> None:
    with FaultGallery(lambda number: status(500) if number % 2 else Fault.OK) as gallery:
        assert [post(session, gallery, str(number)).status_code for number in range(3)] == [201, 500, 200]


@pytest.mark.parametrize("body", [b"", b"no form", b"--x\r\n\r\n--x--\r\n"])
def test_what_is_no_photo_gets_400(session: requests.Session, body: bytes) -> None:
    with FaultGallery() as gallery:
        kind = "multipart/form-data; boundary=x"
        answer = session.post(gallery.url, data=body, headers={"Content-Type": kind}, timeout=TIMEOUT_S)
        assert answer.status_code == 400
        assert session.post(gallery.url, data=body, timeout=TIMEOUT_S).status_code == 400


def test_other_bytes_than_their_hash_get_400(session: requests.Session) -> None:
    with FaultGallery() as gallery:
        form = {"files": {"file": b"1"}, "data": {"sha256": "0" * 64}}
        assert session.post(gallery.url, timeout=TIMEOUT_S, **form).status_code == 400  # type: ignore[arg-type]  # a dict of both
