import http.client
import socket
import ssl
from typing import Any

import pytest
import requests
from urllib3 import HTTPConnectionPool
from urllib3 import exceptions as urllib3_errors
from urllib3.connection import HTTPConnection

from photopipe.upload.http.classify_error import causes, classify_error
from photopipe.upload.http.classify_status import Action, classify_status

POOL = HTTPConnectionPool("h")
CONNECTION = HTTPConnection("h")


@pytest.mark.parametrize(
    ("status", "action"),
    [
        *((code, Action.DONE) for code in (200, 201, 202, 204, 299)),
        *((code, Action.MOVED) for code in (300, 301, 302, 303, 304, 307, 308)),
        *((code, Action.LOGIN_REFUSED) for code in (401, 403)),
        *((code, Action.REFUSED) for code in (400, 402, 404, 405, 409, 410, 411, 415, 422, 431, 451, 499)),
        *((code, Action.RETRY) for code in (408, 423, 425, 429, 500, 501, 502, 503, 504, 505, 508, 520, 529, 599, 999)),
        (407, Action.PROXY_LOGIN),
        (413, Action.TOO_LARGE),
        (507, Action.DISK_FULL),
        (101, Action.RETRY),
    ],
)
def test_what_is_done_after_a_status(status: int, action: Action) -> None:
    assert classify_status(status).action is action


def test_what_does_not_come_in_time_is_a_sign_of_overload_and_nothing_else_is() -> None:
    slow = [
        urllib3_errors.ConnectTimeoutError("x"),
        requests.ReadTimeout("x"),
        urllib3_errors.ReadTimeoutError(POOL, "/", "x"),
        TimeoutError(),
    ]
    other = [ConnectionRefusedError(), ConnectionResetError(), socket.gaierror(), http.client.RemoteDisconnected("x")]
    for error in slow + other:
        assert classify_error(error, connect_s=5, read_s=60).is_timeout is (error in slow), error


def test_a_status_that_means_not_now_means_not_taken_and_the_others_are_ambiguous() -> None:
    retried = [code for code in range(400, 600) if classify_status(code).action is Action.RETRY]
    assert [code for code in retried if not classify_status(code).ambiguous] == [423, 425, 429, 503]


def wrapped(error: BaseException) -> requests.ConnectionError:
    """As requests raises what breaks off in the middle."""
    return requests.ConnectionError(urllib3_errors.ProtocolError("Connection aborted.", error))


def unconnected(error: urllib3_errors.HTTPError, cause: BaseException | None = None) -> Any:
    error.__cause__ = cause
    return urllib3_errors.MaxRetryError(POOL, "/", error)


def no_route() -> urllib3_errors.NewConnectionError:
    return urllib3_errors.NewConnectionError(CONNECTION, "text")


ROWS: list[tuple[BaseException, Action, bool, str]] = [
    (wrapped(ConnectionResetError(104, "x")), Action.RETRY, True, "connection reset"),
    (wrapped(BrokenPipeError(32, "x")), Action.RETRY, True, "connection reset"),
    (wrapped(http.client.RemoteDisconnected("x")), Action.RETRY, True, "connection closed without an answer"),
    (wrapped(http.client.BadStatusLine("x")), Action.RETRY, True, "the answer is not HTTP"),
    (wrapped(http.client.LineTooLong("x")), Action.RETRY, True, "the answer is not HTTP"),
    (wrapped(TimeoutError("The write operation timed out")), Action.RETRY, True, "timed out after 60 s"),
    (wrapped(OSError(113, "x")), Action.RETRY, True, "the connection failed: no route to host"),
    (requests.ReadTimeout("x"), Action.RETRY, True, "timed out after 60 s"),
    (urllib3_errors.ReadTimeoutError(POOL, "/", "x"), Action.RETRY, True, "timed out after 60 s"),
    (
        urllib3_errors.ProtocolError("x", http.client.IncompleteRead(b"")),
        Action.RETRY,
        True,
        "the answer was cut short",
    ),
    (urllib3_errors.IncompleteRead(1, 2), Action.RETRY, True, "the answer was cut short"),
    (requests.exceptions.ChunkedEncodingError("x"), Action.RETRY, True, "the answer was cut short"),
    (urllib3_errors.DecodeError("x"), Action.RETRY, True, "the answer was cut short"),
    (urllib3_errors.HTTPError("x"), Action.RETRY, True, "the connection failed"),
    (
        requests.ConnectionError(unconnected(no_route(), ConnectionRefusedError(111, "x"))),
        Action.RETRY,
        False,
        "connection refused",
    ),
    (
        requests.ConnectionError(unconnected(no_route(), OSError(101, "x"))),
        Action.RETRY,
        False,
        "no connection: network is unreachable",
    ),
    (requests.ConnectionError(unconnected(no_route())), Action.RETRY, False, "no connection"),
    (
        requests.ConnectTimeout(unconnected(urllib3_errors.ConnectTimeoutError("x"))),
        Action.RETRY,
        False,
        "no connection after 5 s",
    ),
    (
        requests.ConnectionError(
            unconnected(urllib3_errors.NameResolutionError("h", CONNECTION, socket.gaierror(-2, "x")))
        ),
        Action.RETRY,
        False,
        "name not found",
    ),
    (
        requests.exceptions.ProxyError(unconnected(urllib3_errors.ProxyError("x", no_route()))),
        Action.RETRY,
        False,
        "no connection",
    ),
    (
        requests.exceptions.ProxyError(unconnected(urllib3_errors.ProxyError("x", OSError("Tunnel failed: 502")))),
        Action.RETRY,
        True,
        "the proxy gave no connection",
    ),
    (requests.exceptions.SSLError(ssl.SSLCertVerificationError(1, "x")), Action.TLS_FAILED, False, ""),
    (requests.exceptions.SSLError(ssl.SSLError(1, "x")), Action.TLS_FAILED, False, ""),
    (ssl.SSLCertVerificationError(1, "x"), Action.TLS_FAILED, False, ""),
    (
        requests.exceptions.SSLError(ssl.SSLEOFError(8, "x")),
        Action.RETRY,
        True,
        "connection closed without an answer",
    ),
    (requests.exceptions.InvalidURL("secret"), Action.MISCONFIGURED, False, "InvalidURL"),
    (requests.exceptions.InvalidHeader("secret"), Action.MISCONFIGURED, False, "InvalidHeader"),
    (requests.exceptions.InvalidProxyURL("secret"), Action.MISCONFIGURED, False, "InvalidProxyURL"),
    (requests.exceptions.InvalidSchema("secret"), Action.MISCONFIGURED, False, "InvalidSchema"),
    (urllib3_errors.LocationParseError("secret"), Action.MISCONFIGURED, False, "LocationParseError"),
    (OSError("Could not find a suitable TLS CA certificate bundle"), Action.MISCONFIGURED, False, "OSError"),
]


@pytest.mark.parametrize(("error", "action", "ambiguous", "words"), ROWS, ids=lambda value: repr(value)[:60])
def test_what_is_done_after_a_breakdown(error: BaseException, action: Action, ambiguous: bool, words: str) -> None:
    classification = classify_error(error, connect_s=5, read_s=60)
    assert (classification.action, classification.ambiguous, classification.message) == (action, ambiguous, words)


def test_only_what_was_never_sent_is_not_ambiguous() -> None:
    unambiguous = {words for _, action, ambiguous, words in ROWS if action is Action.RETRY and not ambiguous}
    assert unambiguous == {
        "connection refused",
        "name not found",
        "no connection",
        "no connection: network is unreachable",
        "no connection after 5 s",
    }


def test_an_error_that_wraps_itself_ends() -> None:
    error = OSError(5, "x")
    error.__cause__ = ValueError("y")
    error.__cause__.__cause__ = error
    assert [type(cause) for cause in causes(error)] == [OSError, ValueError]
