"""What the small commands do: resize one file, serve the gallery, ask about galleries. A run is in `assembly.py`."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from photopipe.download.download import download
from photopipe.download.sources.folder_source import missing_message
from photopipe.errors import SourceMissing
from photopipe.found_photo import FoundPhoto
from photopipe.resize.check_recipe import check_recipe
from photopipe.settings import ResizeSettings, UploadSettings
from photopipe.stop_token import NEVER

if TYPE_CHECKING:
    from photopipe.gallery.server.serve import Shutdown
    from photopipe.upload.galleries.contract import Health


def resize_file(path: str, settings: ResizeSettings) -> tuple[bytes, tuple[str, ...]]:
    """Resize one file as the line would.

    Returns:
        The rendition's bytes, and its warnings.

    Raises:
        SourceMissing: the file is not there.
        UsageError: the format cannot be written here.
        ItemError: it cannot be resized.
    """
    check_recipe(settings)
    from photopipe.resize.resize import resize

    try:
        found = FoundPhoto.from_stat(path, os.stat(path))
    except OSError as error:
        raise SourceMissing(missing_message(path, error)) from error
    resized = resize(download(found), settings)
    warnings, media_type = resized.rendition.warnings, resized.rendition.content_type
    if settings.format != "keep" and media_type != f"image/{settings.format}":  # an original, or an animation
        warnings += (f"what is written is {media_type}, not image/{settings.format}",)
    with resized.open() as file:
        return file.read(), warnings


def serve_gallery(
    folder: str, *, host: str, port: int, token: str | None, ready: Callable[[str], None], stop: "Shutdown"
) -> None:
    """Serve the embedded gallery's folder until told to stop.

    Args:
        folder: the gallery's folder.
        host: address to listen at.
        port: port to listen at, 0 for any free one.
        token: what requests must bring, or None.
        ready: called with the gallery's address once it answers.
        stop: a separate thread waits on it; when it is set, the gallery stops.

    Raises:
        GalleryBroken: the folder cannot be used, or the port is taken.
        UsageError: others could write without a token.
    """
    from photopipe.gallery.server.serve import OWN_ADDRESS, serve

    serve(folder, host=host, port=port, token=token, public_url=OWN_ADDRESS, ready=ready, stop=stop)


def kinds_of_galleries() -> dict[str, str]:
    """Each kind of gallery that is installed, and the package it comes from."""
    from photopipe.upload.galleries.kinds import providers_of_kinds

    return providers_of_kinds()


def kind_of_address(prefix: str, scheme: str) -> str:
    """The kind of gallery that an address names, by what stands in front of a `+` in it and by its scheme."""
    from photopipe.upload.galleries import kinds

    return kinds.kind_of_address(prefix, scheme)


def needs_token(upload: UploadSettings) -> bool:
    """Whether a person is to be asked for a token: not for a gallery on this machine."""
    from photopipe.upload.galleries.kinds import is_remote

    return is_remote(upload)


def check_gallery(upload: UploadSettings) -> "Health":
    """Ask a gallery whether it would take photos.

    Raises:
        LineError: it would not, or cannot be reached.
        UsageError: the settings cannot be used.
    """
    from photopipe.upload.galleries.kinds import check_gallery_settings
    from photopipe.upload.uploader import Uploader

    with Uploader(check_gallery_settings(upload)).open_client() as client:
        return client.check(NEVER)
