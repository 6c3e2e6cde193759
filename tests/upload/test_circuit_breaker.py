"""Photo after photo failing for one reason ends the run; every photo is taken up again by the next."""

import threading
import time
from collections.abc import Callable

import pytest
from support.deadline import within_deadline
from support.fault_gallery import Fault, FaultGallery, status
from support.uploading import Time, make_photo, open_client

from photopipe.errors import GalleryFailed, GalleryRefused, GalleryUnreachable, UploadError
from photopipe.settings import UploadSettings
from photopipe.upload.client import UploadClient
from photopipe.upload.flow.circuit_breaker import MAX_FAILURES_IN_A_ROW, CircuitBreaker
from photopipe.upload.http.endpoint_status import EndpointStatus
from photopipe.upload.http.upload_errors import UploadErrors
from photopipe.upload.uploader import Uploader

JSON = {"Content-Type": "application/json"}


def upload(client: UploadClient, number: int) -> None:
    client.upload(make_photo(b"%d" % number), f"key {number}", Time())


def upload_failing(client: UploadClient, numbers: range) -> None:
    for number in numbers:
        with pytest.raises(GalleryRefused):
            upload(client, number)


def test_ten_refusals_for_one_reason_end_the_run() -> None:
    with FaultGallery(lambda _: status(404)) as gallery, open_client(gallery.url) as client:
        upload_failing(client, range(9))
        with pytest.raises(GalleryUnreachable, match="10 photos in a row failed for one reason: 404 Not Found") as end:
            upload(client, 9)
    assert end.value.exit_code == 5
    assert isinstance(end.value.__cause__, GalleryRefused)
    assert MAX_FAILURES_IN_A_ROW == 10


def test_a_photo_taken_in_between_starts_the_count_anew() -> None:
    def plan(number: int) -> Fault:
        return Fault.OK if number == 9 else status(404)

    with FaultGallery(plan) as gallery, open_client(gallery.url) as client:
        upload_failing(client, range(9))
        upload(client, 9)
        upload_failing(client, range(10, 19))
        with pytest.raises(GalleryUnreachable):
            upload(client, 19)


def test_another_reason_starts_the_count_anew() -> None:
    def plan(number: int) -> Fault:
        return status(404 if number < 9 else 422)

    with FaultGallery(plan) as gallery, open_client(gallery.url) as client:
        upload_failing(client, range(18))
        with pytest.raises(GalleryUnreachable, match="422"):
            upload(client, 18)


def test_what_a_server_says_about_each_photo_does_not_hide_that_the_reason_is_one() -> None:
    def plan(number: int) -> Fault:
        return status(400, JSON, b'{"error": "IMG_%d is not welcome"}' % number)

    with FaultGallery(plan) as gallery, open_client(gallery.url) as client:
        upload_failing(client, range(9))
        with pytest.raises(GalleryUnreachable, match="one reason: 400 Bad Request"):
            upload(client, 9)


@pytest.mark.parametrize("code", [413, 415])
def test_what_is_the_photos_own_fault_never_ends_the_run(code: int) -> None:
    with FaultGallery(lambda _: status(code)) as gallery, open_client(gallery.url) as client:
        upload_failing(client, range(30))


def test_what_is_the_photos_own_fault_is_no_success_either() -> None:
    def plan(number: int) -> Fault:
        return status(413 if number % 2 else 404)

    with FaultGallery(plan) as gallery, open_client(gallery.url) as client:
        upload_failing(client, range(18))
        with pytest.raises(GalleryUnreachable):
            upload(client, 18)


def test_a_gallery_that_stores_other_bytes_each_time_ends_the_run() -> None:
    body = b'{"id": "1", "sha256": "%s"}' % (b"0" * 64)
    with FaultGallery(lambda _: status(201, JSON, body)) as gallery, open_client(gallery.url) as client:
        for number in range(9):
            with pytest.raises(GalleryFailed):
                upload(client, number)
        with pytest.raises(GalleryUnreachable, match="other bytes"):
            upload(client, 9)


def test_photos_given_up_after_many_tries_count_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them saw another photo taken while it was tried: so it may happen with ten workers or more."""
    monkeypatch.setattr(EndpointStatus, "took_a_photo_since", lambda _self, _time: True)
    with FaultGallery(lambda _: status(500)) as gallery, open_client(gallery.url, retry_for_s=0.0) as client:
        for number in range(9):
            with pytest.raises(GalleryFailed):
                upload(client, number)
        with pytest.raises(GalleryUnreachable, match="for one reason: the gallery answers 500"):
            upload(client, 9)


def test_all_workers_of_a_gallery_count_together() -> None:
    ended: list[BaseException] = []
    with FaultGallery(lambda _: status(404)) as gallery:
        uploader = Uploader(UploadSettings(gallery.url))

        def work(first: int) -> Callable[[], None]:
            def run() -> None:
                with uploader.open_client() as client:
                    for number in range(first, first + 3):
                        try:
                            upload(client, number)
                        except (UploadError, GalleryUnreachable) as error:
                            ended.append(error)

            return run

        threads = [threading.Thread(target=work(100 * number)) for number in range(4)]

        def run_all() -> None:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        within_deadline(run_all)
    assert [isinstance(error, GalleryUnreachable) for error in ended].count(True) == 3


def test_a_failure_without_a_cause_is_not_counted() -> None:
    circuit_breaker = CircuitBreaker(EndpointStatus(time.monotonic), UploadErrors("http://h/"))
    for _ in range(100):
        circuit_breaker.failed(GalleryRefused("its own fault"))


def test_the_cause_never_shows_a_secret() -> None:
    errors = UploadErrors("http://h/", ["s3cret-token"])
    circuit_breaker = CircuitBreaker(EndpointStatus(time.monotonic), errors)
    for _ in range(9):
        circuit_breaker.failed(errors.of_refusal("no s3cret-token please."))
    with pytest.raises(GalleryUnreachable) as raised:
        circuit_breaker.failed(errors.of_refusal("no s3cret-token please."))
    assert "s3cret" not in str(raised.value)
    assert "[token]" in str(raised.value)
