"""How a run tells its uploads to end."""

from typing import Protocol


class Stop(Protocol):
    """The part of `threading.Event` that uploading uses."""

    def is_set(self) -> bool:
        """True once the run is to end."""
        ...

    def wait(self, timeout: float | None = None) -> bool:
        """Wait up to `timeout` seconds; True if the run is to end."""
        ...
