"""What a rendition is, from its bytes."""

import hashlib
from typing import Final

from photopipe.files.names import rendition_name
from photopipe.photo import DownloadedPhoto, Rendition
from photopipe.resize.metadata.metadata import Metadata
from photopipe.resize.output.encode import Encoded

DEFAULT_NAME: Final = "default"
"""Of the one rendition nobody has given a name."""


def describe(photo: DownloadedPhoto, name: str, size: tuple[int, int], about: Metadata, encoded: Encoded) -> Rendition:
    """Describe a rendition.

    Args:
        photo: the photo it was made of.
        name: of the rendition.
        size: width and height, upright [px].
        about: what is known of the photo; galleries that have a place for it are told.
        encoded: its bytes; its warnings come last, see `dataclasses.replace`.

    Returns:
        The description, with the warnings of the encoder.
    """
    data, suffix = encoded.data, "" if name == DEFAULT_NAME else f"-{name}"
    return Rendition(
        file_name=rendition_name(photo.found.name, suffix + encoded.extension),
        content_type=encoded.content_type,
        size_bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        sha1=hashlib.sha1(data, usedforsecurity=False).hexdigest(),
        md5=hashlib.md5(data, usedforsecurity=False).hexdigest(),
        width_px=size[0],
        height_px=size[1],
        taken_at=about.taken_at,
        warnings=encoded.warnings,
        name=name,
        title=about.title or None,
        caption=about.caption or None,
        keywords=about.keywords,
    )
