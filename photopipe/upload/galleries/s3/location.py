"""Where in S3 photos go: bucket, prefix, service, and the address a person opens."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from photopipe.errors import UsageError
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.remote_name import encoded

_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
_REGION: Final = re.compile(r"[A-Za-z0-9-]{1,64}")


@dataclass(frozen=True, slots=True)
class S3Location:
    """What `s3://bucket/prefix` and the options of its table say.

    Attributes:
        bucket: its name.
        prefix: what all keys begin with, ending in `/`, or empty.
        endpoint: address of the service, or None for Amazon's.
        region: its name, or None for what boto3 finds.
        path_style: whether the bucket is part of the path instead of the host's name.
        public_url: address of a photo with `{key}` in it, or None.
    """

    bucket: str
    prefix: str
    endpoint: str | None
    region: str | None
    path_style: bool
    public_url: str | None

    def url(self, key: str) -> str:
        """Where a person finds the photo with this key: `s3://bucket/key` unless the option `public_url` is set."""
        if self.public_url is None:
            return f"s3://{self.bucket}/{key}"
        return self.public_url.replace("{key}", encoded(key))


def s3_location(settings: UploadSettings) -> S3Location:
    """The location the settings name.

    Raises:
        UsageError: an option or the address cannot be understood.
    """
    bucket, prefix = bucket_and_prefix(settings.endpoint_url or "")
    options = settings.options
    endpoint = _endpoint(options)
    return S3Location(
        bucket,
        prefix,
        endpoint,
        # Services other than Amazon's mostly have no regions, yet each signature names one.
        _region(options) or ("us-east-1" if endpoint else None),
        _path_style(options, endpoint is not None),
        _public_url(options),
    )


def bucket_and_prefix(url: str) -> tuple[str, str]:
    """The two parts of `s3://bucket/prefix`; a prefix ends in `/`, or is empty.

    Raises:
        UsageError: it is no such address.
    """
    bucket, _, path = url.removeprefix("s3://").partition("/")
    if not url.startswith("s3://") or _BUCKET.fullmatch(bucket) is None:
        raise UsageError("an S3 address is s3://BUCKET or s3://BUCKET/PREFIX")
    parts = [part for part in path.split("/") if part]
    if {".", ".."} & set(parts) or not path.isprintable():
        raise UsageError("the prefix in the S3 address may hold no control characters and no parts . or ..")
    return bucket, "".join(f"{part}/" for part in parts)


def _endpoint(options: Mapping[str, Any]) -> str | None:
    endpoint = options.get("endpoint")
    if endpoint is None:
        return None
    if not isinstance(endpoint, str) or not _is_service(endpoint):
        raise UsageError('the option endpoint must be the address of an S3 service, such as "https://s3.example.org"')
    return endpoint.rstrip("/")


def _is_service(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _port = parts.port
    except ValueError:
        return False
    plain = not (parts.query or parts.fragment or "@" in parts.netloc) and url.isprintable() and " " not in url
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and plain


def _region(options: Mapping[str, Any]) -> str | None:
    region = options.get("region")
    if region is not None and not (isinstance(region, str) and _REGION.fullmatch(region)):
        raise UsageError('the option region must be the name of a region, such as "eu-central-1"')
    return region


def _path_style(options: Mapping[str, Any], has_endpoint: bool) -> bool:
    """Only Amazon and a few others have a host name for each bucket."""
    path_style = options.get("path_style", has_endpoint)
    if not isinstance(path_style, bool):
        raise UsageError("the option path_style must be true or false")
    return path_style


def _public_url(options: Mapping[str, Any]) -> str | None:
    url = options.get("public_url")
    if url is None:
        return None
    is_address = isinstance(url, str) and url.startswith(("http://", "https://")) and url.isprintable()
    if not is_address or "{key}" not in url:
        raise UsageError('the option public_url must be an address with {key} in it: "https://cdn.example.org/{key}"')
    return str(url)
