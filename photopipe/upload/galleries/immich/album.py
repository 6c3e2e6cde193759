"""Albums of Immich: found by name, made once, filled photo by photo."""

from typing import Any, Final

from photopipe.errors import UsageError
from photopipe.upload.galleries.contract import GalleryContext
from photopipe.upload.galleries.immich.api import ImmichApi
from photopipe.upload.galleries.receipt import remote_id
from photopipe.upload.http.long_answer import LongAnswer
from photopipe.upload.http.upload_errors import RetryableError

SETTLE_S: Final = 1.0
"""How long a new album whose creation was not confirmed may take to appear in the list."""


class ImmichAlbums:
    """The albums of one Immich, as one worker sees them.

    Args:
        api: where they are.
        context: what the workers share.
    """

    def __init__(self, api: ImmichApi, context: GalleryContext) -> None:
        self._api = api
        self._context = context

    def id_of(self, name: str) -> str:
        """The album of this name; it is created if there is none, once for all workers.

        Immich allows several albums of one name; the oldest is used.
        """
        found: str = self._context.shared.once(("immich: album", name), lambda: self._find(name) or self._make(name))
        return found

    def add(self, album_id: str, asset_id: str) -> None:
        """Put a photo into an album; nothing happens if it is already there.

        The status is always 200; the body tells what became of each photo.

        Raises:
            GalleryRefused: the photo is in the gallery, but cannot get into the album.
            Source: immich-app/immich v3.0.3, `PUT /albums/{id}/assets`.
        """
        answer = self._api.call("PUT", f"/albums/{album_id}/assets", json={"ids": [asset_id]})
        results = answer.json()
        result = results[0] if isinstance(results, list) and results and isinstance(results[0], dict) else None
        if result is None:
            raise self._api.unexpected(answer)
        if result.get("success") is not True and result.get("error") != "duplicate":
            why = result.get("error") or result.get("errorMessage") or "it does not say why"
            raise self._context.errors.of_refusal(f"the photo is there, but cannot be added to its album ({why}).")

    def _find(self, name: str) -> str | None:
        long = LongAnswer()
        answer = long.put_into(self._api.call("GET", "/albums", sink=long.take))
        albums = answer.json()
        if not isinstance(albums, list):
            if answer.body:
                raise self._api.unexpected(answer)
            raise UsageError(f"{self._api.site}: its list of albums is too long to be read. Leave --album out.")
        same = [album for album in albums if isinstance(album, dict) and album.get("albumName") == name]
        return _id_in(min(same, key=_age)) if same else None

    def _make(self, name: str) -> str:
        try:
            answer = self._api.call("POST", "/albums", json={"albumName": name})
            album_id = _id_in(answer.json())
            if album_id is None:
                raise self._api.unexpected(answer)
        except RetryableError as error:
            if error.ambiguous:
                self._context.wait(SETTLE_S)  # then the next attempt looks for it in the list
            raise
        return album_id


def _id_in(album: Any) -> str | None:
    return remote_id(album.get("id")) if isinstance(album, dict) else None


def _age(album: dict[str, Any]) -> tuple[str, str]:
    return str(album.get("createdAt", "")), str(album.get("id"))
