"""Photos below a prefix of a real S3 service, more than fit on a page of its listing."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Lock
from typing import Any

import pytest
from support.command import Home
from support.pictures import make_jpeg
from support.real_servers import RealServer
from support.seaweed import ACCESS_KEY, BUCKET, READ_ACCESS_KEY, READ_SECRET, SECRET, boto3_client, seaweed

from photopipe.cli.commands import run
from photopipe.download.fetching import bucket as bucket_module
from photopipe.download.fetching.bucket import BucketSystem
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.servers.remote_source import RemoteSource
from photopipe.download.sources.source import Finding, FolderPage
from photopipe.found_photo import FoundPhoto
from photopipe.photo import OtherFiles, UnreadablePath
from photopipe.settings import DownloadSettings
from photopipe.stop_token import NEVER
from photopipe.wakeup import Wakeup

__all__ = ["seaweed"]

pytestmark = pytest.mark.campaign  # thousands of objects; test_folder_walk.py walks pages of any size by default
PHOTOS = 2500
PAGE_KEYS = 1000


@pytest.fixture(scope="module")
def filled(seaweed: RealServer) -> RealServer:
    """Under one prefix: photos, each third with a sidecar and each tenth with a RAW file, a note and two folders."""
    client = boto3_client(seaweed)
    client.create_bucket(Bucket="private")
    keys = [f"IMG_{number:04}.JPG" for number in range(PHOTOS)]
    keys += [f"IMG_{number:04}.xmp" for number in range(0, PHOTOS, 3)]
    keys += [f"IMG_{number:04}.CR2" for number in range(0, PHOTOS, 10)]
    keys += [f"IMG_{number:04}-2.JPG" for number in range(0, PHOTOS, 50)]
    keys += ["notes.txt", "IMG_0999/deep/IMG_1.JPG", "IMG_1999.d/IMG_1.JPG", "site/.photopipe", "site/IMG_1.JPG"]

    def put(key: str) -> None:
        client.put_object(Bucket=BUCKET, Key=f"many/{key}", Body=key.encode())

    with ThreadPoolExecutor(4) as executor:
        list(executor.map(put, keys))
    client.close()
    return seaweed


@pytest.fixture
def asked(filled: RealServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The login, as a person sets it; and what the service is asked, in order."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_ENDPOINT_URL", filled.url)
    bucket_module._made.cache_clear()
    system, asked = bucket_module.open_buckets(), list[str]()

    def log(model: Any, **_: Any) -> None:
        asked.append(model.name)

    system._client.meta.events.register("before-call.s3", log)
    yield asked
    system._client.close()
    bucket_module._made.cache_clear()


def find(*, shard: tuple[int, int] | None = None, prefix: str = "many") -> list[Finding]:
    settings, wakeup, findings = DownloadSettings(shard=shard), Wakeup(), list[Finding]()
    for finding in RemoteSource(f"s3://{BUCKET}/{prefix}", settings).find(Selection.of(settings), wakeup):
        if finding is None:
            wakeup.wait(10)
        else:
            findings.append(finding)
    return findings


def photos_in(findings: list[Finding]) -> dict[str, FoundPhoto]:
    start = len(f"s3://{BUCKET}/many/")
    pages = [finding for finding in findings if isinstance(finding, FolderPage)]
    photos = [photo for page in pages for photo in page.photos]
    assert len({photo.path for photo in photos}) == len(photos)
    assert max(len(page.photos) for page in pages) <= PAGE_KEYS + 1
    return {photo.path[start:]: photo for photo in photos}


def others_in(findings: list[Finding]) -> tuple[dict[str, int], int]:
    others = [finding for finding in findings if isinstance(finding, OtherFiles)]
    counts = dict[str, int]()
    for extension, number in (count for finding in others for count in finding.counts):
        counts[extension] = counts.get(extension, 0) + number
    return counts, sum(finding.other_shards for finding in others)


def test_every_photo_is_found_with_what_belongs_to_it_across_the_pages(asked: list[str]) -> None:
    findings = find()
    photos = photos_in(findings)
    assert len(photos) == PHOTOS + PHOTOS // 10 + PHOTOS // 50 + 2
    for number in range(PHOTOS):
        companions = {one.name for one in photos[f"IMG_{number:04}.JPG"].companions}
        sidecar = {f"IMG_{number:04}.xmp"} if number % 3 == 0 else set()
        assert companions == sidecar | ({f"IMG_{number:04}.CR2"} if number % 10 == 0 else set())
    assert {"IMG_0999/deep/IMG_1.JPG", "IMG_1999.d/IMG_1.JPG"} < photos.keys()
    assert others_in(findings) == ({".txt": 1}, 0)
    assert asked.count("ListObjectsV2") < 4 + 10, "a page for each thousand names, one for each folder"
    assert "GetObject" not in asked


def test_photos_are_found_before_the_listing_is_read_to_its_end(asked: list[str]) -> None:
    wakeup = Wakeup()
    findings = RemoteSource(f"s3://{BUCKET}/many", DownloadSettings()).find(Selection(), wakeup)
    while not isinstance(page := next(findings), FolderPage):
        wakeup.wait(10)
    assert 100 < len(page.photos) < PAGE_KEYS
    findings.close()  # type: ignore[attr-defined]


def test_shards_of_a_prefix_are_disjoint_and_complete_and_nothing_is_fetched(asked: list[str]) -> None:
    everything = photos_in(find())
    del asked[:]
    parts = [find(shard=(number, 3)) for number in (1, 2, 3)]
    photos = [photos_in(part) for part in parts]
    assert sum(map(len, photos)) == len(everything)
    assert {name for part in photos for name in part} == everything.keys()
    assert all(len(part) + others_in(found)[1] == len(everything) for part, found in zip(photos, parts, strict=True))
    identities = {name: photo.identity for part in photos for name, photo in part.items()}
    assert identities == {name: photo.identity for name, photo in everything.items()}
    assert min(map(len, photos)) > len(everything) / 4
    assert set(asked) == {"HeadObject", "ListObjectsV2"}


def test_a_bucket_tells_whether_there_is_a_file_or_folder_of_a_name(asked: list[str]) -> None:
    system: Any = bucket_module.open_buckets()
    assert isinstance(system, BucketSystem)
    there = ["many/site/.photopipe", "many/site", "many/IMG_0999", "many/IMG_0001.JPG"]
    assert all(system.has(f"{BUCKET}/{key}", stop=NEVER) for key in there)
    assert not any(
        system.has(f"{BUCKET}/{key}", stop=NEVER) for key in ["many/sit", "many/.photopipe", "many/IMG_0001"]
    )


def client_error(status: int, code: str) -> Exception:
    """What boto3 raises."""
    from botocore.exceptions import ClientError

    answer: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "GetObject")


@pytest.mark.parametrize(
    ("login", "place", "why"),
    [
        (("WRONG", SECRET), f"{BUCKET}/many", "InvalidAccessKeyId"),
        ((ACCESS_KEY, "wrong"), f"{BUCKET}/many", "SignatureDoesNotMatch"),
        ((READ_ACCESS_KEY, READ_SECRET), "private/many", "AccessDenied"),
        ((ACCESS_KEY, "wrong"), f"{BUCKET}/many/IMG_0001.JPG", "SignatureDoesNotMatch"),
        ((), f"{BUCKET}/many", "Unable to locate credentials"),
    ],
)
def test_a_bucket_that_does_not_let_us_in_is_a_refused_login(
    filled: RealServer, tmp_path: Path, login: tuple[str, ...], place: str, why: str
) -> None:
    given = dict(zip(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), login, strict=False))
    service = {"AWS_ENDPOINT_URL": filled.url, "AWS_EC2_METADATA_DISABLED": "true"}
    ended = Home(tmp_path).run("process", f"s3://{place}", env=service | given)
    assert ended.code == 12
    assert f"s3://{place}: the source does not let us in: " in ended.err
    assert why in ended.err
    assert "Check AWS_ACCESS_KEY_ID" in ended.err


@pytest.mark.parametrize("code", ["AccessDenied", "ExpiredToken"])
def test_a_bucket_that_lets_us_in_no_more_has_the_photos_finished_that_were_fetched(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: str
) -> None:
    client = bucket_module.open_buckets()._client
    for number in range(6):
        picture = make_jpeg(tmp_path / "picture.jpg", seed=number).read_bytes()
        client.put_object(Bucket=BUCKET, Key=f"few/IMG_{number}.jpg", Body=picture)
    begun, lock, get_file, info = list[str](), Lock(), BucketSystem.get_file, BucketSystem.info
    status, is_over = 400 if code == "ExpiredToken" else 403, Event()

    def get_two(self: BucketSystem, path: str, *arguments: Any, **options: Any) -> None:
        with lock:
            if len(begun) == 2:
                is_over.set()
                raise client_error(status, code)
            begun.append(path)
        get_file(self, path, *arguments, **options)

    def info_until_then(self: BucketSystem, path: str, **options: Any) -> dict[str, Any]:
        if is_over.is_set() and path not in begun:
            raise client_error(status, code)
        return info(self, path, **options)

    monkeypatch.setattr(BucketSystem, "get_file", get_two)
    monkeypatch.setattr(BucketSystem, "info", info_until_then)
    places = ["--to", f"folder://{tmp_path}/site", "--journal", str(tmp_path / "journal.sqlite")]
    (tmp_path / "site").mkdir()
    assert run(["process", f"s3://{BUCKET}/few", *places, "--json", "-q"]) == 12
    *_, summary = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (summary["uploaded"], summary["failed"], summary["left_over"]) == (2, 0, 4)


def test_a_sub_folder_alone_that_is_refused_is_passed_over(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    pages = BucketSystem.pages

    def most_pages(self: BucketSystem, path: str, **options: Any) -> Any:
        if path.endswith("IMG_1999.d"):
            raise client_error(403, "AccessDenied")
        return pages(self, path, **options)

    monkeypatch.setattr(BucketSystem, "pages", most_pages)
    findings = find()
    assert "IMG_0999/deep/IMG_1.JPG" in photos_in(findings)
    (passed_over,) = [finding for finding in findings if isinstance(finding, UnreadablePath)]
    assert passed_over.path == f"s3://{BUCKET}/many/IMG_1999.d"
    assert "AccessDenied" in passed_over.why
