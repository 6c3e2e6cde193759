"""Read a photo once: its content's hash is who it is from here on."""

import errno
import hashlib
import os

from photopipe.errors import DownloadError, PhotoChanged, PhotoVanished
from photopipe.files.kinds import HEAD_BYTES
from photopipe.photo import DownloadedPhoto, FoundPhoto

BLOCK_BYTES = 1 << 20


def download(found: FoundPhoto) -> DownloadedPhoto:
    """Hash a photo's content in one read.

    A file that changed since it was found, or changes while it is read, is read once more; a camera
    or a copy that was just finishing has finished by then.

    Args:
        found: as the scan saw it.

    Returns:
        The photo with its hash, and with stat values that were true before and after reading.

    Raises:
        PhotoVanished: the file is gone.
        PhotoChanged: it changed again during the second read.
        DownloadError: it cannot be read.
    """
    try:
        return _read_once(found)
    except PhotoChanged:
        return read_again(found)


def read_again(found: FoundPhoto) -> DownloadedPhoto:
    """Hash the content a file has now, which is not what was found.

    Raises:
        DownloadError: as `download`; there is no third read.
    """
    return _read_once(_find_again(found))


def _read_once(found: FoundPhoto) -> DownloadedPhoto:
    try:
        with open(found.path, "rb", buffering=0) as file:
            digest, head = hashlib.sha256(), b""
            while block := file.read(BLOCK_BYTES):
                digest.update(block)
                head = head or block[:HEAD_BYTES]
            unchanged = found.is_same_file(os.fstat(file.fileno()))
    except OSError as error:
        raise _explain(error) from error
    if not unchanged:
        raise PhotoChanged("changed while it was read: something is still writing it. Run again when it is finished.")
    return DownloadedPhoto(found, digest.hexdigest(), head)


def _find_again(found: FoundPhoto) -> FoundPhoto:
    try:
        status = os.stat(found.path)
    except OSError as error:
        raise _explain(error) from error
    return FoundPhoto.from_stat(found.path, status)


def _explain(error: OSError) -> DownloadError:
    if error.errno in {errno.ENOENT, errno.ENOTDIR}:
        return PhotoVanished("was there a moment ago and is gone. Nothing was sent.")
    return DownloadError(f"cannot be read: {error.strerror}. Check the file's permissions and the card or disk.")
