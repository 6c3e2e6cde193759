"""`photopipe process --on ...` as a real command, whose worker processes can be seen, killed and paused."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psutil
from support.command import Home, Result
from support.fault_gallery import FaultGallery

SCRIPT: Final = Path(__file__).with_name("watched_command.py")
RUN_S: Final = 60.0
GONE_S: Final = 10.0
"""How long after its driver a worker process may still be there."""
TICK_S: Final = 0.02


@dataclass(frozen=True)
class ClusterCommand:
    """A command that runs, in a session of its own.

    Attributes:
        process: the driver.
        folder: where it writes what it says.
    """

    process: "subprocess.Popen[bytes]"
    folder: Path

    def workers(self) -> list[psutil.Process]:
        """The worker processes it has started and that are there now."""
        with suppress(psutil.NoSuchProcess):
            return [one for one in psutil.Process(self.process.pid).children() if is_worker(one)]
        return []

    def wait_for_workers(self, count: int, deadline_s: float = RUN_S) -> list[psutil.Process]:
        """So many worker processes, as soon as they are there."""
        wait_until(lambda: len(self.workers()) >= count or not self.is_running, deadline_s)
        return self.workers()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self.process.poll() is None

    def kill(self) -> None:
        """End the driver, and nothing else, with SIGKILL."""
        self.process.kill()
        self.process.wait(RUN_S)

    def interrupt(self) -> None:
        """Press Ctrl-C: a terminal sends the signal to workers, too."""
        os.killpg(self.process.pid, signal.SIGINT)

    def result(self, deadline_s: float = RUN_S) -> Result:
        """What it left behind, once it has ended; its worker processes are gone by then."""
        code = self.process.wait(deadline_s)
        return Result(code, *((self.folder / name).read_text(errors="surrogateescape") for name in ("out", "err")))

    def left(self) -> list[psutil.Process]:
        """The processes of its session that are there now, itself included."""
        seen = (_in_session(pid, self.process.pid) for pid in psutil.pids())
        return [one for one in seen if one is not None]

    def wait_until_gone(self, deadline_s: float = GONE_S) -> None:
        """Return as soon as no process of it is left.

        Raises:
            AssertionError: one is.
        """
        wait_until(lambda: not self.left(), deadline_s)


@contextmanager
def cluster_command(
    home: Home,
    *arguments: str,
    on: str = "local:2",
    lease_s: float = 0.0,
    env: Mapping[str, str] | None = None,
) -> Iterator[ClusterCommand]:
    """Start `photopipe process ARGUMENTS --on ...`; whatever is left of it is killed at the end of the block.

    Args:
        home: where its journal is.
        arguments: of the command.
        on: which cluster.
        lease_s: how long leases hold, or 0 for the usual time.
        env: variables added to its environment.
    """
    watched = [sys.executable, "-P", str(SCRIPT), str(lease_s), str(_leases_file(home))]
    with (home.folder / "out").open("wb") as out, (home.folder / "err").open("wb") as err:
        process = subprocess.Popen(
            [*watched, "process", *arguments, "--on", on],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=home.environment(env),
            start_new_session=True,
        )
    command = ClusterCommand(process, home.folder)
    try:
        yield command
    finally:
        for one in command.left():
            with suppress(psutil.NoSuchProcess):
                one.kill()
        process.wait(RUN_S)


def lease_attempts(home: Home) -> Counter[int]:
    """How many leases of each attempt all commands in this home have given."""
    file = _leases_file(home)
    return Counter(map(int, file.read_text().split())) if file.exists() else Counter()


def check_each_is_there_once(home: Home, gallery: FaultGallery, photos: int) -> None:
    """The gallery has each of so many photos once, and the journal knows."""
    contents = Counter(photo.sha256 for photo in gallery.stored)
    assert len(contents) == photos
    assert set(contents.values()) == {1}
    assert home.journal_states() == Counter(uploaded=photos)


def wait_until(condition: Callable[[], bool], deadline_s: float = RUN_S) -> None:
    """Return as soon as a condition holds.

    Raises:
        AssertionError: it does not in time.
    """
    end_s = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < end_s, "it never happened"
        time.sleep(TICK_S)


def _leases_file(home: Home) -> Path:
    return home.folder / "leases"


def is_worker(process: psutil.Process) -> bool:
    """Whether a process is one that `multiprocessing` has started for work, and is not gone."""
    with suppress(psutil.Error):
        return any("spawn_main" in word for word in process.cmdline())
    return False


def _in_session(pid: int, session: int) -> psutil.Process | None:
    """The process, if it is one of that session and is not gone."""
    with suppress(OSError, psutil.Error):
        if os.getsid(pid) == session and (process := psutil.Process(pid)).status() != psutil.STATUS_ZOMBIE:
            return process
    return None
