"""Whether a source is there, what it is on, and whether it can be watched."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from photopipe.doctor.check_result import CheckResult
from photopipe.download.file_systems.mounts import Mount, is_fat, is_network, mount_of

WATCHES: Final = Path("/proc/sys/fs/inotify/max_user_watches")
ENOUGH_WATCHES: Final = 524_288


def check_source(source: str) -> Iterator[CheckResult]:
    """Look at one source.

    Args:
        source: a folder or a file; of addresses nothing is said.
    """
    if "://" in source or source.startswith("camera:"):
        yield CheckResult("good", "source", f"{source} is looked at when a run begins.")
        return
    if not os.path.exists(source):
        yield CheckResult("bad", "source", f"{source} is not there.", "Mount it, or mend its name.")
        return
    if not os.access(source, os.R_OK):
        yield CheckResult("bad", "source", f"{source} cannot be read.", "Change its permissions.")
        return
    mount = mount_of(source)
    yield CheckResult("good", "source", f"{source} is {_kind(mount)}")
    if os.path.isdir(source) and not is_network(mount.kind):
        yield from _check_watches(source)


def _kind(mount: Mount) -> str:
    read_only = ", read-only" if mount.is_read_only else ""
    if is_network(mount.kind):
        return f"on a network share ({mount.kind}{read_only}): `watch` looks through it again and again."
    if is_fat(mount.kind):
        return f"on a memory card or disk with {mount.kind}{read_only}, which numbers no files."
    return f"on {mount.kind or 'a file system of this machine'}{read_only}."


def _check_watches(folder: str) -> Iterator[CheckResult]:
    """On Linux, whether every folder below this one can be watched."""
    try:
        limit = int(WATCHES.read_text())
    except (OSError, ValueError):
        return
    folders = _count_folders(folder, limit)
    if folders < 0.8 * limit:
        yield CheckResult("good", "watching", f"{folders} folders in {folder}; {limit} can be watched.")
    else:
        yield CheckResult(
            "warning",
            "watching",
            f"{folder} has {folders} folders or more, and {limit} can be watched; `watch` looks through the rest.",
            f"sudo sysctl fs.inotify.max_user_watches={max(ENOUGH_WATCHES, 2 * limit)}",
        )


def _count_folders(top: str, most: int) -> int:
    return sum(1 for _folder in islice(os.walk(top), most))
