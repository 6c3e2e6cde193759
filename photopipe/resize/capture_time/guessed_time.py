"""A capture time for photos that do not tell theirs: a guess from the name or the date of the file."""

from datetime import datetime

from photopipe.found_photo import FoundPhoto
from photopipe.photo import TakenAtFrom
from photopipe.resize.capture_time.camera_clock import clock_correction
from photopipe.resize.capture_time.file_name_time import file_name_time
from photopipe.settings import ResizeSettings


def guessed_time(
    found: FoundPhoto, make: str, model: str, settings: ResizeSettings
) -> tuple[str, TakenAtFrom] | tuple[None, None]:
    """Guess when a photo was taken.

    Args:
        found: its file.
        make: of the camera, or empty.
        model: likewise.
        settings: how the camera's clock is corrected, which the file's name goes by too; the file's date stays as it
            is, because nobody knows which clock it is from.

    Returns:
        The time as `Rendition.taken_at`, and where it is from; None and None if its source tells no date of
        the file, or one that the calendar does not reach.
    """
    if named := file_name_time(found.name):
        return clock_correction(make, model, settings).of_time(named), "file_name"
    if found.mtime_ns == 0:  # many servers do not tell it
        return None, None
    try:
        changed = datetime.fromtimestamp(found.mtime_ns / 1e9).astimezone()
    except (OverflowError, OSError, ValueError):
        return None, None
    return changed.isoformat(timespec="milliseconds"), "file_date"
