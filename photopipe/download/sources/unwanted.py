"""Why a scan passes over a file."""

import os

from photopipe.download.sources.selection import Selection
from photopipe.files.kinds import extension_of
from photopipe.files.names import GALLERY_MARKER


def why_unwanted(path: str) -> str | None:
    """What a scan of a folder above it would have against a file, as the end of a sentence; None if nothing.

    What `--include`, `--exclude` and other options would have against it is not looked at.

    Args:
        path: absolute path, or an address.
    """
    selection = Selection()
    name = os.path.basename(path)
    if extension_of(name) not in selection.extensions:
        return f"{extension_of(name) or 'a name without an extension'} is not that of a photo"
    inside = path.lstrip("/")
    if selection.wants_path(inside):
        return _in_a_gallery(path)
    if Selection(hidden=True).wants_path(inside):
        return "the file or a folder it is in is hidden; --hidden takes it, and so does a source below that folder"
    if Selection(hidden=True, ignore_junk=False).wants_path(inside):
        return (
            "its name or that of a folder it is in is one of thumbnails, trash and the like; --no-ignore-junk takes it"
        )
    return "its name or that of a folder it is in says that it is still being written"


def _in_a_gallery(path: str) -> str | None:
    folder = os.path.dirname(path)
    while folder not in {"", os.path.dirname(folder)}:
        if os.path.isdir(os.path.join(folder, GALLERY_MARKER)):
            return f"{folder} is the folder of an embedded gallery"
        folder = os.path.dirname(folder)
    return None
