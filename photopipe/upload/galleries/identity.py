"""Names that stay the same from run to run: of a gallery, and of one photo's upload to it."""

import hashlib
import json
from dataclasses import replace
from urllib.parse import urlsplit

from photopipe.settings import UploadSettings


def gallery_id(settings: UploadSettings) -> str:
    """Name of a gallery in the journal.

    Args:
        settings: as `check_gallery_settings` returns them.

    Returns:
        The host, for people, and a hash of all that tells the gallery from others (see `Gallery.identity`). The
        address itself may hold a secret, which must not get into the journal.
    """
    from photopipe.upload.galleries.kinds import DEFAULT_KIND, gallery_class

    settings = replace(settings, kind=settings.kind or DEFAULT_KIND)
    identity = gallery_class(settings.kind).identity(settings)
    host = urlsplit(settings.endpoint_url or "").hostname
    return f"{host or settings.kind}-{hashlib.sha256(identity.encode()).hexdigest()[:16]}"


def idempotency_key(source_sha256: str, recipe_id: str, gallery_id: str) -> str:
    """Name of the upload of one photo, made by one recipe, to one gallery.

    Args:
        source_sha256: hash of the photo's source, hexadecimal.
        recipe_id: `ResizeSettings.recipe_id`.
        gallery_id: as `gallery_id` gives it.

    Returns:
        64 hexadecimal digits: the same for the same three, in every run and after a lost journal.
    """
    parts = json.dumps(["photopipe upload 1", source_sha256, recipe_id, gallery_id])
    return hashlib.sha256(parts.encode()).hexdigest()
