"""How a run tells its uploads to end."""

import threading
from typing import Final, Protocol


class Stop(Protocol):
    """The part of `threading.Event` that uploading uses."""

    def is_set(self) -> bool:
        """True once the run is to end."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait up to `timeout` seconds; True if the run is to end."""
        ...


NEVER: Final[Stop] = threading.Event()
"""Of a worker nobody can stop."""
