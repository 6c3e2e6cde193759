"""START HERE for the source's files: move them, put them into the trash, or delete them."""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Final, Literal

from photopipe.download.after.checked_file import CheckedFile, explained
from photopipe.download.after.move import move
from photopipe.download.after.trash import trash
from photopipe.errors import DownloadError, PhotoChanged, PhotoVanished
from photopipe.files.kinds import SIDECAR_EXTENSION, extension_of
from photopipe.found_photo import FoundPhoto
from photopipe.photo import AfterOutcome
from photopipe.settings import DownloadSettings

ONLY_COPY: Final = "its RAW file, other half or video is nowhere else; use move:DIR, trash or --archive"
KeptElsewhere = Callable[[CheckedFile], bool]
"""Says whether the very content of a companion is in a gallery or in the archive."""


def after(
    photo: FoundPhoto,
    source_sha256: str,
    companions: Sequence[FoundPhoto],
    settings: DownloadSettings,
    is_kept_elsewhere: KeptElsewhere,
) -> AfterOutcome:
    """Deal with the files of one photo that is in every gallery.

    All of them are read once more, and each must be, immediately before it is touched, the very file that was read.
    If anything is in the way, what is left stays where it is.

    Args:
        photo: the photo; it is dealt with last, so that a run that is killed takes it up again.
        source_sha256: hash of what was uploaded.
        companions: files that belong to it and go together with it.
        settings: what is to become of them.
        is_kept_elsewhere: asked about companions that hold pictures of their own, before they are deleted.
    """
    there = [one for one in companions if _is_there(one)]
    outcome = _outcome(photo, source_sha256, there, settings, is_kept_elsewhere)
    if outcome.action == "kept" and _is_there(photo) and not all(map(_is_there, there)):
        # What was in the way is a sidecar that it shares with another photo, and which has just left with that one.
        return after(photo, source_sha256, there, settings, is_kept_elsewhere)
    return outcome


def _outcome(
    photo: FoundPhoto,
    source_sha256: str,
    companions: Sequence[FoundPhoto],
    settings: DownloadSettings,
    is_kept_elsewhere: KeptElsewhere,
) -> AfterOutcome:
    try:
        with ExitStack() as until_closed, explained():
            files = [until_closed.enter_context(CheckedFile.open(one)) for one in companions]
            files.append(until_closed.enter_context(CheckedFile.open(photo, source_sha256)))
            return _act(files, settings, is_kept_elsewhere)
    except PhotoVanished as error:
        return AfterOutcome("kept", "vanished", str(error))
    except PhotoChanged as error:
        return AfterOutcome("kept", "changed", str(error))
    except DownloadError as error:
        return AfterOutcome("kept", "failed", str(error))


def _is_there(companion: FoundPhoto) -> bool:
    """False for one that is gone: it has left with another photo that it belongs to, too, or in a killed run."""
    return os.path.lexists(companion.path)


def _act(files: Sequence[CheckedFile], settings: DownloadSettings, is_kept_elsewhere: KeptElsewhere) -> AfterOutcome:
    done: Literal["moved", "trashed", "deleted"]
    if settings.after == "move":
        move(files, settings.after_folder or "")
        done = "moved"
    elif settings.after == "trash":
        trash(files)
        done = "trashed"
    else:
        pictures = [file for file in files[:-1] if extension_of(file.name) != SIDECAR_EXTENSION]
        if not all(map(is_kept_elsewhere, pictures)):
            return AfterOutcome("kept", "only_copy", ONLY_COPY)
        for file in files:
            file.remove()
        done = "deleted"
    return AfterOutcome(done)
