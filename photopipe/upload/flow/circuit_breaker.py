"""When photo after photo fails for one reason, the gallery is the reason, and the run ends."""

from typing import Final

from photopipe.errors import UploadError
from photopipe.upload.http.endpoint_status import EndpointStatus
from photopipe.upload.http.upload_errors import UploadErrors

MAX_FAILURES_IN_A_ROW: Final = 10


class CircuitBreaker:
    """Ends the run after too many photos in a row, over all workers of a gallery, failed for one cause.

    Failures that are the photo's own fault (no `cause`) do not count either way: they show nothing about
    the gallery.

    Args:
        endpoint_status: counts the failures; a photo the gallery takes sets the count back.
        errors: makes the error at the end.
    """

    def __init__(self, endpoint_status: EndpointStatus, errors: UploadErrors) -> None:
        self._endpoint_status = endpoint_status
        self._errors = errors

    def failed(self, error: UploadError) -> None:
        """Note a photo that failed.

        Raises:
            GalleryUnreachable: it was one too many of its kind; rows keep their state and are taken up again.
        """
        if not error.cause:
            return
        failures = self._endpoint_status.failed(error.cause)
        if failures >= MAX_FAILURES_IN_A_ROW:
            raise self._errors.of_circuit_breaker(failures, error.cause) from error
