"""How many photos travel in one task."""

from typing import Final

TASK_S: Final = 0.5
"""How long a task should take: an engine needs about two milliseconds for each, well below a hundredth of that."""
TASKS_PER_S: Final = 100.0
"""Tasks of one kind that end in a second when all threads of the cluster are busy; more threads get longer tasks."""
MOST: Final = 64
"""Photos in one task, however small they are: so many are done again if their worker dies."""
NEW_SHARE: Final = 0.3


class BatchSize:
    """How many photos to put into a task, by how long the last ones took."""

    def __init__(self) -> None:
        self._photo_s: float | None = None
        self._task_s = TASK_S

    def set_threads(self, threads: int) -> None:
        """Make tasks so long that the engine and the driver keep up with as many threads."""
        self._task_s = max(TASK_S, threads / TASKS_PER_S)

    def add(self, photos: int, seconds: float) -> None:
        """Take in how long a task took."""
        if photos:
            photo_s = seconds / photos
            self._photo_s = photo_s if self._photo_s is None else self._photo_s + NEW_SHARE * (photo_s - self._photo_s)

    @property
    def photos(self) -> int:
        """How many; one as long as nothing is known."""
        if self._photo_s is None:
            return 1
        return max(1, min(MOST, int(self._task_s / max(1e-6, self._photo_s))))
