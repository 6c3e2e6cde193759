"""Folders on servers, over SSH and in buckets: found and fetched as folders here, and known again without fetching."""

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from support.deadline import until
from support.pictures import make_jpeg
from support.real_servers import RealServer
from support.seaweed import ACCESS_KEY, BUCKET, SECRET, boto3_client, seaweed
from support.sftp_server import sftp_server

from photopipe.cli.commands import run
from photopipe.download.fetching import remote_system
from photopipe.download.fetching.fetch_spool import FetchSpool
from photopipe.download.fetching.remote_fetcher import RemoteFetcher
from photopipe.download.fetching.remote_system import PROTOCOLS, RemoteAddress, call
from photopipe.download.sources.servers.remote_source import RemoteSource
from photopipe.download.sources.sources import source_of
from photopipe.errors import DownloadError, LoginRefused, PhotoVanished, RunStopped, SourceMissing, UsageError
from photopipe.settings import DownloadSettings
from photopipe.stop_token import StopToken

__all__ = ["seaweed"]

Process = Callable[..., tuple[int, list[str]]]


@pytest.fixture(scope="module")
def event_loop_of_fsspec() -> Iterator[None]:
    """Its threads never end, so that they must be there before a test begins."""
    from fsspec.asyn import get_loop  # type: ignore[import-untyped]

    loop = get_loop()
    with ThreadPoolExecutor(1) as executor:
        executor.submit(int).result()
        loop.call_soon_threadsafe(loop.set_default_executor, executor)
        yield
        from sshfs import SSHFileSystem  # type: ignore[import-untyped]

        SSHFileSystem.clear_instance_cache()
        loop.call_soon_threadsafe(loop.set_default_executor, ThreadPoolExecutor(1))


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """What is on the server."""
    top = tmp_path / "served"
    for number, name in enumerate(["trip/IMG_1.jpg", "trip/IMG_2.jpg", "trip/old/IMG_1.jpg", "IMG_9.jpg"]):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        make_jpeg(top / name, seed=number)
    return top


@pytest.fixture
def sftp(here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, event_loop_of_fsspec: None) -> Iterator[str]:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with sftp_server(here, home) as address:
        yield address
        from sshfs import SSHFileSystem

        SSHFileSystem.clear_instance_cache()


@pytest.fixture
def process(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Process:
    """Runs `photopipe process` here: the exit code, and what became of each photo."""
    (tmp_path / "site").mkdir()

    def process(*arguments: str) -> tuple[int, list[str]]:
        places = ["--to", f"folder://{tmp_path}/site", "--journal", str(tmp_path / "journal.sqlite")]
        code = run(["process", *arguments, *places, "--json", "-q"])
        records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        photos = [record for record in records if record["type"] == "photo"]
        return code, sorted(f"{record['path']} {record['status']}" for record in photos)

    return process


def test_photos_over_ssh_are_uploaded_once(sftp: str, here: Path, process: Process, tmp_path: Path) -> None:
    paths = [f"{sftp}/{path.relative_to(here)}" for path in sorted(here.rglob("*.jpg"))]
    assert process(f"{sftp}/") == (0, sorted(f"{path} uploaded" for path in paths))
    make_jpeg(here / "trip" / "IMG_2.jpg", seed=77)
    again = [f"{path} {'uploaded' if 'IMG_2' in path else 'skipped'}" for path in paths]
    assert process(f"{sftp}/") == (0, sorted(again))
    assert process(f"{sftp}/trip/old", "--original", "beside")[1] == [f"{sftp}/trip/old/IMG_1.jpg uploaded"]
    assert not (tmp_path / "journal.sqlite.sources").exists()


def test_one_file_may_be_named_and_patterns_and_sidecars_count_as_in_a_folder_here(
    sftp: str, here: Path, process: Process
) -> None:
    assert process(f"{sftp}/trip/IMG_1.jpg") == (0, [f"{sftp}/trip/IMG_1.jpg uploaded"])
    (here / "trip" / "IMG_2.xmp").write_text(XMP)
    (here / ".photopipe-not").mkdir()
    (here / "trip" / "old" / ".photopipe").mkdir()
    (here / "trip" / "film.mov").write_bytes(b"1")
    (here / "trip" / "link.jpg").symlink_to("IMG_2.jpg")
    assert process(sftp, "--exclude", "IMG_9*") == (
        0,
        [f"{sftp}/trip/IMG_1.jpg skipped", f"{sftp}/trip/IMG_2.jpg uploaded"],
    )


def test_two_hosts_share_what_is_on_a_server(sftp: str, here: Path, process: Process) -> None:
    parts = [process(sftp, "--dry-run", "--shard", shard)[1] for shard in ("1/2", "2/2")]
    assert sorted(parts[0] + parts[1]) == sorted(
        f"{sftp}/{path.relative_to(here)} would_upload" for path in here.rglob("*.jpg")
    )
    alone = [process(f"{sftp}/IMG_9.jpg", "--dry-run", "--shard", shard)[1] for shard in ("1/2", "2/2")]
    assert sorted(map(len, alone)) == [0, 1]


def test_what_was_fetched_is_let_go_when_its_photo_is_done_sidecars_too(
    sftp: str, here: Path, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, released, open_copy, release = set[str](), set[str](), FetchSpool.open, FetchSpool.release

    def watched_open(self: FetchSpool, path: str, fetch: Any) -> Any:
        opened.add(path)
        return open_copy(self, path, fetch)

    def watched_release(self: FetchSpool, path: str) -> None:
        released.add(path)
        release(self, path)

    monkeypatch.setattr(FetchSpool, "open", watched_open)
    monkeypatch.setattr(FetchSpool, "release", watched_release)
    (here / "trip" / "IMG_2.xmp").write_text(XMP)
    process(f"{sftp}/trip")
    assert f"{sftp}/trip/IMG_2.xmp" in opened
    assert opened <= released


XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"/></rdf:RDF></x:xmpmeta>"""


def fetcher_of(address: str) -> RemoteFetcher:
    return RemoteFetcher(RemoteAddress.of(address), "", mark=1)


def test_what_changes_or_goes_away_on_the_server_is_noticed(sftp: str, here: Path, tmp_path: Path) -> None:
    path, fetcher = f"{sftp}/trip/IMG_1.jpg", fetcher_of(f"{sftp}/trip")
    spool = FetchSpool(str(tmp_path / "spool"), 1_000_000)
    with spool.open(path, fetcher.fetch) as file:
        assert file.read() == (here / "trip" / "IMG_1.jpg").read_bytes()
        assert file.identity == fetcher.identity(path)
        os.utime(here / "trip" / "IMG_1.jpg", (1, 1))
        assert file.identity != fetcher.identity(path)
    fetcher.check_source()
    shutil.rmtree(here / "trip")
    spool.release(path)
    with pytest.raises(PhotoVanished):
        spool.open(path, fetcher.fetch)
    with pytest.raises(SourceMissing, match="went away"):
        fetcher.check_source()
    spool.close()


def test_a_link_in_place_of_a_photo_reads_no_file_of_this_machine(sftp: str, here: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"s3cret")
    path = here / "trip" / "IMG_1.jpg"
    path.unlink()
    path.symlink_to("IMG_2.jpg")
    spool = FetchSpool(str(tmp_path / "spool"), 1_000_000)
    with pytest.raises(DownloadError):
        spool.open(f"{sftp}/trip/IMG_1.jpg", fetcher_of(sftp).fetch)
    spool.close()
    assert not (tmp_path / "spool").exists()


def test_a_server_whose_key_is_not_known_is_not_trusted(sftp: str, process: Process, tmp_path: Path) -> None:
    (tmp_path / "home" / ".ssh" / "known_hosts").unlink()
    assert process(sftp) == (13, [])


def test_a_server_that_does_not_accept_the_key_refuses_the_login(
    sftp: str, here: Path, tmp_path: Path, process: Process, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "home" / ".ssh" / "id_ed25519").unlink()
    assert process(sftp) == (12, [])
    with pytest.raises(LoginRefused, match=rf"^{sftp}: the source does not let us in any more: .*`ssh -v HOST`"):
        fetcher_of(sftp).check_source()


@pytest.mark.parametrize("path", ["/none", "/trip/none.jpg"])
def test_a_folder_that_is_not_there_is_a_missing_source(sftp: str, process: Process, path: str) -> None:
    assert process(sftp + path) == (13, [])


def test_a_stop_ends_the_wait_for_a_server(sftp: str) -> None:
    system, _ = RemoteAddress.of(sftp).open()
    stop, outcome = StopToken(), list[Exception]()

    async def never(_path: str) -> None:
        import asyncio

        await asyncio.Event().wait()

    system._info = never

    def ask() -> None:
        try:
            call(system, stop, "info", "/")
        except RunStopped as error:
            outcome.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    until(lambda: bool(stop._callbacks))
    stop.set()
    thread.join(5)
    assert len(outcome) == 1


def test_photos_in_a_bucket_are_uploaded_once(
    seaweed: RealServer, here: Path, process: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_ENDPOINT_URL", seaweed.url)
    client = boto3_client(seaweed)
    keys = [f"source/{path.relative_to(here)}" for path in sorted(here.rglob("*.jpg"))]
    for key in keys:
        client.put_object(Bucket=BUCKET, Key=key, Body=(here / key.removeprefix("source/")).read_bytes())
    client.put_object(Bucket=BUCKET, Key="source/", Body=b"")
    client.close()
    paths = [f"s3://{BUCKET}/{key}" for key in keys]
    assert process(f"s3://{BUCKET}/source") == (0, sorted(f"{path} uploaded" for path in paths))
    assert process(f"s3://{BUCKET}/source/") == (0, sorted(f"{path} skipped" for path in paths))
    assert process(f"s3://{BUCKET}/nothing") == (13, [])


@pytest.mark.parametrize(
    ("text", "shown", "prefix"),
    [
        ("sftp://anna:t0ken@host:2222/a/b", "sftp://anna@host:2222/a/b", "sftp://anna@host:2222"),
        ("s3://bucket/a/b", "s3://bucket/a/b", "s3://"),
        ("FTP://host/a", "ftp://host/a", "ftp://host"),
    ],
)
def test_an_address_is_shown_without_its_password(text: str, shown: str, prefix: str) -> None:
    address = RemoteAddress.of(text)
    assert (address.shown, address.prefix) == (shown, prefix)
    assert "t0ken" not in repr(address)


@pytest.mark.parametrize("text", ["sftp://", "sftp://:t0ken@/a", "s3:///a", "sftp://host:t0ken/a"])
def test_what_is_no_address_is_refused_without_showing_it(text: str) -> None:
    source = source_of(text, DownloadSettings())
    assert isinstance(source, RemoteSource)
    with pytest.raises(UsageError) as refused:
        source.check([])
    assert "t0ken" not in str(refused.value)


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_system, "find_spec", lambda name: None if name == "gcsfs" else "there")
    with pytest.raises(UsageError, match=r"pip install 'gcsfs'"):
        RemoteAddress.of("gs://bucket/a")
    monkeypatch.setattr(remote_system, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'photopipe\[remote\]'"):
        RemoteAddress.of("s3://bucket/a")


def test_every_row_of_the_table_is_a_source(event_loop_of_fsspec: None) -> None:
    for scheme in PROTOCOLS:
        assert isinstance(source_of(f"{scheme}://host/a", DownloadSettings()), RemoteSource)


NOON = 1_714_564_800_000_000_000


@pytest.mark.parametrize(
    ("info", "mtime_ns"),
    [
        ({"mtime": datetime(2024, 5, 1, 12, tzinfo=UTC)}, NOON),
        ({"LastModified": datetime(2024, 5, 1, 12)}, NOON),
        ({"modify": "20240501120000.123"}, NOON),
        ({"last_write_time": 1714564800.0}, NOON),
        ({"modify": "yesterday"}, 0),
        ({"etag": "abc"}, 0),
    ],
)
def test_what_a_listing_tells_makes_an_identity_that_changes_with_it(info: dict[str, Any], mtime_ns: int) -> None:
    one, other = (RemoteFetcher(RemoteAddress("", "", ""), "", mark) for mark in (1, 2))
    assert one.identity_in("a", info) == other.identity_in("a", info)
    assert one.identity_in("a", info).mtime_ns == mtime_ns
    assert one.identity_in("a", {"size": 5}) != other.identity_in("a", {"size": 5}), "nothing tells its content"
    assert one.identity_in("a", info | {"etag": "x"}) != one.identity_in("a", info | {"etag": "y"})
