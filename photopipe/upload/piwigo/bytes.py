"""The same bytes are never twice on their way to a Piwigo.

It looks for their MD5 before it stores them, and nothing in its database forbids two: requests that
overlap, also one whose connection broke, make two photos.

Source: Piwigo/Piwigo 17.0.0beta1, `admin/include/functions_upload.inc.php`.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from photopipe.upload.desk import Desk
from photopipe.upload.gallery import OutgoingPhoto
from photopipe.upload.outcome import Trouble


@contextmanager
def alone_with_bytes(desk: Desk, photo: OutgoingPhoto, settle_s: float) -> Iterator[None]:
    """Inside, no other worker sends these bytes, and none of their requests is still at work.

    Args:
        desk: what the workers share.
        photo: whose bytes.
        settle_s: how long a lost request may still be at work [seconds].
    """
    md5 = photo.rendition.md5
    with desk.shared.alone(("piwigo: bytes", md5)):
        lost: dict[str, str] = desk.shared.once("piwigo: lost answers", dict)
        if lost.pop(md5, photo.key) != photo.key:  # who lost it has waited by itself
            desk.http.wait(settle_s)
        try:
            yield
        except Trouble as trouble:
            if trouble.ambiguous:
                lost[md5] = photo.key
            raise


@contextmanager
def alone_with_new_tags(desk: Desk, keywords: tuple[str, ...]) -> Iterator[None]:
    """Inside, no other worker brings tags for the first time, which would make them twice."""
    known: set[str] = desk.shared.once("piwigo: tags", set)
    if known.issuperset(keywords):
        yield
        return
    lock: threading.Lock = desk.shared.alone("piwigo: new tags")
    with lock:
        yield
        known.update(keywords)
