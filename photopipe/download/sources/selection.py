"""Which of the files in a source are wanted, by their names."""

from dataclasses import dataclass

from photopipe.files.kinds import PHOTO_EXTENSIONS
from photopipe.settings import DownloadSettings


@dataclass(frozen=True, slots=True)
class Selection:
    """Which files a run wants.

    Attributes:
        extensions: of the photos it wants, lower case with their dots.
    """

    extensions: frozenset[str] = PHOTO_EXTENSIONS

    @classmethod
    def of(cls, settings: DownloadSettings) -> "Selection":
        """What these settings want."""
        return cls(PHOTO_EXTENSIONS - settings.left_out)
