"""The harness itself: a server is there when it says so, and gone with the run, however that ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.real_servers import _listens, free_ports, require, started

LISTEN = "import signal, socket, sys; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); signal.pause()"
RUN = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
from support.real_servers import started
with started("kept", lambda _folder, ports: [sys.executable, "-c", {LISTEN!r}, str(ports[0])]) as server:
    print(server.port, server.folder, flush=True)
    sys.stdin.read()
"""


def test_a_server_listens_inside_the_block_and_leaves_nothing_behind() -> None:
    with started("one", lambda _folder, ports: [sys.executable, "-c", LISTEN, str(ports[0])]) as server:
        assert _listens(server.port)
    assert not _listens(server.port)
    assert not server.folder.exists()


def test_a_start_that_fails_is_tried_with_another_port_and_then_told_with_the_log() -> None:
    asked: list[int] = []

    def fails(_folder: Path, ports: tuple[int, ...]) -> list[str]:
        asked.append(ports[0])
        return [sys.executable, "-c", "raise SystemExit('no such setting')"]

    with pytest.raises(AssertionError, match="no such setting"), started("broken", fails):
        pass
    assert len(set(asked)) == 3


def test_a_killed_run_leaves_no_server() -> None:
    run = subprocess.Popen([sys.executable, "-c", RUN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with run:
        assert run.stdout is not None
        port, folder = run.stdout.readline().split()
        assert _listens(int(port))
        os.kill(run.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while _listens(int(port)) or Path(folder).exists():
        assert time.monotonic() < deadline, "the server outlived the run"


def test_ports_are_free_and_different() -> None:
    ports = free_ports(20)
    assert len(set(ports)) == 20
    assert not any(map(_listens, ports))


def test_a_test_whose_program_is_missing_is_skipped_with_a_reason() -> None:
    with pytest.raises(pytest.skip.Exception, match=r"apt install no-such-program; .*ci/run"):
        require("no-such-program")
