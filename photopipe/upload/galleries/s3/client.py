"""boto3, set up so that it signs requests and reads answers while our own HTTP client sends everything.

So connections can be aborted, timeouts, proxies, certificates and the bandwidth limit are those of all
other galleries, and only our own retries are made.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from photopipe.errors import UsageError
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.contract import GalleryContext
from photopipe.upload.galleries.s3.location import S3Location
from photopipe.upload.http.answer import Answer
from photopipe.upload.http.body import Body, PhotoFile

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from photopipe.upload.http.http_client import HttpClient

NOT_SENT: Final = frozenset({"accept-encoding", "content-length", "expect", "user-agent"})
"""Headers of boto3's, none of them signed, that our own HTTP client sets itself. Some servers store nothing
if a request carries `Expect`."""


class S3Transport:
    """Sends what boto3 has signed.

    Args:
        http: requests to the service.

    Attributes:
        answer: the last one, as it came.
    """

    def __init__(self, http: "HttpClient") -> None:
        self._http = http
        self.answer: Answer | None = None

    def send(self, request: Any, **_: Any) -> Any:
        """Answer boto3's event `before-send`, by which a handler sends a request in boto3's place.

        Source: botocore `endpoint.py`, `Endpoint._do_get_response`.
        """
        from botocore.awsrequest import AWSResponse

        self.answer = None
        headers = {name: _text(value) for name, value in request.headers.items() if name.lower() not in NOT_SENT}
        body = request.body
        if isinstance(body, PhotoFile):
            body = Body(body, int(request.headers["Content-Length"]))
        answer = self._http.exchange(request.method, request.url, data=body, headers=headers)
        self.answer = answer
        headers_in: Any = dict(answer.headers)  # boto3's stubs want a class of botocore's, boto3 does not
        return AWSResponse(request.url, answer.status, headers_in, _Content(answer.body))


class _Content:
    """An answer's body as boto3 reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._body


def open_s3(
    settings: UploadSettings, location: S3Location, context: GalleryContext, transport: S3Transport
) -> "S3Client":
    """A boto3 client of this worker's own.

    Raises:
        UsageError: boto3 cannot be set up like this.
    """
    from boto3.session import Session
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    config = Config(
        retries={"total_max_attempts": 1, "mode": "standard"},
        s3={"addressing_style": "path" if location.path_style else "auto"},
        # Each photo's own SHA-256 goes along; services other than Amazon's fail on more.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    with context.shared.exclusive("boto3"):  # making a client is not thread-safe, using it is
        try:
            session = context.shared.once(
                "boto3 session",
                lambda: Session(aws_access_key_id=settings.username, aws_secret_access_key=settings.token),
            )
            client = session.client("s3", endpoint_url=location.endpoint, region_name=location.region, config=config)
        except (BotoCoreError, ValueError) as error:
            raise UsageError(f"S3 cannot be used like this: {context.errors.shown(str(error))}") from error
    client.meta.events.register("before-send.s3", transport.send)
    return client


def check_s3_client(settings: UploadSettings) -> None:
    """Make sure that a client can be opened, without loading boto3, which takes long.

    Raises:
        UsageError: boto3 is not installed, or half of the login is missing.
    """
    if find_spec("boto3") is None:
        raise UsageError("galleries in S3 need the package boto3: pip install 'photopipe[s3]'")
    _check_login(settings)


def _check_login(settings: UploadSettings) -> None:
    """Without access key id and secret boto3 looks in its usual places: environment, `~/.aws`, the machine."""
    if (settings.username is None) != (settings.token is None):
        raise UsageError(
            "S3 wants an access key id as user and its secret as token: give both, "
            "or neither to let boto3 find them in AWS_ACCESS_KEY_ID, ~/.aws or the machine's role"
        )


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
