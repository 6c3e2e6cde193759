"""Buckets in S3, read by boto3 and called like a file system of fsspec's.

fsspec's own kind for S3 needs releases of botocore other than those that boto3 needs, which the galleries in S3 use.
"""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from photopipe.errors import RunStopped
from photopipe.stop_token import StopToken

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONNECT_TIMEOUT_S: Final = 10
READ_TIMEOUT_S: Final = 60
PIECE_BYTES: Final = 1 << 20


class BucketSystem:
    """All buckets that the login found in boto3's usual places can read.

    Unlike those of fsspec, every method takes the `stop` that ends it.
    """

    def __init__(self, client: "S3Client") -> None:
        self._client = client

    def info(self, path: str, *, stop: StopToken) -> dict[str, Any]:
        """What is at `BUCKET/KEY`: a file, or a folder if keys go on after it.

        Raises:
            FileNotFoundError: nothing is.
        """
        from botocore.exceptions import ClientError

        _check(stop)
        bucket, _, key = path.partition("/")
        if key:
            try:
                head = self._client.head_object(Bucket=bucket, Key=key)
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                    raise
            else:
                return _file(path, head["ContentLength"], head["ETag"], head["LastModified"])
        beginning = f"{key}/" if key else ""
        found = self._client.list_objects_v2(Bucket=bucket, Prefix=beginning, MaxKeys=1)
        if key and not found.get("KeyCount"):
            raise FileNotFoundError(path)
        return {"name": path, "type": "directory"}

    def ls(self, path: str, *, stop: StopToken, **_detail: bool) -> Iterator[dict[str, Any]]:
        """What is in a folder, a page of the service at a time."""
        bucket, _, key = path.partition("/")
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=f"{key}/" if key else "", Delimiter="/"
        )
        for page in pages:
            _check(stop)
            for folder in page.get("CommonPrefixes", []):
                yield {"name": f"{bucket}/{folder['Prefix']}", "type": "directory"}
            for entry in page.get("Contents", []):
                yield _file(f"{bucket}/{entry['Key']}", entry["Size"], entry["ETag"], entry["LastModified"])

    def get_file(self, path: str, local_path: str, *, stop: StopToken) -> None:
        """Copy a file here."""
        _check(stop)
        bucket, _, key = path.partition("/")
        body: Any = self._client.get_object(Bucket=bucket, Key=key)["Body"]
        # From another thread, nothing else ends a wait for bytes.
        forget = stop.on_set(body._raw_stream.shutdown)  # noqa: SLF001
        try:
            with open(local_path, "r+b") as file:
                for piece in body.iter_chunks(PIECE_BYTES):
                    file.write(piece)
        finally:
            forget()
            body.close()
            _check(stop)


def open_buckets() -> BucketSystem:
    """The buckets, with the login that boto3 finds: in the environment, in `~/.aws`, or the machine's own."""
    with _LOCK:  # making a client is not thread-safe, using it is
        return _made()


@cache
def _made() -> BucketSystem:
    from boto3.session import Session
    from botocore.config import Config

    retries: Any = {"total_max_attempts": 4, "mode": "standard"}
    config = Config(connect_timeout=CONNECT_TIMEOUT_S, read_timeout=READ_TIMEOUT_S, retries=retries)
    return BucketSystem(Session().client("s3", config=config))


_LOCK: Final = Lock()


def _file(path: str, size_bytes: int, etag: str, changed: datetime) -> dict[str, Any]:
    return {"name": path, "type": "file", "size": size_bytes, "ETag": etag, "LastModified": changed}


def _check(stop: StopToken) -> None:
    if stop.is_set():
        raise RunStopped("stopped while a bucket was read")
