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
_UNORDERED: Final = "--x-s3"
"""What the names of buckets end in that are not listed in order: those of S3 Express One Zone."""


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
                # With rights for a prefix alone, this is forbidden; and only a listing says why a login is refused.
                if error.response["ResponseMetadata"]["HTTPStatusCode"] not in {400, 401, 403, 404}:
                    raise
                refused = error
            else:
                return _file(path, head["ContentLength"], head["ETag"], head["LastModified"])
        beginning = f"{key}/" if key else ""
        found = self._client.list_objects_v2(Bucket=bucket, Prefix=beginning, MaxKeys=1)
        if key and not found.get("KeyCount"):
            if refused.response["ResponseMetadata"]["HTTPStatusCode"] != 404:
                raise refused
            raise FileNotFoundError(path)
        return {"name": path, "type": "directory"}

    def pages(self, path: str, *, stop: StopToken) -> Iterator[tuple[list[dict[str, Any]], bool]]:
        """What is in a folder, a page of the service at a time, in the order of the names.

        Yields:
            What is on the page, and whether another follows, which is asked for when it is wanted.
        """
        bucket, _, key = path.partition("/")
        asked = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=bucket, Prefix=f"{key}/" if key else "", Delimiter="/"
        )
        kept: list[dict[str, Any]] = []
        for page in asked:
            _check(stop)
            goes_on, kept = bool(page.get("IsTruncated")), kept + _entries(bucket, page)
            if not (goes_on and bucket.endswith(_UNORDERED)):
                yield kept, goes_on
                kept = []

    def has(self, path: str, *, stop: StopToken) -> bool:
        """Whether there is something at `BUCKET/KEY`, a file or a folder."""
        _check(stop)
        bucket, _, key = path.partition("/")
        first = self._client.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", [])
        if any(entry["Key"] == key or entry["Key"].startswith(f"{key}/") for entry in first):
            return True
        return bool(self._client.list_objects_v2(Bucket=bucket, Prefix=f"{key}/", MaxKeys=1).get("Contents"))

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


def _entries(bucket: str, page: Any) -> list[dict[str, Any]]:
    """What is on a page of a listing."""
    folders = [{"name": f"{bucket}/{one['Prefix']}", "type": "directory"} for one in page.get("CommonPrefixes", [])]
    files = [
        _file(f"{bucket}/{one['Key']}", one["Size"], one["ETag"], one["LastModified"])
        for one in page.get("Contents", [])
    ]
    return folders + files


def _file(path: str, size_bytes: int, etag: str, changed: datetime) -> dict[str, Any]:
    return {"name": path, "type": "file", "size": size_bytes, "ETag": etag, "LastModified": changed}


def _check(stop: StopToken) -> None:
    if stop.is_set():
        raise RunStopped("stopped while a bucket was read")
