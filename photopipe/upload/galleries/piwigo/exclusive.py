"""Locks that keep the same bytes from being sent to a Piwigo twice at the same time.

It looks for their MD5 before it stores them, and its database allows duplicates: requests that overlap,
even one whose connection broke, create two photos.

Source: Piwigo/Piwigo 17.0.0beta1, `admin/include/functions_upload.inc.php`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from photopipe.upload.galleries.contract import GalleryContext, OutgoingPhoto
from photopipe.upload.http.upload_errors import RetryableError

MAX_LOST: Final = 64
"""How many lost answers are remembered."""

MAX_KNOWN_TAGS: Final = 10_000
"""How many tags are remembered to exist."""


@contextmanager
def exclusive_bytes(context: GalleryContext, photo: OutgoingPhoto, settle_s: float) -> Iterator[None]:
    """Inside, no other worker sends these bytes, and none of their requests is still at work.

    Args:
        context: what the workers share.
        photo: whose bytes.
        settle_s: how long a lost request may still be at work [seconds].
    """
    md5 = photo.rendition.md5
    with context.shared.exclusive(("piwigo: bytes", md5)):
        lost: dict[str, str] = context.shared.once("piwigo: lost answers", dict)
        if lost.pop(md5, photo.key) != photo.key:  # the worker that lost it has waited itself
            context.wait(settle_s)
        try:
            yield
        except RetryableError as error:
            if error.ambiguous:
                lost[md5] = photo.key
                _forget_oldest(lost)
            raise


def _forget_oldest(lost: dict[str, str]) -> None:
    """Keep few: by the time so many answers were lost, each followed by a pause, the first has settled."""
    while len(lost) > MAX_LOST:
        del lost[next(iter(lost))]


@contextmanager
def exclusive_new_tags(context: GalleryContext, keywords: tuple[str, ...]) -> Iterator[None]:
    """Inside, no other worker brings tags for the first time, which would create them twice."""
    known: set[str] = context.shared.once("piwigo: tags", set)
    if known.issuperset(keywords):
        yield
        return
    with context.shared.exclusive("piwigo: new tags"):
        yield
        if len(known) > MAX_KNOWN_TAGS:
            known.clear()  # a tag that is there is found again
        known.update(keywords)
