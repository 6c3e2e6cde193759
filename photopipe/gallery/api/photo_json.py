"""Photos and albums as programs read them; `docs/gallery-protocol.md` says what each member means."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

from photopipe.gallery.index.albums import Album
from photopipe.gallery.index.stored_photo import StoredPhoto


def photo_as_json(
    photo: StoredPhoto, url_of: Callable[[str], str], albums: Sequence[tuple[int, str]], key: str | None = None
) -> dict[str, Any]:
    """A photo with all that programs ask for.

    Args:
        photo: what the index has of it.
        url_of: see `photo_urls`.
        albums: number and name of each album it is in.
        key: the key it was asked for by, if that identifies it.
    """
    return {
        "id": str(photo.id),
        "url": url_of(photo.path) if photo.deleted_at is None else None,
        "sha256": photo.sha256,
        "idempotency_key": key,
        "taken_at": photo.taken_at,
        "file_name": photo.file_name,
        "size": photo.size_bytes,
        "width": photo.width_px or None,
        "height": photo.height_px or None,
        "albums": [{"id": number, "name": name} for number, name in albums],
        "deleted_at": photo.deleted_at,
    }


def album_as_json(album: Album) -> dict[str, Any]:
    """An album with the id of the photo that stands for it."""
    return asdict(album) | {"cover_id": str(album.cover_id)}
