"""The files of the thumbnails: a cache that may be deleted at any time, because all of it can be made again."""

import os
from contextlib import suppress

from photopipe.files.names import GALLERY_MARKER
from photopipe.files.placing import TemporaryFile, sweep


class KeptThumbnails:
    """Keeps thumbnails as `.photopipe/thumbnails/SHA[:2]/SHA-SIZE.webp`; safe to use from threads and processes.

    Readers see a whole file or none. Nothing waits for the disk, because what a power cut takes is made again.

    Args:
        folder: the gallery's folder, absolute.
    """

    def __init__(self, folder: str) -> None:
        self._folder = _cache_folder(folder)
        sweep(self._folder)

    def read(self, sha256: str, size: str) -> bytes | None:
        """A thumbnail, or None if there is none yet.

        Args:
            sha256: hash of the photo's file, hexadecimal.
            size: name of the size.
        """
        data = self._read(self._path(sha256, size))
        return data if _is_whole(data) else None

    def keep(self, sha256: str, size: str, data: bytes) -> None:
        """Keep a thumbnail, if there is room for it.

        Args:
            sha256: as for `read`.
            size: as for `read`.
            data: a WebP file.
        """
        self._write(self._path(sha256, size), data)

    def has_none(self, sha256: str, decoders: str) -> bool:
        """True if it is known that these decoders can make no picture of a photo.

        Args:
            sha256: as for `read`.
            decoders: their versions; with other ones, it is worth trying again.
        """
        return self._read(self._failure_path(sha256)) == decoders.encode()

    def keep_failure(self, sha256: str, decoders: str) -> None:
        """Remember that no picture can be made of a photo; likewise if there is room.

        Args:
            sha256: as for `read`.
            decoders: as for `has_none`.
        """
        self._write(self._failure_path(sha256), decoders.encode())

    def _path(self, sha256: str, size: str) -> str:
        return os.path.join(_folder_of(self._folder, sha256), f"{sha256}-{size}.webp")

    def _failure_path(self, sha256: str) -> str:
        return os.path.join(_folder_of(self._folder, sha256), f"{sha256}-failed.txt")

    def _read(self, path: str) -> bytes:
        try:
            with open(path, "rb") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            return b""

    def _write(self, path: str, data: bytes) -> None:
        with suppress(OSError):  # a full or read-only disk is no reason not to show a photo
            os.makedirs(os.path.dirname(path), exist_ok=True)
            # All temporary files are in one folder, where `sweep` finds those that a killed process left.
            with TemporaryFile.open(os.path.join(self._folder, "thumbnail")) as temporary:
                temporary.write(data)
                os.replace(temporary.path, path)


def forget_thumbnails(folder: str, sha256: str) -> None:
    """Remove the thumbnails of a photo that is gone.

    Args:
        folder: the gallery's folder, absolute.
        sha256: hash of the photo's file, hexadecimal.

    Raises:
        OSError: they cannot be removed.
    """
    cached = _folder_of(_cache_folder(folder), sha256)
    with suppress(FileNotFoundError):
        for name in os.listdir(cached):
            if name.startswith(sha256):
                os.unlink(os.path.join(cached, name))


def _cache_folder(folder: str) -> str:
    return os.path.join(folder, GALLERY_MARKER, "thumbnails")


def _folder_of(cache_folder: str, sha256: str) -> str:
    return os.path.join(cache_folder, sha256[:2])


def _is_whole(data: bytes) -> bool:
    """A power cut may leave a file that is empty or full of zeros. Source: RFC 9649, 2.4, for the header."""
    return data[:4] == b"RIFF" and int.from_bytes(data[4:8], "little") + 8 == len(data)
