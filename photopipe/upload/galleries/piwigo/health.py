"""What a Piwigo says of itself, and of us."""

import re
from collections.abc import Iterator
from typing import Any, Final

from photopipe.settings import UploadSettings
from photopipe.upload.galleries.contract import GalleryContext, Health
from photopipe.upload.galleries.piwigo.api import PiwigoApi

KNOWN_VERSIONS: Final = {14, 15, 16, 17}


def piwigo_health(api: PiwigoApi, settings: UploadSettings, context: GalleryContext) -> Health:
    """Ask a Piwigo who it is and who we are there.

    Raises:
        LoginRefused: the login is not accepted, or may not upload.
        PhotopipeError: no Piwigo answers there.
    """
    status = api.status()
    summary = f"Piwigo {status.get('version')}, as {status.get('username')} ({status.get('status')})"
    return Health(context.errors.shown(summary), tuple(_warnings(status, settings)))


def _warnings(status: dict[str, Any], settings: UploadSettings) -> Iterator[str]:
    number = re.match(r"\d+", str(status.get("version")))
    if number is None or int(number[0]) not in KNOWN_VERSIONS:
        yield "photopipe knows Piwigo 14 to 17; with this version uploads may fail."
    types = {kind.strip() for kind in str(status.get("upload_file_types") or "jpg").lower().split(",")}
    if "jpg" not in types:
        yield "this Piwigo does not take JPEG files."
    if settings.album is None and settings.options.get("category") is None:
        yield "photos will be in no album, where only administrators find them: give --album or the option category."
