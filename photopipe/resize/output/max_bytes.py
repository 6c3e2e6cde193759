"""Find the highest quality at which a picture is no larger than allowed."""

from collections.abc import Callable
from typing import Final

from photopipe.errors import PhotoTooLarge

LOWEST_QUALITY: Final = 30
"""Below, block artefacts show everywhere; a smaller picture of better quality looks better."""


def fit_max_bytes(write: Callable[[int], bytes], quality: int, max_bytes: int) -> bytes:
    """Encode at the highest quality that fits: at most seven times, because each try halves the range.

    Args:
        write: encodes at a quality; a higher one gives more bytes.
        quality: where to begin, 1 to 95.
        max_bytes: the largest result.

    Returns:
        The encoded picture. One more step of quality, up to `quality`, would be too large.

    Raises:
        PhotoTooLarge: it does not fit even at quality 30, or at `quality` if that is lower.
    """
    best = write(quality)
    if len(best) <= max_bytes:
        return best
    smallest, fitting, too_large = best, None, quality
    highest = min(quality, LOWEST_QUALITY) - 1  # the highest known to fit; this one is never tried
    while too_large - highest > 1:
        middle = (too_large + highest) // 2
        data = write(middle)
        if len(data) <= max_bytes:
            fitting, highest = data, middle
        else:
            smallest, too_large = data, middle
    if fitting is None:
        raise too_many_bytes(len(smallest), max_bytes, f"even at quality {too_large}, the lowest that is tried")
    return fitting


def too_many_bytes(size: int, max_bytes: int, why: str) -> PhotoTooLarge:
    """The error for a rendition that cannot be made small enough.

    Args:
        size: of the smallest that was made [bytes].
        max_bytes: what is allowed.
        why: what prevents it.
    """
    return PhotoTooLarge(
        f"cannot be resized: it takes {size} bytes {why}, and the limit is {max_bytes}. "
        "Allow more bytes, or make the picture smaller."
    )
