"""What the operating system says about a gallery's folder, put into errors a person can act on."""

import errno
import os
from typing import Final

from photopipe.errors import DiskFull, GalleryUnreachable, LineError, PhotopipeError, TooLargeForGallery
from photopipe.upload.http.upload_errors import RetryableError, UploadErrors

_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_FORBIDDEN: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NAME_REFUSED: Final = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.ENOTDIR, errno.EISDIR})


def folder_error(error: OSError, folder: str, errors: UploadErrors) -> PhotopipeError | RetryableError:
    """The error to raise for what went wrong with files in a gallery's folder.

    Args:
        error: what the operating system said.
        folder: the gallery's folder.
        errors: makes the errors.
    """
    shown, says = errors.shown(folder), (error.strerror or type(error).__name__).lower()
    if error.errno in _FULL:
        return DiskFull(f"{shown}: no room is left for photos ({says}). Make room; the next run goes on.")
    if error.errno in _FORBIDDEN or isinstance(error, PermissionError):
        advice = "Give the user who runs photopipe the right to write there, or name another folder."
        return LineError(f"{shown}: photos cannot be written there ({says}). {advice}")
    if error.errno == errno.EFBIG:
        return TooLargeForGallery(f"cannot be uploaded: its file is too large for the file system of {shown}.")
    if error.errno in _NAME_REFUSED:
        return errors.of_refusal(f"no file can have its name there ({says}). Set another path.")
    if error.errno == errno.ENOENT and not os.path.isdir(folder):
        return GalleryUnreachable(f"{shown}: the gallery's folder is gone. Is its disk or share mounted?")
    # A share with a passing fault (EIO, ESTALE, ETIMEDOUT), or somebody removed the file while it was written.
    return RetryableError(f"the folder cannot be written ({says})", ambiguous=True)
