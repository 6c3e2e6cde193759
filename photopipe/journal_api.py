"""What the commands about the journal do: ask it, and change what is to be tried again or forgotten."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager

from photopipe.errors import GalleryBroken, UsageError
from photopipe.journal import Corrections, Forgotten, Questions, run_lock
from photopipe.settings import UploadSettings


@contextmanager
def open_questions(journal_path: str) -> Iterator[Questions]:
    """Open a journal to ask it; a run may be going on.

    Raises:
        JournalUnusable: it cannot be read.
    """
    with closing(Questions(journal_path)) as questions:
        yield questions


def journal_key(argument: str) -> str:
    """The path under which the journal knows a photo or a folder, whether it is there or not.

    Args:
        argument: a path or an address as a person writes it, or a path as the journal has it.
    """
    from photopipe.download.sources.journal_key import journal_key

    return journal_key(argument)


def paths_now() -> Callable[[str], str | None]:
    """A function from a path as the journal has it to where that is today; None if its memory card is not in."""
    from photopipe.download.file_systems.volume_paths import VolumePaths

    return VolumePaths().path


def retry_photos(journal_path: str, arguments: Sequence[str], lock_wait_s: float) -> int:
    """Have failed photos, and those in quarantine, tried again by the next run; returns how many.

    Args:
        journal_path: the journal's file.
        arguments: photos and folders, as a person writes them; none for all.
        lock_wait_s: how long to wait for a run to end [seconds].

    Raises:
        LockHeld: a run is going on.
        UsageError: the journal knows nothing under one of the paths.
        JournalUnusable: it cannot be changed.
    """
    with _corrections(journal_path, arguments, lock_wait_s) as (corrections, keys):
        return corrections.retry(keys)


def forget_photos(journal_path: str, arguments: Sequence[str], lock_wait_s: float) -> Forgotten:
    """Forget photos; arguments and errors as of `retry_photos`, with at least one path."""
    with _corrections(journal_path, arguments, lock_wait_s) as (corrections, keys):
        return corrections.forget(keys)


def forget_gallery(journal_path: str, gallery_id: str, lock_wait_s: float) -> int:
    """Forget what was sent to a gallery; returns of how many photos. Errors as of `retry_photos`."""
    with _corrections(journal_path, (), lock_wait_s) as (corrections, _):
        return corrections.forget_gallery(gallery_id)


@contextmanager
def _corrections(
    journal_path: str, arguments: Sequence[str], lock_wait_s: float
) -> Iterator[tuple[Corrections, list[str]]]:
    """The journal, locked and open to be changed, and the paths as it has them."""
    if not os.path.exists(journal_path):
        raise UsageError(f"{journal_path}: there is no journal, so that no photo is known. Is it another --journal?")
    keys = [journal_key(argument) for argument in arguments]
    with run_lock(journal_path, lock_wait_s) as lock, closing(Corrections(journal_path, lock)) as corrections:
        _check_known(arguments, keys, corrections.files_under)
        yield corrections, keys


def _check_known(arguments: Sequence[str], keys: Sequence[str], files_under: Callable[[str], int]) -> None:
    for argument, key in zip(arguments, keys, strict=True):
        if not files_under(key):
            raise UsageError(
                f"{argument}: the journal knows no photo there. `photopipe explain {argument}` says more of a file."
            )


def id_of_gallery(upload: UploadSettings) -> str:
    """A gallery's name in the journal; nobody is asked.

    Raises:
        UsageError: the settings cannot be used.
    """
    from photopipe.upload.galleries.identity import gallery_id
    from photopipe.upload.galleries.kinds import check_gallery_settings

    return gallery_id(check_gallery_settings(upload))


def embedded_gallery_id(folder: str) -> str | None:
    """The name in the journal of the embedded gallery in a folder; None if there is none, or it cannot be read."""
    from photopipe.gallery.store.identity import gallery_identity

    try:
        return gallery_identity(folder)
    except GalleryBroken:
        return None
