"""TLS: an unsafe connection is refused at once and explained; a dropped one is tried again."""

import random
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.fault_gallery import FaultGallery
from support.fault_proxy import Call, FaultProxy, Mishap
from support.uploading import Time, head_of_request, make_photo, open_client, serve

from photopipe.errors import GalleryUnreachable, UsageError


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody vouches for, and its key, in one file."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl program to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    command = (
        f"{openssl} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=gallery"
        " -addext subjectAltName=IP:127.0.0.1 -keyout key -out certificate"
    )
    subprocess.run(command.split(), cwd=folder, check=True, capture_output=True, timeout=20)
    both = folder / "both"
    both.write_bytes((folder / "key").read_bytes() + (folder / "certificate").read_bytes())
    return both


def context_with(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def answering(*answers: bytes) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        for answer in answers:
            head = head_of_request(connection).lower()
            left = int(head.partition(b"content-length: ")[2].split(b"\r\n")[0] or b"0")
            while left:
                left -= len(connection.recv(left))
            connection.sendall(answer)

    return talk


NOT_ALLOWED = b"HTTP/1.1 405 X\r\nContent-Length: 0\r\n\r\n"
CREATED = b"HTTP/1.1 201 X\r\nContent-Length: 0\r\n\r\n"


def test_a_certificate_nobody_vouches_for_ends_at_once(certificate: Path) -> None:
    time = Time()
    with ExitStack() as stack:
        address = serve(stack, answering(CREATED), context_with(certificate))
        with (
            open_client(f"https://{address}", time) as client,
            pytest.raises(GalleryUnreachable, match=r"certificate is not trusted: self.signed.*REQUESTS_CA_BUNDLE"),
        ):
            client.upload(make_photo(), "key", time)
    assert time.waits == []


def test_a_certificate_for_another_name_ends_at_once(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    time = Time()
    with ExitStack() as stack:
        address = serve(stack, answering(CREATED), context_with(certificate))
        with (
            open_client("https://" + address.replace("127.0.0.1", "localhost"), time) as client,
            pytest.raises(GalleryUnreachable, match=r"certificate is not trusted: .*localhost"),
        ):
            client.upload(make_photo(), "key", time)
    assert time.waits == []


def test_a_certificate_one_vouches_for_oneself_is_good(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with ExitStack() as stack:
        address = serve(stack, answering(NOT_ALLOWED, CREATED), context_with(certificate))
        with open_client(f"https://{address}") as client:
            receipt = client.upload(make_photo(b"x" * 1_000_000), "key", Time()).receipt
    assert receipt.url == f"https://{address}"


def test_a_dropped_tls_connection_is_tried_again(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server ends the connection without TLS's goodbye, as one that crashes does."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    turns = iter([answering(NOT_ALLOWED, b""), answering(NOT_ALLOWED, CREATED)])

    def talk(connection: socket.socket) -> None:
        next(turns)(connection)

    time = Time()
    with ExitStack() as stack:
        address = serve(stack, talk, context_with(certificate))
        with open_client(f"https://{address}", time) as client:
            client.upload(make_photo(), "key", time)
    assert len(time.waits) == 1


@pytest.mark.parametrize("taken", [True, False])
def test_noise_on_a_tls_connection_that_has_worked_is_tried_again_after_asking(certificate: Path, taken: bool) -> None:
    """It is no matter of trust; and the photo may have been taken."""

    def choose(call: Call) -> Mishap | None:
        posts.extend([call] if call.method == "POST" else [])
        return Mishap.TLS_ERROR if posts == [call] else None

    posts: list[Call] = []
    time = Time()
    with FaultGallery(idempotent=False) as gallery:
        port, path = gallery.url.removeprefix("http://127.0.0.1:").split("/", 1)
        seed = next(seed for seed in range(99) if (random.Random(seed).random() < 0.5) is taken)
        with (
            FaultProxy(int(port), choose, context=context_with(certificate), seed=seed) as proxy,
            open_client(f"{proxy.url}/{path}", time, ca_bundle=str(certificate)) as client,
        ):
            client.upload(make_photo(), "key", time)
        assert len(gallery.stored) == 1
        assert len(gallery.posts) == len(gallery.finds) == 1
    assert len(time.waits) == 1


def test_a_plain_server_behind_an_https_address_ends_at_once() -> None:
    time = Time()
    with (
        FaultGallery() as gallery,
        open_client(gallery.url.replace("http://", "https://"), time) as client,
        pytest.raises(GalleryUnreachable, match=r"no TLS connection.*http://"),
    ):
        client.upload(make_photo(), "key", time)
    assert time.waits == []


def test_a_certificate_file_that_is_not_there_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/file")
    with open_client("https://127.0.0.1:1/x") as client, pytest.raises(UsageError, match=r"REQUESTS_CA_BUNDLE"):
        client.upload(make_photo(), "key", Time())
