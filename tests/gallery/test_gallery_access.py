"""Rules 1 to 5 of the protocol: who is answered, and how errors look."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from gallery.running_gallery import DEADLINE_S, PROBLEM, GalleryClient, jpeg, running_gallery

from photopipe.errors import GalleryBroken, UsageError
from photopipe.gallery.api.photo_url import OWN_ADDRESS
from photopipe.gallery.server.serve import serve


class NeverShutDown:
    def wait(self) -> None: ...

    def set(self) -> None: ...


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[GalleryClient]:
    with running_gallery(tmp_path / "gallery", token="s3cret") as client:
        yield client


def raw_answer(url: str, request: bytes) -> str:
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=DEADLINE_S) as connection:
        connection.sendall(request)
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    return answer.decode()


@pytest.mark.parametrize(("path", "status"), [("/nope", 404), ("/api/nope", 404), ("/photos/2025/10/no.jpg", 404)])
def test_rule_1_an_unknown_address_is_answered_in_json(gallery: GalleryClient, path: str, status: int) -> None:
    answer = gallery.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.json().keys() == PROBLEM
    assert (answer.json()["status"], answer.json()["title"], answer.json()["reason"]) == (404, "Not Found", "not_found")


def test_rule_1_a_wrong_method_is_answered_in_json_and_says_which_is_right(gallery: GalleryClient) -> None:
    answer = gallery.session.delete(f"{gallery.url}/api/photos", timeout=DEADLINE_S)
    assert (answer.status_code, answer.json()["reason"]) == (405, "method_not_allowed")
    assert "POST" in answer.headers["Allow"]


def test_rule_1_a_broken_request_is_answered_in_json(gallery: GalleryClient) -> None:
    answer = raw_answer(gallery.url, b"POST /api/photos HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n")
    assert answer.startswith("HTTP/1.1 400")
    head, _, body = answer.partition("\r\n\r\n")
    assert "Content-Type: application/problem+json" in head
    assert (json.loads(body).keys(), json.loads(body)["reason"]) == (PROBLEM, "bad_request")


def test_rule_2_health_counts_photos(gallery: GalleryClient) -> None:
    gallery.post(jpeg("a"))
    assert gallery.get("/api/health").json() == {"name": "photopipe-gallery", "protocol": 1, "photos": 1}


def test_rule_2_health_needs_no_token(locked: GalleryClient) -> None:
    assert requests.get(f"{locked.url}/api/health", timeout=DEADLINE_S).status_code == 200


@pytest.mark.parametrize("path", ["/", "/api/photos", "/photos/2025/10/IMG_0042.jpg"])
@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer"}, {"Authorization": "Basic s3cret"}],
    ids=str,
)
def test_rule_3_without_the_token_nothing_is_shown(locked: GalleryClient, path: str, headers: dict[str, str]) -> None:
    locked.post(jpeg("a"))
    answer = requests.get(f"{locked.url}{path}?token=s3cret", headers=headers, timeout=DEADLINE_S)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json()["reason"] == "unauthorized"


def test_rule_3_without_the_token_nothing_is_stored(locked: GalleryClient) -> None:
    stranger = GalleryClient(locked.url, locked.folder, token="Bearer s3cret ü")
    with stranger.session:
        assert stranger.post(jpeg("a")).status_code == 401
    assert locked.get("/api/health").json()["photos"] == 0


def test_rule_3_without_the_token_no_body_is_waited_for(locked: GalleryClient) -> None:
    parts = urlsplit(locked.url)
    head = f"POST /api/photos HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 600000000\r\n\r\n".encode()
    with socket.create_connection((parts.hostname, parts.port), timeout=2) as connection:
        connection.sendall(head + bytes(100_000))
        assert connection.recv(12) == b"HTTP/1.1 401"


@pytest.mark.parametrize("field", ["Transfer-Encoding: chunked", "Content-Length: 9\r\nExpect: 100-continue"])
def test_rule_3_without_the_token_a_body_without_an_end_closes_the_connection(
    locked: GalleryClient, field: str
) -> None:
    host = urlsplit(locked.url).netloc
    answer = raw_answer(locked.url, f"POST /api/photos HTTP/1.1\r\nHost: {host}\r\n{field}\r\n\r\n".encode())
    assert answer.startswith("HTTP/1.1 401")
    assert "www-authenticate: bearer" in answer.lower()


def test_rule_3_what_is_sent_without_the_token_is_skipped_and_the_connection_goes_on(locked: GalleryClient) -> None:
    parts = urlsplit(locked.url)
    post = f"POST /api/photos HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Length: 300000\r\n\r\n".encode()
    get = f"GET /api/health HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode()
    with socket.create_connection((parts.hostname, parts.port), timeout=DEADLINE_S) as connection:
        connection.sendall(post + b"GET / HTTP/1.1\r\n\r\n".ljust(300_000, b"x") + get)
        answers = b""
        while data := connection.recv(65_536):
            answers += data
    assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"401", b"200"]


def test_rule_3_with_the_token_everything_is_shown(locked: GalleryClient) -> None:
    assert locked.post(jpeg("a")).status_code == 201
    assert locked.get("/photos/2025/10/IMG_0042.jpg").content == jpeg("a")
    assert locked.get("/").status_code == 200


def test_rule_3_a_gallery_others_can_reach_must_have_a_token(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="token"):
        serve(str(tmp_path), host="0.0.0.0", port=0, token=None, public_url=None, ready=print, stop=NeverShutDown())  # noqa: S104 - refused


@pytest.mark.parametrize(
    "host", ["127.0.0.1:{port}", "localhost:{port}", "LocalHost:1", "[::1]", "192.0.2.7", "[2001:db8::7]:80"]
)
def test_rule_4_its_own_names_are_answered(gallery: GalleryClient, host: str) -> None:
    named = host.format(port=urlsplit(gallery.url).port)
    answer = requests.get(f"{gallery.url}/", headers={"Host": named}, timeout=DEADLINE_S)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1.evil.example", "localhost@evil.example", ""]
)
@pytest.mark.parametrize("path", ["/", "/api/health", "/api/photos"])
def test_rule_4_another_name_is_refused(gallery: GalleryClient, host: str, path: str) -> None:
    named = host.format(port=urlsplit(gallery.url).port)
    answer = requests.get(gallery.url + path, headers={"Host": named}, timeout=DEADLINE_S)
    assert (answer.status_code, answer.json()["reason"]) == (421, "wrong_host")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
def test_rule_5_another_site_cannot_send(gallery: GalleryClient, origin: str) -> None:
    gallery.session.headers["Origin"] = origin
    answer = gallery.post(jpeg("a"))
    assert (answer.status_code, answer.json()["reason"]) == (403, "wrong_origin")
    assert gallery.photos() == []


def test_rule_5_its_own_site_can_send(gallery: GalleryClient) -> None:
    gallery.session.headers["Origin"] = gallery.url
    assert gallery.post(jpeg("a")).status_code == 201


def test_a_port_in_use_is_said(gallery: GalleryClient, tmp_path: Path) -> None:
    port = urlsplit(gallery.url).port
    assert port
    with pytest.raises(GalleryBroken, match=f"127.0.0.1 port {port}: Address already in use"):
        serve(
            str(tmp_path),
            host="127.0.0.1",
            port=port,
            token=None,
            public_url=OWN_ADDRESS,
            ready=print,
            stop=NeverShutDown(),
        )
