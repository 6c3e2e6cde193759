"""System calls that fail on purpose, as they do on shares and worn disks, for the kind `folder`."""

import errno
import os
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from support.fault_proxy import Call, Mishap

from photopipe.files import placing

HAPPENS: Final = frozenset({Mishap.ANSWER_LOST, Mishap.CUT_BODY, Mishap.ERROR_500, Mishap.RESTART, Mishap.DISK_FULL})
"""What can happen to files; they know no HTTP, no TLS and no tokens, and a hanging share hangs every program."""
SPOILT: Final = frozenset({"write", "fsync", "link", "mkdir"})


class SpoiltFiles:
    """Stands for the module `os` and spoils some of its calls.

    Args:
        choose: what happens to a call.
        seed: of the chances a mishap takes.

    Attributes:
        calls: that could have been spoilt.
        mishaps: that were.
    """

    def __init__(self, choose: Callable[[Call], Mishap | None], seed: int) -> None:
        self._choose = choose
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self.calls = self.mishaps = 0

    def __getattr__(self, name: str) -> Any:
        real = getattr(os, name)
        return (lambda *arguments: self._call(name, real, *arguments)) if name in SPOILT else real

    def _call(self, name: str, real: Callable[..., Any], *arguments: Any) -> Any:
        with self._lock:
            mishap = self._choose(Call(self.calls, name, "", (), b""))
            self.calls += 1
            self.mishaps += mishap is not None
            taken = self._chance.random() < 0.5
        if mishap is None:
            return real(*arguments)
        if mishap is Mishap.DISK_FULL:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if mishap is Mishap.CUT_BODY and name == "write":
            real(arguments[0], arguments[1][: len(arguments[1]) // 2])
        elif mishap is Mishap.ANSWER_LOST or (mishap is Mishap.RESTART and taken):
            real(*arguments)
        code = errno.ESTALE if mishap is Mishap.RESTART else errno.EIO
        raise OSError(code, os.strerror(code))


@contextmanager
def spoilt_files(choose: Callable[[Call], Mishap | None], seed: int) -> Iterator[SpoiltFiles]:
    """The kind `folder` with system calls that fail."""
    spoilt = SpoiltFiles(choose, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(placing, "os", spoilt)
        yield spoilt
