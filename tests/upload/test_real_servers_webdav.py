"""Uploads to real WebDAV servers: wsgidav, copyparty, Apache's mod_dav and nginx with dav-ext."""

import hashlib
import os
import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from support.cutting_proxy import cutting_proxy
from support.deadline import within_deadline
from support.real_servers import RealServer
from support.uploading import Time, make_photo, open_client
from support.webdav_servers import LIMIT_BYTES, PASSWORD, USERNAME, files_of

from photopipe.errors import LoginRefused, TooLargeForGallery, UsageError
from photopipe.photo import Receipt, Rendition, ResizedPhoto
from photopipe.settings import UploadSettings
from photopipe.stop_token import StopToken
from photopipe.upload.client import UploadClient
from photopipe.upload.galleries.contract import Health
from photopipe.upload.galleries.remote_name import part_path, short_key
from photopipe.upload.http.auth import basic_auth
from photopipe.upload.uploader import Uploader

SERVERS = ["apache", "copyparty", "nginx", "wsgidav"]
LOGIN: dict[str, Any] = {"kind": "webdav", "username": USERNAME, "token": PASSWORD}
KEEPS_WHAT_WAS_CUT = {"copyparty", "wsgidav"}


@pytest.fixture(params=SERVERS)
def server(request: pytest.FixtureRequest) -> RealServer:
    found: RealServer = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def below(request: pytest.FixtureRequest) -> str:
    """A folder of each test's own, so that one server does for all of them."""
    return hashlib.sha256(request.node.name.encode()).hexdigest()[:12]


def endpoint(server: RealServer) -> str:
    return server.url + ("/dav" if {"apache", "nginx"} & set(server.folder.name.split("-")) else "")


@dataclass(frozen=True)
class Worker:
    """A client with its clock, whose every call has a deadline."""

    client: UploadClient
    time: Time

    def upload(self, photo: ResizedPhoto, key: str, *, earlier: Rendition | None = None) -> Receipt:
        return within_deadline(lambda: self.client.upload(photo, key, self.time, earlier=earlier)).receipt

    def find(self, photo: ResizedPhoto, key: str) -> Receipt | None:
        return within_deadline(lambda: self.client.find(photo, key, self.time))

    def check(self) -> Health:
        return within_deadline(lambda: self.client.check(self.time))


@contextmanager
def worker_at(url: str, time: Time | None = None, **settings: Any) -> Iterator[Worker]:
    time = time or Time()
    with open_client(url, time, **{**LOGIN, **settings}) as client:
        yield Worker(client, time)


@contextmanager
def worker_in(
    server: RealServer, below: str, *, url: str | None = None, time: Time | None = None, **options: str
) -> Iterator[Worker]:
    path = f"{below}/{options.pop('path', '{file_name}')}"
    with worker_at(url or endpoint(server), time, options={"path": path, **options}) as worker:
        yield worker


def held(server: RealServer, below: str) -> dict[str, bytes]:
    return {
        name.removeprefix(f"{below}/"): data for name, data in files_of(server).items() if name.startswith(f"{below}/")
    }


def ask(server: RealServer, method: str, path: str, **content: Any) -> requests.Response:
    return requests.request(
        method, f"{endpoint(server)}/{path}", auth=basic_auth(USERNAME, PASSWORD), timeout=10, **content
    )


def photo_of(size_bytes: int, name: str = "IMG_0001.jpg", seed: int = 1) -> ResizedPhoto:
    data = hashlib.shake_256(bytes([seed])).digest(size_bytes)
    return make_photo(data, file_name=name)


@pytest.mark.parametrize("verify", ["size", "hash"])
def test_a_photo_arrives_byte_for_byte_in_folders_made_for_it(server: RealServer, below: str, verify: str) -> None:
    photo = photo_of(90_000, "Über 1 #%?.jpg")
    with worker_in(server, below, path="{taken_at:%Y/%m}/{file_name}", verify=verify) as worker:
        receipt = worker.upload(photo, "key")
    assert held(server, below) == {"2023/11/Über 1 #%_.jpg": photo.data}
    assert receipt.url == f"{endpoint(server)}/{below}/2023/11/%C3%9Cber%201%20%23%25_.jpg"
    assert (receipt.remote_id, receipt.already_there) == (f"{below}/2023/11/Über 1 #%_.jpg", False)
    assert ask(server, "GET", receipt.url.removeprefix(f"{endpoint(server)}/")).content == photo.data


def test_the_same_photo_again_is_already_there(server: RealServer, below: str) -> None:
    photo = photo_of(3000)
    with worker_in(server, below) as worker:
        first = worker.upload(photo, "key")
    with worker_in(server, below) as worker:
        again = worker.upload(photo, "key")
    assert (again.url, again.already_there) == (first.url, True)
    assert held(server, below) == {"IMG_0001.jpg": photo.data}


def test_another_photo_of_the_same_name_gets_a_second_one(server: RealServer, below: str) -> None:
    photo, other = photo_of(3000, seed=1), photo_of(3000, seed=2)
    with worker_in(server, below) as worker:
        worker.upload(other, "other")
        receipt = worker.upload(photo, "key")
        found = worker.find(photo, "key")
    second = f"IMG_0001-{short_key('key')}.jpg"
    assert held(server, below) == {"IMG_0001.jpg": other.data, second: photo.data}
    assert (receipt.remote_id, receipt.already_there) == (f"{below}/{second}", False)
    assert found is not None
    assert found.url == receipt.url


def test_a_photo_that_comes_between_looking_and_renaming_is_not_written_over(server: RealServer, below: str) -> None:
    photo, other = photo_of(3000, seed=1), photo_of(3000, seed=2)

    def comes_first(request: str) -> bool:
        if request.startswith("HEAD") and ".part-" in request:
            assert ask(server, "PUT", f"{below}/IMG_0001.jpg", data=other.data).status_code == 201
        return False

    with (
        cutting_proxy(server.port, comes_first) as proxy,
        worker_in(server, below, url=endpoint(server).replace(server.url, proxy.url)) as worker,
    ):
        receipt = worker.upload(photo, "key")
    second = f"IMG_0001-{short_key('key')}.jpg"
    assert held(server, below) == {"IMG_0001.jpg": other.data, second: photo.data}
    assert receipt.remote_id == f"{below}/{second}"


@pytest.mark.parametrize("method", ["PUT", "HEAD", "MOVE", "MKCOL"])
def test_a_lost_answer_leaves_one_photo(server: RealServer, below: str, method: str) -> None:
    def loses(request: str) -> bool:
        return request.startswith(f"{method} ") and below in request and not proxy.lost

    photo = photo_of(60_000)
    with cutting_proxy(server.port, loses) as proxy:
        url = endpoint(server).replace(server.url, proxy.url)
        with worker_in(server, below, url=url) as worker:
            receipt = worker.upload(photo, "key")
    makes_folders_itself = method == "MKCOL" and "copyparty" in server.folder.name
    assert len(proxy.lost) == (0 if makes_folders_itself else 1)
    assert held(server, below) == {"IMG_0001.jpg": photo.data}
    assert not receipt.already_there, "it was we who sent it"


@pytest.mark.parametrize("is_final", [True, False], ids=["under the photo's name", "under the temporary name"])
def test_what_a_cut_put_leaves_is_never_taken_for_the_photo(server: RealServer, below: str, is_final: bool) -> None:
    photo = photo_of(60_000)
    path = f"{below}/IMG_0001.jpg"
    ask(server, "MKCOL", f"{below}/")
    cut_put(server, path if is_final else part_path(path, "key"), photo)
    with worker_in(server, below) as worker:
        assert worker.find(photo, "key") is None
        receipt = worker.upload(photo, "key", earlier=photo.rendition)
    files = held(server, below)
    assert files.pop((receipt.remote_id or "").removeprefix(f"{below}/")) == photo.data
    kept = is_final and bool(KEEPS_WHAT_WAS_CUT & set(server.folder.name.split("-")))
    assert [name for name in files if ".part-" in name] == []
    assert list(files) == (["IMG_0001.jpg"] if kept else []), "somebody else's half a file is not ours to remove"


def cut_put(server: RealServer, path: str, photo: ResizedPhoto) -> None:
    """PUT half of a photo and hang up; returns when the server has seen it."""
    data, login = photo.data or b"", b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
    place = endpoint(server).removeprefix(server.url)
    head = (
        f"PUT {place}/{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {login}\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        connection.sendall(head.encode() + data[: len(data) // 2])
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(1000):
            pass


@pytest.mark.parametrize("username", [USERNAME, "nobody"])
def test_a_wrong_password_ends_the_run(server: RealServer, below: str, username: str) -> None:
    with worker_at(endpoint(server), username=username, token="wrong-t0ken") as worker:
        with pytest.raises(LoginRefused) as refused:
            worker.upload(photo_of(3000), "key")
        with pytest.raises(LoginRefused):
            worker.check()
    assert "wrong-t0ken" not in str(refused.value)


def test_check_says_what_is_there(server: RealServer) -> None:
    with worker_at(endpoint(server)) as worker:
        health = worker.check()
    assert health.summary.startswith("a WebDAV folder")
    assert health.summary.endswith(f"as {USERNAME}")
    assert health.warnings == ()


@pytest.mark.parametrize("path", ["{file_name}", "a/{file_name}"])
def test_a_base_folder_that_is_not_there_is_not_made(server: RealServer, path: str) -> None:
    url = f"{endpoint(server)}/mistyped"
    with worker_at(url, options={"path": path}) as worker:
        with pytest.raises(UsageError, match="there is no folder"):
            worker.upload(photo_of(10), "key")
        with pytest.raises(UsageError, match="there is no folder"):
            worker.check()
    assert not [name for name in files_of(server) if name.startswith("mistyped")]


@pytest.mark.parametrize("name", ["apache", "nginx"])
def test_a_photo_beyond_the_servers_limit_fails_alone(request: pytest.FixtureRequest, below: str, name: str) -> None:
    server: RealServer = request.getfixturevalue(name)
    small = photo_of(100, "small.jpg")
    with worker_in(server, below) as worker:
        worker.upload(small, "small")
        with pytest.raises(TooLargeForGallery):
            worker.upload(photo_of(LIMIT_BYTES * 30), "key")
        worker.upload(photo_of(LIMIT_BYTES, "fits.jpg"), "fits")
    assert set(held(server, below)) == {"small.jpg", "fits.jpg"}


def test_a_locked_file_is_waited_for(wsgidav: RealServer, below: str) -> None:
    photo, path = photo_of(3000), f"{below}/IMG_0001.jpg"
    part = part_path(path, "key")
    ask(wsgidav, "MKCOL", f"{below}/")
    lock = ask(wsgidav, "LOCK", part, data=LOCK, headers={"Timeout": "Second-300"})
    assert lock.status_code in {200, 201}

    class Stop(Time):
        def wait(self, timeout: float | None = None) -> bool:
            if len(self.waits) == 2:
                token = lock.headers["Lock-Token"]
                assert ask(wsgidav, "UNLOCK", part, headers={"Lock-Token": token}).status_code == 204
            return super().wait(timeout)

    stop = Stop()
    with worker_in(wsgidav, below, time=stop) as worker:
        worker.upload(photo, "key")
    assert len(stop.waits) == 3
    assert held(wsgidav, below) == {"IMG_0001.jpg": photo.data}


LOCK = (
    '<?xml version="1.0"?><D:lockinfo xmlns:D="DAV:"><D:lockscope><D:exclusive/></D:lockscope>'
    "<D:locktype><D:write/></D:locktype><D:owner>a test</D:owner></D:lockinfo>"
)


def test_an_account_that_may_not_rename_is_told_so(copyparty: RealServer) -> None:
    with (
        worker_at(f"{copyparty.url}/rw") as worker,
        pytest.raises(LoginRefused, match="not rename"),
    ):
        worker.upload(photo_of(3000), "key")
    assert "IMG_0001.jpg" not in files_of(copyparty, "rw")


@pytest.mark.campaign
def test_nginx_saying_429_loses_and_doubles_nothing(nginx: RealServer, below: str) -> None:
    photos = [photo_of(500, f"{number}.jpg", seed=number) for number in range(4)]
    ask(nginx, "MKCOL", f"{below}/")
    settings = UploadSettings(f"{nginx.url}/slow", workers=4, **LOGIN, options={"path": f"{below}/{{file_name}}"})
    uploader = Uploader(settings, random=lambda: 0.1 + int.from_bytes(os.urandom(1)) / 1000)
    stop, waiting = StopToken(), list(enumerate(photos))

    def work() -> None:
        with uploader.open_client() as client:
            while waiting:
                number, photo = waiting.pop()
                client.upload(photo, f"key-{number}", stop)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        within_deadline(thread.join)
    assert held(nginx, below) == {photo.rendition.file_name: photo.data for photo in photos}
    assert "limiting requests" in (nginx.folder / "error.log").read_text()
