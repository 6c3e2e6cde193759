"""S3, and everything that speaks like it: each photo is one object that is never written over."""

from collections.abc import Iterator
from typing import ClassVar
from urllib.parse import urlsplit

from photopipe.photo import Receipt
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.contract import Gallery, Health, OutgoingPhoto
from photopipe.upload.galleries.gallery_context import GalleryContext
from photopipe.upload.galleries.remote_name import PATH_OPTION, candidates, path_template, perhaps_at
from photopipe.upload.galleries.s3.bucket import Held, S3Bucket, Taken
from photopipe.upload.galleries.s3.client import S3Transport, open_s3
from photopipe.upload.galleries.s3.place import s3_place
from photopipe.upload.http.upload_errors import Trouble


class S3Gallery(Gallery):
    """A bucket, or a prefix in one.

    Each PUT carries `If-None-Match: *`. Amazon honours it; of other services some do and some take no
    notice, so there each key is looked at first, by one worker at a time.
    """

    OPTIONS: ClassVar[dict[str, str]] = {
        "endpoint": "address of the S3 service; Amazon's if unset",
        "region": "name of the region; what boto3 finds if unset",
        "path_style": "whether the bucket stands in the path (true) or in the host's name; true with an endpoint",
        "public_url": "address of a photo, with {key} in it; s3://bucket/key if unset",
        "path": PATH_OPTION,
    }
    IS_REMOTE: ClassVar[bool] = False  # `s3://` is no address to knock at: `_knock` does it where the service is

    def __init__(self, settings: UploadSettings, context: GalleryContext) -> None:
        super().__init__(settings, context)
        self._place = s3_place(settings)
        self._template = path_template(settings.options)
        transport = S3Transport(context.http)
        self._client = open_s3(settings, self._place, context, transport)
        self._bucket = S3Bucket(self._client, transport, context, self._place.bucket)

    def send(self, photo: OutgoingPhoto) -> Receipt:
        """Put the photo under its name or, if that is taken by other bytes, under its second name."""
        self._knock()
        for key in self._keys(candidates(photo, self._template)):
            with self.context.shared.alone(("s3 key", key)):
                receipt = self._put(key, photo)
            if receipt is not None:
                return receipt
        raise self.context.outcomes.of_refusal("other files have both names it could have there.")

    def find(self, photo: OutgoingPhoto) -> Receipt | None:
        """Look at the names the photo may have."""
        self._knock()
        for key in self._keys(perhaps_at(photo, self._template)):
            held = self._bucket.look(key)
            if held is not None and (held.key == photo.key or held.is_same(photo.perhaps_there)):
                return self._receipt(key, already_there=held.key != photo.key)
        return None

    def check(self) -> Health:
        """List next to nothing."""
        self._knock()
        can_list = self._bucket.list_nothing()
        where = self._place.endpoint or "Amazon"
        words = f"the S3 bucket {self._place.bucket} at {where}"
        if can_list:
            return Health(words)
        return Health(words, ("This login may not list the bucket; whether it may write shows the first photo.",))

    def close(self) -> None:
        """Close boto3's client; its connections are ours."""
        self._client.close()

    def _put(self, key: str, photo: OutgoingPhoto) -> Receipt | None:
        """The receipt, or None if other bytes have the name."""
        held = None if is_amazons(self._client.meta.endpoint_url) else self._bucket.look(key)
        if held is None:
            try:
                self._bucket.put(key, photo)
            except Taken:
                held = self._bucket.look(key, is_there=True)
            else:
                return self._receipt(key, already_there=False)
        if held is None:
            raise Trouble("a file of the photo's name was there and is gone")
        return self._receipt(key, already_there=True) if _is_it(held, photo) else None

    def _receipt(self, key: str, *, already_there: bool) -> Receipt:
        return Receipt(key, self._place.url(key), already_there)

    def _keys(self, paths: tuple[str, str]) -> Iterator[str]:
        return (self._place.prefix + path for path in paths)

    def _knock(self) -> None:
        self.context.http.probe(self._client.meta.endpoint_url)


def is_amazons(url: str) -> bool:
    """True for an address of Amazon's own service.

    Source: AWS General Reference, "Service endpoints": `amazonaws.com`, in China `amazonaws.com.cn`.
    """
    host = urlsplit(url).hostname or ""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn"))


def _is_it(held: Held, photo: OutgoingPhoto) -> bool:
    return held.key == photo.key or held.is_same(photo.rendition)
