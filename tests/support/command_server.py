"""Starts the command in a process of its own without importing everything anew: half of a short test's time.

A server, one for each process of the test run, has imported what commands import. For each command it forks; the child
gets arguments, environment, folder and standard streams of its own, and ends as any process does.
"""

import atexit
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from tempfile import TemporaryFile

MOST_BYTES = 1 << 20
SERVER = f"""
import gc, os, pickle, signal, socket, sys
import photopipe.cli.commands, photopipe.resize.resize, photopipe.upload.uploader, photopipe.upload.galleries.kinds
import requests
photopipe.upload.galleries.kinds.gallery_kinds()
gc.collect()
gc.freeze()
asked = socket.socket(fileno=int(sys.argv[1]))
while True:
    request, streams, _, _ = socket.recv_fds(asked, {MOST_BYTES}, 3)
    if not request:
        break
    child = os.fork()
    if child == 0:
        break
    for stream in streams:
        os.close(stream)
    asked.sendall(child.to_bytes(8, "big"))
    _, status = os.waitpid(child, 0)
    asked.sendall(status.to_bytes(8, "big"))
asked.close()
if request:
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    arguments, environment, folder = pickle.loads(request)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    photopipe.cli.commands.main(arguments)
"""


class CommandServer:
    """The server of this process."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair()
        environment = os.environ | {"PYTHONWARNINGS": "error::ResourceWarning", "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-c", SERVER, str(theirs.fileno())], pass_fds=[theirs.fileno()], env=environment
        )
        theirs.close()
        atexit.register(self.close)

    def close(self) -> None:
        """End the server."""
        self._socket.close()
        self._process.wait()

    def run(
        self, arguments: Sequence[str], environment: Mapping[str, str], folder: str, deadline_s: float
    ) -> tuple[int, bytes, bytes]:
        """Run `photopipe ARGUMENTS`.

        Returns:
            Its exit code, and what it wrote to stdout and stderr.

        Raises:
            subprocess.TimeoutExpired: it did not end in time, and was killed.
        """
        with open(os.devnull, "rb") as nothing, TemporaryFile() as out, TemporaryFile() as err:
            request = pickle.dumps((list(arguments), dict(environment), folder))
            socket.send_fds(self._socket, [request], [nothing.fileno(), out.fileno(), err.fileno()])
            child = self._answer(None)
            try:
                status = self._answer(deadline_s)
            except TimeoutError:
                os.kill(child, signal.SIGKILL)
                self._answer(None)
                raise subprocess.TimeoutExpired(["photopipe", *arguments], deadline_s) from None
            out.seek(0)
            err.seek(0)
            return os.waitstatus_to_exitcode(status), out.read(), err.read()

    def _answer(self, deadline_s: float | None) -> int:
        self._socket.settimeout(deadline_s)
        return int.from_bytes(self._socket.recv(8, socket.MSG_WAITALL), "big")


@cache
def command_server() -> CommandServer:
    """The server of this process, started when it is first needed."""
    return CommandServer()
