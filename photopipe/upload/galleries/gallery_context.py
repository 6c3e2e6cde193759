"""What a gallery is given to work with: HTTP, waiting, and what its workers share."""

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from photopipe.upload.http.http_client import Http
from photopipe.upload.http.upload_errors import UploadErrors

T = TypeVar("T")


class Shared:
    """What all workers of one gallery share during a run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._locks: dict[Hashable, threading.Lock] = {}
        self._made: dict[Hashable, Any] = {}

    def once(self, name: Hashable, make: Callable[[], T]) -> T:
        """What `make` returned the first time; whoever comes meanwhile waits for it.

        A failure is not remembered: the next worker tries again.
        """
        with self.alone(name):
            if name not in self._made:
                self._made[name] = make()
            made: T = self._made[name]
            return made

    def alone(self, name: Hashable) -> threading.Lock:
        """The lock of this name: who holds it is alone among all workers."""
        with self._lock:
            return self._locks.setdefault(name, threading.Lock())


@dataclass(frozen=True, slots=True)
class GalleryContext:
    """One worker's desk at one gallery.

    Attributes:
        http: requests to the gallery.
        outcomes: makes the errors, without secrets.
        shared: what all workers of this gallery share.
    """

    http: Http
    outcomes: UploadErrors
    shared: Shared = field(default_factory=Shared)
