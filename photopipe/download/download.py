"""Read a photo once: from here on it is known by the hash of its content."""

import hashlib

from photopipe.errors import PhotoChanged
from photopipe.files.kinds import HEAD_BYTES
from photopipe.found_photo import FoundPhoto, cannot_be_read
from photopipe.photo import DownloadedPhoto

BLOCK_BYTES = 1 << 20


def download(found: FoundPhoto) -> DownloadedPhoto:
    """Hash a photo's content in one read.

    A file that changed since it was found, or changes while it is read, is read once more, because by
    then a copy that was nearly finished will be complete.

    Args:
        found: as its source saw it.

    Returns:
        The photo with its hash, and with the identity it had before and after reading.

    Raises:
        PhotoVanished: it is gone.
        PhotoChanged: it changed again during the second read.
        DownloadError: it cannot be read.
    """
    try:
        return _read_once(found)
    except PhotoChanged:
        return read_again(found)


def read_again(found: FoundPhoto) -> DownloadedPhoto:
    """Hash the content that a photo has now, after it has changed since it was found.

    Raises:
        DownloadError: as `download`; there is no third read.
    """
    return _read_once(found.found_again())


def _read_once(found: FoundPhoto) -> DownloadedPhoto:
    with found.open() as file:
        try:
            digest, head = hashlib.sha256(), b""
            while block := file.read(BLOCK_BYTES):
                digest.update(block)
                head = head or block[:HEAD_BYTES]
        except OSError as error:
            raise cannot_be_read(error) from error
        found.check_unchanged(file)
    return DownloadedPhoto(found, digest.hexdigest(), head)
