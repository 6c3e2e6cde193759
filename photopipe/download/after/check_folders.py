"""What is refused before the first photo: folders that would be filled from themselves."""

import os
from collections.abc import Iterable

from photopipe.download.after.archive import archive_folders
from photopipe.download.fetching.web_address import without_secrets
from photopipe.errors import UsageError
from photopipe.settings import DownloadSettings


def check_folders(settings: DownloadSettings) -> None:
    """Make sure that the folders photos are moved or copied to are there, and apart from the sources.

    Args:
        settings: name them; the sources have been found to be there.

    Raises:
        UsageError: they are not, or files are to leave a source that is not on this machine.
    """
    here = [source for source in settings.sources if os.path.exists(source)]
    for source in settings.sources:
        if settings.after != "keep" and source not in here:
            shown = without_secrets(source)
            raise UsageError(f"--after: {shown}: only files on this machine can be moved or removed. Leave it out.")
    if settings.after == "move":
        _check("--after", settings.after_folder or "", here)
    if settings.archive is not None:
        _check("--archive", archive_folders(settings.archive)[0], here)


def _check(option: str, folder: str, sources: Iterable[str]) -> None:
    if not os.path.isdir(folder):
        raise UsageError(f"{option}: {folder}: there is no such folder. Create it, or mount its disk.")
    real_folder = os.path.realpath(folder)
    for source in sources:
        real_source = os.path.realpath(source)
        if os.path.commonpath([real_folder, real_source]) in (real_folder, real_source):
            raise UsageError(
                f"{option}: {folder}: this folder and the source {source} are one inside the other. Give a folder that "
                "is apart from every source."
            )
