"""Which errors of which library mean that a source does not let us in: exit code 12, not 13."""

from ftplib import error_perm
from typing import Any

import pytest
from asyncssh import PermissionDenied
from asyncssh.sftp import SFTPPermissionDenied
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from photopipe.download.fetching.remote_system import PROTOCOLS
from photopipe.download.fetching.source_errors import is_refusal, source_error, source_errors
from photopipe.errors import DownloadError, LoginRefused, SourceMissing


def s3(status: int, code: str) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "ListObjectsV2")


def with_cause(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


class GcsHttpError(Exception):
    code = 403


class AzureHttpResponseError(Exception):
    status_code = 401


REFUSALS = [
    s3(403, "AccessDenied"),
    s3(403, "InvalidAccessKeyId"),
    s3(403, "SignatureDoesNotMatch"),
    s3(403, "403"),
    s3(400, "ExpiredToken"),
    NoCredentialsError(),
    PermissionDenied("no more authentication methods"),
    with_cause(PermissionError("no more"), PermissionDenied("no more")),
    error_perm("530 Login incorrect."),  # noqa: S321 - only what it raises
    GcsHttpError(),
    AzureHttpResponseError(),
]
OTHERS = [
    s3(404, "NoSuchBucket"),
    s3(503, "SlowDown"),
    EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
    SFTPPermissionDenied("no rights for this folder"),
    PermissionError("no rights for this folder"),
    error_perm("550 No such folder."),  # noqa: S321 - likewise
    FileNotFoundError("a"),
    ConnectionRefusedError(111, "Connection refused"),
]


@pytest.mark.parametrize("error", REFUSALS, ids=repr)
def test_a_refused_login_is_told_from_a_missing_source(error: Exception) -> None:
    assert is_refusal(error)


@pytest.mark.parametrize("error", OTHERS, ids=repr)
def test_what_is_missing_or_broken_is_no_refusal(error: Exception) -> None:
    assert not is_refusal(error)


@pytest.mark.parametrize("scheme", PROTOCOLS)
def test_the_message_says_where_why_and_what_to_do(scheme: str) -> None:
    refused = source_error(f"{scheme}://place/a", PermissionDenied("Permission denied for user anna"))
    assert isinstance(refused, LoginRefused)
    said = "the source does not let us in: Permission denied for user anna. Check "
    assert str(refused).startswith(f"{scheme}://place/a: {said}")
    later = source_error(f"{scheme}://place/a", OSError("no route"), was_read=True)
    assert isinstance(later, SourceMissing)
    said = "the source went away: no route. What was not read is left for the next run."
    assert str(later) == f"{scheme}://place/a: {said}"


def test_our_own_errors_stay_what_they_are() -> None:
    with pytest.raises(DownloadError), source_errors("s3://place"):
        raise DownloadError("one photo")
    with pytest.raises(LoginRefused), source_errors("s3://place"):
        raise s3(403, "AccessDenied")
