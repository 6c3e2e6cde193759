"""Telling a monitoring service, over HTTP, that a run has begun or ended."""

import threading
from typing import Final

import requests

from photopipe.http.connection import SocketWatch, WatchedAdapter, proxies_for
from photopipe.upload.http.auth import no_auth
from photopipe.upload.http.classify_error import classify_error
from photopipe.upload.http.classify_status import Action

DEADLINE_S: Final = 5.0
"""How long one ping may take in all: looking up the name, connecting, and the answer."""


def send_ping(url: str, body: str, deadline_s: float = DEADLINE_S) -> str | None:
    """POST a short text; redirects are followed, the answer's body is not read.

    Args:
        url: where, which is a secret.
        body: what is told.
        deadline_s: how long it may take.

    Returns:
        None if the answer was a success; otherwise what went wrong, without the address.
    """
    watch = SocketWatch()
    problems = [f"timed out after {deadline_s:.3g} s"]  # as when the thread itself notices first

    def send() -> None:
        try:
            problems.append(_send(url, body, watch, deadline_s))
        finally:
            watch.close()

    # A thread of its own, which the end of the process does not wait for: nothing ends a look-up of a name.
    thread = threading.Thread(target=send, name="ping", daemon=True)
    thread.start()
    thread.join(deadline_s)
    if thread.is_alive():
        watch.abort()
        return problems[0]
    return problems[-1] or None


def _send(url: str, body: str, watch: SocketWatch, deadline_s: float) -> str:
    """What went wrong, or an empty text."""
    with requests.Session() as session:
        for scheme in ("http://", "https://"):
            session.mount(scheme, WatchedAdapter(watch, deadline_s))
        headers = {"User-Agent": "photopipe", "Content-Type": "text/plain; charset=utf-8"}
        try:
            with session.post(
                url,
                data=body.encode(),
                headers=headers,
                timeout=deadline_s,
                proxies=proxies_for(url),
                auth=no_auth,
                stream=True,
            ) as answer:
                return "" if answer.ok else f"the answer was {answer.status_code}"
        except (requests.RequestException, OSError) as error:
            problem = classify_error(error, connect_s=deadline_s, read_s=deadline_s)
            return "its certificate is not trusted" if problem.action is Action.TLS_FAILED else problem.message
