"""What `docs/gallery.md` says is true: its commands run, and the gallery works behind its nginx."""

import io
import os
import re
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from gallery.running_gallery import running_gallery
from PIL import Image
from support.certificate import make_certificate
from support.deadline import DEADLINE_S
from support.real_servers import require, started

from photopipe.cli.commands import run
from photopipe.cli.gallery.gallery import gallery
from photopipe.gallery.server.serve import Openness

PAGE = (Path(__file__).parents[2] / "docs" / "gallery.md").read_text()
COMMANDS = [shlex.split(line) for line in re.findall(r"^    photopipe (.*)$", PAGE, re.MULTILINE)]
SERVING = [words for words in COMMANDS if words == ["gallery"] or words[1].startswith("--")]
HOST = "photos.example.org"
TOKEN = "3q2-7wAAq83vASNFZ4mrze8BI0VniavN"


def jpeg() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (60, 40)).save(file, "JPEG")
    return file.getvalue()


def test_the_commands_of_the_page_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PHOTOPIPE_GALLERY_DIR", str(tmp_path / "gallery"))
    monkeypatch.setattr("sys.stdin", io.StringIO("correct horse battery staple\n"))
    with running_gallery(tmp_path / "gallery") as client:
        assert client.post(jpeg()).status_code == 201
    others = [words for words in COMMANDS if words not in SERVING]
    assert len(others) >= 5
    for words in others:
        assert run(words) == 0, words
    assert "<title>Our holidays</title>" in (tmp_path / "site" / "index.html").read_text()


def test_the_options_of_the_page_for_serving_are_there() -> None:
    assert len(SERVING) >= 3
    known = {flag for option in gallery.params for flag in option.opts}
    assert {word for words in SERVING for word in words if word.startswith("--")} <= known


@contextmanager
def behind_nginx(folder: Path) -> Iterator[tuple[requests.Session, str]]:
    """Who visits a gallery, and its address at an nginx that is set up as the page says."""
    program = require("nginx")
    certificate = make_certificate(folder)
    with running_gallery(
        folder / "gallery", token=TOKEN, public_url=f"https://{HOST}", openness=Openness(is_public=True)
    ) as client:
        port = client.url.rpartition(":")[2]

        def command(folder: Path, ports: tuple[int, ...]) -> list[str]:
            (folder / "nginx.conf").write_text(configuration(folder, ports[0], port, certificate))
            return [program, "-c", str(folder / "nginx.conf"), "-p", str(folder)]

        with started("nginx", command) as server:
            client.session.verify = str(certificate)
            client.session.headers["Host"] = HOST
            yield client.session, f"https://127.0.0.1:{server.port}"


def configuration(folder: Path, port: int, gallery_port: str, certificate: Path) -> str:
    """The page's server, with ports and certificate of this test."""
    (server,) = re.findall(r"```nginx\n(.*?)```", PAGE, re.DOTALL)
    for pattern, value in (
        (r"listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        (r"/etc/\S+\.pem", str(certificate)),
        (r"127\.0\.0\.1:8642", f"127.0.0.1:{gallery_port}"),
    ):
        server, count = re.subn(pattern, value, server)
        assert count
    paths = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.getuid() == 0 else ""
    return (
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; {user}\n"
        f"events {{ worker_connections 64; }} http {{ access_log off; {paths}\n{server}}}"
    )


def test_the_gallery_works_behind_the_nginx_of_the_page(tmp_path: Path) -> None:
    data, token = jpeg(), {"Authorization": f"Bearer {TOKEN}"}
    with behind_nginx(tmp_path) as (visitor, url):

        def send(headers: dict[str, str]) -> requests.Response:
            files = {"file": ("a.jpg", data)}
            return visitor.post(f"{url}/api/photos", files=files, headers=headers, timeout=DEADLINE_S)

        assert send({}).status_code == 401
        sent = send(token)
        assert (sent.status_code, sent.json()["url"].split("/photos/")[0]) == (201, f"https://{HOST}")
        path = sent.json()["url"].removeprefix(f"https://{HOST}")
        assert visitor.get(url + path, timeout=DEADLINE_S).content == data
        assert 'data-id="1"' in visitor.get(url, timeout=DEADLINE_S).text
        with visitor.get(f"{url}/api/events", stream=True, timeout=DEADLINE_S) as events:
            assert next(line for line in events.iter_lines() if line.startswith(b"data:")) == b'data: {"photos": 1}'
