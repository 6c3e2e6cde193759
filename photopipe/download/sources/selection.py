"""Which of the files in a source are wanted, by their names."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from photopipe.download.file_names.junk import (
    HIDDEN_BEGINNING,
    JUNK_BEGINNINGS,
    JUNK_FILES,
    JUNK_FOLDERS,
    UNFINISHED_BEGINNINGS,
    UNFINISHED_FOLDER_ENDING,
    UNFINISHED_FOLDERS,
)
from photopipe.download.file_names.patterns import Patterns
from photopipe.download.sources.shard import Shard
from photopipe.files.kinds import PHOTO_EXTENSIONS, extension_of
from photopipe.settings import DownloadSettings, Pairs

OTHER_SHARDS: Final = "/other shards"
"""Where files that are left alone are counted by extension: the photos that belong to other shards."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which files a run wants. Every path is relative to the folder that was named as the source.

    Names that are not wanted are those of files that are still being written, of junk, of hidden files, and what a
    pattern excludes. A folder that is not wanted is not looked into, so that nothing in it can be wanted.

    Attributes:
        extensions: of the photos it wants, lower case with their dots.
        ignore_junk: whether junk is passed over.
        hidden: whether hidden files and folders are wanted.
        follow: whether links are followed.
        pairs: which half of a pair is wanted.
        include: what a photo must match, if anything; companions such as sidecars need not.
        exclude: what no file and no folder may match.
        shard: which part of the photos is wanted, or None for all.
    """

    extensions: frozenset[str] = PHOTO_EXTENSIONS
    ignore_junk: bool = True
    hidden: bool = False
    follow: bool = True
    pairs: Pairs = "jpeg"
    include: Patterns | None = None
    exclude: Patterns | None = None
    shard: Shard | None = None
    _beginnings: tuple[str, ...] = field(init=False, repr=False)
    _junk_files: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        junk = JUNK_BEGINNINGS if self.ignore_junk else ()
        hidden = () if self.hidden else (HIDDEN_BEGINNING,)
        object.__setattr__(self, "_beginnings", (*UNFINISHED_BEGINNINGS, *junk, *hidden))
        object.__setattr__(self, "_junk_files", JUNK_FILES if self.ignore_junk else frozenset())

    @classmethod
    def of(cls, settings: DownloadSettings) -> "Selection":
        """What these settings want.

        Raises:
            UsageError: a pattern is none.
        """
        return cls(
            PHOTO_EXTENSIONS - settings.left_out,
            settings.ignore_junk,
            settings.hidden,
            settings.follow,
            settings.pairs,
            Patterns.of(settings.include, option="--include"),
            Patterns.of(settings.exclude, option="--exclude"),
            Shard(*settings.shard) if settings.shard else None,
        )

    def wants_path(self, path: str) -> bool:
        """True if a scan would give the photo at this path: its name and every folder on the way are wanted."""
        *folders, name = path.split("/")
        below = ""
        for folder in folders:
            if not self.wants_folder(folder, below):
                return False
            below += f"{folder}/"
        return self.wants_photo(name, below)

    def wants_photo(self, name: str, below: str = "") -> bool:
        """True if a file is a photo, and wanted; `name` and `below` as for `wants_folder`."""
        return extension_of(name) in self.extensions and self.passes(name, below) and self.includes(name, below)

    def wants_folder(self, name: str, below: str = "") -> bool:
        """True if a folder is to be looked into.

        Args:
            name: of the folder.
            below: path of the folder it is in, with a slash at its end; empty for the source itself.
        """
        lowered = name.lower()
        if lowered.startswith(self._beginnings) or (self.ignore_junk and lowered in JUNK_FOLDERS):
            return False
        if lowered in UNFINISHED_FOLDERS or lowered.endswith(UNFINISHED_FOLDER_ENDING):
            return False
        return self.exclude is None or not self.exclude.match(f"{below}{name}/")

    def passes(self, name: str, below: str = "") -> bool:
        """True if nothing speaks against a file, whatever its kind; `name` and `below` as for `wants_folder`."""
        lowered = name.lower()
        if lowered.startswith(self._beginnings) or lowered in self._junk_files:
            return False
        return self.exclude is None or not self.exclude.match(below + name)

    def includes(self, name: str, below: str = "") -> bool:
        """True if a photo is one of those asked for; `name` and `below` as for `wants_folder`."""
        return self._is_included(name, below) and self.is_in_shard(below + name)

    def is_in_shard(self, path: str) -> bool:
        """True if a file belongs to the shard that is wanted; `path` is its path in the source."""
        return self.shard is None or self.shard.has(path)

    def leaves(self, name: str, below: str, others: Counter[str]) -> bool:
        """True if a file, whatever its kind, belongs to another shard; a photo is counted in `others` then."""
        if self.is_in_shard(below + name):
            return False
        if extension_of(name) in self.extensions and self._is_included(name, below):
            others[OTHER_SHARDS] += 1
        return True

    def _is_included(self, name: str, below: str) -> bool:
        return self.include is None or self.include.match(below + name)
