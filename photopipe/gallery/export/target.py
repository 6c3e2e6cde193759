"""Which folders a site may be written into: only those where it can neither replace nor remove anything of others."""

import os

from photopipe.errors import UsageError
from photopipe.files.names import GALLERY_MARKER
from photopipe.gallery.export.manifest import MANIFEST
from photopipe.gallery.index.index import index_path


def check_target(target: str, gallery_folder: str) -> None:
    """Accept a folder that is not there, is empty, or holds an earlier export.

    Raises:
        UsageError: it is something else, a gallery, or inside this one.
        OSError: it cannot be looked at.
    """
    real, gallery = os.path.realpath(target), os.path.realpath(gallery_folder)
    if os.path.commonpath([real, gallery]) == gallery:
        raise UsageError(f"{target}: is in the gallery's own folder. Export to a folder outside {gallery_folder}.")
    if os.path.lexists(index_path(real)):
        raise UsageError(f"{target}: is a gallery itself. Export to an empty folder.")
    try:
        names = os.listdir(real)
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise UsageError(f"{target}: is not a folder. Export to an empty folder.") from None
    if names and not _was_exported(real, names):
        raise UsageError(
            f"{target}: is not empty, and was not written by an earlier export. Export to an empty folder, so that "
            "nothing of yours is replaced."
        )


def _was_exported(folder: str, names: list[str]) -> bool:
    if os.path.isfile(os.path.join(folder, MANIFEST)):
        return True
    # An export that was killed as it began has come no further than this.
    return names == [GALLERY_MARKER] and os.listdir(os.path.join(folder, GALLERY_MARKER)) == []
