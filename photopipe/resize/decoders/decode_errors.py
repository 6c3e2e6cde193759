"""Turn what decoders raise on bad files into errors a person can act on."""

import errno
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from photopipe.errors import ItemError, PhotopipeError, PhotoTooLarge, PhotoUnreadable
from photopipe.found_photo import cannot_be_read

READ_FAILURES: Final = frozenset(
    {errno.EIO, errno.EACCES, errno.EPERM, errno.ESTALE, errno.ENXIO, errno.ENODEV, errno.ETIMEDOUT, errno.ENOTCONN}
)
"""The card, disk or share failed. Other numbers, such as EINVAL, come from wrong offsets inside a broken file."""
ENDS_EARLY: Final = re.compile(
    r"truncat|premature|end of (file|stream)|not enough|incomplete|buffer is not large enough|unexpected eof", re.I
)
"""How Pillow, libtiff, libwebp and libheif say that bytes are missing."""
LONGEST_REASON: Final = 160


@contextmanager
def refusing_bad_pictures() -> Iterator[None]:
    """Turn whatever a decoder raises inside the block into an `ItemError`.

    Raises:
        DownloadError: the operating system could not read the file.
        PhotoTooLarge: the pixels do not fit in memory.
        PhotoUnreadable: the decoder refused the file.
        LineError, UsageError: as they came.
    """
    try:
        yield
    except ItemError as error:
        _free_pixels(error)
        raise
    except PhotopipeError:
        raise
    except MemoryError as error:
        raise out_of_memory(error) from error
    except Exception as error:  # decoders raise anything on broken bytes: zlib.error, AssertionError, TypeError ...
        _free_pixels(error)
        if isinstance(error, OSError) and error.errno in READ_FAILURES:
            raise cannot_be_read(error) from error
        raise PhotoUnreadable(
            f"cannot be resized: {_what(error)}. Copy it again from the camera.", depends_on=("decoders",)
        ) from error


def out_of_memory(error: MemoryError) -> PhotoTooLarge:
    """The failure of a photo for which there is not enough memory, whether it is decoded or encoded.

    Args:
        error: as the library raised it; the pixels that its traceback holds are freed.
    """
    _free_pixels(error)
    return PhotoTooLarge("cannot be resized: its pixels need more memory than there is. Use fewer resize workers.")


def _free_pixels(error: BaseException) -> None:
    """Clear the frames of the tracebacks, because a failed photo travels on and they hold its pixels.

    Those of its causes too: Pillow often raises one error while it handles another.
    """
    waiting, seen = [error], set()
    while waiting:
        each = waiting.pop()
        seen.add(id(each))
        traceback.clear_frames(each.__traceback__)
        earlier = (each.__cause__, each.__context__)
        waiting.extend(other for other in earlier if other is not None and id(other) not in seen)


def _what(error: Exception) -> str:
    reason = plain_reason(error)
    if isinstance(error, EOFError) or ENDS_EARLY.search(reason):
        return f"the file ends early ({reason})"
    return f"its picture data is damaged ({reason})"


def plain_reason(error: Exception) -> str:
    """A library's error text, fit for one line of output.

    Args:
        error: any exception.

    Returns:
        Printable text without object addresses, at most 160 characters, never empty.
    """
    text = re.sub(r"<[^<>]* at 0x[^<>]*>|<_io\.[^<>]*>", "the file", str(error))
    text = re.sub(r"\s+", " ", "".join(char if char.isprintable() else " " for char in text))
    return text.strip(" .")[:LONGEST_REASON] or type(error).__name__
