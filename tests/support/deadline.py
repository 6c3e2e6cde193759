"""Run something that could hang, and fail instead of hanging."""

import faulthandler
import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

R = TypeVar("R")

DEADLINE_S = 20.0
"""Far longer than anything here takes, far shorter than anybody's patience."""


def within_deadline(action: Callable[[], R], deadline_s: float = DEADLINE_S) -> R:
    """What `action` returns or raises; AssertionError with every thread's stack if it hangs."""
    outcome: dict[str, Any] = {}

    def run() -> None:
        try:
            outcome["result"] = action()
        except BaseException as error:
            outcome["error"] = error

    thread = threading.Thread(target=run, name="within-deadline")
    thread.start()
    thread.join(deadline_s)
    if thread.is_alive():
        faulthandler.dump_traceback(file=sys.__stderr__ or sys.stderr)
        raise AssertionError(f"still running after {deadline_s} s: a deadlock")
    if "error" in outcome:
        raise outcome["error"]
    result: R = outcome["result"]
    return result


def until(condition: Callable[[], bool], deadline_s: float = DEADLINE_S) -> None:
    """Return as soon as something has happened; it is seen by looking at real state."""
    tick = threading.Event()
    for _ in range(int(deadline_s / 0.001)):
        if condition():
            return
        tick.wait(0.001)
    raise AssertionError("it never happened")
