"""S3 and compatible services: each photo is one object that is never overwritten."""

from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar
from urllib.parse import urlsplit

from photopipe.photo import Receipt
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.contract import Gallery, GalleryContext, Health, OutgoingPhoto
from photopipe.upload.galleries.remote_name import PATH_OPTION, candidates, candidates_sought, path_template
from photopipe.upload.galleries.s3.bucket import KeyTaken, S3Bucket, StoredObject
from photopipe.upload.galleries.s3.client import S3Transport, check_s3_client, open_s3
from photopipe.upload.galleries.s3.location import bucket_and_prefix, s3_location
from photopipe.upload.http.upload_errors import RetryableError


class S3Gallery(Gallery):
    """A bucket, or a prefix in one.

    Each PUT carries `If-None-Match: *`. Amazon honours it; some other services ignore it, so
    there each key is checked first, by one worker at a time.
    """

    OPTIONS: ClassVar[dict[str, str]] = {
        "endpoint": "address of the S3 service; Amazon's if unset",
        "region": "name of the region; what boto3 finds if unset",
        "path_style": "whether the bucket stands in the path (true) or in the host's name; true with an endpoint",
        "public_url": "address of a photo, with {key} in it; s3://bucket/key if unset",
        "path": PATH_OPTION,
    }

    def __init__(self, settings: UploadSettings, context: GalleryContext) -> None:
        super().__init__(settings, context)
        self._location = s3_location(settings)
        self._template = path_template(settings.options)
        transport = S3Transport(context.http)
        self._client = open_s3(settings, self._location, context, transport)
        self._bucket = S3Bucket(self._client, transport, context, self._location.bucket)

    @classmethod
    def address_of(cls, url: str) -> str:
        """`s3://bucket/prefix`, without a slash at its end."""
        address = url.strip().removesuffix("/")
        bucket_and_prefix(address)
        return address

    @classmethod
    def check_settings(cls, settings: UploadSettings) -> None:
        """Refuse an address or options that mean nothing, and half a login; boto3 must be installed."""
        s3_location(settings)
        path_template(settings.options)
        check_s3_client(settings)

    @classmethod
    def identity(cls, settings: UploadSettings) -> str:
        """The login is left out: it is an access key, which is changed now and then."""
        return super().identity(replace(settings, username=None))

    def send(self, photo: OutgoingPhoto) -> Receipt:
        """Put the photo under its name or, if that is taken by other bytes, under its second name."""
        for key in self._keys(candidates(photo, self._template)):
            with self.context.shared.exclusive(("s3 key", key)):
                receipt = self._put(key, photo)
            if receipt is not None:
                return receipt
        raise self.context.errors.of_refusal("other files have both names it could have there.")

    def find(self, photo: OutgoingPhoto) -> Receipt | None:
        """Look at the names the photo may have."""
        for key in self._keys(candidates_sought(photo, self._template)):
            held = self._bucket.look(key)
            if held is not None and (held.key == photo.key or held.is_same(photo.sought)):
                return self._receipt(key, already_there=held.key != photo.key)
        return None

    def check(self) -> Health:
        """List one object at most."""
        can_list = self._bucket.list_nothing()
        where = self._location.endpoint or "Amazon"
        summary = f"the S3 bucket {self._location.bucket} at {where}"
        if can_list:
            return Health(summary)
        return Health(
            summary, ("This login may not list the bucket; only the first photo shows whether it may write.",)
        )

    def close(self) -> None:
        """Close boto3's client; its connections are ours."""
        self._client.close()

    def _put(self, key: str, photo: OutgoingPhoto) -> Receipt | None:
        """The receipt, or None if other bytes have the name."""
        held = None if is_amazon(self._client.meta.endpoint_url) else self._bucket.look(key)
        if held is None:
            try:
                self._bucket.put(key, photo)
            except KeyTaken:
                held = self._bucket.look(key, is_there=True)
            else:
                return self._receipt(key, already_there=False)
        if held is None:
            raise RetryableError("a file of the photo's name was there and is gone")
        return self._receipt(key, already_there=True) if _is_it(held, photo) else None

    def _receipt(self, key: str, *, already_there: bool) -> Receipt:
        return Receipt(key, self._location.url(key), already_there)

    def _keys(self, paths: tuple[str, str]) -> Iterator[str]:
        return (self._location.prefix + path for path in paths)

    def probe(self) -> None:
        """See whether anything answers where the service is: nothing can answer at `s3://`."""
        self.context.http.probe(self._client.meta.endpoint_url)


def is_amazon(url: str) -> bool:
    """True for an address of Amazon's own service.

    Source: AWS General Reference, "Service endpoints": `amazonaws.com`, in China `amazonaws.com.cn`.
    """
    host = urlsplit(url).hostname or ""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn"))


def _is_it(held: StoredObject, photo: OutgoingPhoto) -> bool:
    return held.key == photo.key or held.is_same(photo.rendition)
