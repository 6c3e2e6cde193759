"""One worker's view of one bucket: see what is under a key, put a photo there if it is free."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from photopipe.photo import Rendition
from photopipe.upload.galleries.contract import GalleryContext, OutgoingPhoto
from photopipe.upload.galleries.s3.client import S3Transport
from photopipe.upload.galleries.s3.errors import code_of, s3_error, setup_error
from photopipe.upload.http.body import PhotoFile
from photopipe.upload.http.upload_errors import RetryableError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")

SHA256: Final = "sha256"
KEY: Final = "photopipe-key"
"""Names of the metadata kept with a photo, as `x-amz-meta-*`."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What a bucket holds under a key.

    Attributes:
        size_bytes: length.
        hashes: all it says of its content: ours, the service's, and the ETag.
        key: the photo's own key, if photopipe put it there; else empty.
    """

    size_bytes: int
    hashes: frozenset[str]
    key: str

    def is_same(self, rendition: Rendition) -> bool:
        """True if it has these very bytes.

        The ETag is the MD5 of what came in one piece and was not encrypted by the service; else it
        looks like no MD5 that could be ours.
        """
        known = {rendition.sha256, base64_of(rendition.sha256), rendition.md5}
        return self.size_bytes == rendition.size_bytes and bool(self.hashes & known)


class KeyTaken(Exception):
    """There is an object under this key already."""


class S3Bucket:
    """The bucket.

    Args:
        client: boto3's.
        transport: what the client sends through.
        context: makes the errors.
        name: of the bucket.
    """

    def __init__(self, client: "S3Client", transport: S3Transport, context: GalleryContext, name: str) -> None:
        self._client = client
        self._transport = transport
        self._context = context
        self._name = name

    def put(self, key: str, photo: OutgoingPhoto) -> None:
        """Put the photo there if the key is free; the service compares what arrives with its hashes.

        Raises:
            KeyTaken: it is not.
            RetryableError, PhotopipeError: as `Gallery.send`.
        """
        rendition = photo.rendition
        with PhotoFile(photo.photo) as file:
            answer = self._ask(
                lambda: self._client.put_object(
                    Bucket=self._name,
                    Key=key,
                    Body=file,  # type: ignore[arg-type]  # it reads, seeks and tells, which is all boto3 asks for
                    IfNoneMatch="*",
                    ChecksumSHA256=base64_of(rendition.sha256),
                    ContentMD5=base64_of(rendition.md5),
                    ContentType=rendition.content_type,
                    Metadata={SHA256: rendition.sha256, KEY: photo.key},
                ),
                ignored={"PreconditionFailed", "412"},
            )
        if answer is None:
            raise KeyTaken
        if not answer.get("ETag"):  # every S3 service gives one: this is some page under 200
            raise self._no_s3()

    def look(self, key: str, *, is_there: bool = False) -> StoredObject | None:
        """The object under a key, or None.

        Args:
            key: of the object.
            is_there: whether there is known to be one. If not, 403 may mean that there is none: S3 answers so if the
                login may not list the bucket.

        Raises:
            RetryableError, PhotopipeError: as `Gallery.find`.
        """
        ignored = {"403", "404", "NoSuchKey"}
        head = self._ask(
            lambda: self._client.head_object(Bucket=self._name, Key=key, ChecksumMode="ENABLED"), ignored=ignored
        )
        answer = self._transport.answer
        if head is None and is_there and answer is not None and answer.status == 403:
            raise self._context.errors.of_login("it may put photos, but not look at them: it needs s3:GetObject")
        return None if head is None else _held(head)

    def list_nothing(self) -> bool:
        """List one object at most; False if the login is good but may not list the bucket."""
        answer = self._ask(lambda: self._client.list_objects_v2(Bucket=self._name, MaxKeys=1), ignored={"AccessDenied"})
        return answer is not None

    def _ask(self, ask: Callable[[], T], *, ignored: set[str]) -> T | None:
        """What boto3 answers, its errors turned into ours; None for an error whose code is in `ignored`."""
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        try:
            return ask()
        except ClientError as error:
            if code_of(error) in ignored:
                return None
            raise s3_error(error, self._transport.answer, self._context, self._name) from error
        except ResponseParserError as error:
            raise self._no_s3() from error
        except BotoCoreError as error:
            raise setup_error(error, self._context, self._name) from error

    def _no_s3(self) -> Exception:
        answer = self._transport.answer
        if answer is not None:
            self._context.http.raise_for_status(answer)
        return RetryableError("the answer is not that of an S3 service", ambiguous=True)


def base64_of(digest: str) -> str:
    """A hexadecimal hash in Base64, as S3 wants it."""
    return b64encode(bytes.fromhex(digest)).decode()


def _held(head: Any) -> StoredObject:
    metadata = head.get("Metadata") or {}
    hashes = metadata.get(SHA256), head.get("ChecksumSHA256"), str(head.get("ETag", "")).strip('"')
    return StoredObject(
        int(head.get("ContentLength", -1)), frozenset(text for text in hashes if text), str(metadata.get(KEY, ""))
    )
