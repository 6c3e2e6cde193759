"""What file systems are mounted on this machine, and which of them a path is on."""

import os
from typing import NamedTuple

NETWORK_KINDS = frozenset({
    "cifs", "smb2", "smb3", "smbfs",  # Windows shares; Linux calls those of today `cifs`, macOS `smbfs`
    "afpfs", "afs", "ncp", "ncpfs", "ftp", "webdav",
    "beegfs", "ceph", "coda", "glusterfs", "gpfs", "lustre", "orangefs", "pvfs2",
    "9p", "drvfs", "virtiofs",  # folders of the host in a virtual machine or in WSL
    "fakeowner", "grpcfuse", "osxfs",  # folders of the host in Docker Desktop
    "prl_fs", "vboxsf", "vmhgfs",  # folders of the host in Parallels, VirtualBox, VMware
    "fuse", "macfuse", "osxfuse",
})  # fmt: skip
"""File systems whose files others can change without this machine's kernel hearing of it.

Source: the names in `linux/fs/*/super.c`, `mount(8)` of macOS, and what Docker Desktop mounts.
"""
NETWORK_BEGINNINGS = ("fuse.", "nfs")
"""`nfs4`, and what programs offer as a file system: `fuse.sshfs`, `fuse.rclone`, `fuse.vmhgfs-fuse` ... Not `fuseblk`:
those are NTFS or exFAT on a disk of this machine."""

FAT_KINDS = frozenset({"exfat", "msdos", "msdosfs", "vfat"})


class Mount(NamedTuple):
    """A file system that is mounted.

    Attributes:
        kind: name that the operating system has for such file systems, lower case; empty if it is not known.
        mount_point: folder it is mounted on.
        device: what is mounted there: a device file, an address, or a word such as `tmpfs`; empty for nothing.
        is_read_only: True if nothing can be written.
    """

    kind: str
    mount_point: str
    device: str
    is_read_only: bool = False


def mounts() -> list[Mount]:
    """Every file system that is mounted, in the order they were mounted."""
    import psutil

    return [
        Mount(part.fstype.lower(), part.mountpoint, part.device, "ro" in part.opts.split(","))
        for part in psutil.disk_partitions(all=True)
    ]


def mount_of(path: str) -> Mount:
    """The file system that a path is on, whether or not there is something at the path; links are followed."""
    real_path = os.path.join(os.path.realpath(path), "")
    best = Mount("", os.path.join(os.sep, ""), "")
    for mount in mounts():
        is_above = real_path.startswith(os.path.join(mount.mount_point, ""))
        if is_above and len(mount.mount_point) >= len(best.mount_point):  # of two on one folder, the later is seen
            best = mount
    return best


def is_network(kind: str) -> bool:
    """True for a file system that sends no events of what others change: a share, or a folder of another machine."""
    return kind in NETWORK_KINDS or kind.startswith(NETWORK_BEGINNINGS)


def is_fat(kind: str) -> bool:
    """True for FAT and exFAT, which number no files."""
    return kind in FAT_KINDS
