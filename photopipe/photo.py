"""What a photo is after each step. These values travel on the line: frozen, small, no open files.

`FoundPhoto` -> download -> `DownloadedPhoto` -> resize -> `RenderedPhoto` -> upload -> `DeliveredPhoto`

From the download on, a photo carries its plan: which recipe is still to be made of it for which gallery. Beside photos
travel `SkippedPhotos`, `SetAsidePhoto`, `OtherFiles`, `SourceNotice`, `UnclearPairs` and `UnreadablePath`.
"""

import io
from dataclasses import dataclass, field
from typing import BinaryIO, Final, Literal, NamedTuple

from photopipe.errors import ItemError
from photopipe.found_photo import FoundPhoto

GAIN_MAP_LOST: Final = "an HDR gain map is not kept"
HDR_CURVE_LOST: Final = "HDR brightness (PQ or HLG) is treated as sRGB's; its tones are a guess"
VIDEO_LOST: Final = "the motion photo's video is not kept"
"""Warnings of a rendition that a run also counts."""
TakenAtFrom = Literal["exif", "xmp", "iptc", "file_name", "file_date"]
"""Where a capture time comes from; the last two are guesses."""


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
        is_forgotten: it is ambiguous because the journal has lost what it knew, not because an answer was lost.
    """

    target: Target
    is_ambiguous: bool = False
    sent: SentBytes | None = None
    is_forgotten: bool = False


@dataclass(frozen=True, slots=True)
class DownloadedPhoto:
    """A photo whose content has been read once and is known by its hash.

    Attributes:
        found: the file, with the identity it had while it was hashed.
        source_sha256: hash of the whole content, hexadecimal.
        head: the first bytes, which show whether it is a picture.
        plan: what is to be made of it, and for which galleries; empty before the journal was asked.
        archived: verified copies of its file and of those that belong to it, if there is an archive.
    """

    found: FoundPhoto
    source_sha256: str
    head: bytes = b""
    plan: tuple[PlannedDelivery, ...] = ()
    archived: tuple[FoundPhoto, ...] = ()

    @property
    def content(self) -> FoundPhoto:
        """Where the content is best read from: the archive if it is there, so that a slow card is read only once."""
        return self.archived[0] if self.archived else self.found


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
            None if nothing tells it.
        warnings: what was lost or guessed, one sentence each.
        name: `default`, or what the person called this rendition.
        recipe_id: hash of every setting it was made by.
        title: what the photo's metadata calls it, as far as the metadata policy lets it out; None if nothing.
        caption: likewise, what it describes.
        keywords: likewise.
        taken_at_from: where `taken_at` comes from; None if that is None.
        source_width_px: width of the upright photo it was made of; 0 if that is not known.
        source_height_px: height likewise.
        thumbnail: a small picture of it (WebP) for a report; empty if none is wanted or can be made.
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
    taken_at_from: TakenAtFrom | None = None
    source_width_px: int = 0
    source_height_px: int = 0
    thumbnail: bytes = field(default=b"", repr=False, compare=False)


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

        An original is read from its file while it is sent; after reading it to the end, call `check_unchanged` to
        make sure that it did not change meanwhile.

        Raises:
            PhotoVanished: the source file of an original is gone.
            PhotoChanged: it is no longer the one that was found.
            DownloadError: it cannot be read.
        """
        if self.data is not None:
            return io.BytesIO(self.data)
        return self.source.content.open() if self.spooled_at is None else open(self.spooled_at, "rb")

    def check_unchanged(self, file: BinaryIO) -> None:
        """Make sure that what `open` gave is still what was hashed; the bytes of a picture we made cannot change.

        Raises:
            PhotoChanged: it is an original, and its file was written meanwhile.
        """
        if self.is_original:
            self.source.content.check_unchanged(file)


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
        gallery: the gallery's name in the journal.
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
        gallery: the gallery's name in the journal.
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
class AfterOutcome:
    """What became of a photo's own files when it was in every gallery.

    Attributes:
        action: `moved`, `trashed`, `deleted` or `kept`.
        reason: why they were kept, a stable snake_case word; otherwise None.
        message: the same as a sentence for people.
    """

    action: Literal["moved", "trashed", "deleted", "kept"]
    reason: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveredPhoto:
    """A photo at the end of the line.

    Attributes:
        source: where it came from.
        deliveries: what became of each rendition at each gallery.
        after: what became of its files, if something was to become of them.
    """

    source: DownloadedPhoto
    deliveries: tuple[UploadedPhoto | UnsentRendition, ...]
    after: AfterOutcome | None = None


@dataclass(frozen=True, slots=True)
class SetAsidePhoto:
    """A photo that will be put on the line again.

    Attributes:
        photo: a copy of one that is on the line, which goes on when that one has ended; or, as it was found, one that
            changed while it was read, which goes on when it has settled.
    """

    photo: DownloadedPhoto | FoundPhoto


@dataclass(frozen=True, slots=True)
class SkippedPhotos:
    """Photos that need no work, many at a time so that a million of them cost little.

    Attributes:
        photos: the files.
        reason: `unchanged` (done, and the file is as it was), `duplicate` (the same content is done
            under another name), `quarantined` (failed for good in earlier runs), `paired` (another photo
            shows the same shot) or `not_selected` (too old, too new or not rated high enough).
        same_as: for a duplicate, the path its content was first seen under, if known.
        source: the one photo with its content, if it was read in this run.
        after: what became of its files, if something was to become of them.
    """

    photos: tuple[FoundPhoto, ...]
    reason: str
    same_as: str | None = None
    source: DownloadedPhoto | None = None
    after: AfterOutcome | None = None


@dataclass(frozen=True, slots=True)
class OtherFiles:
    """Files in a source folder whose names are not those of photos; they are left alone.

    Attributes:
        counts: how many, by extension in lower case with its dot (`""` for none).
        other_shards: number of photos that belong to other shards; other files there are not counted.
    """

    counts: tuple[tuple[str, int], ...]
    other_shards: int = 0


@dataclass(frozen=True, slots=True)
class UnclearPairs:
    """Photos of one name in one folder that might be pairs, but are too many: two RAW files and a JPEG, for example.

    Attributes:
        count: how many names.
        example: path of one of the photos.
    """

    count: int
    example: str


@dataclass(frozen=True, slots=True)
class UnreadablePath:
    """A folder or file that the source could not read and passed over.

    Attributes:
        path: where.
        why: the operating system's reason.
    """

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class SourceNotice:
    """Something about a source that a person should know.

    Attributes:
        message: what, and why; a sentence or two.
    """

    message: str
