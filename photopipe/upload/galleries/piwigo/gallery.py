"""Piwigo, 14 to 17: photos are recognised by the MD5 of the bytes that were sent.

Source: Piwigo/Piwigo 17.0.0beta1, `include/ws_functions/pwg.images.php`.
"""

import re
from collections.abc import Iterator
from typing import Any, ClassVar, Final

from photopipe.photo import Receipt
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.contract import Gallery, GalleryContext, Health, OutgoingPhoto, ambiguous_if
from photopipe.upload.galleries.options import read_whole_number
from photopipe.upload.galleries.piwigo.album import PiwigoAlbums
from photopipe.upload.galleries.piwigo.api import PiwigoApi
from photopipe.upload.galleries.piwigo.exclusive import exclusive_bytes, exclusive_new_tags
from photopipe.upload.galleries.piwigo.fields import PiwigoFields
from photopipe.upload.galleries.piwigo.login import Login
from photopipe.upload.galleries.receipt import remote_id, web_address

KNOWN_VERSIONS: Final = {14, 15, 16, 17}


class PiwigoGallery(Gallery):
    """One Piwigo, by an API key or a name and password.

    Whether the photo is there is asked before each upload: the upload itself does not tell an old
    photo from a new one, and makes a second one where the search for duplicates is switched off.
    A photo is told to be uploaded when it can be seen in its album, not before.
    """

    OPTIONS: ClassVar[dict[str, str]] = {
        "category": "number of the album for photos that go to no --album",
        "level": "privacy level: 0, 1, 2, 4 or 8 (0)",
        "tags": "whether keywords become tags: true or false (true)",
        "captions": "whether captions become comments: true or false (true)",
    }
    SETTLE_S: ClassVar[float] = 2.5
    MAX_TRANSFERS: ClassVar[int | None] = 2

    @classmethod
    def check_settings(cls, settings: UploadSettings) -> None:
        """Refuse a login no Piwigo takes, and values of options that mean nothing."""
        Login(settings)
        PiwigoFields(settings)
        read_whole_number(settings, "category")

    def __init__(self, settings: UploadSettings, context: GalleryContext) -> None:
        super().__init__(settings, context)
        self.api = PiwigoApi(settings, context)
        self._albums = PiwigoAlbums(self.api, settings, context, self.SETTLE_S)
        self._fields = PiwigoFields(settings)

    def send(self, photo: OutgoingPhoto) -> Receipt:
        """Ask for the bytes, send them if they are not there, and make the photo visible."""
        with exclusive_bytes(self.context, photo, self.SETTLE_S):
            with ambiguous_if(arrived=False):
                album_id = self._albums.id_for(photo.album)
                known = self._photo_with(photo.rendition.md5)
                if known is not None:
                    self._put_into(album_id, known)
                    return self._receipt(known, already_there=True)
            added = self._add(photo, album_id)
            with ambiguous_if(arrived=not added.already_there):
                self._show(album_id, added.remote_id or "")
            return added

    def find(self, photo: OutgoingPhoto) -> Receipt | None:
        """Ask by MD5 and, if the photo is there, put it into its album.

        Piwigo does not tell who sent the bytes. We only ask after sending them, so they count as ours.
        """
        image_id = self._photo_with(photo.sought.md5)
        if image_id is None:
            return None
        self._put_into(self._albums.id_for(photo.album), image_id)
        return self._receipt(image_id)

    def check(self) -> Health:
        """Ask for its version and who we are logged in as."""
        status = self.api.status()
        summary = f"Piwigo {status.get('version')}, as {status.get('username')} ({status.get('status')})"
        return Health(self.context.errors.shown(summary), tuple(_warnings(status, self.settings)))

    def _photo_with(self, md5: str) -> str | None:
        """Number of the photo with these bytes; it comes as text, or null."""
        result = self.api.call("pwg.images.exist", {"md5sum_list": md5})
        if not isinstance(result, dict | list):
            raise self.api.unexpected()
        return remote_id(result.get(md5)) if isinstance(result, dict) else None

    def _add(self, photo: OutgoingPhoto, album_id: str | None) -> Receipt:
        """Send the photo. The number of a new one comes as a number, of an old one as text."""
        fields = self._fields.fields(photo.rendition)
        if album_id is not None:
            fields["category"] = album_id
        with exclusive_new_tags(self.context, self._fields.keywords(photo.rendition)):
            result = self.api.call("pwg.images.addSimple", fields, photo.photo)
        image_id = remote_id(result.get("image_id")) if isinstance(result, dict) else None
        if image_id is None:
            raise self.api.unexpected()
        return self._receipt(
            image_id, web_address(result.get("url")), already_there=isinstance(result["image_id"], str)
        )

    def _put_into(self, album_id: str | None, image_id: str) -> None:
        """Add a photo that is there to an album; nothing happens if it is already in it."""
        if album_id is not None:
            fields = {"image_id": image_id, "categories": album_id, "multiple_value_mode": "append"}
            self.api.call("pwg.images.setInfo", fields)
            self._show(album_id, image_id)

    def _show(self, album_id: str | None, image_id: str) -> None:
        """Move a new photo out of Piwigo's upload queue ("lounge"), or minutes pass before its album shows it."""
        if album_id is not None:
            self.api.call("pwg.images.uploadCompleted", {"image_id": image_id, "category_id": album_id})

    def _receipt(self, image_id: str, url: str | None = None, *, already_there: bool = False) -> Receipt:
        return Receipt(image_id, url or f"{self.api.site}/picture.php?/{image_id}", already_there)


def _warnings(status: dict[str, Any], settings: UploadSettings) -> Iterator[str]:
    number = re.match(r"\d+", str(status.get("version")))
    if number is None or int(number[0]) not in KNOWN_VERSIONS:
        yield "photopipe supports Piwigo 14 to 17; with this version uploads may fail."
    types = {kind.strip() for kind in str(status.get("upload_file_types") or "jpg").lower().split(",")}
    if "jpg" not in types:
        yield "this Piwigo does not take JPEG files."
    if settings.album is None and settings.options.get("category") is None:
        yield "photos will be in no album, and only administrators will find them: give --album or the option category."
