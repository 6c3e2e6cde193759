"""Keep the image libraries from talking to the user by themselves; importing this is enough.

What a person must know is in `Rendition.warnings` and in errors.
"""

import ctypes
import logging
import warnings

from PIL import _imaging

# Pillow warns about every odd tag, and logs some of them, which Python prints if nobody has set up logging.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
logging.getLogger("PIL").addHandler(logging.NullHandler())


def _silence_libtiff() -> None:
    """Take away libtiff's error handler, which prints to stderr; Pillow removes the one for warnings only."""
    try:
        ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler(None)
    except (AttributeError, OSError):  # a Pillow without libtiff, or with one that shows no functions
        return


_silence_libtiff()
