"""What is known of a photo or video before anything is made of it: when and by which camera it was taken, and so on."""

from dataclasses import dataclass
from datetime import datetime

from photopipe.found_photo import FoundPhoto
from photopipe.photo import TakenAtFrom
from photopipe.settings import ResizeSettings


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What a file says about its photo or video.

    Attributes:
        taken_at: when it was taken, or a guess; with a zone if that is known. None if nothing tells it.
        taken_at_from: where that comes from; `file_name` and `file_date` are guesses, `exif` is also a video's own.
        camera: make and model, `Canon EOS R6`; None if unknown.
        rating: -1 for rejected, 0 to 5; None if nobody rated it.
        content_id: what the photo and the video of a Live Photo share, or None.
    """

    taken_at: datetime | None = None
    taken_at_from: TakenAtFrom | None = None
    camera: str | None = None
    rating: int | None = None
    content_id: str | None = None


def read_facts(found: FoundPhoto, settings: ResizeSettings | None = None) -> PhotoFacts:
    """Read the header of a photo or video, and the sidecars of a photo.

    Args:
        found: as its source saw it.
        settings: how the clocks of cameras are corrected; None for not at all.

    Returns:
        What is known; a header that cannot be read says nothing. At most some megabytes are read, and no pixel is
        decoded.

    Raises:
        PhotoVanished: the file is gone.
        PhotoChanged: it is no longer the one that was found.
        DownloadError: it cannot be read.
    """
    from photopipe.resize.header_facts import facts_in_header

    with found.open() as file:
        return facts_in_header(file, found, settings or ResizeSettings())
