"""What a request that got no whole answer means, and what is done about it: the one table.

Pure: an exception of requests, urllib3 or the socket in, a classification out.
"""

import http.client
import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from requests import exceptions as requests_errors
from urllib3 import exceptions as urllib3_errors

from photopipe.upload.http.classify_status import Action, Classification


def _not_sent(message: str) -> Classification:
    return Classification(Action.RETRY, message=message)


def _perhaps_taken(message: str) -> Classification:
    return Classification(Action.RETRY, ambiguous=True, message=message)


# TLS ends of stream come first: they are dropped connections, not failures of trust.
_CONNECTION_ERRORS: Final[tuple[tuple[tuple[type[BaseException], ...], Classification], ...]] = (
    ((ssl.SSLEOFError, ssl.SSLZeroReturnError), _perhaps_taken("connection closed without an answer")),
    ((requests_errors.SSLError, urllib3_errors.SSLError, ssl.SSLError), Classification(Action.TLS_FAILED)),
    ((urllib3_errors.NameResolutionError, socket.gaierror), _not_sent("name not found")),
    ((ConnectionRefusedError,), _not_sent("connection refused")),
    ((urllib3_errors.NewConnectionError,), _not_sent("no connection")),
    (
        (urllib3_errors.ConnectTimeoutError,),
        Classification(Action.RETRY, message="no connection after {connect_s:.3g} s", is_timeout=True),
    ),
    (
        (requests_errors.ReadTimeout, urllib3_errors.ReadTimeoutError, TimeoutError),
        Classification(Action.RETRY, ambiguous=True, message="timed out after {read_s:.3g} s", is_timeout=True),
    ),
    (
        (http.client.IncompleteRead, requests_errors.ChunkedEncodingError, urllib3_errors.DecodeError),
        _perhaps_taken("the answer was cut short"),
    ),
    ((http.client.RemoteDisconnected,), _perhaps_taken("connection closed without an answer")),
    ((ConnectionResetError, BrokenPipeError, ConnectionAbortedError), _perhaps_taken("connection reset")),
    ((http.client.HTTPException,), _perhaps_taken("the answer is not HTTP")),
    ((requests_errors.ProxyError, urllib3_errors.ProxyError), _perhaps_taken("the proxy gave no connection")),
)


def classify_error(error: BaseException, *, connect_s: float, read_s: float) -> Classification:
    """What is done after a request that got no whole answer.

    Args:
        error: what requests, urllib3 or the socket raised.
        connect_s: how long a connection was waited for [seconds].
        read_s: how long the next byte was waited for [seconds].

    Returns:
        A classification with a message for a person: never an exception's own text, which may show an
        address, a header or an object.
    """
    if _is_misconfigured(error):
        return Classification(Action.MISCONFIGURED, message=type(error).__name__)
    chain = tuple(causes(error))
    for kinds, classification in _CONNECTION_ERRORS:
        if any(isinstance(cause, kinds) for cause in chain):
            message = classification.message.format(connect_s=connect_s, read_s=read_s)
            return replace(classification, message=_with_system_message(message, chain))
    return _perhaps_taken(_with_system_message("the connection failed", chain))


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything it wraps, outermost first.

    requests and urllib3 keep what they wrap as argument, as `reason` and as cause. The context is left out: it
    may be an earlier failure that has nothing to do with this one.
    """
    waiting, seen = [error], set[int]()
    while waiting:
        cause = waiting.pop(0)
        if id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            wrapped = (*cause.args, getattr(cause, "reason", None), cause.__cause__)
            waiting += [inner for inner in wrapped if isinstance(inner, BaseException)]


def _is_misconfigured(error: BaseException) -> bool:
    """True for addresses, headers and proxies requests cannot use, and for a missing certificate bundle.

    requests reports a missing bundle as a plain OSError without an error number; errors of sockets have one.
    """
    if isinstance(error, ssl.SSLError | requests_errors.ChunkedEncodingError):
        return False
    return isinstance(error, ValueError) or (type(error) is OSError and error.errno is None)


def _with_system_message(message: str, chain: tuple[BaseException, ...]) -> str:
    if message not in {"no connection", "the connection failed"}:
        return message
    numbers = [cause.errno for cause in chain if isinstance(cause, OSError) and cause.errno]
    return f"{message}: {os.strerror(numbers[-1]).lower()}" if numbers else message
