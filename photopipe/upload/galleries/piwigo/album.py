"""Albums of Piwigo: found by name, made once. An unknown number is never sent: the photo would get lost."""

import html
from typing import Any

from photopipe.errors import UsageError
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.contract import GalleryContext
from photopipe.upload.galleries.options import read_whole_number
from photopipe.upload.galleries.piwigo.api import ALL_ALBUMS, PiwigoApi
from photopipe.upload.galleries.receipt import remote_id
from photopipe.upload.http.upload_errors import RetryableError


class PiwigoAlbums:
    """The albums of one Piwigo, as one worker sees them.

    Args:
        api: where they are.
        settings: whose option `category` is the album of photos that have no other.
        context: what the workers share.
        settle_s: how long a new album whose creation was not confirmed may take to appear in the list [seconds].
    """

    def __init__(self, api: PiwigoApi, settings: UploadSettings, context: GalleryContext, settle_s: float) -> None:
        self._api = api
        self._context = context
        self._settle_s = settle_s
        self.default = read_whole_number(settings, "category")

    def id_for(self, name: str | None) -> str | None:
        """Number of the album of this name, which is created if there is none, once for all workers.

        Piwigo allows several albums of one name; the one created first is used.

        Args:
            name: of the album, or None for the default one.

        Returns:
            Number of an album that exists, or None if there is no default one.
        """
        once = self._context.shared.once
        if name is None:
            return None if self.default is None else once("piwigo: default album", self._check_default)
        return once(("piwigo: album", name), lambda: self._find(name) or self._make(name))

    def _check_default(self) -> str:
        wanted = str(self.default)
        if wanted not in [remote_id(album.get("id")) for album in self._all()]:
            raise UsageError(f"{self._api.site}: there is no album number {wanted}: check the option 'category'")
        return wanted

    def _find(self, name: str) -> str | None:
        same = [album for album in self._all() if html.unescape(str(album.get("name"))).strip() == name]
        numbers = [number for album in same if (number := remote_id(album.get("id")))]
        return min(numbers, key=lambda number: (len(number), number), default=None)

    def _all(self) -> list[dict[str, Any]]:
        """All albums. Not `pwg.categories.getList`: after a login has expired it lists only the public ones."""
        result = self._api.call(ALL_ALBUMS, {})
        albums = result.get("categories") if isinstance(result, dict) else None
        if not isinstance(albums, list):
            raise self._api.unexpected()
        return [album for album in albums if isinstance(album, dict)]

    def _make(self, name: str) -> str:
        try:
            result = self._api.call("pwg.categories.add", {"name": name})
        except RetryableError as error:
            if error.ambiguous:
                self._context.wait(self._settle_s)  # then the next attempt looks for it in the list
            raise
        number = remote_id(result.get("id")) if isinstance(result, dict) else None
        if number is None:
            raise self._api.unexpected()
        return number
