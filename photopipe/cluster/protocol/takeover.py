"""When a photo that was leased to one worker may be given to another, although nobody knows what the first has done.

A worker begins no upload in the second half of its lease. Before the end of that, a photo is given away only if its
worker is known to be dead: one that has merely lost the engine may still be sending it.
"""

import os
import socket
import uuid
from functools import cache
from hashlib import sha256
from pathlib import Path

import psutil

from photopipe.journal import Lease


@cache
def machine_here() -> str:
    """What this machine or container, which counts its processes by itself, is called: its host name and a mark.

    Two machines may have the same host name, and a container that of its host; where `/proc` is, the mark is of the
    last boot and of what numbers the processes, else of a network card.
    """
    try:
        mark = Path("/proc/sys/kernel/random/boot_id").read_text() + os.readlink("/proc/self/ns/pid")
    except OSError:
        mark = str(uuid.getnode())
    return f"{socket.gethostname()}-{sha256(mark.encode()).hexdigest()[:6]}"


def process_here(pid: int | None = None) -> str:
    """What a worker process is called: `machine:process`."""
    return f"{machine_here()}:{os.getpid() if pid is None else pid}"


def may_be_taken_over(lease: Lease, now_s: float) -> bool:
    """Whether a photo may be leased to another worker, although nobody has said what became of it.

    Args:
        lease: the newest.
        now_s: by the driver's clock [seconds since 1970].
    """
    return now_s >= lease.expires_at_s or is_dead(lease.worker)


def is_dead(process: str) -> bool:
    """True if the process was one of this machine and is not there any more."""
    machine, _, number = process.rpartition(":")
    if machine != machine_here() or not number.isdecimal():
        return False
    try:
        return psutil.Process(int(number)).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
    except psutil.Error:
        return False
