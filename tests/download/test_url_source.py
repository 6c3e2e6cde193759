"""Photos at http addresses through the whole line: fetched once, known again without fetching, no secret kept."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.photo_server import PhotoServer, photo_server
from support.pictures import make_jpeg
from support.secret_watch import secret_in_file

from photopipe.cli.commands import run
from photopipe.download.fetching import http_reader
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.servers.url_source import UrlSource
from photopipe.download.sources.sources import source_of
from photopipe.errors import LoginRefused, UsageError
from photopipe.settings import DownloadSettings
from photopipe.wakeup import Wakeup

Process = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PhotoServer]:
    monkeypatch.setattr(http_reader, "BACKOFF_START_S", 0.001)
    with photo_server() as server:
        for number in range(3):
            picture = make_jpeg(tmp_path / "picture.jpg", seed=number).read_bytes()
            server.photos[f"/trip/IMG_{number}.jpg"] = picture
        yield server


@pytest.fixture
def process(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Process:
    """Runs `photopipe process` here: the exit code, and the lines about photos."""
    (tmp_path / "site").mkdir()
    monkeypatch.chdir(tmp_path)

    def process(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
        places = ["--to", f"folder://{tmp_path}/site", "--journal", str(tmp_path / "journal.sqlite")]
        code = run(["process", *arguments, *places, "--json", "-q"])
        records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert not (tmp_path / "journal.sqlite.sources").exists(), "no copy is left"
        return code, [record for record in records if record["type"] == "photo"]

    return process


def told(records: list[dict[str, Any]], server: PhotoServer) -> list[str]:
    return sorted(f"{record['path'].removeprefix(server.url)} {record['status']}" for record in records)


def test_photos_are_fetched_once_and_known_again_without_being_fetched(
    server: PhotoServer, process: Process, tmp_path: Path
) -> None:
    addresses = [f"{server.url}{path}" for path in server.photos]
    code, records = process(*addresses)
    assert (code, told(records, server)) == (0, [f"{path} uploaded" for path in server.photos])
    assert sorted(path.name for path in (tmp_path / "site").glob("*.jpg")) == ["IMG_0.jpg", "IMG_1.jpg", "IMG_2.jpg"]
    assert len(server.gets) == 3
    code, records = process(*addresses)
    assert (code, told(records, server)) == (0, [f"{path} skipped" for path in server.photos])
    assert len(server.gets) == 3


def test_a_photo_without_validators_is_fetched_again_and_known_by_its_content(
    server: PhotoServer, process: Process
) -> None:
    server.left_out = {"ETag", "Last-Modified"}
    address = f"{server.url}/trip/IMG_0.jpg"
    assert told(process(address)[1], server) == ["/trip/IMG_0.jpg uploaded"]
    assert told(process(address)[1], server) == ["/trip/IMG_0.jpg skipped"]
    assert len(server.gets) == 2


def test_a_photo_that_is_replaced_is_uploaded_again(server: PhotoServer, process: Process, tmp_path: Path) -> None:
    address = f"{server.url}/trip/IMG_0.jpg"
    process(address)
    server.photos["/trip/IMG_0.jpg"] = make_jpeg(tmp_path / "other.jpg", seed=9).read_bytes()
    assert told(process(address)[1], server) == ["/trip/IMG_0.jpg uploaded"]


def test_login_and_secrets_of_the_query_are_used_and_never_kept_or_shown(
    server: PhotoServer, process: Process, tmp_path: Path
) -> None:
    address = f"{server.url.replace('//', '//anna:t0ken@')}/trip/IMG_0.jpg?key=s3cret"
    code, records = process(address, f"{server.url.replace('//', '//anna:t0ken@')}/none.jpg?key=s3cret")
    assert (code, sorted(record["status"] for record in records)) == (3, ["uploaded", "vanished"])
    assert all(call.authorization and "key=s3cret" in call.path for call in server.calls)
    assert secret_in_file(tmp_path / "journal.sqlite") is None
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as journal:
        ((folder,),) = journal.execute("SELECT path FROM folders")
    assert folder == f"{server.url}/trip".encode()


def test_what_is_not_there_has_vanished_and_a_server_that_is_down_fails_its_photos(
    server: PhotoServer, process: Process
) -> None:
    with photo_server() as down:
        """Its port is free again."""
    code, records = process(f"{server.url}/none.jpg", f"{down.url}/a.jpg", f"{server.url}/trip/IMG_0.jpg")
    assert code == 3
    assert sorted((record["status"], record.get("reason") or "") for record in records) == [
        ("failed", "unreadable_file"),
        ("uploaded", ""),
        ("vanished", "vanished"),
    ]


@pytest.mark.parametrize("status", [401, 403])
def test_an_address_that_is_all_there_is_and_does_not_let_us_in_is_a_refused_login(
    server: PhotoServer, process: Process, tmp_path: Path, status: int
) -> None:
    address = f"{server.url}/trip/IMG_0.jpg"
    server.refused["/trip/IMG_0.jpg"] = status
    assert process(address) == (12, [])
    with pytest.raises(LoginRefused, match=rf"^{address}: .*\b{status} "):
        list(source_of(address, DownloadSettings(sources=(address,))).find(Selection(), Wakeup()))


def test_one_address_of_several_that_does_not_let_us_in_fails_its_photo_alone(
    server: PhotoServer, process: Process, tmp_path: Path
) -> None:
    server.refused["/trip/IMG_0.jpg"] = 403
    addresses = [f"{server.url}/trip/IMG_{number}.jpg" for number in range(2)]
    told_once = ["/trip/IMG_0.jpg failed", "/trip/IMG_1.jpg uploaded"]
    code, records = process(*addresses)
    assert (code, told(records, server)) == (3, told_once)
    (tmp_path / "list").write_text(addresses[0])
    code, records = process("--files-from", "list")
    assert (code, told(records, server)) == (3, told_once[:1])


def test_a_list_may_hold_addresses_and_files_and_nonsense(
    server: PhotoServer, process: Process, tmp_path: Path
) -> None:
    make_jpeg(tmp_path / "here.jpg", seed=5)
    names = [*(f"{server.url}{path}" for path in server.photos), "here.jpg", "http://[t0ken", f"{server.url}/none.jpg"]
    (tmp_path / "list").write_text("\n".join(names))
    code, records = process("--files-from", "list")
    assert (code, told(records, server)) == (
        3,
        sorted(
            ["/none.jpg vanished", f"{tmp_path}/here.jpg uploaded", *(f"{path} uploaded" for path in server.photos)]
        ),
    )


def test_originals_are_sent_from_the_copy(server: PhotoServer, process: Process, tmp_path: Path) -> None:
    process(f"{server.url}/trip/IMG_0.jpg", "--original", "instead")
    assert (tmp_path / "site" / "IMG_0.jpg").read_bytes() == server.photos["/trip/IMG_0.jpg"]
    assert len(server.gets) == 1


def test_a_dry_run_fetches_and_keeps_nothing(server: PhotoServer, process: Process, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    assert told(process(f"{server.url}/trip/IMG_0.jpg", "--dry-run")[1], server) == ["/trip/IMG_0.jpg would_upload"]
    assert sorted(tmp_path.iterdir()) == before


def test_what_is_no_address_is_refused_without_showing_what_may_be_secret() -> None:
    source = source_of("HTTPS://anna:t0ken@host:port/a.jpg?key=s3cret", DownloadSettings())
    assert isinstance(source, UrlSource)
    with pytest.raises(UsageError, match=r"^host:port/a\.jpg: is no address") as refused:
        source.check([])
    assert "s3cret" not in str(refused.value)


def test_a_photo_without_any_date_is_given_none(server: PhotoServer, process: Process, tmp_path: Path) -> None:
    Image.new("RGB", (30, 20)).save(tmp_path / "plain.png")
    server.photos["/plain.png"], server.left_out = (tmp_path / "plain.png").read_bytes(), {"Last-Modified"}
    (record,) = process(f"{server.url}/plain.png")[1]
    assert (record["status"], record["taken_at"]) == ("uploaded", None)


def test_two_hosts_share_addresses_whatever_signature_each_has(
    server: PhotoServer, process: Process, tmp_path: Path
) -> None:
    told_by: list[list[str]] = []
    for shard in ("1/2", "2/2"):
        addresses = [f"{server.url}{path}?sig={shard[0]}&sv=1" for path in server.photos]
        (tmp_path / "list").write_text("\n".join(addresses[1:]))
        command = [addresses[0], "--files-from", str(tmp_path / "list"), "--dry-run", "--shard", shard]
        told_by.append(told(process(*command)[1], server))
    assert sorted(told_by[0] + told_by[1]) == [f"{path} would_upload" for path in server.photos]
    assert len(server.gets) == 3  # a dry run reads each photo, here on one of the two hosts
