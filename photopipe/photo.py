"""What a photo is after each step. These values travel on the line: frozen, small, no open files.

`FoundPhoto` -> download -> `DownloadedPhoto` -> resize -> `RenderedPhoto` -> upload -> `DeliveredPhoto`

From the download on, a photo carries its plan: which recipe is still to be made of it for which gallery. Beside photos
travel `SkippedPhotos`, `SetAsidePhoto`, `OtherFiles` and `UnreadablePath`.
"""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, Final, NamedTuple, Protocol

from photopipe.errors import DownloadError, ItemError, PhotoChanged, PhotoVanished

GAIN_MAP_LOST: Final = "an HDR gain map is not kept"
HDR_CURVE_LOST: Final = "HDR brightness (PQ or HLG) is treated as sRGB's; its tones are a guess"
VIDEO_LOST: Final = "the motion photo's video is not kept"
"""Warnings of a rendition that a run also counts."""


class Identity(NamedTuple):
    """Numbers that tell, without opening it, whether a photo is still the one that was found.

    The journal keeps all but the last, and skips a photo that is done if they are the same. A source that is no
    file system fills them from what it knows, such as a checksum its server names: each from 0 to 2**63 - 1, and
    another one of the first four whenever the content is another.

    Attributes:
        device: number of the file system.
        inode: number of the file on it.
        size_bytes: length of the file.
        mtime_ns: last change of the content [nanoseconds since 1970].
        ctime_ns: last change of content or metadata; unlike mtime no program can set it back.
    """

    device: int
    inode: int
    size_bytes: int
    mtime_ns: int
    ctime_ns: int


class Storage(Protocol):
    """Where found photos lie. It travels with each of them: frozen, can be pickled, holds no open file."""

    def open(self, path: str) -> BinaryIO:
        """Open a photo for reading, at its beginning.

        Raises:
            PhotoVanished: there is no such photo any more.
            DownloadError: it cannot be opened.
        """

    def identity(self, path: str, file: BinaryIO | None = None) -> Identity:
        """What is at this path now or, if it is given, what this open file is.

        Raises:
            PhotoVanished: there is no such photo any more.
            DownloadError: it cannot be told.
        """


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """The storage of photos that are files on this machine, or on a share that is mounted here."""

    def open(self, path: str) -> BinaryIO:
        """Open a file for reading, at its beginning; nothing is waited for."""
        with _explained():
            return open(path, "rb", opener=_open_without_waiting)

    def identity(self, path: str, file: BinaryIO | None = None) -> Identity:
        """What the operating system says about a file."""
        with _explained():
            status = os.stat(path) if file is None else os.fstat(file.fileno())
        return Identity(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _open_without_waiting(path: str, flags: int) -> int:
    # Should the photo have become a FIFO, the open must not wait for a writer.
    return os.open(path, flags | os.O_NONBLOCK)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PhotoVanished("is gone since it was found. Put it back if it is still wanted.") from error
    except OSError as error:
        raise cannot_be_read(error) from error


class FoundPhoto(NamedTuple):
    """A photo as its source saw it.

    A NamedTuple, because a million of them are made where nothing is to be done and it costs a
    third of a frozen dataclass.

    Attributes:
        path: the file, as the operating system spells it (undecodable bytes as surrogates), or the address the
            source gives it, with `/` before its name.
        device: of its `identity`, like the next four: kept side by side, because that costs less than a value in
            a value.
        inode: likewise.
        size_bytes: length of the file.
        mtime_ns: last change of the content [nanoseconds since 1970].
        ctime_ns: likewise.
        storage: where it is opened.
    """

    path: str
    device: int
    inode: int
    size_bytes: int
    mtime_ns: int
    ctime_ns: int
    storage: Storage = LocalFiles()

    @classmethod
    def from_stat(cls, path: str, status: os.stat_result) -> "FoundPhoto":
        """The file at `path`, as the operating system describes it."""
        return cls(path, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    @property
    def name(self) -> str:
        """The file's name without its folder."""
        return os.path.basename(self.path)

    @property
    def identity(self) -> Identity:
        """How it looked when it was found."""
        return Identity(self.device, self.inode, self.size_bytes, self.mtime_ns, self.ctime_ns)

    def found_again(self) -> "FoundPhoto":
        """The photo as it looks now.

        Raises:
            PhotoVanished: there is no such photo any more.
            DownloadError: it cannot be told.
        """
        return FoundPhoto(self.path, *self.storage.identity(self.path), self.storage)

    def open(self) -> BinaryIO:
        """The photo at its beginning, for reading only, which is the one that was found.

        Raises:
            PhotoVanished: there is no such photo any more.
            PhotoChanged: it was written, replaced or renamed since it was found.
            DownloadError: it cannot be opened.
        """
        file = self.storage.open(self.path)
        try:
            self.check_unchanged(file)
        except DownloadError:
            file.close()
            raise
        return file

    def check_unchanged(self, file: BinaryIO) -> None:
        """Make sure that an open file is still the very file and content that was found.

        Raises:
            PhotoChanged: it is not.
        """
        if self.storage.identity(self.path, file) != self.identity:
            raise PhotoChanged(
                "changed while it was read (somebody is still writing it). It is taken up again on the next run."
            )


def cannot_be_read(error: OSError) -> DownloadError:
    """The error for a file the operating system does not let us read.

    Args:
        error: what the operating system said.

    Returns:
        An error to raise, worded for a person.
    """
    return DownloadError(f"cannot be read: {error.strerror}. Check its permissions and the card or disk it is on.")


class SentBytes(NamedTuple):
    """The bytes an earlier run was sending when it was stopped; they may have arrived.

    Attributes:
        sha256: hash of the bytes, hexadecimal; `sha1` and `md5` likewise.
        sha1: hash of the bytes, hexadecimal.
        md5: hash of the bytes, hexadecimal.
        size_bytes: their number.
    """

    sha256: str
    sha1: str
    md5: str
    size_bytes: int


class Target(NamedTuple):
    """A recipe for a gallery.

    Attributes:
        recipe_id: hash of everything that changes pixels or metadata.
        gallery_id: the gallery's name in the journal.
    """

    recipe_id: str
    gallery_id: str


class PlannedDelivery(NamedTuple):
    """One rendition that a gallery does not have yet.

    Attributes:
        target: which rendition, and which gallery.
        is_ambiguous: an earlier run may have sent it; the gallery is asked before it is sent again.
        sent: what that run was sending, or None if that is not known.
    """

    target: Target
    is_ambiguous: bool = False
    sent: SentBytes | None = None


@dataclass(frozen=True, slots=True)
class DownloadedPhoto:
    """A photo whose content has been read once and is known by its hash.

    Attributes:
        found: the file, with the identity it had while it was hashed.
        source_sha256: hash of the whole content, hexadecimal.
        head: the first bytes, by which a picture is told from other things.
        plan: what is to be made of it, and for whom; empty before the journal was asked.
    """

    found: FoundPhoto
    source_sha256: str
    head: bytes = b""
    plan: tuple[PlannedDelivery, ...] = ()


@dataclass(frozen=True, slots=True)
class Rendition:
    """What one resized photo is, without its bytes.

    Attributes:
        file_name: name to show and store, `IMG_0042.jpg`; always valid UTF-8 without control characters.
        content_type: media type of the bytes.
        size_bytes: length of the bytes.
        sha256: hash of the bytes, hexadecimal; `sha1` and `md5` likewise, because galleries ask by them.
        sha1: hash of the bytes, hexadecimal.
        md5: hash of the bytes, hexadecimal.
        width_px: width of the upright picture; 0 for an original whose header does not say.
        height_px: height of the upright picture; 0 likewise.
        taken_at: capture time, `2024-05-01T12:33:10[.sss][+02:00]`; no zone if the camera wrote none;
            None if the photo does not say.
        warnings: what was lost or guessed, one sentence each.
        name: `default`, or what the person called this rendition.
        recipe_id: hash of every setting it was made by.
        title: what the photo's metadata calls it, as far as the metadata policy lets it out; None if nothing.
        caption: likewise, what it describes.
        keywords: likewise.
    """

    file_name: str
    content_type: str
    size_bytes: int
    sha256: str
    sha1: str
    md5: str
    width_px: int
    height_px: int
    taken_at: str | None
    warnings: tuple[str, ...] = ()
    name: str = "default"
    recipe_id: str = ""
    title: str | None = None
    caption: str | None = None
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResizedPhoto:
    """A photo ready to be sent.

    Attributes:
        source: where it came from.
        rendition: what it became.
        data: the encoded picture; a retry sends these very bytes again. None for an original, whose bytes are
            those of the source file, and for a picture that waits on the disk.
        spooled_at: file in which the encoded picture waits, or None.
    """

    source: DownloadedPhoto
    rendition: Rendition
    data: bytes | None = field(repr=False)
    spooled_at: str | None = None

    @property
    def is_original(self) -> bool:
        """True if what is sent is the source file itself."""
        return self.data is None and self.spooled_at is None

    def open(self) -> BinaryIO:
        """The bytes to be sent, from the beginning; each call opens them anew, and the caller closes them.

        An original is read from its file while it is sent: whoever reads it to the end asks `check_unchanged`
        whether it was the same all the time.

        Raises:
            PhotoVanished: the source file of an original is gone.
            PhotoChanged: it is no longer the one that was found.
            DownloadError: it cannot be read.
        """
        if self.data is not None:
            return io.BytesIO(self.data)
        return self.source.found.open() if self.spooled_at is None else open(self.spooled_at, "rb")

    def check_unchanged(self, file: BinaryIO) -> None:
        """Make sure that what `open` gave is still what was hashed; the bytes of a picture we made cannot change.

        Raises:
            PhotoChanged: it is an original, and its file was written meanwhile.
        """
        if self.is_original:
            self.source.found.check_unchanged(file)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a gallery answered for a photo it has.

    Attributes:
        remote_id: the gallery's own name for the photo, or None if it gave none.
        url: where a person can see it; the endpoint itself if the gallery named no address.
        already_there: True if the gallery says it had these bytes before this request.
    """

    remote_id: str | None
    url: str
    already_there: bool = False


@dataclass(frozen=True, slots=True)
class UploadedPhoto:
    """A photo the gallery has confirmed.

    Attributes:
        source: where it came from.
        rendition: what was sent.
        receipt: what the gallery answered.
        gallery: which gallery, by the name the journal knows it by.
    """

    source: DownloadedPhoto
    rendition: Rendition
    receipt: Receipt
    gallery: str = ""


@dataclass(frozen=True, slots=True)
class UnsentRendition:
    """A rendition that could not be uploaded, while others of the same photo perhaps were.

    Attributes:
        source: where it came from.
        rendition: what was to be sent.
        error: why it was not.
        gallery: which gallery, by the name the journal knows it by.
    """

    source: DownloadedPhoto
    rendition: Rendition
    error: ItemError
    gallery: str = ""


@dataclass(frozen=True, slots=True)
class RenderedPhoto:
    """A photo with everything that is to be made of it.

    Attributes:
        source: where it came from.
        renditions: what it became, ready to be sent.
    """

    source: DownloadedPhoto
    renditions: tuple[ResizedPhoto, ...]


@dataclass(frozen=True, slots=True)
class DeliveredPhoto:
    """A photo at the end of the line.

    Attributes:
        source: where it came from.
        deliveries: what became of each rendition at each gallery.
    """

    source: DownloadedPhoto
    deliveries: tuple[UploadedPhoto | UnsentRendition, ...]


@dataclass(frozen=True, slots=True)
class SetAsidePhoto:
    """A copy of a photo that is on the line; it comes once more when that one has ended.

    Attributes:
        copy: the copy.
    """

    copy: DownloadedPhoto


@dataclass(frozen=True, slots=True)
class SkippedPhotos:
    """Photos that need no work, many at a time so that a million of them cost little.

    Attributes:
        photos: the files.
        reason: `unchanged` (done, and the file is as it was), `duplicate` (the same content is done
            under another name) or `quarantined` (failed for good in earlier runs).
        same_as: for a duplicate, the path its content was first seen under, if known.
    """

    photos: tuple[FoundPhoto, ...]
    reason: str
    same_as: str | None = None


@dataclass(frozen=True, slots=True)
class OtherFiles:
    """Files in a source folder that are not photos by their name, and are left alone.

    Attributes:
        counts: how many, by extension in lower case with its dot (`""` for none).
    """

    counts: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class UnreadablePath:
    """A folder or file the scan could not look at, and passed.

    Attributes:
        path: where.
        why: the operating system's reason.
    """

    path: str
    why: str
