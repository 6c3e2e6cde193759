"""What `photopipe gallery` and its subcommands do: serve the embedded gallery and look after it."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from photopipe.gallery.export.export import Exported
    from photopipe.gallery.maintenance.fault import Fault as Fault  # noqa: PLC0414 - for cli/, too
    from photopipe.gallery.maintenance.rebuild import Rebuilt as Rebuilt  # noqa: PLC0414
    from photopipe.gallery.server.serve import Shutdown


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
