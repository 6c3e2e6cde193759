"""The error codes of S3, and what is done about each."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from photopipe.errors import DiskFull, PhotopipeError, TooLargeForGallery, UsageError
from photopipe.http.s3_codes import LOGIN_REFUSED
from photopipe.upload.galleries.contract import GalleryContext
from photopipe.upload.http.answer import Answer
from photopipe.upload.http.upload_errors import RetryableError

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError, ClientError

DAMAGED: Final = frozenset(
    {"BadDigest", "IncompleteBody", "InvalidDigest", "XAmzContentChecksumMismatch", "XAmzContentSHA256Mismatch"}
)
FULL: Final = frozenset({"QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded"})
BUSY: Final = frozenset({"ConditionalRequestConflict", "OperationAborted", "RequestTimeout", "SlowDown"})
ELSEWHERE: Final = frozenset(
    {"AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "PermanentRedirect"}
)


def code_of(error: "ClientError") -> str:
    """S3's error code; after a HEAD, whose answer has no body, the status: `404`."""
    return str(error.response.get("Error", {}).get("Code", ""))


def s3_error(error: "ClientError", answer: Answer | None, context: GalleryContext, bucket: str) -> Exception:
    """What to raise for an answer that is no success: `RetryableError` if it may be tried again.

    Source: Amazon S3 API reference, "Error responses", for the codes; the other services' own words
    are those of Ceph and MinIO.
    """
    code = code_of(error)
    says = context.errors.shown(f"{code}: {error.response.get('Error', {}).get('Message', '')}")
    if answer is None:
        return RetryableError(f"the gallery answers {says}", ambiguous=True)
    return _by_code(code, says, answer, context, bucket) or _by_status(says, answer, context)


def _by_code(code: str, says: str, answer: Answer, context: GalleryContext, bucket: str) -> Exception | None:
    makers: dict[frozenset[str], Callable[[], Exception]] = {
        frozenset({"NoSuchBucket"}): lambda: UsageError(
            f"{bucket}: there is no bucket of this name. Make it, or check the address and the endpoint."
        ),
        frozenset({"RequestTimeTooSkewed"}): lambda: context.errors.of_login(f"{says}; this computer's clock is wrong"),
        LOGIN_REFUSED: lambda: context.errors.of_login(says),
        DAMAGED: lambda: context.http.retryable(answer, f"the photo was damaged on its way ({says})"),
        BUSY: lambda: context.http.retryable(answer, f"the gallery answers {says}"),
        FULL: lambda: DiskFull(f"{bucket}: the gallery has no room left ({says})."),
        ELSEWHERE: lambda: UsageError(f"{bucket}: the bucket is in another region ({says}). Set the option region."),
        frozenset({"EntityTooLarge"}): lambda: TooLargeForGallery(
            f"cannot be uploaded: its file is too large for {bucket} ({says}). "
            "Give --on-413 shrink, or a smaller --size or --max-bytes."
        ),
    }
    return next((make() for codes, make in makers.items() if code in codes), None)


def _by_status(says: str, answer: Answer, context: GalleryContext) -> Exception:
    if 400 <= answer.status < 500 and answer.status not in {401, 403, 407, 408, 413, 423, 425, 429}:
        return context.errors.of_refusal(f"{says}.")
    try:
        context.http.raise_for_status(answer)
    except (RetryableError, PhotopipeError) as checked:
        return checked
    return RetryableError(f"the gallery answers {says}", ambiguous=True)


def setup_error(error: "BotoCoreError", context: GalleryContext, bucket: str) -> PhotopipeError:
    """What to raise when boto3 cannot even make the request."""
    from botocore.exceptions import CredentialRetrievalError, NoCredentialsError, PartialCredentialsError

    if isinstance(error, NoCredentialsError | PartialCredentialsError | CredentialRetrievalError):
        return context.errors.of_login(
            "there is none; give the access key id with --user and its secret with --token-file, "
            "or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        )
    return UsageError(f"{bucket}: no request to S3 can be made: {context.errors.shown(str(error))}")
