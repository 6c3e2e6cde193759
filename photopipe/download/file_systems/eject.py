"""Unmount a memory card, so that it may be taken out."""

import shutil
import subprocess
import sys
from typing import Final

from photopipe.download.file_systems.mounts import Mount, mounts
from photopipe.errors import EjectFailed

TIMEOUT_S: Final = 120
"""Other programs may have left much that must still be written to the card."""


def eject(mount: Mount) -> None:
    """Unmount a volume.

    It is not switched off: that would be the whole reader, with the other cards in it, and the next card would not be
    seen until the reader is plugged in again.

    Raises:
        EjectFailed: it is still mounted, here or at another place.
    """
    problems = _try_in_turn(_commands(mount))
    if not problems and any(other.device == mount.device for other in mounts()):
        problems = ["it is still mounted at another place"]
    if problems:
        raise EjectFailed(
            f"{mount.mount_point}: cannot be unmounted: {'; '.join(problems)}. Do not take the card out yet: close what"
            " uses it, and eject it by hand."
        )


def _try_in_turn(commands: list[list[str]]) -> list[str]:
    """Run one command after the other until one succeeds; what went wrong if none did."""
    problems = []
    for command in commands:
        if shutil.which(command[0]) is None:
            continue
        problem = _run(command)
        if not problem:
            return []
        problems.append(problem)
    return problems or ["there is no program for it"]


def _commands(mount: Mount) -> list[list[str]]:
    if sys.platform == "darwin":
        return [["diskutil", "eject", mount.device]]
    as_user = ["udisksctl", "unmount", "--no-user-interaction", "--block-device", mount.device]
    return [as_user, ["umount", "--", mount.mount_point]]


def _run(command: list[str]) -> str:
    """What a program says went wrong; empty if nothing did."""
    try:
        answer = subprocess.run(command, capture_output=True, check=False, timeout=TIMEOUT_S)
    except (OSError, subprocess.SubprocessError) as error:
        return str(error)
    said = answer.stderr.decode(errors="replace").strip()
    return (said or f"{command[0]} failed") if answer.returncode else ""
