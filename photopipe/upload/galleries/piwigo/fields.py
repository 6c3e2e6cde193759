"""The fields of Piwigo's upload form: name, comment, tags, privacy level."""

from typing import Final

from photopipe.errors import UsageError
from photopipe.photo import Rendition
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.options import read_bool, read_whole_number

LEVELS: Final = {None, 0, 1, 2, 4, 8}


class PiwigoFields:
    """The fields for each photo; Piwigo reads the capture time from the file itself.

    Args:
        settings: whose options `tags`, `captions` and `level` say what is wanted.

    Raises:
        UsageError: an option has a value that means nothing.
    """

    def __init__(self, settings: UploadSettings) -> None:
        self._has_tags = read_bool(settings, "tags", default=True)
        self._has_captions = read_bool(settings, "captions", default=True)
        self._level = read_whole_number(settings, "level")
        if self._level not in LEVELS:
            raise UsageError(f"the option 'level' is 0, 1, 2, 4 or 8, not {self._level}")

    def fields(self, rendition: Rendition) -> dict[str, str]:
        """The form's fields; Piwigo creates tags that are missing.

        Source: Piwigo/Piwigo 17.0.0beta1, `ws.php`, `pwg.images.addSimple`.
        """
        fields = {
            "name": rendition.title,
            "comment": rendition.caption if self._has_captions else None,
            "tags": ",".join(keyword.replace(",", "\\,") for keyword in self.keywords(rendition)),
            "level": None if self._level is None else str(self._level),
        }
        return {name: value for name, value in fields.items() if value}

    def keywords(self, rendition: Rendition) -> tuple[str, ...]:
        """The keywords that become tags."""
        return rendition.keywords if self._has_tags else ()
