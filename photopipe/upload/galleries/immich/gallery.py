"""Immich, v2 and v3: photos are recognised by the SHA-1 of their bytes, one of each per owner.

Source: immich-app/immich v3.0.3, `server/src/services/asset-media.service.ts`.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from photopipe.photo import Receipt
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.contract import Gallery, GalleryContext, Health, OutgoingPhoto, ambiguous_if
from photopipe.upload.galleries.immich.album import ImmichAlbums
from photopipe.upload.galleries.immich.api import ImmichApi
from photopipe.upload.galleries.immich.fields import immich_fields
from photopipe.upload.galleries.immich.health import immich_health
from photopipe.upload.galleries.immich.labels import ImmichLabels
from photopipe.upload.galleries.options import read_bool
from photopipe.upload.galleries.receipt import remote_id
from photopipe.upload.http.multipart import multipart


@dataclass(frozen=True, slots=True)
class _Labels:
    """The album and the tags a photo gets."""

    album_id: str | None = None
    tag_ids: list[str] = field(default_factory=list)


class ImmichGallery(Gallery):
    """One Immich, by its API key.

    The album and the tags are looked up before the photo is sent, so that a key without the
    permission is known before anything is stored. If the album or the tags fail, the
    photo stays: the next attempt finds it by its SHA-1 and goes on from there.
    """

    OPTIONS: ClassVar[dict[str, str]] = {
        "tags": "whether keywords become tags: true or false (true)",
        "captions": "whether captions become descriptions: true or false (true)",
    }

    @classmethod
    def check_settings(cls, settings: UploadSettings) -> None:
        """Refuse values of options that mean nothing."""
        read_bool(settings, "tags", default=True)
        read_bool(settings, "captions", default=True)

    def __init__(self, settings: UploadSettings, context: GalleryContext) -> None:
        super().__init__(settings, context)
        self.api = ImmichApi(settings, context)
        self._albums = ImmichAlbums(self.api, context)
        self._labels = ImmichLabels(self.api, settings, context)

    def send(self, photo: OutgoingPhoto) -> Receipt:
        """POST the photo, then put it into its album and give it its tags."""
        with ambiguous_if(arrived=False):
            labels = self._labels_for(photo)
        asset_id, was_there = self._post(photo)
        with ambiguous_if(arrived=not was_there):
            if was_there:
                self._check_not_trashed(photo)
            self._put(asset_id, photo, labels, is_ours=not was_there)
        return self._receipt(asset_id, already_there=was_there)

    def find(self, photo: OutgoingPhoto) -> Receipt | None:
        """Ask by SHA-1 and, if the photo is there, finish what `send` would have done.

        Immich does not tell who sent the bytes. We only ask after sending them, so they count as ours.
        """
        asset_id = self._asset_with(photo.sought.sha1)
        if asset_id is None:
            return None
        self._put(asset_id, photo, self._labels_for(photo), is_ours=True)
        return self._receipt(asset_id)

    def check(self) -> Health:
        """Ask for its version and what the key may do."""
        return immich_health(self.api, self.settings, self.context)

    def _labels_for(self, photo: OutgoingPhoto) -> _Labels:
        album_id = self._albums.id_of(photo.album) if photo.album else None
        return _Labels(album_id, self._labels.tags_of(photo.rendition))

    def _post(self, photo: OutgoingPhoto) -> tuple[str, bool]:
        """Id of the photo, and whether it was there before.

        With the checksum in a header, a photo that is there is answered without reading its bytes.
        """
        with multipart(immich_fields(photo), "assetData", photo.photo) as (body, content_type):
            headers = {"Content-Type": content_type, "x-immich-checksum": photo.rendition.sha1}
            answer = self.api.call("POST", "/assets", data=body, headers=headers)
        content = answer.json()
        asset_id = remote_id(content.get("id")) if isinstance(content, dict) else None
        if asset_id is None or content.get("status") not in {"created", "duplicate"}:
            raise self.api.unexpected(answer)
        return asset_id, content["status"] == "duplicate"

    def _put(self, asset_id: str, photo: OutgoingPhoto, labels: _Labels, *, is_ours: bool) -> None:
        """Put a photo into its album; one that was there before keeps its tags and description."""
        if labels.album_id is not None:
            self._albums.add(labels.album_id, asset_id)
        if is_ours:
            self._labels.put_on(asset_id, photo.rendition, labels.tag_ids)

    def _check_not_trashed(self, photo: OutgoingPhoto) -> None:
        """A photo in the trash is answered as a duplicate, and stays in the trash."""
        self._asset_with(photo.rendition.sha1)

    def _asset_with(self, sha1: str) -> str | None:
        """Id of the photo with these bytes.

        Raises:
            GalleryRefused: it is in the trash.
        """
        answer = self.api.call("POST", "/assets/bulk-upload-check", json={"assets": [{"id": "1", "checksum": sha1}]})
        result = _only_result(answer.json())
        if result is None:
            raise self.api.unexpected(answer)
        if result.get("action") != "reject" or result.get("reason") != "duplicate":
            return None
        if result.get("isTrashed") is True:
            raise self.context.errors.of_refusal(
                "the same photo is in the gallery's trash. Restore it there or empty the trash, then run again."
            )
        return remote_id(result.get("assetId"))

    def _receipt(self, asset_id: str, *, already_there: bool = False) -> Receipt:
        return Receipt(asset_id, f"{self.api.site}/photos/{asset_id}", already_there)


def _only_result(content: Any) -> dict[str, Any] | None:
    results = content.get("results") if isinstance(content, dict) else None
    result = results[0] if isinstance(results, list) and len(results) == 1 else None
    return result if isinstance(result, dict) and result.get("action") in {"accept", "reject"} else None
