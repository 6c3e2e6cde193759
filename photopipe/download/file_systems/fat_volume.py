"""Photos on a FAT or exFAT volume: recognised when the card is put in again, at another mount point too."""

import os
from dataclasses import dataclass
from typing import Final

from photopipe.found_photo import Identity, LocalFiles, check_folder

CLOCK_WAS_SET_NS: Final = 315_705_600 * 10**9
"""1980-01-03. FAT counts from 1980-01-01: a camera whose clock was never set gives every photo about this time."""


@dataclass(frozen=True, slots=True)
class FatVolume(LocalFiles):
    """The storage of photos on a volume that numbers no files: FAT or exFAT.

    Such a volume is mounted under another device number each time, and its inodes are made up when files are looked
    at. So a photo is known by the volume's identifier, its path on the volume, its size and its time. That another
    photo has all four takes a camera that counts from 1 again in the same folder, and at that moment the same time
    and the same size to the byte; formatting in between gives another identifier. Where times mean nothing, because
    the camera's clock was never set, no photo is taken for one that is known.

    Attributes:
        mount_point: the folder that the volume is mounted on.
        folder: a folder on the volume, as this run spells it, without a slash at its end.
        folder_key: what the journal calls that folder: `fat:`, the volume's identifier, the path on the volume. No
            absolute path begins like this.
        number: made of the volume's identifier, in place of the device's number.
        first_seen_ns: when this run first looked at the volume [nanoseconds since 1970].
    """

    mount_point: str = ""
    folder: str = ""
    folder_key: str = ""
    number: int = 0
    first_seen_ns: int = 0

    def identity_of(self, status: os.stat_result) -> Identity:
        """What the operating system says about a file, without the numbers that change from one mount to the next."""
        inode = 0 if status.st_mtime_ns >= CLOCK_WAS_SET_NS else self.first_seen_ns
        return Identity(self.number, inode, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    def key(self, path: str) -> str:
        """Where it is, on which volume."""
        return self.folder_key + path[len(self.folder) :]

    def check_source(self) -> None:
        """Make sure that the volume is there."""
        check_folder(self.mount_point, self.device)

    def holds(self, folder: str) -> bool:
        """True for the folder this was made for, and for those below it."""
        return folder == self.folder or folder.startswith(self.folder + os.sep)
