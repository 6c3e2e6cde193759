"""A found photo can be opened by another process, which knows nothing of the run that found it."""

import hashlib
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from support.other_process import download_pickled, find_pickled, in_a_new_process
from support.photo_server import PhotoServer, photo_server
from support.pictures import make_jpeg
from support.real_servers import RealServer
from support.seaweed import ACCESS_KEY, BUCKET, SECRET, boto3_client, seaweed
from support.sftp_server import sftp_server

from photopipe.errors import PhotoChanged, PhotoVanished

__all__ = ["seaweed"]

Result = TypeVar("Result")
NAMES = ["IMG_1.jpg", "sub/IMG_2.jpg"]


@pytest.fixture
def pictures(tmp_path: Path) -> dict[str, bytes]:
    return {name: make_jpeg(tmp_path / "picture.jpg", seed=number).read_bytes() for number, name in enumerate(NAMES)}


@pytest.fixture
def bucket(seaweed: RealServer, pictures: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCESS_KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_ENDPOINT_URL", seaweed.url)
    client = boto3_client(seaweed)
    for name, picture in pictures.items():
        client.put_object(Bucket=BUCKET, Key=f"process/{name}", Body=picture)
    client.close()
    return f"s3://{BUCKET}/process"


@pytest.fixture
def sftp(pictures: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    home, top = tmp_path / "home", tmp_path / "served"
    home.mkdir()
    for name, picture in pictures.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(picture)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    with sftp_server(top, home) as address:
        yield address


@pytest.fixture
def server(pictures: dict[str, bytes]) -> Iterator[PhotoServer]:
    with photo_server() as server:
        server.photos.update((f"/{name}", picture) for name, picture in pictures.items())
        server.pages["/"] = b'<a href="IMG_1.jpg"> <a href="sub/">'
        server.pages["/sub/"] = b'<a href="IMG_2.jpg">'
        yield server


@pytest.mark.parametrize("kind", ["bucket", "sftp", "server"])
def test_another_process_opens_what_was_found_and_sees_that_it_is_unchanged(
    request: pytest.FixtureRequest,
    pictures: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
) -> None:
    source = request.getfixturevalue(kind)
    address = f"{source.url}/" if isinstance(source, PhotoServer) else source
    found = in_a_new_process(find_pickled, address, str(tmp_path / "spool"))
    assert len(found) == len(pictures)
    opened = dict(in_a_new_process(download_pickled, pickled) for pickled in found)
    expected = {Path(name).name: hashlib.sha256(picture).hexdigest() for name, picture in pictures.items()}
    assert opened == expected
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    again = in_a_new_process(find_pickled, address, str(tmp_path / "other host"))
    identities = [[pickle.loads(pickled).identity for pickled in each] for each in (found, again)]  # noqa: S301
    assert identities[0] == identities[1], "another host finds the same"
    assert not list((tmp_path / "spool").glob("*"))


def test_without_validators_too(server: PhotoServer, tmp_path: Path) -> None:
    server.left_out = {"ETag", "Last-Modified"}
    (pickled,) = in_a_new_process(find_pickled, f"{server.url}/IMG_1.jpg", str(tmp_path / "spool"))
    name, _ = in_a_new_process(download_pickled, pickled)
    assert name == "IMG_1.jpg"


def test_another_process_sees_that_a_photo_was_replaced_or_is_gone(server: PhotoServer, tmp_path: Path) -> None:
    first, second = in_a_new_process(find_pickled, f"{server.url}/", str(tmp_path / "spool"))
    server.photos["/IMG_1.jpg"] = make_jpeg(tmp_path / "other.jpg", seed=9).read_bytes()
    del server.photos["/sub/IMG_2.jpg"]
    with pytest.raises(PhotoChanged):
        in_a_new_process(download_pickled, first)
    with pytest.raises(PhotoVanished):
        in_a_new_process(download_pickled, second)
