"""What can happen to a request, and what is done about it: the one table.

Pure: statuses and exceptions in, rulings out. `outcome.py` says them to a person, `client.py`
acts on them.
"""

import http.client
import os
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Final

from requests import exceptions as requests_errors
from urllib3 import exceptions as urllib3_errors


class Action(Enum):
    """What is done after an answer or a breakdown."""

    DONE = auto()
    RETRY = auto()
    REFUSED = auto()
    LOGIN_REFUSED = auto()
    PROXY_LOGIN = auto()
    DISK_FULL = auto()
    TOO_LARGE = auto()
    MOVED = auto()
    TLS_FAILED = auto()
    MISCONFIGURED = auto()


@dataclass(frozen=True, slots=True)
class Ruling:
    """What to do, and what is known about the photo meanwhile.

    Attributes:
        action: what is done.
        ambiguous: the gallery may have taken the photo all the same.
        words: why, for a person; empty where the answer's status says it.
        is_timeout: nothing came in time.
    """

    action: Action
    ambiguous: bool = False
    words: str = ""
    is_timeout: bool = False


STATUSES: Final = {
    401: Ruling(Action.LOGIN_REFUSED),
    403: Ruling(Action.LOGIN_REFUSED),
    407: Ruling(Action.PROXY_LOGIN),
    408: Ruling(Action.RETRY, ambiguous=True),
    413: Ruling(Action.TOO_LARGE),
    423: Ruling(Action.RETRY),
    425: Ruling(Action.RETRY),
    429: Ruling(Action.RETRY),
    502: Ruling(Action.RETRY, ambiguous=True),
    503: Ruling(Action.RETRY),
    504: Ruling(Action.RETRY, ambiguous=True),
    507: Ruling(Action.DISK_FULL),
}
"""Statuses with a rule of their own. A gateway that gave up (502, 504) cannot tell whether the
gallery behind it took the photo."""


def ruling_on_status(status: int) -> Ruling:
    """What is done after an answer with this status.

    Source: RFC 9110 section 15 for the classes, RFC 6585 for 429, RFC 4918 for 507, RFC 8470 for 425.
    """
    if status in STATUSES:
        return STATUSES[status]
    if 200 <= status < 300:
        return Ruling(Action.DONE)
    if 300 <= status < 400:
        return Ruling(Action.MOVED)
    if 400 <= status < 500:
        return Ruling(Action.REFUSED)
    return Ruling(Action.RETRY, ambiguous=True)


def _not_sent(words: str) -> Ruling:
    return Ruling(Action.RETRY, words=words)


def _perhaps_taken(words: str) -> Ruling:
    return Ruling(Action.RETRY, ambiguous=True, words=words)


# TLS ends of stream come first: they are dropped connections, not failures of trust.
_BREAKDOWNS: Final[tuple[tuple[tuple[type[BaseException], ...], Ruling], ...]] = (
    ((ssl.SSLEOFError, ssl.SSLZeroReturnError), _perhaps_taken("connection closed without an answer")),
    ((requests_errors.SSLError, urllib3_errors.SSLError, ssl.SSLError), Ruling(Action.TLS_FAILED)),
    ((urllib3_errors.NameResolutionError, socket.gaierror), _not_sent("name not found")),
    ((ConnectionRefusedError,), _not_sent("connection refused")),
    ((urllib3_errors.NewConnectionError,), _not_sent("no connection")),
    (
        (urllib3_errors.ConnectTimeoutError,),
        Ruling(Action.RETRY, words="no connection after {connect_s:.3g} s", is_timeout=True),
    ),
    (
        (requests_errors.ReadTimeout, urllib3_errors.ReadTimeoutError, TimeoutError),
        Ruling(Action.RETRY, ambiguous=True, words="timed out after {read_s:.3g} s", is_timeout=True),
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


def ruling_on_error(error: BaseException, *, connect_s: float, read_s: float) -> Ruling:
    """What is done after a request that got no whole answer.

    Args:
        error: what requests, urllib3 or the socket raised.
        connect_s: how long a connection was waited for [seconds].
        read_s: how long the next byte was waited for [seconds].

    Returns:
        A ruling with words for a person: never an exception's own text, which may show an
        address, a header or an object.
    """
    if _is_misconfigured(error):
        return Ruling(Action.MISCONFIGURED, words=type(error).__name__)
    chain = tuple(causes(error))
    for kinds, ruling in _BREAKDOWNS:
        if any(isinstance(cause, kinds) for cause in chain):
            words = ruling.words.format(connect_s=connect_s, read_s=read_s)
            return replace(ruling, words=_with_system_words(words, chain))
    return _perhaps_taken(_with_system_words("the connection failed", chain))


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything it wraps, outermost first.

    requests and urllib3 wrap as argument, as `reason` and as cause. The context is left out: it
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

    requests reports the bundle as a plain OSError without a number; all errors of sockets have one.
    """
    if isinstance(error, ssl.SSLError | requests_errors.ChunkedEncodingError):
        return False
    return isinstance(error, ValueError) or (type(error) is OSError and error.errno is None)


def _with_system_words(words: str, chain: tuple[BaseException, ...]) -> str:
    if words not in {"no connection", "the connection failed"}:
        return words
    numbers = [cause.errno for cause in chain if isinstance(cause, OSError) and cause.errno]
    return f"{words}: {os.strerror(numbers[-1]).lower()}" if numbers else words
