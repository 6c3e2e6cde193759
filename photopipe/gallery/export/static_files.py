"""The style sheet, scripts and icon of the pages, as they are in the package."""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable

from photopipe.gallery.export.site_folder import SiteFile, data_file


def static_files() -> list[SiteFile]:
    """All of them."""
    return list(_files_in(files("photopipe.gallery.site") / "static", "static"))


def _files_in(folder: Traversable, path: str) -> Iterator[SiteFile]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _files_in(entry, f"{path}/{entry.name}")
        else:
            yield data_file(f"{path}/{entry.name}", entry.read_bytes())
