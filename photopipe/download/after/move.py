"""Moving a photo's files to another folder: nothing is overwritten, and nothing is removed before it is there."""

import errno
import os
from collections.abc import Sequence
from functools import partial
from typing import Final

from photopipe.download.after.checked_file import CheckedFile
from photopipe.download.after.group_paths import Wanted, place_group
from photopipe.download.after.verified_copy import finish_and_verify
from photopipe.errors import DownloadError
from photopipe.files.placing import NO_HARD_LINKS, Placed, TemporaryFile, ensure_folder, holds, place, sync_folder

BLOCK_BYTES: Final = 1 << 20
_COPIED_INSTEAD: Final = NO_HARD_LINKS | {errno.EXDEV}


def move(files: Sequence[CheckedFile], folder: str) -> None:
    """Move a photo's files, each to the same place below `folder` that it has below its source.

    First all of them get their new names, then the old ones are removed. So a run that is killed in between leaves
    files that are in both places, never in none, and the next run finds them there.

    Args:
        files: its companions, and the photo itself as the last one: the photo must be found again as long as
            anything is left to do.
        folder: where to; it exists.

    Raises:
        DownloadError: one of them has changed, or is there already because it never was anywhere else.
        OSError: what is not removed yet stays.
    """
    wanted = [
        Wanted(os.path.join(folder, file.folder_below_top), file.name, file.sha256, file.size_bytes) for file in files
    ]
    for file, there in zip(files, wanted, strict=True):
        ensure_folder(there.folder, folder)
        if _is_inside(file, folder) or os.path.samefile(there.folder, os.path.dirname(file.path)):
            raise DownloadError("it is in the very folder that it is to be moved to")
    place_group(wanted, lambda number, path: _put(files[number], path, folder))
    for file in files:
        file.remove()


def _is_inside(file: CheckedFile, folder: str) -> bool:
    real_folder = os.path.realpath(folder)
    return os.path.commonpath([real_folder, os.path.realpath(file.path)]) == real_folder


def _put(file: CheckedFile, path: str, folder: str) -> Placed:
    file.check_unchanged()
    try:
        os.link(file.path, path)
    except FileExistsError:
        if not holds(path, file.sha256, file.size_bytes):
            return Placed.TAKEN
    except OSError as error:
        if error.errno not in _COPIED_INSTEAD:
            raise
        return _copy(file, path, folder)
    sync_folder(os.path.dirname(path))
    return Placed.CREATED


def _copy(file: CheckedFile, path: str, folder: str) -> Placed:
    with TemporaryFile.open(os.path.join(folder, "moved")) as copy:
        file.file.seek(0)
        for block in iter(partial(file.file.read, BLOCK_BYTES), b""):
            _write(copy, block, folder)
        finish_and_verify(copy, file.sha256, file.mtime_ns)
        return place(copy.path, path, file.sha256, file.size_bytes)


def _write(copy: TemporaryFile, block: bytes, folder: str) -> None:
    try:
        copy.write(block)
    except OSError as error:
        error.filename = folder  # which disk is full is not said otherwise
        raise
