"""Any number of names in order, with few of them in memory."""

import heapq
import os
from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import BinaryIO

NAMES_IN_MEMORY = 20_000
"""More than a camera folder can hold (9,999 by DCF), about two megabytes."""


class NameOrder:
    """A growing set of file names that comes out sorted.

    Up to `in_memory` names are sorted in memory. Past that, sorted runs go to unnamed
    temporary files and are merged, so that a folder of a million files does not cost a million
    objects.

    Args:
        in_memory: names kept before a run is written; `NAMES_IN_MEMORY` if None.
    """

    def __init__(self, in_memory: int | None = None) -> None:
        self._in_memory = in_memory or NAMES_IN_MEMORY
        self._names: list[str] = []
        self._stack = ExitStack()
        self._runs: list[BinaryIO] = []

    def add(self, name: str) -> None:
        """Take one more name."""
        self._names.append(name)
        if len(self._names) >= self._in_memory:
            self._write_run()

    def __iter__(self) -> Iterator[str]:
        """Yield all names in order, once; temporary files are gone afterwards."""
        self._names.sort()
        if not self._runs:
            yield from self._names
            return
        with self._stack:
            yield from heapq.merge(self._names, *map(_read_run, self._runs))

    def _write_run(self) -> None:
        run = self._stack.enter_context(TemporaryFile(prefix="photopipe-"))  # noqa: SIM115 - the stack closes it
        self._names.sort()
        run.write(b"".join(os.fsencode(name) + b"\0" for name in self._names))
        run.seek(0)
        self._runs.append(run)
        self._names.clear()


def _read_run(run: BinaryIO) -> Iterator[str]:
    rest = b""
    while block := run.read(65_536):
        *names, rest = (rest + block).split(b"\0")
        yield from map(os.fsdecode, names)
