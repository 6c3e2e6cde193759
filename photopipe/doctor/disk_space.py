"""Whether there is room where photopipe writes."""

import os
import shutil
from collections.abc import Iterator
from typing import Final

from photopipe.doctor.check_result import CheckResult

LITTLE_BYTES: Final = 2_000_000_000
"""Less than this is little: a card's photos from a camera wait on the disk, up to so much, while they are fetched."""
TOO_LITTLE_BYTES: Final = 100_000_000


def check_disk_space(journal_path: str, gallery_folder: str | None) -> Iterator[CheckResult]:
    """Look at the file systems of the journal and of the embedded gallery.

    Args:
        journal_path: the journal's file; photos that are fetched or wait for a gallery are beside it.
        gallery_folder: of the embedded gallery, or None if no photos go there.
    """
    yield _space("room for the journal", os.path.dirname(os.path.abspath(journal_path)))
    if gallery_folder is not None:
        yield _space("room for the gallery", gallery_folder)


def _space(subject: str, folder: str) -> CheckResult:
    there = _existing(folder)
    if not os.access(there, os.W_OK | os.X_OK):
        return CheckResult(
            "bad", subject, f"{folder} cannot be written.", "Change its permissions, or give another place."
        )
    free_bytes = shutil.disk_usage(there).free
    free = f"{free_bytes / 1e9:.1f} GB are free at {folder}"
    if free_bytes < TOO_LITTLE_BYTES:
        return CheckResult("bad", subject, f"only {free}.", "Make room, or give another place.")
    if free_bytes < LITTLE_BYTES:
        return CheckResult("warning", subject, f"only {free}.", "Make room before a large card.")
    return CheckResult("good", subject, free)


def _existing(folder: str) -> str:
    """The folder, or the nearest one above it that is there."""
    while not os.path.isdir(folder):
        folder = os.path.dirname(folder) or os.sep
    return folder
