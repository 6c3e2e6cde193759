"""A bucket of which only the listing is there: keys come from an iterable that may be endless."""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from photopipe.download.fetching.bucket import BucketSystem

PAGE_KEYS = 1000


class ListedBucket:
    """What `BucketSystem` needs of boto3's client to list.

    Args:
        folders: the keys in each folder, by its prefix; one that ends in a slash is a sub-folder.

    Attributes:
        pages: how many were asked for.
    """

    def __init__(self, folders: dict[str, Callable[[], Iterable[str]]]) -> None:
        self._folders = folders
        self.pages = 0

    def system(self) -> BucketSystem:
        """The bucket as a file system."""
        client: Any = self
        return BucketSystem(client)

    def list_objects_v2(self, Prefix: str, **_: Any) -> dict[str, Any]:  # noqa: N803 - as boto3 calls it
        """Enough to tell that a folder is there."""
        return {"KeyCount": int(any(name.startswith(Prefix) for name in self._folders))}

    def head_object(self, **_: Any) -> dict[str, Any]:
        """Nothing is a file."""
        from botocore.exceptions import ClientError

        raise ClientError({"ResponseMetadata": {"HTTPStatusCode": 404}}, "HeadObject")  # type: ignore[typeddict-item]

    def get_paginator(self, _name: str) -> "ListedBucket":
        """Itself."""
        return self

    def paginate(self, Prefix: str, **_: Any) -> Iterator[dict[str, Any]]:  # noqa: N803 - as boto3 calls it
        """The pages of a folder's listing."""
        keys = iter(self._folders[Prefix]())
        page = list(islice(keys, PAGE_KEYS))
        while page:
            following = list(islice(keys, PAGE_KEYS))
            self.pages += 1
            yield {
                "IsTruncated": bool(following),
                "CommonPrefixes": [{"Prefix": Prefix + key} for key in page if key.endswith("/")],
                "Contents": [_object(Prefix + key) for key in page if not key.endswith("/")],
            }
            page = following


def _object(key: str) -> dict[str, Any]:
    return {"Key": key, "Size": 1000, "ETag": f'"{hash(key)}"', "LastModified": datetime(2024, 5, 1, tzinfo=UTC)}
