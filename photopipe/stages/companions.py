"""Which of the files that may belong to a photo really do."""

from datetime import datetime, timedelta
from typing import Final

from photopipe.errors import DownloadError
from photopipe.files.kinds import SIDECAR_EXTENSION, extension_of
from photopipe.found_photo import FoundPhoto
from photopipe.resize.facts import PhotoFacts, read_facts

MOST_APART: Final = timedelta(seconds=2)
"""How far the capture times of a pair may be apart: a camera writes the two files one after the other."""
GUESSES: Final = frozenset({"file_name", "file_date"})


def companions_of(photo: FoundPhoto) -> tuple[FoundPhoto, ...]:
    """The files that are archived with a photo, and leave with it."""
    return tuple(one for one in photo.companions if extension_of(one.name) == SIDECAR_EXTENSION or is_pair(photo, one))


def is_pair(photo: FoundPhoto, companion: FoundPhoto) -> bool:
    """Whether two files with the same stem are of the same shot, by what they say themselves.

    They are if they have the same content identifier, as the photo and the video of a Live Photo do; if they have not
    both one, if they were taken within two seconds. A time that is only guessed, or comes from a sidecar that they
    share, proves nothing.

    Args:
        photo: one half.
        companion: the other half, or a video.

    Returns:
        False also if one of them cannot be read.
    """
    try:
        one, other = (read_facts(file._replace(companions=())) for file in (photo, companion))
    except DownloadError:
        return False
    if one.content_id and other.content_id:
        return one.content_id == other.content_id
    return _are_close(_time_in(one), _time_in(other))


def _time_in(facts: PhotoFacts) -> datetime | None:
    return None if facts.taken_at_from in GUESSES else facts.taken_at


def _are_close(one: datetime | None, other: datetime | None) -> bool:
    """Whether two moments are known and close; by the clock on the wall if one of them is without a zone."""
    if one is None or other is None:
        return False
    if one.tzinfo is None or other.tzinfo is None:
        one, other = one.replace(tzinfo=None), other.replace(tzinfo=None)
    return abs(one - other) <= MOST_APART
