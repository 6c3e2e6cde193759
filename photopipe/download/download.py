"""Read a photo once: from here on it is known by the hash of its content."""

import hashlib
from typing import BinaryIO, Protocol

from photopipe.errors import FileTooLarge
from photopipe.files.kinds import HEAD_BYTES, MOST_BYTES, kind_of, require_photo
from photopipe.found_photo import FoundPhoto, cannot_be_read
from photopipe.photo import DownloadedPhoto

BLOCK_BYTES = 1 << 20


class Copy(Protocol):
    """Something that gets a photo's content while it is read."""

    def write(self, data: bytes) -> None:
        """Take the next part."""


def download(found: FoundPhoto, most_bytes: int | None = None, copy: Copy | None = None) -> DownloadedPhoto:
    """Hash a photo's content in one read.

    Args:
        found: as its source saw it.
        most_bytes: a larger file is refused before it is read; None for the limit of its kind.
        copy: gets the content, too.

    Returns:
        The photo with its hash, and with the identity it had before and after reading.

    Raises:
        PhotoVanished: it is gone.
        PhotoChanged: it changed since it was found, or while it was read.
        NotAPhoto: it is larger than any photo, and its first bytes are not those of one.
        FileTooLarge: it is larger than its kind may be.
        DownloadError: it cannot be read.
    """
    digest = hashlib.sha256()
    with found.open() as file:
        block = _next_block(file)
        head = block[:HEAD_BYTES]
        _check_size(found.size_bytes, head, most_bytes)
        while block:
            digest.update(block)
            if copy is not None:
                copy.write(block)
            block = _next_block(file)
        found.check_unchanged(file)
    return DownloadedPhoto(found, digest.hexdigest(), head)


def _next_block(file: BinaryIO) -> bytes:
    try:
        return file.read(BLOCK_BYTES)
    except OSError as error:
        raise cannot_be_read(error) from error


def _check_size(size_bytes: int, head: bytes, most_bytes: int | None) -> None:
    """Refuse a file that is too large to be a photo: it may take hours to read."""
    if size_bytes <= (most_bytes or MOST_BYTES):
        return
    require_photo(head)
    kind = kind_of(head)
    limit_bytes = most_bytes or (kind.most_bytes if kind else MOST_BYTES)
    if size_bytes > limit_bytes:
        raise FileTooLarge(
            f"is too large: {size_bytes / 1e9:.1f} GB, and the limit is {limit_bytes / 1e9:.1f} GB. If it really is a "
            "photo, raise the limit with --max-file-size."
        )
