"""The trash of this machine's user, where a person can take a photo out again."""

from collections.abc import Sequence
from threading import Lock

from photopipe.download.after.checked_file import CheckedFile

_ONE_AT_A_TIME = Lock()
"""Send2Trash looks for a free name before it takes it."""


def trash(files: Sequence[CheckedFile]) -> None:
    """Put a photo's files into the trash, the photo itself last.

    Raises:
        DownloadError: one of them has changed.
        OSError: one of them cannot be put there; it stays, and so do those behind it.
    """
    from send2trash import send2trash

    with _ONE_AT_A_TIME:
        for file in files:
            file.check_unchanged()
            send2trash(file.path)
