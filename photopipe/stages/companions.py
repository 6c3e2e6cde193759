"""Which of the files that may belong to a photo really do."""

from photopipe.files.kinds import SIDECAR_EXTENSION, extension_of
from photopipe.found_photo import FoundPhoto


def companions_of(photo: FoundPhoto) -> tuple[FoundPhoto, ...]:
    """The files that are archived with a photo, and leave with it."""
    return tuple(one for one in photo.companions if extension_of(one.name) == SIDECAR_EXTENSION)
