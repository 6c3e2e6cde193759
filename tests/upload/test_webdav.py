"""What WebDAV servers say and do that the ones we can install do not."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from support.deadline import within_deadline
from support.fake_webdav import Asked, FakeWebdav, Says
from support.uploading import Time, make_photo, open_client

from photopipe.errors import (
    DiskFull,
    GalleryFailed,
    GalleryRefused,
    GalleryUnreachable,
    LoginRefused,
    PhotoChanged,
    PhotopipeError,
    UsageError,
)
from photopipe.found_photo import FoundPhoto
from photopipe.photo import DownloadedPhoto, Receipt, ResizedPhoto
from photopipe.settings import UploadSettings
from photopipe.stop_token import StopToken
from photopipe.upload.client import UploadClient
from photopipe.upload.galleries.remote_name import part_path, short_key
from photopipe.upload.uploader import Uploader

PART = part_path("IMG_0001.jpg", "key")
SECOND = f"IMG_0001-{short_key('key')}.jpg"


@contextmanager
def client_of(fake: FakeWebdav, time: Time, **options: str) -> Iterator[UploadClient]:
    with open_client(fake.url, time, kind="webdav", options=options) as client:
        yield client


def upload(fake: FakeWebdav, photo: ResizedPhoto | None = None, key: str = "key", **options: str) -> Receipt:
    time = Time()
    with client_of(fake, time, **options) as client:
        return within_deadline(lambda: client.upload(photo or make_photo(), key, time)).receipt


def first_time(method: str, says: Says) -> Callable[[Asked], Says | None]:
    """Say this to the first request of a method."""
    left = [says]
    return lambda asked: left.pop() if asked.method == method and left else None


def always(method: str, says: Says) -> Callable[[Asked], Says | None]:
    return lambda asked: says if asked.method == method else None


def test_a_photo_takes_four_requests_and_its_name_comes_last() -> None:
    with FakeWebdav() as fake:
        upload(fake)
    assert fake.methods("PUT", "MOVE", "HEAD") == [
        "HEAD ",  # is there anybody?
        "HEAD IMG_0001.jpg",
        f"PUT {PART}",
        f"HEAD {PART}",
        f"MOVE {PART}",
    ]
    assert fake.files == {"IMG_0001.jpg": b"picture"}


def test_nextcloud_is_told_time_and_checksum() -> None:
    photo = make_photo(taken_at="2024-05-01T12:00:00+02:00")
    with FakeWebdav() as fake:
        upload(fake, photo)
    put = next(asked for asked in fake.asked if asked.method == "PUT")
    assert put.headers["x-oc-mtime"] == "1714557600"
    assert put.headers["oc-checksum"] == f"SHA1:{photo.rendition.sha1}"
    assert (put.headers["content-type"], put.headers["content-length"]) == ("image/jpeg", "7")
    move = next(asked for asked in fake.asked if asked.method == "MOVE")
    assert (move.headers["destination"], move.headers["overwrite"]) == (f"{fake.url}/IMG_0001.jpg", "F")


def test_a_time_nextcloud_refuses_is_not_sent() -> None:
    with FakeWebdav() as fake:
        upload(fake, make_photo(taken_at="1970-01-01T00:00:00+00:00"))
    assert all("x-oc-mtime" not in asked.headers for asked in fake.asked)


def test_a_hash_of_other_bytes_means_that_it_is_sent_again() -> None:
    with FakeWebdav(first_time("PUT", Says(headers={"X-Hash-SHA256": "0" * 64}))) as fake:
        upload(fake)
    assert len(fake.methods("PUT")) == 2
    assert fake.files == {"IMG_0001.jpg": b"picture"}


def test_a_file_cut_short_behind_a_201_is_sent_again() -> None:
    with FakeWebdav(first_time("PUT", Says(keeps=3))) as fake:
        upload(fake)
    assert fake.methods("PUT", "MOVE") == [f"PUT {PART}", f"PUT {PART}", f"MOVE {PART}"]
    assert fake.files == {"IMG_0001.jpg": b"picture"}


def test_bytes_changed_on_the_way_are_seen_if_asked_to() -> None:
    class Changing(FakeWebdav):
        def do(self, asked: Asked, body: bytes) -> tuple[int, dict[str, str], bytes]:
            status, headers, answer = super().do(asked, b"PICTURE" if len(self.methods("PUT")) == 1 else body)
            return status, dict(headers), answer

    with Changing() as fake:
        upload(fake, verify="hash")
    assert fake.files == {"IMG_0001.jpg": b"picture"}


def test_a_server_that_tells_no_length_by_head_is_asked_for_its_properties() -> None:
    def talk(asked: Asked) -> Says | None:
        return Says(200, {"Content-Length": ""}) if asked.method == "HEAD" and asked.path in fake.files else None

    with FakeWebdav(talk) as fake:
        upload(fake)
        assert upload(fake).already_there
    assert f"PROPFIND {PART}" in fake.methods("PROPFIND")


def test_a_server_without_head_and_properties_is_asked_for_the_file() -> None:
    def talk(asked: Asked) -> Says | None:
        if asked.method in {"HEAD", "PROPFIND"}:
            return Says(405)
        return None

    with FakeWebdav(talk) as fake:
        fake.files["IMG_0001.jpg"] = b"another"
        upload(fake)
    assert fake.files == {"IMG_0001.jpg": b"another", SECOND: b"picture"}


@pytest.mark.parametrize("status", [400, 409, 412])
def test_a_taken_name_is_known_by_looking_whatever_the_server_calls_it(status: int) -> None:
    def talk(asked: Asked) -> Says | None:
        if asked.method == "MOVE" and asked.headers["destination"].endswith("IMG_0001.jpg"):
            fake.files["IMG_0001.jpg"] = b"another"
            return Says(status)
        return None

    with FakeWebdav(talk) as fake:
        assert upload(fake).remote_id == SECOND
    assert fake.files == {"IMG_0001.jpg": b"another", SECOND: b"picture"}
    assert len(fake.methods("PUT")) == 1, "what has arrived is only given the other name"


def test_the_same_bytes_under_a_taken_name_are_the_photo() -> None:
    def talk(asked: Asked) -> Says | None:
        if asked.method == "MOVE":
            fake.files["IMG_0001.jpg"] = b"picture"
        return None

    with FakeWebdav(talk) as fake:
        assert upload(fake).already_there
    assert fake.files == {"IMG_0001.jpg": b"picture"}


def test_both_names_taken_by_others_is_a_refusal_that_leaves_nothing() -> None:
    with FakeWebdav() as fake:
        fake.files |= {"IMG_0001.jpg": b"another", SECOND: b"a third"}
        with pytest.raises(GalleryRefused, match="both names"):
            upload(fake)
        assert fake.files == {"IMG_0001.jpg": b"another", SECOND: b"a third"}


@pytest.mark.parametrize("status", [404, 207, 423, 500, 503])
def test_a_move_that_fails_once_is_made_good(status: int) -> None:
    with FakeWebdav(first_time("MOVE", Says(status))) as fake:
        assert not upload(fake).already_there
    assert fake.files == {"IMG_0001.jpg": b"picture"}


@pytest.mark.parametrize("method", ["PUT", "MOVE"])
@pytest.mark.parametrize("status", [500, 502, 504])
def test_what_was_done_behind_an_error_is_not_done_twice(method: str, status: int) -> None:
    with FakeWebdav(first_time(method, Says(status, does=True))) as fake:
        receipt = upload(fake)
    assert (receipt.remote_id, receipt.already_there) == ("IMG_0001.jpg", False)
    assert fake.files == {"IMG_0001.jpg": b"picture"}


def test_each_retry_goes_on_where_the_last_one_ended() -> None:
    said = set[str]()

    def too_many(asked: Asked) -> Says | None:
        """A limit so strict that of two requests in a row the second is refused."""
        request = f"{asked.method} {asked.path}"
        if asked.path and asked.method != "PROPFIND" and request not in said:
            said.add(request)
            return Says(429)
        return None

    with FakeWebdav(too_many) as fake:
        upload(fake)
    assert len(said) == 4
    assert fake.methods("PUT") == [f"PUT {PART}"] * 2, "one refused, one taken"
    assert fake.methods("HEAD")[1:] == ["HEAD IMG_0001.jpg"] * 2 + [f"HEAD {PART}"] * 2


@pytest.mark.parametrize(
    ("method", "status", "error"),
    [
        ("PUT", 507, DiskFull),
        ("PUT", 401, LoginRefused),
        ("PUT", 415, GalleryRefused),
        ("PUT", 423, GalleryUnreachable),
        ("MOVE", 403, LoginRefused),
        ("MOVE", 405, UsageError),
        ("MOVE", 501, UsageError),
        ("MOVE", 507, DiskFull),
        ("MKCOL", 507, DiskFull),
        ("HEAD", 403, LoginRefused),
    ],
)
def test_what_cannot_be_repeated_is_an_error_with_advice(method: str, status: int, error: type[PhotopipeError]) -> None:
    def talk(asked: Asked) -> Says | None:
        return Says(status) if asked.method == method and asked.path else None

    with FakeWebdav(talk) as fake, pytest.raises(error):
        upload(fake, path="a/{file_name}")
    assert not [name for name in fake.files if name.endswith(".jpg")]


def test_a_file_that_stays_locked_fails_alone_while_others_arrive() -> None:
    locked = make_photo(b"locked", file_name="locked.jpg")

    class Stop(Time):
        def wait(self, timeout: float | None = None) -> bool:
            if len(self.waits) == 1:
                with uploader.open_client() as other:
                    other.upload(make_photo(), "key", Time())
            return super().wait(timeout)

    time = Stop()

    def talk(asked: Asked) -> Says | None:
        return Says(423) if asked.method == "PUT" and asked.path.startswith("locked") else None

    with FakeWebdav(talk) as fake:
        uploader = Uploader(UploadSettings(fake.url, kind="webdav"), clock=time.clock, random=lambda: 0.5)
        with uploader.open_client() as client, pytest.raises(GalleryFailed, match="takes others"):
            within_deadline(lambda: client.upload(locked, "locked", time))
    assert fake.files == {"IMG_0001.jpg": b"picture"}
    assert max(time.waits) > 5, "patience grows"


def test_folders_are_made_once_for_all_workers() -> None:
    with FakeWebdav() as fake:
        options = {"path": "a/b/{file_name}"}
        uploader = Uploader(UploadSettings(fake.url, kind="webdav", options=options))

        def work(number: int) -> None:
            with uploader.open_client() as client:
                client.upload(make_photo(bytes([number])), str(number), StopToken())

        threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            within_deadline(thread.join)
    assert fake.methods("MKCOL") == ["MKCOL a", "MKCOL a/b"]
    assert sorted(fake.files.values()) == [bytes([number]) for number in range(6)]


def test_a_server_that_hangs_up_on_a_photo_without_a_folder_gets_one() -> None:
    def talk(asked: Asked) -> Says | None:
        return Says(hangs_up=True) if asked.method == "PUT" and "a" not in fake.folders else None

    with FakeWebdav(talk) as fake:
        assert upload(fake, path="a/{file_name}").remote_id == "a/IMG_0001.jpg"
    assert len(fake.methods("PUT")) == 2


def test_a_folder_that_was_removed_meanwhile_is_made_again() -> None:
    with FakeWebdav() as fake:
        time = Time()
        with client_of(fake, time, path="a/{file_name}") as client:
            client.upload(make_photo(), "key", time)
            fake.files.clear()
            fake.folders.remove("a")
            client.upload(make_photo(b"next"), "next", time)
    assert fake.files == {"a/IMG_0001.jpg": b"next"}


def test_find_accepts_only_exactly_these_bytes_and_removes_leftovers() -> None:
    photo, time = make_photo(), Time()
    with FakeWebdav() as fake, client_of(fake, time) as client:
        for there in (b"", b"pic", b"PICTURE", b"picture and more"):
            fake.files = {"IMG_0001.jpg": there, PART: b"picture"}
            assert client.find(photo, "key", time) is None
        assert fake.methods("GET") == ["GET IMG_0001.jpg"], "only what has the right length is read"
        fake.files = {"IMG_0001.jpg": b"PICTURE", SECOND: b"picture", PART: b"pict"}
        found = client.find(photo, "key", time)
    assert found == Receipt(SECOND, f"{fake.url}/{SECOND}")
    assert fake.files == {"IMG_0001.jpg": b"PICTURE", SECOND: b"picture"}


def test_a_photo_larger_than_any_answer_is_compared_whole() -> None:
    data = bytes(range(256)) * 10_000
    with FakeWebdav() as fake:
        fake.files["IMG_0001.jpg"] = data
        assert upload(fake, make_photo(data)).already_there
        changed = data[:-1] + b"!"
        assert upload(fake, make_photo(changed)).remote_id == SECOND


def test_an_original_that_changes_while_it_is_sent_leaves_nothing(tmp_path: Path) -> None:
    path, data = tmp_path / "a.jpg", b"y" * 200_000
    path.write_bytes(data)
    found = FoundPhoto.from_stat(str(path), path.stat())
    photo = replace(make_photo(data), source=DownloadedPhoto(found, "5" * 64), data=None)

    def talk(asked: Asked) -> Says | None:
        if asked.method == "PUT":
            path.write_bytes(b"z" * 200_000)
        return None

    with FakeWebdav(talk) as fake, pytest.raises(PhotoChanged):
        upload(fake, photo)
    assert fake.files == {}


def test_people_are_told_the_public_address() -> None:
    with FakeWebdav() as fake:
        receipt = upload(fake, make_photo(file_name="a b.jpg"), public_url="https://photos.example/")
    assert receipt.url == "https://photos.example/a%20b.jpg"


def test_check_knows_a_server_without_properties_by_its_options() -> None:
    def talk(asked: Asked) -> Says | None:
        return {"PROPFIND": Says(405), "OPTIONS": Says(200, {"DAV": "1", "Server": "plain"})}.get(asked.method)

    time = Time()
    with FakeWebdav(talk) as fake, client_of(fake, time) as client:
        health = client.check(time)
        fake.talk = always("PROPFIND", Says(200))
        assert client.check(time).warnings == ("the server does not say that it speaks WebDAV",)
    assert (health.summary, health.warnings) == ("a WebDAV folder of plain", ())


@pytest.mark.parametrize("options", [{"verify": "md5"}, {"path": "{nothing}"}, {"paht": "x"}])
def test_a_wrong_option_is_refused(options: dict[str, str]) -> None:
    with FakeWebdav() as fake, pytest.raises(UsageError), client_of(fake, Time(), **options):
        pass
