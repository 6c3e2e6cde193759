"""Keep the image libraries from printing to the terminal; importing this is enough.

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
    """Remove libtiff's error handler, which prints to stderr; Pillow removes only the one for warnings."""
    try:
        ctypes.CDLL(_imaging.__file__).TIFFSetErrorHandler(None)
    except (AttributeError, OSError):  # a Pillow without libtiff, or with one that shows no functions
        return


_silence_libtiff()
