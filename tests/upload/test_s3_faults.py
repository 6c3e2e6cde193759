"""What can go wrong with S3, at a scripted service: each error has its meaning, and no photo is lost or there twice."""

import sys
import threading
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from support.certificate import make_certificate, server_context
from support.deadline import DEADLINE_S, until
from support.fake_s3 import FakeS3, refusal
from support.fault_gallery import CUT_BODY, TAKE_AND_CUT, TAKE_AND_DROP, TAKE_AND_HANG, Fault, status
from support.fault_proxy import FaultProxy
from support.uploading import Time, make_photo, open_client

from photopipe.errors import (
    DiskFull,
    GalleryRefused,
    GalleryUnreachable,
    LoginRefused,
    PhotoChanged,
    PhotopipeError,
    RunStopped,
    TooLargeForGallery,
    UsageError,
)
from photopipe.found_photo import FoundPhoto
from photopipe.photo import DownloadedPhoto, Receipt
from photopipe.settings import UploadSettings
from photopipe.stop_token import StopToken
from photopipe.upload.client import UploadClient
from photopipe.upload.galleries.s3.gallery import is_amazon
from photopipe.upload.uploader import Uploader

SECRET = "fake-s3cret"


def settings_for(site: str, **changes: Any) -> UploadSettings:
    options = {"endpoint": site} | changes.pop("options", {})
    fixed = {"endpoint_url": "s3://photos", "kind": "s3", "username": "PIPEKEY", "token": SECRET}
    return UploadSettings(**{**fixed, "options": options, **changes})


def upload(site: str, data: bytes = b"picture", key: str = "key", **changes: Any) -> tuple[Receipt, Time]:
    time = Time()
    settings = settings_for(site, **changes)
    fields = {name: getattr(settings, name) for name in ("kind", "username", "token", "options", "ca_bundle")}
    with open_client("s3://photos", time, **fields) as client:
        return client.upload(make_photo(data), key, time).receipt, time


@pytest.mark.parametrize("knows_conditions", [True, False])
@pytest.mark.parametrize(
    "fault", [TAKE_AND_DROP, TAKE_AND_CUT, CUT_BODY, status(500), refusal(503, "SlowDown"), status(502)], ids=str
)
def test_a_photo_whose_answer_was_lost_is_there_once(fault: Fault, knows_conditions: bool) -> None:
    with FakeS3({"PUT": [fault, fault]}, knows_conditions=knows_conditions) as service:
        receipt, _ = upload(service.site, b"x" * 9000)
    assert {key: held.data for key, held in service.objects.items()} == {"IMG_0001.jpg": b"x" * 9000}
    assert not receipt.already_there


@pytest.mark.parametrize("word", ["SlowDown", "ConditionalRequestConflict", "BadDigest", "RequestTimeout"])
def test_what_passes_is_tried_again_by_us_and_not_by_boto3(word: str) -> None:
    code = {"SlowDown": 503, "ConditionalRequestConflict": 409}.get(word, 400)
    with FakeS3({"PUT": [refusal(code, word)] * 3}) as service:
        _, time = upload(service.site)
    assert service.calls == ["PUT"] * 4
    assert len(time.waits) == 3


def test_retry_after_is_kept() -> None:
    with FakeS3({"PUT": [refusal(503, "SlowDown", {"Retry-After": "7"})]}) as service:
        _, time = upload(service.site)
    assert time.waits[0] >= 7


ERRORS: list[tuple[int, str, type[PhotopipeError]]] = [
    (403, "SignatureDoesNotMatch", LoginRefused),
    (403, "InvalidAccessKeyId", LoginRefused),
    (403, "AccessDenied", LoginRefused),
    (400, "ExpiredToken", LoginRefused),
    (403, "RequestTimeTooSkewed", LoginRefused),
    (404, "NoSuchBucket", UsageError),
    (400, "AuthorizationHeaderMalformed", UsageError),
    (400, "EntityTooLarge", TooLargeForGallery),
    (413, "", TooLargeForGallery),
    (403, "QuotaExceeded", DiskFull),
    (507, "XMinioStorageFull", DiskFull),
    (507, "", DiskFull),
    (400, "InvalidArgument", GalleryRefused),
    (401, "Whatever", LoginRefused),
    (405, "MethodNotAllowed", GalleryRefused),
]


@pytest.mark.parametrize(("code", "word", "kind"), ERRORS, ids=[f"{code} {word}" for code, word, _ in ERRORS])
def test_each_error_has_its_meaning_and_is_not_tried_again(code: int, word: str, kind: type[PhotopipeError]) -> None:
    with FakeS3({"PUT": [refusal(code, word)] * 9}) as service, pytest.raises(kind) as caught:
        upload(service.site)
    assert type(caught.value) is kind
    assert service.calls == ["PUT"]
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "answer", [status(200, body=b"<html>log in</html>"), status(200, body=b"x" * 3_000_000)], ids=str
)
def test_a_page_under_200_is_no_receipt(answer: Fault) -> None:
    with (
        FakeS3({"PUT": [answer] * 99}) as service,
        pytest.raises(GalleryUnreachable, match="not that of an S3 service"),
    ):
        upload(service.site)
    assert service.objects == {}


def test_a_service_that_takes_no_notice_of_conditions_keeps_photos_of_one_name_apart() -> None:
    with FakeS3(knows_conditions=False) as service:
        uploader = Uploader(settings_for(service.site))

        def work(number: int) -> None:
            with uploader.open_client() as client:
                for turn in range(5):
                    name = f"{number}.{turn}"
                    client.upload(make_photo(name.encode()), name, StopToken())

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    assert len(service.objects) == 20
    assert len({held.data for held in service.objects.values()}) == 20


def test_what_is_looked_for_is_what_was_sent_then() -> None:
    sent = make_photo(b"other bytes", file_name="IMG_0001.webp")
    with FakeS3() as service, open_client("s3://photos", **login_at(service)) as client:
        client.upload(sent, "key", Time())
        assert client.find(make_photo(), "key", Time()) is None
        found = client.find(make_photo(), "key", Time(), earlier=sent.rendition)
        assert found == Receipt("IMG_0001.webp", "s3://photos/IMG_0001.webp")
        assert client.find(sent, "another key", Time()) == Receipt("IMG_0001.webp", "s3://photos/IMG_0001.webp", True)


def login_at(service: FakeS3) -> dict[str, Any]:
    return {"kind": "s3", "username": "PIPEKEY", "token": SECRET, "options": {"endpoint": service.site}}


@pytest.mark.parametrize(
    ("url", "amazons"),
    [
        ("https://s3.eu-central-1.amazonaws.com", True),
        ("https://s3.cn-north-1.amazonaws.com.cn", True),
        ("https://s3.amazonaws.com.example.org", False),
        ("https://amazonaws.example.org", False),
        ("http://127.0.0.1:9000", False),
    ],
)
def test_only_amazons_own_service_is_known_to_honour_conditions(url: str, amazons: bool) -> None:
    assert is_amazon(url) == amazons


def test_at_amazon_no_key_is_looked_at_before_it_is_put(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photopipe.upload.galleries.s3.gallery.is_amazon", lambda _url: True)
    with FakeS3() as service:
        upload(service.site)
        assert service.looks == ["/"]  # the probe
        assert upload(service.site)[0].already_there
        upload(service.site, b"another", "other key")
    assert sorted(held.data for held in service.objects.values()) == [b"another", b"picture"]


def test_a_service_set_by_boto3_s_own_variable_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with FakeS3() as service, open_amazon(service, monkeypatch) as client:
        client.upload(make_photo(), "key", Time())
    assert list(service.objects) == ["IMG_0001.jpg"]
    assert "IMG_0001.jpg" in service.looks


def open_amazon(service: FakeS3, monkeypatch: pytest.MonkeyPatch) -> AbstractContextManager[UploadClient]:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", service.site)
    options = {"region": "eu-central-1"}
    return open_client("s3://photos", kind="s3", username="PIPEKEY", token=SECRET, options=options)


def test_who_may_only_put_can_put_but_is_told_what_is_missing_when_a_name_is_taken() -> None:
    with FakeS3(may_look=False) as service:
        upload(service.site)
        with pytest.raises(LoginRefused, match="s3:GetObject"):
            upload(service.site, b"another")
    assert [held.data for held in service.objects.values()] == [b"picture"]


def test_aborting_wakes_a_worker_that_waits_for_s3() -> None:
    with FakeS3({"PUT": [TAKE_AND_HANG]}) as service:
        uploader, stop = Uploader(settings_for(service.site)), StopToken()
        errors: list[BaseException] = []

        def work() -> None:
            try:
                with uploader.open_client() as client:
                    client.upload(make_photo(), "key", stop)
            except RunStopped as error:
                errors.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        until(lambda: bool(service.objects))
        stop.set()
        uploader.abort()
        thread.join(DEADLINE_S)
        assert not thread.is_alive()
    assert len(errors) == 1


def test_a_service_that_is_not_there_is_known_soon() -> None:
    with pytest.raises(GalleryUnreachable, match="connection refused"):
        upload("http://127.0.0.1:1")


def test_photos_for_this_machine_take_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with FakeS3() as service:
        upload(service.site)
    assert len(service.objects) == 1


def test_the_authority_named_is_the_one_that_is_trusted(tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with (
        FakeS3() as service,
        FaultProxy(
            int(service.site.rpartition(":")[2]), lambda _call: None, context=server_context(certificate)
        ) as tls,
    ):
        with pytest.raises(GalleryUnreachable, match="certificate is not trusted"):
            upload(tls.url)
        upload(tls.url, ca_bundle=str(certificate))
    assert len(service.objects) == 1
    assert service.requests[0].headers["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"


def test_an_original_that_changes_while_it_is_sent_does_not_arrive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "IMG_0001.JPG"
    path.write_bytes(b"x" * 300_000)
    found = FoundPhoto.from_stat(str(path), path.stat())
    photo = replace(make_photo(b"x" * 300_000), source=DownloadedPhoto(found, "5" * 64), data=None)
    checks: list[int] = []

    def changed_after_it_was_opened(_found: FoundPhoto, file: BinaryIO) -> None:
        checks.append(file.tell())
        if len(checks) > 1:
            raise PhotoChanged("changed")

    monkeypatch.setattr(FoundPhoto, "check_unchanged", changed_after_it_was_opened)
    with (
        FakeS3(knows_conditions=False) as service,
        open_client("s3://photos", **login_at(service)) as client,
        pytest.raises(PhotoChanged),
    ):
        client.upload(photo, "key", Time())
    assert checks == [0, 300_000]
    assert service.objects == {}


def test_without_a_login_boto3_looks_where_it_always_does(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with FakeS3() as service:
        with pytest.raises(LoginRefused, match="AWS_ACCESS_KEY_ID"):
            upload(service.site, username=None, token=None)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "CHAINKEY")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        upload(service.site, username=None, token=None)
    assert "Credential=CHAINKEY/" in service.requests[0].headers["authorization"]


def test_half_a_login_is_refused_before_the_first_photo() -> None:
    for username, token in ((None, SECRET), ("PIPEKEY", None)):
        with pytest.raises(UsageError, match="access key id"):
            upload("http://127.0.0.1:1", username=username, token=token)


def test_without_boto3_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(UsageError, match=r"pip install 'photopipe\[s3\]'"):
        upload("http://127.0.0.1:1")


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("s3://", {}, "s3://BUCKET"),
    ("s3://b", {}, "s3://BUCKET"),
    ("s3://buck et", {}, "s3://BUCKET"),
    ("http://photos", {}, "s3://BUCKET"),
    ("s3://photos/../x", {}, "prefix"),
    ("s3://photos", {"endpoint": "s3.example.org"}, "endpoint"),
    ("s3://photos", {"endpoint": "https://u:p@s3.example.org"}, "endpoint"),
    ("s3://photos", {"endpoint": 7}, "endpoint"),
    ("s3://photos", {"endpoint": "https://h:port"}, "endpoint"),
    ("s3://photos", {"region": "eu central"}, "region"),
    ("s3://photos", {"path_style": "yes"}, "path_style"),
    ("s3://photos", {"public_url": "https://cdn.example.org/"}, "public_url"),
    ("s3://photos", {"public_url": "ftp://x/{key}"}, "public_url"),
    ("s3://photos", {"path": "{nobody}"}, "there is no {nobody}"),
    ("s3://photos", {"acl": "public"}, "have no option 'acl'"),
]


@pytest.mark.parametrize(("url", "options", "words"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_a_wrong_address_or_option_is_refused_before_the_first_photo(
    url: str, options: dict[str, Any], words: str
) -> None:
    with (
        pytest.raises(UsageError) as caught,
        open_client(url, kind="s3", username="PIPEKEY", token=SECRET, options=options),
    ):
        pass
    assert words in str(caught.value)
