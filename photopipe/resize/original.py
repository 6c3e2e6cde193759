"""An untouched original as a rendition: inspected, hashed, and sent from its file."""

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Final

from photopipe.errors import DecoderMissing, PhotoChanged, PhotoTooLarge, PhotoUnreadable
from photopipe.files.kinds import kind_named
from photopipe.files.names import rendition_name
from photopipe.photo import DownloadedPhoto, Rendition, ResizedPhoto
from photopipe.resize.decoders.decode_errors import refusing_bad_pictures
from photopipe.resize.input.header_claims import jxl_header
from photopipe.resize.input.header_metadata import header_metadata, jxl_blocks, metadata_of_blocks
from photopipe.resize.input.picture import kind_of_file, open_picture
from photopipe.resize.metadata.metadata import kept_metadata
from photopipe.resize.metadata.sidecars import with_sidecars
from photopipe.resize.metadata.source_metadata import SourceMetadata
from photopipe.resize.pixels.fit import Size, upright_size
from photopipe.settings import ResizeSettings

BLOCK_BYTES: Final = 1 << 20
UNKNOWN: Final = (0, 0)
HEADER_UNREADABLE: Final = "its header cannot be read; the file is passed on as it is"
OVER_THE_LIMIT: Final = "it claims more pixels than the limit; the file is passed on as it is"
FULL_SIZE_PX: Final = 65_000
"""A box for which a RAW has to give its largest preview."""
PLAIN_EXTENSION: Final = re.compile(r"\.[a-z0-9]{1,8}")


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a header says.

    Attributes:
        size: width and height of the upright picture [px], 0 if unknown.
        metadata: what it says of the photo.
        warnings: what could not be found out.
    """

    size: Size = UNKNOWN
    metadata: SourceMetadata = field(default_factory=SourceMetadata)
    warnings: tuple[str, ...] = ()


def original(photo: DownloadedPhoto, name: str, file: BinaryIO, settings: ResizeSettings) -> ResizedPhoto:
    """Make a rendition of the file itself. No pixel is decoded, and none of it is kept in memory.

    Args:
        photo: the photo.
        name: of the rendition.
        file: the photo's file; its position is moved.
        settings: the limit of pixels, and whether RAW files are left out.

    Returns:
        The rendition, without data. A file that begins as a picture and has a broken header gets a warning, and
        no size.

    Raises:
        PhotoUnreadable: its first bytes are not those of a picture.
        PhotoChanged: its content is not what was hashed before.
        ResizeError: it is a RAW file, and the settings exclude these.
    """
    kind = kind_of_file(file)
    seen = _look(file, kind, settings)
    kept = kept_metadata(with_sidecars(seen.metadata, photo.found), settings)
    size_bytes, hashes = _hashed(file)
    if hashes["sha256"] != photo.source_sha256:
        raise PhotoChanged("changed while it was read. It is taken up again on the next run.")
    media_type, extension = _type_and_extension(kind, photo.found.name)
    rendition = Rendition(
        file_name=rendition_name(photo.found.name, extension),
        content_type=media_type,
        size_bytes=size_bytes,
        width_px=seen.size[0],
        height_px=seen.size[1],
        source_width_px=seen.size[0],
        source_height_px=seen.size[1],
        taken_at=kept.taken_at,
        taken_at_from=kept.taken_at_from,
        warnings=seen.warnings,
        name=name,
        sha256=hashes["sha256"],
        sha1=hashes["sha1"],
        md5=hashes["md5"],
    )
    return ResizedPhoto(photo, rendition, None)


def _type_and_extension(kind: str, name: str) -> tuple[str, str]:
    """The extension is the file's own, in lower case, even where it is not that of its kind."""
    own = os.path.splitext(name)[1].lower()
    known = kind_named(kind, own)
    return known.media_type, own if PLAIN_EXTENSION.fullmatch(own) else known.usual_extension


def _hashed(file: BinaryIO) -> tuple[int, dict[str, str]]:
    """Length and hashes, from one pass."""
    file.seek(0)
    md5, sha1 = hashlib.md5(usedforsecurity=False), hashlib.sha1(usedforsecurity=False)
    sha256, size_bytes = hashlib.sha256(), 0
    while block := file.read(BLOCK_BYTES):
        size_bytes += len(block)
        for digest in (md5, sha1, sha256):
            digest.update(block)
    return size_bytes, {"md5": md5.hexdigest(), "sha1": sha1.hexdigest(), "sha256": sha256.hexdigest()}


def _look(file: BinaryIO, kind: str, settings: ResizeSettings) -> _Seen:
    look = LOOKS.get(kind, _by_decoder)
    try:
        with refusing_bad_pictures():
            return look(file, replace(settings, max_width_px=FULL_SIZE_PX, max_height_px=FULL_SIZE_PX, fit="inside"))
    except PhotoUnreadable:
        return _Seen(warnings=(HEADER_UNREADABLE,))
    except PhotoTooLarge:
        return _Seen(warnings=(OVER_THE_LIMIT,))


def _by_decoder(file: BinaryIO, settings: ResizeSettings) -> _Seen:
    opened = open_picture(file, settings)
    return _Seen(upright_size(opened.shown, opened.metadata.orientation), opened.metadata)


def _raw(file: BinaryIO, settings: ResizeSettings) -> _Seen:
    try:
        return _by_decoder(file, settings)
    except DecoderMissing:
        return _Seen(metadata=header_metadata(file, "RAW"))


def _jxl(file: BinaryIO, _settings: ResizeSettings) -> _Seen:
    """Without the decoder, which would decode all of it."""
    header = jxl_header(file)
    if header is None:
        return _Seen(warnings=(HEADER_UNREADABLE,))
    return _Seen(upright_size(*header), metadata_of_blocks(*jxl_blocks(file)))


LOOKS: Final[Mapping[str, Callable[[BinaryIO, ResizeSettings], _Seen]]] = {"RAW": _raw, "JXL": _jxl}
