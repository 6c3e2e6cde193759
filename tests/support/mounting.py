"""File systems that a test mounts, where it may."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

needs_mount = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root may mount, and this mounts as Linux does"
)


@contextmanager
def mounted_tmpfs(folder: Path) -> Iterator[Path]:
    """An empty file system on a folder, for as long as the block lasts; whatever is open on it."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "photos", folder], check=True)
    try:
        yield folder
    finally:
        unmount(folder)


def unmount(folder: Path) -> None:
    """Take away the uppermost file system of a folder, if there is one."""
    if os.path.ismount(folder):
        subprocess.run(["umount", "-l", folder], check=True)
