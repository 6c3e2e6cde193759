"""Under which path the journal knows what a person names."""

import os
import re
from typing import Final

from photopipe.download.fetching.web_address import IS_ADDRESS, WebAddress
from photopipe.download.file_systems.folder_storages import FolderStorages
from photopipe.download.file_systems.volume_paths import VolumePaths
from photopipe.errors import UsageError
from photopipe.found_photo import FoundPhoto

_ELSEWHERE: Final = re.compile(r"[a-z][a-z0-9+.-]*://|camera:|fat:", re.IGNORECASE)
"""How the paths begin of what is no file on this machine, and of photos on cards that are not in."""


def journal_key(argument: str) -> str:
    """The path under which the journal knows a photo or a folder, whether it is there or not.

    Args:
        argument: a path or an address as a person writes it, or a path as the journal has it.
    """
    if IS_ADDRESS.match(argument):
        try:
            return WebAddress.of(argument).path
        except UsageError:
            return argument
    if _ELSEWHERE.match(argument):
        return argument.rstrip("/")
    path = os.path.abspath(argument)
    folder = path if os.path.isdir(path) else os.path.dirname(path)
    return FolderStorages().of(folder).key(path)


def find_one(argument: str) -> FoundPhoto | None:
    """A photo on this machine as it looks now; None if what is named is elsewhere, so that it is not looked at.

    Args:
        argument: as for `journal_key`.

    Raises:
        UsageError: it is a folder.
        PhotoVanished: it is not there.
        DownloadError: it cannot be looked at.
    """
    there = VolumePaths().path(argument)
    if there is None or _ELSEWHERE.match(there):
        return None
    path = os.path.abspath(there)
    if os.path.isdir(path):
        raise UsageError(f"{argument}: is a folder. Name a photo in it.")
    storage = FolderStorages().of(os.path.dirname(path))
    return FoundPhoto(path, *storage.identity(path), storage)
