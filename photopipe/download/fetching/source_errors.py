"""What it means for a source that its server, or the library that speaks to it, raises an error."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from photopipe.download.fetching.remote_system import PROTOCOLS, reason_of
from photopipe.errors import LoginRefused, PhotopipeError, SourceMissing
from photopipe.found_photo import COME_BACK
from photopipe.http.s3_codes import LOGIN_REFUSED

_STATUSES: Final = frozenset({401, 403})
_S3_CODES: Final = LOGIN_REFUSED | {"RequestTimeTooSkewed"}
_NO_LOGIN: Final = frozenset({"NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError"})
"""Of botocore: there is no login to begin with."""


def is_refusal(error: BaseException) -> bool:
    """True if a server does not accept the login, or does not let it do what it is asked for."""
    from ftplib import error_perm

    if isinstance(error, error_perm):
        return str(error).startswith("530")  # RFC 959 section 4.2.1: not logged in
    module, name = type(error).__module__.partition(".")[0], type(error).__name__
    if module == "asyncssh":
        return name == "PermissionDenied"
    if module == "botocore":
        return name in _NO_LOGIN or _is_refused_by_s3(error)
    if isinstance(error, PermissionError) and error.__cause__ is not None:
        return is_refusal(error.__cause__)  # sshfs wraps what asyncssh raises
    return bool({getattr(error, "status_code", None), getattr(error, "code", None)} & _STATUSES)  # azure, gcsfs


def _is_refused_by_s3(error: Any) -> bool:
    response = getattr(error, "response", None) or {}
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status in _STATUSES or response.get("Error", {}).get("Code") in _S3_CODES


def source_error(shown: str, error: BaseException, *, was_read: bool = False) -> PhotopipeError:
    """The error to raise for a source that cannot be read: `LoginRefused` or `SourceMissing`.

    Args:
        shown: its address without a password.
        error: what a library raised.
        was_read: whether the run has read it before.
    """
    reason = reason_of(error).rstrip(".")
    then = f" {COME_BACK}" if was_read else ""
    if is_refusal(error):
        advice = PROTOCOLS[shown.partition(":")[0].lower()].login
        return LoginRefused(
            f"{shown}: the source does not let us in{' any more' if was_read else ''}: {reason}. {advice}{then}"
        )
    return SourceMissing(f"{shown}: the source {'went away' if was_read else 'cannot be read'}: {reason}.{then}")


@contextmanager
def source_errors(shown: str) -> Iterator[None]:
    """What a library raises in the block because a source, or a folder in it, cannot be read, as ours.

    Raises:
        SourceMissing: it cannot.
        LoginRefused: because the login is not accepted.
    """
    try:
        yield
    except PhotopipeError:
        raise
    except Exception as error:
        raise source_error(shown, error) from error
