"""What the operating system says about a gallery's folder, put into errors a person can act on."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from photopipe.errors import DiskFull, GalleryUnreachable, LineError, PhotopipeError, TooLargeForGallery
from photopipe.upload.http.upload_errors import Trouble, UploadErrors

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NAME_REFUSED: Final = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.ENOTDIR, errno.EISDIR})


class FolderErrors:
    """Puts what happened to files into errors.

    Args:
        folder: the gallery's folder.
        outcomes: makes the errors.
    """

    def __init__(self, folder: str, outcomes: UploadErrors) -> None:
        self._folder = folder
        self._outcomes = outcomes

    @contextmanager
    def told(self) -> Iterator[None]:
        """Raise what goes wrong with files inside as this stage's own errors."""
        try:
            yield
        except OSError as error:
            raise self._of(error) from error

    def _of(self, error: OSError) -> PhotopipeError | Trouble:
        folder, says = self._outcomes.shown(self._folder), (error.strerror or type(error).__name__).lower()
        if error.errno in _FULL:
            return DiskFull(f"{folder}: no room is left for photos ({says}). Make room; the next run goes on.")
        if error.errno in _FORBIDDEN or isinstance(error, PermissionError):
            advice = "Give the user who runs photopipe the right to write there, or name another folder."
            return LineError(f"{folder}: photos cannot be written there ({says}). {advice}")
        if error.errno == errno.EFBIG:
            return TooLargeForGallery(f"cannot be uploaded: its file is too large for the file system of {folder}.")
        if error.errno in _NAME_REFUSED:
            return self._outcomes.of_refusal(f"no file can have its name there ({says}). Set another path.")
        if error.errno == errno.ENOENT and not os.path.isdir(self._folder):
            return GalleryUnreachable(f"{folder}: the gallery's folder went away. Is its disk or share mounted?")
        # A share that hiccups (EIO, ESTALE, ETIMEDOUT), or somebody who cleared away what was being written.
        return Trouble(f"the folder cannot be written ({says})", ambiguous=True)
