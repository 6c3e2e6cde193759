"""Cards: real FAT and exFAT volumes in image files, mounted over a loop device."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

FORMATTERS: Final = {
    "fat16": ("mkfs.vfat", "-F16", "-n", "CARD"),
    "fat32": ("mkfs.vfat", "-F32", "-s1", "-n", "CARD"),
    "exfat": ("mkfs.exfat", "-L", "CARD"),
}
SIZES_BYTES: Final = {"fat16": 16_000_000, "fat32": 40_000_000, "exfat": 16_000_000}
PACKAGES: Final = "dosfstools exfatprogs exfat-fuse fusefat"


@dataclass(frozen=True)
class Volume:
    """A formatted image.

    Attributes:
        kind: `fat16`, `fat32` or `exfat`.
        image: the file.
    """

    kind: str
    image: Path

    @property
    def serial(self) -> str:
        """Its serial number as `blkid` shows it, which reads it in its own way."""
        if shutil.which("blkid") is None:
            pytest.skip("there is no blkid")
        answer = subprocess.run(["blkid", "-o", "value", "-s", "UUID", self.image], capture_output=True, check=True)
        return answer.stdout.decode().strip()

    @contextmanager
    def mounted(self, folder: Path) -> Iterator[Path]:
        """Mount it on a folder, which is made, and unmount it at the end unless the test has done so.

        Without a driver in the kernel, that in user space is taken: the volume, its device and what is on it are the
        same.
        """
        if sys.platform != "linux" or os.geteuid() != 0:
            pytest.skip("only root on Linux may mount an image")
        folder.mkdir(parents=True, exist_ok=True)
        with _loop_device(self.image) as device:
            _mount(self.kind, device, folder)
            try:
                yield folder
            finally:
                if os.path.ismount(folder):
                    _run("umount", folder)


def formatted(kind: str, folder: Path, name: str = "card") -> Volume:
    """A new image in a folder."""
    program, *options = FORMATTERS[kind]
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed (apt install {PACKAGES}; .ci/run does so)")
    image = folder / f"{name}.img"
    with image.open("wb") as file:
        file.truncate(SIZES_BYTES[kind])
    _run(program, *options, image)
    return Volume(kind, image)


@contextmanager
def _loop_device(image: Path) -> Iterator[str]:
    answer = subprocess.run(["losetup", "--find", "--show", image], capture_output=True, check=False)
    if answer.returncode:
        pytest.skip(f"no loop device can be had here: {answer.stderr.decode().strip()}")
    device = answer.stdout.decode().strip()
    try:
        yield device
    finally:
        _run("losetup", "--detach", device)


def _mount(kind: str, device: str, folder: Path) -> None:
    driver = "exfat" if kind == "exfat" else "vfat"
    in_user_space = ["fusefat", "-o", f"rw+,fsname={device}"] if driver == "vfat" else ["mount.exfat-fuse"]
    commands: tuple[list[str], ...] = (["mount", "-i", "-t", driver], in_user_space)
    for command in commands:
        if shutil.which(command[0]) is None:
            continue
        if subprocess.run([*command, device, folder], capture_output=True, check=False).returncode == 0:
            return
    pytest.skip(f"the kernel has no {driver}, and there is no driver in user space (apt install {PACKAGES})")


def _run(*command: str | Path) -> None:
    subprocess.run(command, capture_output=True, check=True)
