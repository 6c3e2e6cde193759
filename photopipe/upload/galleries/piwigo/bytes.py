"""The same bytes are never twice on their way to a Piwigo.

It looks for their MD5 before it stores them, and nothing in its database forbids two: requests that
overlap, also one whose connection broke, make two photos.

Source: Piwigo/Piwigo 17.0.0beta1, `admin/include/functions_upload.inc.php`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from photopipe.upload.galleries.contract import OutgoingPhoto
from photopipe.upload.galleries.gallery_context import GalleryContext
from photopipe.upload.http.upload_errors import Trouble


@contextmanager
def alone_with_bytes(context: GalleryContext, photo: OutgoingPhoto, settle_s: float) -> Iterator[None]:
    """Inside, no other worker sends these bytes, and none of their requests is still at work.

    Args:
        context: what the workers share.
        photo: whose bytes.
        settle_s: how long a lost request may still be at work [seconds].
    """
    md5 = photo.rendition.md5
    with context.shared.alone(("piwigo: bytes", md5)):
        lost: dict[str, str] = context.shared.once("piwigo: lost answers", dict)
        if lost.pop(md5, photo.key) != photo.key:  # who lost it has waited by itself
            context.http.wait(settle_s)
        try:
            yield
        except Trouble as trouble:
            if trouble.ambiguous:
                lost[md5] = photo.key
            raise


@contextmanager
def alone_with_new_tags(context: GalleryContext, keywords: tuple[str, ...]) -> Iterator[None]:
    """Inside, no other worker brings tags for the first time, which would make them twice."""
    known: set[str] = context.shared.once("piwigo: tags", set)
    if known.issuperset(keywords):
        yield
        return
    lock: threading.Lock = context.shared.alone("piwigo: new tags")
    with lock:
        yield
        known.update(keywords)
