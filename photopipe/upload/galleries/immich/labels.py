"""Keywords and captions of photos, as Immich's tags and descriptions."""

from functools import partial
from typing import Any

from photopipe.photo import Rendition
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.contract import GalleryContext
from photopipe.upload.galleries.immich.api import ImmichApi
from photopipe.upload.galleries.options import read_bool
from photopipe.upload.galleries.receipt import remote_id


class ImmichLabels:
    """Tags and descriptions in one Immich, as one worker sees them.

    Args:
        api: where they are.
        settings: whose options `tags` and `captions` say whether they are wanted.
        context: what the workers share.
    """

    def __init__(self, api: ImmichApi, settings: UploadSettings, context: GalleryContext) -> None:
        self._api = api
        self._context = context
        self.has_tags = read_bool(settings, "tags", default=True)
        self.has_captions = read_bool(settings, "captions", default=True)

    def tags_of(self, rendition: Rendition) -> list[str]:
        """Ids of the tags for a photo's keywords; each is created once if it is missing."""
        keywords = dict.fromkeys(rendition.keywords) if self.has_tags else {}
        return [self._context.shared.once(("immich: tag", word), partial(self._tag, word)) for word in keywords]

    def put_on(self, asset_id: str, rendition: Rendition, tag_ids: list[str]) -> None:
        """Give a photo its tags and its description; doing it twice changes nothing."""
        if tag_ids:
            self._ask("/tags/assets", {"assetIds": [asset_id], "tagIds": tag_ids}, answered="count")
        if self.has_captions and rendition.caption:
            self._ask(f"/assets/{asset_id}", {"description": rendition.caption}, answered="id")

    def _ask(self, path: str, content: dict[str, Any], *, answered: str) -> None:
        """Request a change, and make sure that it was Immich that answered."""
        answer = self._api.call("PUT", path, json=content)
        said = answer.json()
        if not isinstance(said, dict) or answered not in said:
            raise self._api.unexpected(answer)

    def _tag(self, keyword: str) -> str:
        """Id of the tag of this name, which is created if there is none; `a/b` is b below a.

        Source: immich-app/immich v3.0.3, `PUT /tags`.
        """
        answer = self._api.call("PUT", "/tags", json={"tags": [keyword]})
        tags = answer.json()
        tag = tags[-1] if isinstance(tags, list) and tags else None
        tag_id = remote_id(tag.get("id")) if isinstance(tag, dict) else None
        if tag_id is None:
            raise self._api.unexpected(answer)
        return tag_id
