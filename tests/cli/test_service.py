"""What systemd is told, over a real socket."""

import os
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from support.told_run import ToldRun

from photopipe.cli import service
from photopipe.cli.service import Service
from photopipe.report import Account


@pytest.fixture(params=["path", "abstract"])
def manager(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[socket.socket]:
    """The service manager's end of the socket."""
    address = str(tmp_path / "notify") if request.param == "path" else f"\0photopipe-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as end:
        end.bind(address)
        end.settimeout(5)
        yield end


def address_of(manager: socket.socket) -> str:
    name = manager.getsockname()
    return name if isinstance(name, str) else "@" + name[1:].decode()


def test_a_run_says_that_it_is_ready_alive_and_stopping_and_what_it_has_done(
    manager: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Account(found=3, uploaded=2)
    environment = {"NOTIFY_SOCKET": address_of(manager), "WATCHDOG_USEC": "20000", "WATCHDOG_PID": str(os.getpid())}
    with closing(Service(environment)) as told:
        told.started(ToldRun(account))
        told.tick()
        assert [manager.recv(100) for _ in range(3)] == [
            b"READY=1",
            b"WATCHDOG=1",
            b"STATUS=3 found, 2 uploaded, 0 failed",
        ]
        clock = service.time.monotonic()  # type: ignore[attr-defined] # the module's own clock
        monkeypatch.setattr("photopipe.cli.service.time.monotonic", lambda: clock + 0.011)
        told.tick()
        assert manager.recv(100) == b"WATCHDOG=1"
        told.tick()
        told.stopping(1)
        assert manager.recv(100) == b"STOPPING=1"


def test_another_process_of_the_service_is_not_asked_whether_it_is_alive(manager: socket.socket) -> None:
    environment = {"NOTIFY_SOCKET": address_of(manager), "WATCHDOG_USEC": "20000", "WATCHDOG_PID": "1"}
    with closing(Service(environment)) as told:
        told.started(ToldRun(Account()))
        told.tick()
        assert [manager.recv(100) for _ in range(2)] == [b"READY=1", b"STATUS=0 found, 0 uploaded, 0 failed"]


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": "/nowhere/notify"}])
def test_a_run_without_a_service_manager_goes_on(environment: dict[str, str]) -> None:
    with closing(Service(environment)) as told:
        told.started(ToldRun(Account()))
        told.tick()
        told.stopping(1)
