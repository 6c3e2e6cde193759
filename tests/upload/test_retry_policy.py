"""How long a photo is tried and what is said at the end; time passes only by waiting."""

import math
import socket
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.fault_gallery import Fault, FaultGallery, status
from support.uploading import Time, head_of_request, make_photo, open_client, serve

from photopipe.errors import (
    DiskFull,
    GalleryFailed,
    GalleryRefused,
    GalleryUnreachable,
    LoginRefused,
    PhotopipeError,
    RunStopped,
    UsageError,
)
from photopipe.settings import UploadSettings
from photopipe.upload.flow.retry_policy import RetryPolicy
from photopipe.upload.http.endpoint_status import EndpointStatus
from photopipe.upload.http.upload_errors import RetryableError, UploadErrors

JSON = {"Content-Type": "application/json"}


def host_of(url: str) -> str:
    return url.split("/")[2]


@pytest.mark.parametrize("code", [408, 423, 425, 429, 500, 501, 502, 503, 504, 505, 529])
def test_a_passing_failure_is_tried_again(code: int) -> None:
    time = Time()
    with FaultGallery([status(code)] * 2) as gallery, open_client(gallery.url, time) as client:
        client.upload(make_photo(), "key", time)
    assert (len(gallery.stored), len(gallery.posts)) == (1, 3)
    assert time.waits == [0.25, 0.5]


@pytest.mark.parametrize(
    ("fault", "error", "says"),
    [
        (status(413, JSON, b'{"error": "at most 1 MB"}'), GalleryRefused, "413 .*: at most 1 MB"),
        (status(415, {"Content-Type": "text/html"}, b"<h1>no</h1>"), GalleryRefused, r"415 Unsupported Media Type\.$"),
        (status(404), GalleryRefused, "404 Not Found.*--to"),
        (status(499), GalleryRefused, "refuses it: 499"),
        (status(401), LoginRefused, "401.*--token-file or PHOTOPIPE_TOKEN"),
        (status(403), LoginRefused, "403.*--token-file or PHOTOPIPE_TOKEN"),
        (status(407), GalleryUnreachable, "proxy wants a login"),
        (status(507), DiskFull, "no room left"),
        (status(301, {"Location": "https://h/new"}), UsageError, "301 .*https://h/new.*--to"),
        (status(308, {"Location": "/new"}), UsageError, "http://127.0.0.1:[0-9]+/new.*--to"),
        (status(302), UsageError, "without saying where"),
    ],
    ids=str,
)
def test_a_final_answer_ends_at_once(fault: Fault, error: type[PhotopipeError], says: str) -> None:
    time = Time()
    with FaultGallery([fault]) as gallery, open_client(gallery.url, time) as client:
        with pytest.raises(error, match=says) as raised:
            client.upload(make_photo(), "key", time)
        assert host_of(gallery.url) in str(raised.value)
    assert (time.waits, gallery.stored, len(gallery.posts)) == ([], [], 1)


def test_a_refused_token_is_named_as_the_reason() -> None:
    with FaultGallery(token="right-t0ken") as gallery, open_client(gallery.url, token="wrong-t0ken") as client:
        with pytest.raises(LoginRefused, match="does not accept the token"):
            client.upload(make_photo(), "key", Time())
        with pytest.raises(LoginRefused):
            client.find(make_photo(), "key", Time())


def test_other_stored_bytes_are_a_failure() -> None:
    body = b'{"id": "1", "sha256": "%s"}' % (b"0" * 64)
    with (
        FaultGallery([status(201, JSON, body)]) as gallery,
        open_client(gallery.url) as client,
        pytest.raises(GalleryFailed, match="stored other bytes than were sent"),
    ):
        client.upload(make_photo(), "key", Time())


def test_a_success_without_a_body_is_believed() -> None:
    with FaultGallery([status(204)]) as gallery, open_client(gallery.url + "?key=s3cret") as client:
        receipt = client.upload(make_photo(), "key", Time()).receipt
    assert (receipt.remote_id, receipt.url, receipt.already_there) == (None, gallery.url, False)


def test_a_huge_answer_is_not_read_to_its_end() -> None:
    faults = [status(415, {"Content-Type": "text/plain"}, b"x" * 3_000_000)]
    with FaultGallery(faults) as gallery, open_client(gallery.url) as client:
        with pytest.raises(GalleryRefused, match=r"415 [A-Za-z ]+\.$"):
            client.upload(make_photo(), "key", Time())
        client.upload(make_photo(), "key", Time())


def test_the_gallery_says_how_long_to_wait_in_seconds() -> None:
    time = Time()
    with (
        FaultGallery([status(429, {"Retry-After": "7"})]) as gallery,
        open_client(gallery.url, time, random=lambda: 1.0) as client,
    ):
        client.upload(make_photo(), "key", time)
    assert time.waits == [pytest.approx(7.7)]


def test_the_gallery_says_until_when_to_wait_and_its_own_clock_counts() -> None:
    time, long_ago = Time(), datetime(2001, 2, 3, tzinfo=UTC)
    dates = [format_datetime(long_ago + timedelta(seconds=seconds), usegmt=True) for seconds in (0, 20)]
    with (
        FaultGallery([status(503, {"Date": dates[0], "Retry-After": dates[1]})]) as gallery,
        open_client(gallery.url, time, random=lambda: 0.0) as client,
    ):
        client.upload(make_photo(), "key", time)
    assert time.waits == [20]


def test_no_gallery_makes_us_wait_longer_than_the_cap() -> None:
    time = Time()
    with (
        FaultGallery([status(503, {"Retry-After": "86400"})]) as gallery,
        open_client(gallery.url, time, retry_after_cap_s=30.0) as client,
    ):
        client.upload(make_photo(), "key", time)
    assert time.waits == [30]


@pytest.mark.parametrize("value", ["-5", "soon", "0", "Mon, 01 Jan 2001 00:00:00 GMT"])
def test_a_useless_retry_after_is_ignored(value: str) -> None:
    time = Time()
    with FaultGallery([status(503, {"Retry-After": value})]) as gallery, open_client(gallery.url, time) as client:
        client.upload(make_photo(), "key", time)
    assert time.waits == [0.25]


def test_back_off_doubles_up_to_twenty_seconds() -> None:
    time = Time()
    with (
        FaultGallery([status(503)] * 8) as gallery,
        open_client(gallery.url, time, random=lambda: 1.0, retry_for_s=1000.0) as client,
    ):
        client.upload(make_photo(), "key", time)
    assert time.waits == [0.5, 1, 2, 4, 8, 16, 20, 20]


def test_a_gallery_that_stays_overloaded_is_given_up_within_the_time_of_one_photo() -> None:
    time = Time()
    with FaultGallery(lambda _: status(503)) as gallery, open_client(gallery.url, time) as client:
        with pytest.raises(GalleryUnreachable, match=r"503 Service Unavailable \(tried for \d+ s\).*later") as raised:
            client.upload(make_photo(), "key", time)
        assert host_of(gallery.url) in str(raised.value)
    assert 50 < sum(time.waits) <= 60
    assert raised.value.exit_code == 5


@pytest.mark.parametrize(
    ("code", "others", "error"),
    [
        (500, True, GalleryFailed),
        (505, True, GalleryFailed),
        (500, False, GalleryUnreachable),
        (502, True, GalleryFailed),
        (503, True, GalleryFailed),
        (429, True, GalleryFailed),
        (503, False, GalleryUnreachable),
    ],
)
def test_one_photo_fails_alone_if_the_gallery_takes_others_meanwhile(
    code: int, others: bool, error: type[PhotopipeError]
) -> None:
    """`others`: another worker uploads a photo while this one waits."""

    def plan(_number: int) -> Fault:
        return status(code) if gallery.posts[-1] == "bad" else Fault.OK

    class BusyTime(Time):
        def wait(self, timeout: float | None = None) -> bool:
            if others:
                client.upload(make_photo(f"{len(self.waits)}".encode()), "good", self)
            return super().wait(timeout)

    time = BusyTime()
    with FaultGallery(plan, idempotent=False) as gallery, open_client(gallery.url, time) as client:
        client.upload(make_photo(b"earlier"), "good", time)
        with pytest.raises(error, match=str(code)):
            client.upload(make_photo(b"bad"), "bad", time)


def test_a_photo_taken_before_the_first_failure_proves_nothing() -> None:
    time = Time()
    with FaultGallery([Fault.OK] + [status(500)] * 50) as gallery, open_client(gallery.url, time) as client:
        client.upload(make_photo(b"1"), "1", time)
        time.now += 1
        with pytest.raises(GalleryUnreachable):
            client.upload(make_photo(b"2"), "2", time)


def test_a_gallery_that_has_taken_a_photo_has_worked_even_if_it_never_answered_a_request() -> None:
    """A folder, for one: a hiccup long after the start must not end the photo at once."""
    time = Time()
    endpoint_status = EndpointStatus(time.clock)
    retry_policy = RetryPolicy(
        UploadSettings("http://h/"),
        endpoint_status,
        errors=UploadErrors("http://h/"),
        clock=time.clock,
        random=lambda: 0.5,
    )
    endpoint_status.trying()
    endpoint_status.succeeded()
    time.now += 1000
    assert retry_policy.wait_s(RetryableError("hiccup")) == 0.25


def test_a_stop_while_waiting_ends_the_photo() -> None:
    time = Time(stop_at_wait=2)
    with (
        FaultGallery(lambda _: status(503)) as gallery,
        open_client(gallery.url, time) as client,
        pytest.raises(RunStopped),
    ):
        client.upload(make_photo(), "key", time)
    assert (len(time.waits), len(gallery.posts)) == (2, 2)


STATUSES = st.sampled_from([429, 500, 502, 503, 504])
ASKED = st.sampled_from(["", "1", "5", "59", "60", "61", "100000", "-1", "x"])


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(STATUSES, ASKED), min_size=1, max_size=8),
    st.floats(0.01, 1.0),
    st.integers(1, 4) | st.none(),
    st.floats(0.0, 120.0),
)
def test_waits_stay_within_their_bounds(
    answers: list[tuple[int, str]], spread: float, stop_at_wait: int | None, retry_for_s: float
) -> None:
    plan = [status(code, {"Retry-After": asked} if asked else {}) for code, asked in answers]
    time = Time(stop_at_wait)
    with (
        FaultGallery(plan) as gallery,
        open_client(gallery.url, time, random=lambda: spread, retry_for_s=retry_for_s) as client,
        suppress(RunStopped, GalleryUnreachable),
    ):
        client.upload(make_photo(), "key", time)
    assert all(0 < wait <= 60 for wait in time.waits)
    assert math.fsum(time.waits) <= retry_for_s + 1e-6
    assert len(gallery.posts) <= len(time.waits) + 1
    assert len(gallery.stored) == (len(gallery.posts) == len(plan) + 1)


@settings(max_examples=25, deadline=None)
@given(st.integers(400, 499).filter(lambda code: code not in {408, 423, 425, 429}), st.sampled_from(["", "5"]))
def test_no_wait_for_a_plain_4xx(code: int, asked: str) -> None:
    time = Time()
    with (
        FaultGallery([status(code, {"Retry-After": asked})]) as gallery,
        open_client(gallery.url, time) as client,
        pytest.raises((GalleryRefused, LoginRefused, GalleryUnreachable)),
    ):
        client.upload(make_photo(), "key", time)
    assert (time.waits, len(gallery.posts)) == ([], 1)


def always(answer: bytes) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        while True:
            head_of_request(connection)
            connection.sendall(b"HTTP/1.1 " + answer + b"\r\nContent-Length: 0\r\n\r\n")

    return talk


@pytest.mark.parametrize("answer", [b"400 X", b"404 X", b"405 X", b"410 X", b"501 X", b"301 X", b"204 X", b"200 X"])
def test_a_gallery_that_cannot_answer_is_not_asked_twice(answer: bytes) -> None:
    time = Time()
    with ExitStack() as stack, open_client("http://" + serve(stack, always(answer)), time) as client:
        assert client.find(make_photo(), "key", time) is None
    assert time.waits == []


def test_asking_is_tried_again_like_sending() -> None:
    time, answer = Time(), b"503 X\r\nRetry-After: 9"
    with (
        ExitStack() as stack,
        open_client("http://" + serve(stack, always(answer)), time, random=lambda: 0.0) as client,
        pytest.raises(GalleryUnreachable, match="503"),
    ):
        client.find(make_photo(), "key", time)
    assert time.waits == [9] * 6
