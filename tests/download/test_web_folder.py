"""Folders that web servers list: what their pages link to is found as in a folder here, and nothing else."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.photo_server import PhotoServer, photo_server
from support.pictures import make_jpeg
from support.plain_server import plain_server
from support.real_servers import RealServer, require, started

from photopipe.cli.commands import run
from photopipe.download.fetching import http_reader
from photopipe.download.fetching.index_page import MOST_PAGE_BYTES, links_in
from photopipe.download.fetching.web_address import WebAddress
from photopipe.download.sources.servers import web_folder
from photopipe.download.sources.servers.web_folder import may_be_folder

Process = Callable[..., tuple[int, list[str]]]
NAMES = ["IMG_1.jpg", "Herr & Frau/IMG #2.jpg", "Herr & Frau/100% Grüße.jpg", "2024/05/IMG_3.jpg"]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """What the servers serve below `photos`: photos, and things that are to be left alone."""
    top = tmp_path / "served"
    for number, name in enumerate([*(f"photos/{name}" for name in NAMES), "elsewhere/IMG_9.jpg"]):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        make_jpeg(top / name, seed=number)
    (top / "photos" / "notes.txt").write_text("no photo")
    return top


@pytest.fixture
def process(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Process:
    """Runs `photopipe process` here: the exit code, and what became of each photo, by its path."""
    monkeypatch.setattr(http_reader, "BACKOFF_START_S", 0.001)
    (tmp_path / "site").mkdir()

    def process(*arguments: str) -> tuple[int, list[str]]:
        places = ["--to", f"folder://{tmp_path}/site", "--journal", str(tmp_path / "journal.sqlite")]
        code = run(["process", *arguments, *places, "--json", "-q"])
        records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        photos = [record for record in records if record["type"] == "photo"]
        return code, sorted(f"{record['path'].partition('/photos/')[2]} {record['status']}" for record in photos)

    return process


def expected(status: str) -> list[str]:
    return sorted(f"{name.replace('Herr & Frau', 'Herr%20&%20Frau')} {status}" for name in NAMES)


def plain(name: str) -> str:
    """A path as one server or another spells it."""
    return name.replace("%26", "&")


_NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
{who}
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  types {{ text/html html; image/jpeg jpg; }}
  server {{ listen 127.0.0.1:{port}; autoindex on; root {top}; }}
}}
"""

_APACHE = """
ServerName 127.0.0.1
Listen 127.0.0.1:{port}
PidFile {folder}/apache.pid
ErrorLog {folder}/error.log
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule autoindex_module {modules}/mod_autoindex.so
LoadModule dir_module {modules}/mod_dir.so
DocumentRoot {top}
<Directory {top}>
  Options +Indexes
  IndexOptions FancyIndexing HTMLTable
  Require all granted
</Directory>
"""


def nginx(top: Path, folder: Path, port: int) -> list[str]:
    import os

    who = "user root;" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=port, top=top, who=who))
    return [require("nginx"), "-c", str(folder / "nginx.conf"), "-p", str(folder)]


def apache(top: Path, folder: Path, port: int) -> list[str]:
    modules = "/usr/lib/apache2/modules"
    (folder / "apache.conf").write_text(_APACHE.format(folder=folder, port=port, top=top, modules=modules))
    return [require("apache2"), "-f", str(folder / "apache.conf"), "-D", "FOREGROUND"]


@pytest.fixture(params=["nginx", "apache", "python"])
def address(request: pytest.FixtureRequest, here: Path) -> Iterator[str]:
    """The folder with the photos on each server, without a slash at its end."""
    if request.param == "python":
        with plain_server(here) as url:
            yield f"{url}/photos"
        return
    for folder in (here, *here.parents[:3]):
        folder.chmod(0o755)
    command = nginx if request.param == "nginx" else apache
    with started(request.param, lambda folder, ports: command(here, folder, ports[0])) as server:
        assert isinstance(server, RealServer)
        yield f"{server.url}/photos"


def test_photos_in_a_listed_folder_and_below_it_are_uploaded_once(address: str, process: Process) -> None:
    code, told = process(f"{address}/")
    assert (code, [plain(line) for line in told]) == (0, expected("uploaded"))
    code, told = process(f"{address}/")
    assert (code, [plain(line) for line in told]) == (0, expected("skipped"))
    assert process(f"{address}/IMG_1.jpg") == (0, ["IMG_1.jpg skipped"]), "by itself it is the same photo"


def test_the_slash_may_be_missing_and_the_same_rules_choose_as_in_a_folder_here(
    address: str, process: Process, here: Path
) -> None:
    assert process(address, "--exclude", "Herr & Frau/", "--exclude", "IMG_3*") == (0, ["IMG_1.jpg uploaded"])
    (here / "photos" / "2024" / ".photopipe").mkdir()
    (here / "photos" / "IMG_1.xmp").write_text("<x:xmpmeta/>")
    both = [process(f"{address}/", "--dry-run", "--shard", shard)[1] for shard in ("1/2", "2/2")]
    assert len(both[0] + both[1]) in {3, 4}, "not every server shows names that begin with a dot"


def links(html: str, url: str = "https://host/photos/") -> dict[str, str]:
    return {name: address.url for name, address in links_in(html.encode(), WebAddress.of(url)).items()}


def test_only_what_lies_in_the_folder_counts() -> None:
    ignored = [
        "../", "/", "/photos/", "./", "?C=N;O=D", "a.jpg?x=1", "javascript:alert(1)", "mailto:a@host", "#top",
        "http://host/photos/a.jpg", "https://other/photos/a.jpg", "https://host:444/photos/a.jpg",
        "//other/photos/a.jpg", "/photosx/a.jpg", "/elsewhere/a.jpg", "sub/a.jpg", "%2e%2e/", "..%2fa.jpg", "a%2Fb.jpg",
        "a%00.jpg", "http://[", "https://host@other/photos/a.jpg", "%2e/",
    ]  # fmt: skip
    assert links("".join(f'<a href="{link}">x</a>' for link in ignored)) == {}
    page = """<A class=x HREF='b.jpg'>b</A> <a href=c.jpg> <a href="/photos/d.jpg">
    <a href="https://HOST:443/photos/e%20f.jpg">
    <a href="g/">g</a> <a href="g/">again</a> <a href="h&amp;i.jpg"> <a data-href="no.jpg">
    <link href="no.jpg"> <a>no</a>"""
    assert links(page) == {
        "b.jpg": "https://host/photos/b.jpg",
        "c.jpg": "https://host/photos/c.jpg",
        "d.jpg": "https://host/photos/d.jpg",
        "e f.jpg": "https://host/photos/e%20f.jpg",
        "g/": "https://host/photos/g/",
        "h&i.jpg": "https://host/photos/h&i.jpg",
    }


PIECES = ["<a ", "<a href=", '<a href="', "<a href='x ", "<!--", "</", "<a " + " " * 99, "href=' "]


@pytest.mark.parametrize("piece", PIECES)
def test_no_page_takes_long_to_read(piece: str) -> None:
    started_s = time.process_time()
    links(piece * (MOST_PAGE_BYTES // 4 // len(piece)))
    assert time.process_time() - started_s < 20


def test_a_login_goes_to_every_photo_in_the_folder() -> None:
    folder = WebAddress.of("https://anna:t0ken@host/photos/")
    (photo,) = links_in(b'<a href="a.jpg">', folder).values()
    assert photo.login == ("anna", "t0ken")
    assert "t0ken" not in photo.path + photo.url


def test_a_login_is_trusted_to_the_same_server_only() -> None:
    address = WebAddress.of("https://anna:t0ken@host/photos")
    trusted = {
        url: address.trusts(address.elsewhere(url)) for url in ["https://host/p/", "http://host/p/", "https://b/p/"]
    }
    assert list(trusted.values()) == [True, False, False]


@pytest.mark.parametrize(
    ("url", "may_be"),
    [
        ("https://host/photos/", True),
        ("https://host/photos", True),
        ("https://host", True),
        ("https://host/a.jpg", False),
        ("https://host/a.jpg/", True),
        ("https://host/photos?id=1", False),
    ],
)
def test_an_address_with_the_name_of_a_photo_or_with_a_query_is_not_asked_for_a_list(url: str, may_be: bool) -> None:
    assert may_be_folder(WebAddress.of(url)) is may_be


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PhotoServer]:
    with photo_server() as server:
        picture = make_jpeg(tmp_path / "picture.jpg").read_bytes()
        server.photos["/photos/IMG_1.jpg"] = picture
        server.pages["/photos/"] = b'<a href="IMG_1.jpg"></a> <a href="sub/"></a>'
        server.pages["/photos/sub/"] = b'<a href="../">up</a> <a href="loop/"></a>'
        yield server


@pytest.mark.parametrize(("status", "code"), [(401, 12), (403, 12), (404, 13), (500, 13)])
def test_a_folder_that_cannot_be_read_ends_the_run(
    server: PhotoServer, process: Process, status: int, code: int
) -> None:
    server.refused["/photos/"] = status
    assert process(f"{server.url}/photos/") == (code, [])


@pytest.mark.parametrize("status", [403, 404])
def test_a_sub_folder_that_cannot_be_read_is_passed_over(server: PhotoServer, process: Process, status: int) -> None:
    server.refused["/photos/sub/"] = status
    assert process(f"{server.url}/photos/") == (3, ["IMG_1.jpg uploaded"])


def test_a_server_on_which_folders_have_no_end_is_not_followed_for_ever(server: PhotoServer, process: Process) -> None:
    server.endless = "loop/"
    assert process(f"{server.url}/photos/") == (3, ["IMG_1.jpg uploaded"])
    assert max(call.path.count("loop/") for call in server.calls) == web_folder.MOST_LEVELS - 1


def test_a_page_that_is_too_long_is_not_read_to_its_end(
    server: PhotoServer, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_folder, "MOST_PAGE_BYTES", 1000)
    server.pages["/photos/sub/"] = b"<a href=a.jpg>" * 10_000
    assert process(f"{server.url}/photos/") == (3, ["IMG_1.jpg uploaded"])


def test_a_photo_at_an_address_that_ends_in_a_slash_is_still_a_photo(server: PhotoServer, process: Process) -> None:
    server.photos["/photos/7/"] = server.photos["/photos/IMG_1.jpg"]
    assert process(f"{server.url}/photos/7/") == (0, ["7/photo uploaded"])


def test_what_the_server_lets_us_have_no_more_is_left_over(server: PhotoServer, process: Process) -> None:
    server.pages["/photos/"] = b'<a href="IMG_1.jpg"></a>'
    server.refused_gets_after["/photos/"] = (2, 403)
    server.refused_gets_after["/photos/IMG_1.jpg"] = (0, 403)
    assert process(f"{server.url}/photos/") == (12, [])
