"""Every error photopipe raises, in one tree.

    PhotopipeError
    +-- UsageError                     wrong option or configuration           exit 2
    +-- ItemError                      one photo failed, the line goes on      exit 3 at the end
    |   +-- DownloadError
    |   |   +-- PhotoVanished          it was found, and is gone
    |   |   +-- PhotoChanged           it is still being written
    |   |   +-- SourceLost             its source went away; not a failure, but left over
    |   |   +-- AccessDenied           its server does not let us have it
    |   |   +-- NotAPhoto              the name says photo, the bytes say otherwise
    |   |   +-- FileTooLarge           more bytes than a file of its kind may have
    |   +-- ResizeError
    |   |   +-- PhotoUnreadable        the decoder refuses it
    |   |   +-- PhotoTooLarge          more pixels than the limit
    |   |   +-- DecoderMissing         its kind needs a library that is not installed
    |   +-- UploadError
    |       +-- GalleryRefused         the gallery does not want this photo (4xx)
    |       |   +-- TooLargeForGallery its file has too many bytes for the gallery (413)
    |       +-- GalleryFailed          the gallery fails on this photo and takes others (5xx)
    |       +-- GalleryDown            not tried: this gallery is given up, others still take photos
    |       +-- NotInGallery           only asked for, and not there; not a failure, but skipped
    +-- LineError                      every photo would fail: the run stops
        +-- SourceMissing              exit 13
        +-- LoginRefused               exit 12
        +-- GalleryUnreachable         exit 5
        +-- DiskFull                   exit 1
        +-- ArchiveUnusable            exit 1
        +-- LockHeld                   exit 11
        +-- JournalUnusable            exit 1
        |   +-- JournalDamaged         its bytes are wrong; a run replaces it
        +-- GalleryBroken              the embedded gallery cannot run, exit 1
        +-- EjectFailed                all is done, but a card may not be taken out, exit 1
        +-- RunStopped                 stopped while waiting; never the cause of a stop

`QueueClosed` and `QueueAborted` stay inside `pipeline/` and are defined there.

An `ItemError` says which photo, what, why and what to do: `IMG_0042.JPG: cannot be resized: the
file ends early. Copy it again from the camera.` The name in front is added where the
path is known, so the error carries only what follows it.
"""

from typing import ClassVar


class PhotopipeError(Exception):
    """The root: anything photopipe raises on purpose."""


class UsageError(PhotopipeError):
    """A wrong option, argument or configuration."""

    exit_code: ClassVar[int] = 2


class ItemError(PhotopipeError):
    """One photo failed; the line goes on.

    Args:
        message: what, why and what to do, without the photo's name.

    Attributes:
        reason: stable snake_case word for scripts.
        permanent: True when trying the same bytes again cannot help.
        depends_on: what the failure depends on beside the photo: `max_pixels`, `decoders`. When that changes,
            a quarantined photo is tried again.
    """

    reason: ClassVar[str] = "failed"
    permanent: ClassVar[bool] = False
    depends_on: tuple[str, ...] = ()


class DownloadError(ItemError):
    """The photo could not be read from its source."""

    reason = "unreadable_file"


class PhotoVanished(DownloadError):
    """The photo was found, and is gone."""

    reason = "vanished"


class PhotoChanged(DownloadError):
    """The photo changed while it was read."""

    reason = "changed"


class AccessDenied(DownloadError):
    """The server does not let us have this photo; it may give others."""


class NotAPhoto(DownloadError):
    """The file's name says photo, its bytes say otherwise."""

    reason = "not_a_photo"
    permanent = True


class SourceLost(DownloadError):
    """The photo could not be read because its whole source went away; it is left over for the next run."""

    reason = "source_lost"


class FileTooLarge(DownloadError):
    """The photo's file has more bytes than the limit for its kind."""

    reason = "file_too_large"
    permanent = True


class ResizeError(ItemError):
    """The photo could not be resized.

    Args:
        message: as for `ItemError`.
        depends_on: what this failure depends on, if not only on what all of its class do.
    """

    reason = "resize_failed"

    def __init__(self, message: str = "", *, depends_on: tuple[str, ...] | None = None) -> None:
        super().__init__(message)
        if depends_on is not None:
            self.depends_on = depends_on


class PhotoUnreadable(ResizeError):
    """The decoder refuses the photo."""

    reason = "unreadable_photo"
    permanent = True


class PhotoTooLarge(ResizeError):
    """The photo has more pixels than the limit, or its rendition more bytes."""

    reason = "too_large"
    permanent = True


class DecoderMissing(ResizeError):
    """The photo's kind needs a library that is not installed; with it, the same bytes can be resized."""

    reason = "decoder_missing"


class UploadError(ItemError):
    """The photo could not be uploaded.

    Attributes:
        cause: what failed, in the same words for every photo it happens to; empty if only this photo is to blame.
    """

    reason = "upload_failed"
    cause: str = ""


class GalleryRefused(UploadError):
    """The gallery does not want this photo."""

    reason = "gallery_refused"


class TooLargeForGallery(GalleryRefused):
    """The photo's file has too many bytes for the gallery."""

    reason = "too_large_for_gallery"


class GalleryDown(UploadError):
    """The photo was not sent, because this gallery was given up for the run while others take photos."""

    reason = "gallery_down"


class NotInGallery(UploadError):
    """The gallery was only asked whether it has the photo, and does not; it is sent by a later run."""

    reason = "not_in_gallery"


class GalleryFailed(UploadError):
    """The gallery fails on this photo, and takes others."""

    reason = "gallery_failed"


class LineError(PhotopipeError):
    """Every photo would fail: the run stops."""

    exit_code: ClassVar[int] = 1


class SourceMissing(LineError):
    """The source folder is not there."""

    exit_code = 13


class LoginRefused(LineError):
    """A gallery or a source does not accept the login, or does not let it do what a run has to."""

    exit_code = 12


class GalleryUnreachable(LineError):
    """The gallery cannot be reached, or is overloaded."""

    exit_code = 5


class DiskFull(LineError):
    """No room is left where photos or state must be written."""


class ArchiveUnusable(LineError):
    """Copies of photos cannot be written to the archive."""


class LockHeld(LineError):
    """Another run works on the same journal."""

    exit_code = 11


class JournalUnusable(LineError):
    """The journal cannot be opened or written."""


class JournalDamaged(JournalUnusable):
    """The journal's file is damaged; a run sets it aside and goes on with what can be read of it."""


class GalleryBroken(LineError):
    """The embedded gallery cannot run."""


class EjectFailed(LineError):
    """A memory card that was to be unmounted in the end is still mounted."""


class RunStopped(LineError):
    """The run was told to stop while work was waiting; the photo is left over, not failed."""
