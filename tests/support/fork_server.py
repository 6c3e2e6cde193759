"""Runs of photopipe that cost little: everything is loaded once, by a process without threads, and a run is a fork."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO

PROGRAM = """
import json, os, sys
import photopipe.resize.resize, photopipe.stages, photopipe.upload.galleries.folder.gallery, photopipe.upload.uploader
from photopipe.cli.commands import run

for line in sys.stdin:
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os._exit(run(json.loads(line)))
    print(child, flush=True)
    sys.stdin.readline()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class ForkServer:
    """Starts runs, one after the other.

    Args:
        process: runs `PROGRAM`.
    """

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    @classmethod
    @contextmanager
    def started(cls, environment: Mapping[str, str], output: IO[bytes]) -> Iterator["ForkServer"]:
        """A server, ended when the block is left.

        Args:
            environment: of all runs.
            output: gets what they write to stderr; what they write to stdout is dropped.
        """
        command = [sys.executable, "-c", PROGRAM]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, text=True, env=dict(environment)
        ) as process:
            yield cls(process)
            assert process.stdin is not None
            process.stdin.close()

    @contextmanager
    def running(self, *arguments: str) -> Iterator["ForkedRun"]:
        """A run of `photopipe ARGUMENTS`; leaving the block waits for its end."""
        run = ForkedRun(int(self._ask(json.dumps(arguments))))
        yield run
        run.code = int(self._ask(""))

    def _ask(self, question: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(question, file=self._process.stdin, flush=True)
        return self._process.stdout.readline()


class ForkedRun:
    """A run of photopipe.

    Args:
        number: of its process.

    Attributes:
        code: its exit code, once the block is left; the negative number of a signal.
    """

    def __init__(self, number: int) -> None:
        self._number = number
        self.code: int | None = None

    def kill(self) -> None:
        """End it as it stands; nothing happens if it has ended."""
        os.kill(self._number, signal.SIGKILL)
