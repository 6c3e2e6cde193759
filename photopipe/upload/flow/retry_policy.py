"""How long one photo is tried, and how long to wait between two attempts."""

from collections.abc import Callable
from typing import Final

from photopipe.settings import UploadSettings
from photopipe.upload.http.endpoint_status import EndpointStatus
from photopipe.upload.http.upload_errors import RetryableError, UploadErrors

BACKOFF_START_S: Final = 0.5
BACKOFF_CAP_S: Final = 20.0
JITTER_SHARE: Final = 0.1
LAST_TRY_S: Final = 0.5
"""What is kept free for the last attempt, so that it ends within the time."""


class RetryPolicy:
    """The waits between the attempts to upload one photo, until it is given up.

    Args:
        settings: the times.
        endpoint_status: what all workers know about the endpoint.
        errors: makes the error at the end.
        clock: monotonic seconds.
        random: 0 to 1.
    """

    def __init__(
        self,
        settings: UploadSettings,
        endpoint_status: EndpointStatus,
        *,
        errors: UploadErrors,
        clock: Callable[[], float],
        random: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._endpoint_status = endpoint_status
        self._errors = errors
        self._clock = clock
        self._random = random
        self._failures = 0
        self._first_failure_at: float | None = None

    def wait_s(self, error: RetryableError) -> float:
        """How long to wait after one more failed attempt.

        Returns:
            Seconds that end within the time this photo has.

        Raises:
            GalleryFailed: the time is over, and the gallery took other photos meanwhile.
            GalleryUnreachable: the time is over.
        """
        now = self._clock()
        if self._first_failure_at is None:
            self._first_failure_at = now
        since, limit_s = self._time()
        end = since + limit_s
        wait_s = self._wanted_s(error)
        self._failures += 1
        if error.retry_after_s is None and now < end - LAST_TRY_S:
            wait_s = min(wait_s, end - LAST_TRY_S - now)  # a last attempt near the end is worth more than a long wait
        if now >= end or now + wait_s > end:
            takes_others = self._endpoint_status.took_a_photo_since(self._first_failure_at)
            raise self._errors.of_last_try(error, now - since, takes_others=takes_others)
        return wait_s

    def _time(self) -> tuple[float, float]:
        """Since when this photo is tried, and for how long it may be tried.

        An endpoint that has never answered is most likely a wrong address: all workers share a short time.
        """
        if self._endpoint_status.has_answered and self._first_failure_at is not None:
            return self._first_failure_at, self._settings.retry_for_s
        return self._endpoint_status.trying(), self._settings.first_answer_s

    def _wanted_s(self, error: RetryableError) -> float:
        """What the gallery asks for, or exponential back-off with full jitter: workers try at different times."""
        if error.retry_after_s is not None:
            spread = error.retry_after_s * (1 + JITTER_SHARE * self._random())
            return min(spread, self._settings.retry_after_cap_s)
        growth: float = 2.0 ** min(self._failures, 30)
        return self._random() * min(BACKOFF_CAP_S, BACKOFF_START_S * growth)
