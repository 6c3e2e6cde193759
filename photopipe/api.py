"""What the small commands do: resize a file, serve the gallery, ask about galleries, find cards and cameras.

A run of the line is in `assembly.py`.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
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
    from photopipe.gallery.export.export import Exported
    from photopipe.gallery.maintenance.fault import Fault as Fault  # noqa: PLC0414 - for cli/, too
    from photopipe.gallery.maintenance.rebuild import Rebuilt as Rebuilt  # noqa: PLC0414
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
    folder: str,
    *,
    host: str,
    port: int,
    token: str | None,
    title: str,
    is_public: bool,
    public_url: str | None,
    ready: Callable[[Sequence[str]], None],
    stop: "Shutdown",
) -> None:
    """Serve the embedded gallery's folder until told to stop.

    Args:
        folder: the gallery's folder.
        host: address to listen at.
        port: port to listen at, 0 for any free one.
        token: one that is valid beside those kept in the folder, or None.
        title: what the pages call the gallery.
        is_public: True if anybody may look.
        public_url: the address that visitors use, if it is not that of this server; or None.
        ready: called with the addresses a browser may use once they answer, the best one first.
        stop: a separate thread waits on it; when it is set, the gallery stops.

    Raises:
        GalleryBroken: the folder cannot be used, or the port is taken.
        UsageError: other computers could reach it, and a token or a password is missing.
    """
    from photopipe.gallery.api.photo_url import OWN_ADDRESS
    from photopipe.gallery.server.reachable_addresses import reachable_addresses
    from photopipe.gallery.server.serve import Openness, serve

    serve(
        folder,
        host=host,
        port=port,
        token=token,
        public_url=public_url or OWN_ADDRESS,
        ready=lambda address: ready([*([public_url] if public_url else []), *reachable_addresses(address)]),
        stop=stop,
        openness=Openness(is_public=is_public),
        title=title,
    )


def add_gallery_token(folder: str, name: str) -> str:
    """Make a token for the embedded gallery, and return it; it cannot be shown again.

    Raises:
        UsageError: the name cannot be one, or another token has it.
        GalleryBroken: the folder cannot be used.
    """
    from photopipe.gallery.access.keys import add_token

    return add_token(folder, name)


def list_gallery_tokens(folder: str) -> list[tuple[str, str]]:
    """Name of each token of the embedded gallery, and when it was added (RFC 3339, UTC).

    Raises:
        GalleryBroken: they cannot be read.
    """
    from photopipe.gallery.access.keys import list_tokens

    return [(token.name, token.added_at) for token in list_tokens(folder)]


def remove_gallery_token(folder: str, name: str) -> None:
    """Make a token of the embedded gallery worthless.

    Raises:
        UsageError: there is none of this name.
        GalleryBroken: the folder cannot be used.
    """
    from photopipe.gallery.access.keys import remove_token

    remove_token(folder, name)


def set_gallery_password(folder: str, password: str | None) -> None:
    """Set the password for looking at the embedded gallery, or with None remove it.

    Raises:
        UsageError: it is too short.
        GalleryBroken: the folder cannot be used.
    """
    from photopipe.gallery.access.keys import set_password

    set_password(folder, password)


def rebuild_gallery(folder: str, tell: "Callable[[Fault], None]", show: Callable[[int, int], None]) -> "Rebuilt":
    """Make the index of an embedded gallery agree with the files in its folder.

    Args:
        folder: the gallery's folder.
        tell: called with each file that a person has to look after.
        show: called for each file: how many have been looked at, and of about how many.

    Raises:
        GalleryBroken: it cannot be done; the message says why.
    """
    from photopipe.gallery.maintenance.rebuild import rebuild

    return rebuild(folder, tell, show)


def verify_gallery(folder: str, show: Callable[[int, int], None]) -> "Iterator[Fault]":
    """Read every file of an embedded gallery, and say what is not as it was stored.

    Args:
        folder: the gallery's folder.
        show: called after each photo: how many have been checked, and of how many.

    Raises:
        GalleryBroken: there is no gallery, or it cannot be read at all.
    """
    from photopipe.gallery.maintenance.verify import verify

    return verify(folder, show)


def export_gallery(
    folder: str,
    target: str,
    *,
    title: str,
    album_names: Sequence[str],
    with_originals: bool,
    is_stopped: Callable[[], bool],
    progress: Callable[[int, int], None],
) -> "Exported":
    """Write the embedded gallery as a static site, or bring the site of an earlier export up to date.

    See `photopipe.gallery.export.export.export_site`.
    """
    from photopipe.gallery.export.export import SiteWishes, export_site

    wishes = SiteWishes(title, album_names, with_originals)
    return export_site(folder, target, wishes, is_stopped=is_stopped, progress=progress)


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
