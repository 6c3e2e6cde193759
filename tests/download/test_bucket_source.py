"""Photos below a prefix of a real S3 service, more than fit on a page of its listing."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from support.real_servers import RealServer
from support.seaweed import ACCESS_KEY, BUCKET, SECRET, boto3_client, seaweed

from photopipe.download.fetching import bucket as bucket_module
from photopipe.download.fetching.bucket import BucketSystem
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.servers.remote_source import RemoteSource
from photopipe.download.sources.source import Finding, FolderPage
from photopipe.found_photo import FoundPhoto
from photopipe.photo import OtherFiles
from photopipe.settings import DownloadSettings
from photopipe.stop_token import NEVER
from photopipe.wakeup import Wakeup

__all__ = ["seaweed"]

PHOTOS = 2500
PAGE_KEYS = 1000


@pytest.fixture(scope="module")
def filled(seaweed: RealServer) -> RealServer:
    """Under one prefix: photos, each third with a sidecar and each tenth with a RAW file, a note and two folders."""
    client = boto3_client(seaweed)
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


def test_a_bucket_tells_whether_there_is_a_file_or_folder_of_a_name(asked: list[str]) -> None:
    system: Any = bucket_module.open_buckets()
    assert isinstance(system, BucketSystem)
    there = ["many/site/.photopipe", "many/site", "many/IMG_0999", "many/IMG_0001.JPG"]
    assert all(system.has(f"{BUCKET}/{key}", stop=NEVER) for key in there)
    assert not any(
        system.has(f"{BUCKET}/{key}", stop=NEVER) for key in ["many/sit", "many/.photopipe", "many/IMG_0001"]
    )
