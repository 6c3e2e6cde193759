"""Who else on this machine may read or change a file."""

import os
import stat


def others_can_read(path: str) -> bool:
    """Whether its permissions let other users do anything with it, so that it is no place for a secret."""
    return bool(stat.S_IMODE(os.stat(path).st_mode) & 0o077)


def others_can_change(path: str) -> bool:
    """Whether its permissions let other users write it."""
    return bool(stat.S_IMODE(os.stat(path).st_mode) & 0o022)
