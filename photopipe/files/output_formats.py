"""The one table of the formats a rendition can be written in.

A format is a row here and a module of its name in `photopipe/resize/output/`, whose `FORMAT` says everything else.
"""

from typing import Final

OUTPUT_FORMATS: Final[dict[str, tuple[str, ...]]] = {
    "jpeg": (".jpg", ".jpeg"),
    "webp": (".webp",),
    "avif": (".avif",),
    "png": (".png",),
}
"""Name as in the settings -> extensions of file names that ask for it; the first is the one renditions get."""
