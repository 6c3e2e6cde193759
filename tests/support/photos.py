"""Photos as the stages before would hand them on, made from real files."""

import hashlib
import os
from pathlib import Path

from photopipe.found_photo import FoundPhoto
from photopipe.photo import DownloadedPhoto, ResizedPhoto


def found(path: Path | str) -> FoundPhoto:
    """The file as a scan would see it now."""
    return FoundPhoto.from_stat(os.fspath(path), os.stat(path))


def downloaded(path: Path | str) -> DownloadedPhoto:
    """The file as the download stage would hand it on now."""
    with open(path, "rb") as file:
        return DownloadedPhoto(found(path), hashlib.file_digest(file, "sha256").hexdigest())


def sent(photo: ResizedPhoto) -> bytes:
    """The bytes that would be sent."""
    with photo.open() as file:
        return file.read()
