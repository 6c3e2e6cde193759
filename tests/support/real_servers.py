"""Real servers in processes of their own, each in a folder of its own, ended with the test run.

`started` starts one and waits until it can be connected to. `require` skips the test, saying why, where the
program is not installed: `.ci/run` installs the ones that come by apt.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

READY_S: Final = 20.0
"""Longest time a server may take to listen."""
END_S: Final = 5.0
"""Longest time a server may take to end when it is asked to."""
STARTS: Final = 3
"""How often a server is started: between choosing a port and listening on it, another program may take it."""

BY_APT: Final = {"apache2": "apache2", "nginx": "nginx-light and libnginx-mod-http-dav-ext"}


@dataclass(frozen=True)
class RealServer:
    """A server that runs.

    Attributes:
        ports: where it listens on 127.0.0.1; the first is the one photos go to.
        folder: its own folder, removed at the end.
        log: what it wrote to stdout and stderr.
    """

    ports: tuple[int, ...]
    folder: Path
    log: Path

    @property
    def port(self) -> int:
        """The port photos go to."""
        return self.ports[0]

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"


MakeCommand = Callable[[Path, tuple[int, ...]], Sequence[str]]
"""Folder and ports -> the command to run; writes configuration files into the folder as it likes."""


@contextmanager
def started(
    name: str,
    make_command: MakeCommand,
    *,
    port_count: int = 1,
    environment: Mapping[str, str] | None = None,
    is_ready: Callable[[RealServer], bool] | None = None,
    end_s: float = END_S,
) -> Iterator[RealServer]:
    """A server that runs until the block is left.

    Args:
        name: what it is called in messages.
        make_command: gives the command; called again, with other ports, if the first start fails.
        port_count: how many free ports it wants.
        environment: variables added to ours.
        is_ready: asked once all ports can be connected to, until it says True; for servers that listen too early.
        end_s: how long it may take to end by itself; less for one that has nothing to tidy up.

    Raises:
        AssertionError: it did not listen in time; with its log.
    """
    with ExitStack() as stack:
        folder = stack.enter_context(_open_folder(name))
        for start in range(1, STARTS + 1):
            server = RealServer(free_ports(port_count), folder, folder / "server.log")
            process = stack.enter_context(_process(make_command(folder, server.ports), server, environment, end_s))
            if _is_up(process, server, is_ready):
                break
            assert start < STARTS, f"{name} does not start: {server.log.read_text(errors='replace')[-3000:]}"
        yield server


def require(program: str) -> str:
    """The path of a program; skips the test if it is not installed."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if found is None:
        pytest.skip(f"{program} is not installed (apt install {BY_APT.get(program, program)}; .ci/run does so)")
    return found


def require_script(name: str) -> str:
    """The path of a command that came with a package of the `test` extra; skips the test if it is not there."""
    beside = Path(sys.executable).with_name(name)
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (pip install -e '.[test]')")
    return found


def free_ports(count: int) -> tuple[int, ...]:
    """Ports on 127.0.0.1 nobody listens on, all different."""
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return tuple(listener.getsockname()[1] for listener in listeners)


@contextmanager
def _open_folder(name: str) -> Iterator[Path]:
    """A folder that servers can enter who give up being root; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix=f"photopipe-{name}-", ignore_cleanup_errors=True) as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - read by servers that are not us, for as long as a test runs
        yield Path(folder)


@contextmanager
def _process(
    command: Sequence[str], server: RealServer, environment: Mapping[str, str] | None, end_s: float
) -> Iterator["subprocess.Popen[bytes]"]:
    with server.log.open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=server.folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that its children can be ended with it, and Ctrl-C is left to us
        )
    try:
        with _ended_with_us(process, server.folder):
            yield process
    finally:
        _end(process, end_s)


@contextmanager
def _ended_with_us(process: "subprocess.Popen[bytes]", folder: Path) -> Iterator[None]:
    """Should this process be killed, a pipe to a small shell closes, and that ends the server."""
    script = 'cat >/dev/null; kill -TERM "-$1"; sleep 1; kill -KILL "-$1"; rm -rf "$2"'
    command = ["sh", "-c", script, "sh", str(process.pid), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True) as watch:
        try:
            yield
        finally:
            watch.kill()  # before the pipe is closed: from here on, the number may belong to another process


def _end(process: "subprocess.Popen[bytes]", end_s: float) -> None:
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(end_s)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(END_S)


def _is_up(
    process: "subprocess.Popen[bytes]", server: RealServer, is_ready: Callable[[RealServer], bool] | None
) -> bool:
    """Wait until it listens; False if it ended or the time is over."""
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        if all(_listens(port) for port in server.ports) and (is_ready is None or is_ready(server)):
            return process.poll() is None
        with suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
            return False
    return False


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
