"""Which galleries a run goes on without."""

from threading import Lock

from photopipe.errors import LineError, UsageError


class FailedGalleries:
    """The galleries this run has given up, while others go on.

    Args:
        galleries: how many there are.
    """

    def __init__(self, galleries: int) -> None:
        self._galleries = galleries
        self._lock = Lock()
        self._why: dict[str, LineError | UsageError] = {}

    def why(self, gallery_id: str) -> LineError | UsageError | None:
        """What ended this gallery, or None."""
        with self._lock:
            return self._why.get(gallery_id)

    def give_up(self, gallery_id: str, error: LineError | UsageError) -> None:
        """Go on without this gallery; the last one that is left takes the line down with it.

        Raises:
            LineError: `error`, if no gallery is left.
        """
        with self._lock:
            self._why.setdefault(gallery_id, error)
            if len(self._why) == self._galleries:
                raise error

    @property
    def first(self) -> LineError | UsageError | None:
        """What ended the gallery that was given up first, or None if all go on."""
        with self._lock:
            return next(iter(self._why.values()), None)
