"""START HERE for the archive: a verified copy of each photo's own file, written while the photo is read anyway."""

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Final

from photopipe.download.after.group_paths import Wanted, place_group
from photopipe.download.after.verified_copy import finish_and_verify
from photopipe.download.download import download
from photopipe.errors import ArchiveUnusable, DiskFull, DownloadError, PhotoVanished, UsageError
from photopipe.files.names import clean_path
from photopipe.files.placing import Placed, TemporaryFile, ensure_folder, place, sweep
from photopipe.files.template import TextTemplate
from photopipe.found_photo import FoundPhoto
from photopipe.photo import DownloadedPhoto

FIELDS: Final = {"date": datetime(2024, 5, 1, 12, 33, 10), "camera": "x", "folder": "x", "name": "x"}
"""What may stand between braces, each with an example."""
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_ONLY_THIS_FILE: Final = frozenset({errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.EFBIG})
"""Errors that another photo need not meet: file systems differ in the names and sizes they can take."""


@dataclass(frozen=True, slots=True)
class ArchiveFacts:
    """What the archive's folders are named after.

    Attributes:
        date: when the photo was taken, or a guess.
        camera: which camera took it, or None.
    """

    date: datetime
    camera: str | None


FactsOf = Callable[[BinaryIO, FoundPhoto], ArchiveFacts]
"""Reads a photo's facts from a copy of its file."""


class Archive:
    """A folder that gets a copy of each photo's file.

    Args:
        template: the folder of each photo, `DIR/{date:%Y/%Y-%m-%d}`; what stands in front of the first field must be
            there already, because it may be a disk that is not mounted.
        facts_of: reads what the fields of the template are filled with.

    Raises:
        UsageError: the template cannot be understood, or the folder is not there.
    """

    def __init__(self, template: str, facts_of: FactsOf) -> None:
        self.top, self._template = archive_folders(template)
        self._facts_of = facts_of
        if not os.path.isdir(self.top):
            raise UsageError(f"--archive: {self.top}: there is no such folder. Create it, or mount its disk.")
        sweep(self.top)

    @contextmanager
    def receiving(self) -> Iterator["ArchiveCopy"]:
        """A copy that is still to be written; unless it is kept, it is gone when the block is left."""
        with self.explained():
            opened = TemporaryFile.open(os.path.join(self.top, "archived"))
            copy = opened.__enter__()
        with ExitStack() as until_left:
            until_left.push(opened)
            yield ArchiveCopy(self, copy)

    def folder_of(self, copy: str, found: FoundPhoto) -> str:
        """The folder of a photo; its parts are names that any file system accepts."""
        with open(copy, "rb") as file:
            facts = self._facts_of(file, found)
        values = {
            "date": facts.date,
            "camera": facts.camera or "unknown camera",
            "folder": os.path.basename(os.path.dirname(found.path)),
            "name": os.path.splitext(found.name)[0],
        }
        text = self._template.fill(values.__getitem__, _within_one_name)
        return os.path.join(self.top, *clean_path(f"{text}/x").folders)

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Say what an error means for the photo and for the run.

        Raises:
            DiskFull: there is no room.
            ArchiveUnusable: nothing can be written there.
            DownloadError: only this file cannot.
        """
        try:
            yield
        except OSError as error:
            why = error.strerror or str(error)
            if error.errno in _ONLY_THIS_FILE:
                raise DownloadError(
                    f"cannot be copied into the archive: {why}. Rename it, or use another disk."
                ) from error
            if error.errno in _NO_ROOM:
                raise DiskFull(f"{self.top}: the archive is full. Make room and run again; nothing is lost.") from error
            raise ArchiveUnusable(
                f"{self.top}: the archive cannot be written: {why}. Check this disk and run again."
            ) from error


class ArchiveCopy:
    """The copy of one photo's file while it is being written.

    Args:
        archive: where it will be.
        temporary: what is written to.
    """

    def __init__(self, archive: Archive, temporary: TemporaryFile) -> None:
        self._archive = archive
        self._temporary = temporary
        self._size_bytes = 0  # a server may not have said it

    def write(self, data: bytes) -> None:
        """Write the next part of the photo's file."""
        with self._archive.explained():
            self._temporary.write(data)
        self._size_bytes += len(data)

    def keep(self, photo: DownloadedPhoto, companions: Sequence[FoundPhoto]) -> tuple[FoundPhoto, ...]:
        """Verify the copy, give it a name of its own, and copy the photo's companions to the same folder.

        Args:
            photo: its file has been written.
            companions: files that belong to it.

        Returns:
            The copies: the photo's, then those of its companions.

        Raises:
            ItemError: this photo cannot be copied.
            LineError: no photo can.
        """
        with self._archive.explained(), ExitStack() as until_placed:
            finish_and_verify(self._temporary, photo.source_sha256, photo.found.mtime_ns)
            copies = [until_placed.enter_context(self._copy_of(one)) for one in _still_there(companions)]
            copies.append(_Copy(self._temporary, photo.found, photo.source_sha256, self._size_bytes))
            return tuple(self._placed(copies))

    @contextmanager
    def _copy_of(self, companion: FoundPhoto) -> Iterator["_Copy"]:
        with TemporaryFile.open(os.path.join(self._archive.top, "archived")) as temporary:
            # Whatever its size is: a video is no photo, and may have more bytes than one.
            digest = download(companion, companion.size_bytes, temporary).source_sha256
            finish_and_verify(temporary, digest, companion.mtime_ns)
            yield _Copy(temporary, companion, digest, companion.size_bytes)

    def _placed(self, copies: Sequence["_Copy"]) -> Iterator[FoundPhoto]:
        """Place the copies, the photo's last; yield where they are, the photo's first."""
        photo = copies[-1]
        folder = self._archive.folder_of(photo.temporary.path, photo.found)
        ensure_folder(folder, self._archive.top)
        wanted = [Wanted(folder, one.found.name, one.sha256, one.size_bytes) for one in copies]
        paths = place_group(wanted, lambda number, path: copies[number].put(path))
        for copy in copies:
            copy.temporary.discard()  # while it has two names, what the system says of the file is not final
        for path in (paths[-1], *paths[:-1]):
            yield FoundPhoto.from_stat(path, os.stat(path))


@dataclass(frozen=True, slots=True)
class _Copy:
    """A copy that is on the disk and has no name of its own yet."""

    temporary: TemporaryFile
    found: FoundPhoto
    sha256: str
    size_bytes: int

    def put(self, path: str) -> Placed:
        """Give it a name."""
        return place(self.temporary.path, path, self.sha256, self.size_bytes)


def archive_folders(text: str) -> tuple[str, TextTemplate]:
    """The folder of the archive, which is what stands in front of the first field, and the template of those in it.

    Raises:
        UsageError: it cannot be understood, or names what is not known.
    """
    beginning, brace, fields = os.path.abspath(text).partition("{")
    top = os.path.dirname(beginning) if brace else beginning
    template = (beginning[len(top) :] + brace + fields).replace("{date}", "{date:%Y-%m-%d}")
    return top, TextTemplate(template, FIELDS)


def _within_one_name(field: str, value: str) -> str:
    """Only dates are meant to make folders in folders."""
    return value if field == "date" else value.replace("/", "_")


def _still_there(companions: Sequence[FoundPhoto]) -> Iterator[FoundPhoto]:
    """The companions as they are now, without those that have left with another photo they belong to, too."""
    for companion in companions:
        with suppress(PhotoVanished):
            yield companion.found_again()
