"""Renaming a file only if nothing has the new name, where the operating system can do both in one step."""

import errno
import os
from typing import Final

_RENAME_NOREPLACE: Final = 1
_AT_FDCWD: Final = -100
_CANNOT: Final = frozenset({errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})


def rename_new(path: str, final_path: str) -> bool:
    """Rename a file unless the new name is taken.

    Returns:
        False if this system or this file system cannot do that; nothing has happened then.

    Raises:
        FileExistsError: the name is taken.
        OSError: the file cannot be renamed.

    Source:
        Linux, renameat2(2). FAT, exFAT and SMB can do it, which have no hard links; many file systems in user space
        cannot.
    """
    import ctypes  # here, because it is rarely needed

    function = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if function is None:
        return False
    if function(_AT_FDCWD, os.fsencode(path), _AT_FDCWD, os.fsencode(final_path), _RENAME_NOREPLACE) == 0:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT:
        return False
    raise OSError(code, os.strerror(code), path, None, final_path)
