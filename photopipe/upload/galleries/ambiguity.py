"""What a trouble means for the photo, when bringing it takes more than one request."""

from collections.abc import Iterator
from contextlib import contextmanager

from photopipe.upload.http.upload_errors import Trouble


@contextmanager
def doubt(*, arrived: bool) -> Iterator[None]:
    """Say of every `Trouble` inside whether this upload may have brought the photo.

    A lost answer to a question about albums says nothing about the photo: before the photo is sent,
    nothing of it can be there; after it was taken, it is there, and what is left is finished by `find`.

    Args:
        arrived: whether the gallery has taken the photo from us by now.
    """
    try:
        yield
    except Trouble as trouble:
        trouble.ambiguous = arrived
        raise
