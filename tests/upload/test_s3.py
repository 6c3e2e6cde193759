"""Photos into S3, at a service that checks signatures, checksums and conditions: SeaweedFS, really started."""

import hashlib
import threading
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.real_servers import RealServer
from support.seaweed import ACCESS_KEY, BUCKET, READ_ACCESS_KEY, READ_SECRET, SECRET, boto3_client, objects_in
from support.uploading import Time, make_photo, open_client

from photopipe.errors import GalleryUnreachable, LoginRefused, PhotoChanged, UsageError
from photopipe.found_photo import FoundPhoto
from photopipe.photo import DownloadedPhoto
from photopipe.settings import UploadSettings
from photopipe.stop_token import StopToken
from photopipe.upload.uploader import Uploader


def settings_for(server: RealServer, prefix: str, **changes: Any) -> dict[str, Any]:
    options = {"endpoint": server.url} | changes.pop("options", {})
    return {
        "url": f"s3://{BUCKET}/{prefix}",
        "kind": "s3",
        "username": ACCESS_KEY,
        "token": SECRET,
        "options": options,
    } | changes


def test_the_bytes_arrive_as_they_were_sent_with_type_and_hash(seaweed: RealServer) -> None:
    data = bytes(range(256)) * 2000
    with open_client(**settings_for(seaweed, "bytes")) as client:
        receipt = client.upload(make_photo(data), "the-key", Time()).receipt
    assert objects_in(seaweed, "bytes/") == {"bytes/IMG_0001.jpg": data}
    head = boto3_client(seaweed).head_object(Bucket=BUCKET, Key="bytes/IMG_0001.jpg")
    assert head["ContentType"] == "image/jpeg"
    assert head["Metadata"] == {"sha256": hashlib.sha256(data).hexdigest(), "photopipe-key": "the-key"}
    assert receipt.url == f"s3://{BUCKET}/bytes/IMG_0001.jpg"
    assert (receipt.remote_id, receipt.already_there) == ("bytes/IMG_0001.jpg", False)


@pytest.mark.parametrize(
    "name", ["Über #1 %41+b.jpg", "a b&c=d;e'f.jpg", "日本語 📷.jpg", "..a..b.jpg", "~!()*@$,.jpg"]
)
def test_names_arrive_whatever_stands_in_them(seaweed: RealServer, name: str) -> None:
    with open_client(**settings_for(seaweed, "names")) as client:
        receipt = client.upload(make_photo(file_name=name), ascii(name), Time()).receipt
        assert client.find(make_photo(file_name=name), ascii(name), Time()) == receipt
    assert receipt.remote_id in objects_in(seaweed, "names/")


def test_a_second_run_without_a_journal_finds_the_photo_there(seaweed: RealServer) -> None:
    for run in range(2):
        with open_client(**settings_for(seaweed, "again")) as client:
            receipt = client.upload(make_photo(b"once"), "key", Time()).receipt
        assert receipt.already_there == (run == 1)
    assert len(objects_in(seaweed, "again/")) == 1


def test_another_photo_of_the_same_name_gets_a_second_name_in_every_run(seaweed: RealServer) -> None:
    for _run in range(2):
        with open_client(**settings_for(seaweed, "names-twice")) as client:
            urls = [
                client.upload(make_photo(data), key, Time()).receipt.url for data, key in ((b"a", "1"), (b"b", "2"))
            ]
            assert urls[0] != urls[1]
    assert sorted(objects_in(seaweed, "names-twice/").values()) == [b"a", b"b"]


def test_a_file_somebody_else_put_there_is_never_written_over(seaweed: RealServer) -> None:
    boto3_client(seaweed).put_object(Bucket=BUCKET, Key="theirs/IMG_0001.jpg", Body=b"theirs")
    with open_client(**settings_for(seaweed, "theirs")) as client:
        client.upload(make_photo(b"ours"), "key", Time())
    held = objects_in(seaweed, "theirs/")
    assert held.pop("theirs/IMG_0001.jpg") == b"theirs"
    assert list(held.values()) == [b"ours"]


def test_the_same_bytes_from_somebody_else_are_told_by_the_etag(seaweed: RealServer) -> None:
    boto3_client(seaweed).put_object(Bucket=BUCKET, Key="etag/IMG_0001.jpg", Body=b"same")
    with open_client(**settings_for(seaweed, "etag")) as client:
        assert client.upload(make_photo(b"same"), "key", Time()).receipt.already_there
        found = client.find(make_photo(b"same"), "key", Time())
    assert found is not None
    assert found.already_there
    assert len(objects_in(seaweed, "etag/")) == 1


def test_the_condition_alone_keeps_a_photo_from_being_written_over(
    seaweed: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else is faster between looking and putting: the answer is 412."""
    from photopipe.upload.galleries.s3.bucket import S3Bucket

    look: Callable[..., Any] = S3Bucket.look

    def blind(self: S3Bucket, key: str, *, is_there: bool = False) -> Any:
        return look(self, key, is_there=True) if is_there else None

    with open_client(**settings_for(seaweed, "race")) as client:
        client.upload(make_photo(b"first"), "1", Time())
        monkeypatch.setattr(S3Bucket, "look", blind)
        assert client.upload(make_photo(b"first"), "1", Time()).receipt.already_there
        client.upload(make_photo(b"second"), "2", Time())
    assert sorted(objects_in(seaweed, "race/").values()) == [b"first", b"second"]


@pytest.mark.parametrize("sent", ["sha256", "md5"])
def test_bytes_damaged_on_the_way_are_refused_by_the_service(seaweed: RealServer, sent: str) -> None:
    photo = make_photo(b"damaged")
    whole = make_photo(b"whole").rendition
    hashes = {"sha256": photo.rendition.sha256, "md5": photo.rendition.md5} | {sent: getattr(whole, sent)}
    lying = replace(photo, rendition=replace(photo.rendition, sha256=hashes["sha256"], md5=hashes["md5"]))
    time = Time()
    with (
        open_client(**settings_for(seaweed, "damaged", retry_for_s=5.0), time=time) as client,
        pytest.raises(GalleryUnreachable, match="damaged on its way"),
    ):
        client.upload(lying, "key", time)
    assert objects_in(seaweed, "damaged/") == {}


def test_a_wrong_secret_ends_the_run(seaweed: RealServer) -> None:
    for login in ({"token": "WRONG"}, {"username": "NOBODY"}, {"username": READ_ACCESS_KEY, "token": READ_SECRET}):
        with (
            open_client(**settings_for(seaweed, "secret", **login)) as client,
            pytest.raises(LoginRefused) as caught,
        ):
            client.upload(make_photo(), "key", Time())
        assert "WRONG" not in str(caught.value)
    assert objects_in(seaweed, "secret/") == {}


def test_a_bucket_that_is_not_there_is_said_to_be_missing(seaweed: RealServer) -> None:
    login = {"username": ACCESS_KEY, "token": SECRET}
    settings = settings_for(seaweed, "", **login) | {"url": "s3://nobody-made-it"}
    with open_client(**settings) as client, pytest.raises(UsageError, match="there is no bucket of this name"):
        client.check(Time())


def test_check_tells_the_bucket_and_refuses_a_wrong_secret(seaweed: RealServer) -> None:
    with open_client(**settings_for(seaweed, "")) as client:
        assert BUCKET in client.check(Time()).summary
    with open_client(**settings_for(seaweed, "", token="WRONG")) as client, pytest.raises(LoginRefused):
        client.check(Time())


def test_paths_albums_and_addresses_are_as_the_options_say(seaweed: RealServer) -> None:
    options = {"path": "{taken_at:%Y}/{file_name}", "public_url": "https://cdn.example.org/{key}"}
    photo = make_photo(taken_at="2024-05-01T12:33:10", file_name="a b.jpg")
    with open_client(**settings_for(seaweed, "opt/deep", options=options)) as client:
        receipt = client.upload(photo, "key", Time(), album="Trip").receipt
    assert receipt.remote_id == "opt/deep/Trip/2024/a b.jpg"
    assert receipt.url == "https://cdn.example.org/opt/deep/Trip/2024/a%20b.jpg"
    assert list(objects_in(seaweed, "opt/")) == ["opt/deep/Trip/2024/a b.jpg"]


def test_an_original_is_streamed_and_never_held_in_memory(seaweed: RealServer, tmp_path: Path) -> None:
    path = tmp_path / "IMG_0001.JPG"
    data = bytes(range(256)) * 4096 * 16
    path.write_bytes(data)
    found = FoundPhoto.from_stat(str(path), path.stat())
    photo = replace(make_photo(data), source=DownloadedPhoto(found, "5" * 64), data=None)
    with open_client(**settings_for(seaweed, "original")) as client:
        client.find(photo, "key", Time())
        tracemalloc.start()
        try:
            client.upload(photo, "key", Time())
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < len(data) / 2
    assert objects_in(seaweed, "original/") == {"original/IMG_0001.jpg": data}


def test_an_original_that_changed_since_it_was_found_is_not_sent(seaweed: RealServer, tmp_path: Path) -> None:
    path = tmp_path / "IMG_0001.JPG"
    path.write_bytes(b"as it was found")
    found = FoundPhoto.from_stat(str(path), path.stat())
    path.write_bytes(b"as it is now")
    photo = replace(make_photo(b"as it was found"), source=DownloadedPhoto(found, "5" * 64), data=None)
    with open_client(**settings_for(seaweed, "changed")) as client, pytest.raises(PhotoChanged):
        client.upload(photo, "key", Time())
    assert objects_in(seaweed, "changed/") == {}


def test_four_workers_put_each_photo_once_though_all_have_one_name(seaweed: RealServer) -> None:
    settings = settings_for(seaweed, "crowd")
    uploader = Uploader(UploadSettings(settings.pop("url"), workers=4, **settings))
    urls: list[str] = []

    def work(worker: int) -> None:
        with uploader.open_client() as client:
            for number in range(worker, 24, 4):
                photo = make_photo(f"photo {number}".encode())
                urls.append(client.upload(photo, f"key {number}", StopToken()).receipt.url)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(set(urls)) == 24
    assert sorted(objects_in(seaweed, "crowd/").values()) == sorted(f"photo {n}".encode() for n in range(24))
