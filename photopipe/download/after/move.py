"""Moving a photo's files to another folder: nothing is overwritten, and nothing is removed before it is there."""

import errno
import os
import shutil
from collections.abc import Sequence
from functools import partial

from photopipe.download.after.checked_file import CheckedFile
from photopipe.download.after.group_paths import Wanted, group_paths
from photopipe.download.after.verified_copy import finish_and_verify
from photopipe.errors import DownloadError
from photopipe.files.placing import Placed, TemporaryFile, ensure_folder, place


def move(files: Sequence[CheckedFile], folder: str) -> None:
    """Move a photo's files, each to the same place below `folder` that it has below its source.

    First all of them get their new names, then the old ones are removed. So a run that is killed in between leaves
    files that are in both places, never in none, and the next run finds them there.

    Args:
        files: its companions, and the photo itself as the last one: the photo must be found again as long as
            anything is left to do.
        folder: where to; it exists.

    Raises:
        DownloadError: nothing was removed, or not everything.
        OSError: likewise.
    """
    wanted = [
        Wanted(os.path.join(folder, file.folder_below_top), file.name, file.sha256, file.size_bytes) for file in files
    ]
    paths = group_paths(wanted)
    for file, path in zip(files, paths, strict=True):
        ensure_folder(os.path.dirname(path), folder)
        if os.path.samefile(os.path.dirname(path), os.path.dirname(file.path)):
            raise DownloadError("it is in the very folder that it is to be moved to")
        _put(file, path, folder)
    for file in files:
        if os.path.lexists(file.path):  # without hard links, giving the new name took the old one
            file.remove()


def _put(file: CheckedFile, path: str, folder: str) -> None:
    file.check_unchanged()
    try:
        placed = place(file.path, path, file.sha256, file.size_bytes)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        placed = _copy(file, path, folder)
    if placed is Placed.TAKEN:
        raise DownloadError(f"{path}: another file has just got this name. Run again")


def _copy(file: CheckedFile, path: str, folder: str) -> Placed:
    with TemporaryFile.open(os.path.join(folder, "moved")) as copy:
        file.file.seek(0)
        for block in iter(partial(file.file.read, shutil.COPY_BUFSIZE), b""):
            copy.write(block)
        finish_and_verify(copy, file.sha256, file.mtime_ns)
        return place(copy.path, path, file.sha256, file.size_bytes)
