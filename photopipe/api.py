"""What the small commands do: resize a file, ask about galleries, find cards and cameras.

A run of the line is in `assembly.py`, `photopipe gallery` in `gallery_api.py`.
"""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from photopipe.download.download import download
from photopipe.download.sources.folder_source import missing_message
from photopipe.errors import SourceMissing
from photopipe.found_photo import FoundPhoto
from photopipe.resize.check_recipe import check_recipe
from photopipe.settings import ResizeSettings, UploadSettings
from photopipe.stop_token import NEVER

if TYPE_CHECKING:
    from photopipe.download.cameras.camera import AttachedCamera
    from photopipe.download.file_systems.cards import Card
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


def find_cards() -> "list[Card]":
    """The memory cards that are in."""
    from photopipe.download.file_systems.cards import cards

    return cards()


def find_cameras() -> "list[AttachedCamera]":
    """The cameras on USB cables; none without the package that talks to them."""
    from photopipe.download.cameras.camera import attached_cameras
    from photopipe.download.cameras.gphoto import has_gphoto

    return attached_cameras() if has_gphoto() else []


def removable_volumes(paths: Iterable[str]) -> list[str]:
    """Where the removable volumes are mounted that these paths are on, each once; other paths are passed over."""
    from photopipe.download.file_systems.cards import is_removable
    from photopipe.download.file_systems.mounts import mount_of

    return list(dict.fromkeys(mount.mount_point for mount in map(mount_of, paths) if is_removable(mount)))


def eject_card(mount_point: str) -> None:
    """Unmount a memory card, so that it may be taken out.

    Raises:
        EjectFailed: it is still mounted.
    """
    from photopipe.download.file_systems.eject import eject
    from photopipe.download.file_systems.mounts import mount_of

    eject(mount_of(mount_point))


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


def send_ping(url: str, body: str) -> str | None:
    """Tell a monitoring service something; returns what went wrong, without the address, or None."""
    from photopipe.upload.http.ping import send_ping

    return send_ping(url, body)


def gallery_options(upload: UploadSettings) -> frozenset[str]:
    """The names of the options that galleries of this kind have.

    Raises:
        UsageError: there is no such kind.
    """
    from photopipe.upload.galleries import kinds

    return kinds.option_names(upload)


def check_gallery_settings(upload: UploadSettings) -> UploadSettings:
    """Refuse whatever in a gallery's settings no photo could be sent with; the gallery is not asked.

    Raises:
        UsageError: the settings cannot be used.
    """
    from photopipe.upload.galleries import kinds

    return kinds.check_gallery_settings(upload)


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
