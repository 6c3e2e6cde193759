"""Rules for every test: no leaked thread, warnings are errors, real things over mocks."""

import gc
import os
import sys
import threading
import time
from collections.abc import Generator, Iterator

import hypothesis
import pytest
from support.secret_watch import secret_in

LEAK_GRACE_S = 2.0

# Compiled once and kept, even where Python is told not to keep that: the tests start many commands.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ["PHOTOPIPE_SETTLE"] = "0s"  # tests use files that were just written
hypothesis.settings.register_profile("untimed", deadline=None)  # how long an example takes depends on the machine
hypothesis.settings.load_profile("untimed")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Half as many processes again as there are cores, because many tests wait for servers and commands."""
    cores = os.cpu_count() or 1
    return cores + cores // 2


@pytest.fixture(autouse=True)
def no_thread_outlives_its_test() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + LEAK_GRACE_S
    leaked = [thread for thread in threading.enumerate() if thread not in before]
    for thread in leaked:
        thread.join(max(0.0, deadline - time.monotonic()))
    alive = [thread.name for thread in leaked if thread.is_alive()]
    assert alive == [], f"threads outlived their test: {alive}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """No token of a test may stand in anything the test wrote to stdout, stderr or a log."""
    report = yield
    # The sections grow from setup to teardown, so the last report has all of them.
    for name, content in report.sections if call.when == "teardown" else ():
        line = secret_in(content)
        if line is not None and report.passed:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid}: a secret stands in its {name}: {line!r}"
    return report


def pytest_collection_finish(session: pytest.Session) -> None:
    """What was loaded and collected stays to the end: looking through it again at every collection costs time."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    """A deadlocked thread has failed its test by now; it must not hang the whole run as well."""
    stuck = [thread for thread in threading.enumerate() if thread is not threading.main_thread() and not thread.daemon]
    if stuck:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)
