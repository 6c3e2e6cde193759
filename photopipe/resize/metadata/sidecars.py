"""XMP sidecars: what a person has said about a photo in a program that leaves the photo's file alone."""

from dataclasses import replace
from typing import Final

from photopipe.errors import DownloadError
from photopipe.found_photo import FoundPhoto
from photopipe.resize.decoders.decode_errors import plain_reason
from photopipe.resize.metadata.source_metadata import Sidecar, SourceMetadata
from photopipe.resize.metadata.xmp_read import LONGEST_PACKET

EXTENSION: Final = ".xmp"
MOST_SIDECARS: Final = 4


def with_sidecars(metadata: SourceMetadata, found: FoundPhoto) -> SourceMetadata:
    """Add what is known of a photo besides its own file's content: its sidecars and its file's name and date.

    Args:
        metadata: what its file says.
        found: the photo; of its companions those named `.xmp` are read, as they are now.

    Returns:
        The same with sidecars, that of the full name (`a.jpg.xmp`) first; one that cannot be read is named in `lost`.
    """
    beside = [other for other in found.companions if other.name.lower().endswith(EXTENSION)]
    beside.sort(key=lambda other: other.name.lower() != found.name.lower() + EXTENSION)
    packets, lost = [], list(metadata.lost)
    for sidecar in beside[:MOST_SIDECARS]:
        try:
            with sidecar.storage.open(sidecar.path) as file:
                packets.append(Sidecar(sidecar.name, file.read(LONGEST_PACKET + 1)))
        except (DownloadError, OSError) as error:
            lost.append(f"sidecar {sidecar.name} ({plain_reason(error)})")
    return replace(metadata, found=found, sidecars=tuple(packets), lost=tuple(lost))
