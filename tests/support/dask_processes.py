"""A Dask scheduler and workers as processes of their own, as `dask scheduler` and `dask worker` start them."""

import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from support.cluster_command import wait_until
from support.real_servers import free_ports

THREADS: Final = 2
END_S: Final = 10.0


@dataclass
class DaskProcesses:
    """A scheduler at a port that it keeps when it is started again, and workers.

    Attributes:
        port: of the scheduler, on 127.0.0.1.
        folder: where workers keep what they spill, and all write their logs.
        scheduler: it runs, or did.
        workers: all that were started.
    """

    port: int
    folder: Path
    scheduler: "subprocess.Popen[bytes] | None" = None
    workers: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    @property
    def on(self) -> str:
        """For `--on`."""
        return f"dask://127.0.0.1:{self.port}"

    def start_scheduler(self) -> None:
        """Start it, and wait until it listens."""
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", str(self.port))
        wait_until(self._listens)

    def start_workers(self, count: int, port: int | None = None, *, lacks: Sequence[str] = ()) -> None:
        """Start workers that find the scheduler at its own port, or at that of a proxy, and lack some packages."""
        (self.folder / "sitecustomize.py").write_text(f"import sys\nsys.modules.update(dict.fromkeys({list(lacks)}))\n")
        for _ in range(count):
            address = f"tcp://127.0.0.1:{self.port if port is None else port}"
            fixed = ["--host", "127.0.0.1", "--nthreads", str(THREADS), "--no-nanny"]
            self.workers.append(self._start("worker", address, *fixed, "--local-directory", str(self.folder)))

    def kill_scheduler(self) -> None:
        """End the scheduler with SIGKILL."""
        assert self.scheduler is not None
        self.scheduler.kill()
        self.scheduler.wait(END_S)

    def end(self) -> None:
        """End everything."""
        for process in (*self.workers, *([self.scheduler] if self.scheduler else ())):
            process.kill()
            process.wait(END_S)

    def _start(self, *command: str) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{command[0]}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "dask", *command, "--no-dashboard"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PYTHONWARNINGS": "ignore", "PYTHONPATH": self._python_path},
                start_new_session=True,
            )

    @property
    def _python_path(self) -> str:
        return os.pathsep.join(filter(None, (str(self.folder), os.environ.get("PYTHONPATH"))))

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False


@contextmanager
def dask_processes(workers: int) -> Iterator[DaskProcesses]:
    """A scheduler and workers, which end with the block."""
    with tempfile.TemporaryDirectory(prefix="photopipe-dask-", ignore_cleanup_errors=True) as folder:
        processes = DaskProcesses(free_ports(1)[0], Path(folder))
        try:
            processes.start_scheduler()
            processes.start_workers(workers)
            yield processes
        finally:
            processes.end()
