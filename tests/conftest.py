"""Rules for every test: no leaked thread, warnings are errors, real things over mocks."""

import threading
import time
from collections.abc import Iterator

import pytest

LEAK_GRACE_S = 2.0


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
