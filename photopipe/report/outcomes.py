"""What happens on the line, as it is told: parcels at its end -> outcomes of photos, problems, notices."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from photopipe.errors import ItemError, NotInGallery, PhotoVanished, SourceLost
from photopipe.found_photo import FoundPhoto
from photopipe.photo import (
    AfterOutcome,
    DeliveredPhoto,
    DownloadedPhoto,
    OtherFiles,
    RenderedPhoto,
    Rendition,
    SetAsidePhoto,
    SkippedPhotos,
    SourceNotice,
    UnclearPairs,
    UnreadablePath,
    UnsentRendition,
    UploadedPhoto,
)
from photopipe.pipeline import Parcel

Status = Literal["uploaded", "skipped", "failed", "vanished", "would_upload"]


@dataclass(frozen=True, slots=True)
class PhotoOutcome:
    """How one photo, or one rendition of it, ended.

    Attributes:
        path: the file.
        status: what became of it; `would_upload` only in a dry run.
        stage: where it failed, or None.
        reason: stable snake_case word, or None.
        message: a sentence for a person, or None.
        url: where the gallery shows it, or None.
        remote_id: the gallery's name for it, or None.
        source_sha256: hash of the content, or None if it was never read.
        rendition: what was sent, or None.
        seconds: time on the line, waiting included.
        gallery: which gallery, by its name in the journal; None if it did not get that far.
        after: what became of its files, in the last of a photo's outcomes: `moved`, `trashed`, `deleted` or `kept`;
            None if nothing was to become of them.
        after_message: if they were kept, why: a sentence for a person.
        source_bytes: size of the file, or None if that is not known.
    """

    path: str
    status: Status
    stage: str | None = None
    reason: str | None = None
    message: str | None = None
    url: str | None = None
    remote_id: str | None = None
    source_sha256: str | None = None
    rendition: Rendition | None = None
    seconds: float = 0.0
    gallery: str | None = None
    after: str | None = None
    after_message: str | None = None
    source_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A folder or file that a source could not read.

    Attributes:
        path: where.
        message: a sentence for a person.
    """

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know once in a run.

    Attributes:
        message: a sentence.
    """

    message: str


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A photo that the run has found and not finished; the next run takes it up.

    Attributes:
        path: the file.
    """

    path: str


Event = PhotoOutcome | Problem | Notice | LeftOver


def is_left_over(parcel: Parcel) -> bool:
    """True for a photo at the end of the line that could not be read because its source went away."""
    if isinstance(parcel.payload, DeliveredPhoto):
        unsent = (one for one in parcel.payload.deliveries if isinstance(one, UnsentRendition))
        return any(isinstance(one.error, SourceLost) for one in unsent)
    return isinstance(parcel.error, SourceLost)


def was_tried(parcel: Parcel) -> bool:
    """True for a photo at the end of the line that is not done although it was there: it failed, or was not wanted."""
    if isinstance(parcel.payload, SkippedPhotos):
        return parcel.payload.reason == "not_selected"
    return not is_left_over(parcel) and any(outcome.status == "failed" for outcome in photo_outcomes(parcel))


def events(parcel: Parcel, *, tells_skipped: bool) -> Iterator[PhotoOutcome | Problem | Notice]:
    """The events of a parcel.

    Args:
        parcel: at the end of the line, or left over.
        tells_skipped: False leaves out photos that needed no work; there may be a million.
    """
    payload = parcel.payload
    if isinstance(payload, UnreadablePath):
        yield Problem(payload.path, f"cannot be read and was passed over: {payload.why}. Check its permissions.")
    elif isinstance(payload, SourceNotice):
        yield Notice(payload.message)
    elif isinstance(payload, SkippedPhotos):
        for photo in payload.photos if tells_skipped else ():
            message = f"same content as {payload.same_as}" if payload.same_as else None
            message = f"{photo.shown_by} shows the same" if payload.reason == "paired" else message
            outcome = PhotoOutcome(
                photo.path, "skipped", reason=payload.reason, message=message, source_bytes=photo.size_bytes
            )
            yield _with_after(outcome, payload.after)
    elif not isinstance(payload, OtherFiles | SetAsidePhoto | UnclearPairs):
        yield from (outcome for outcome in photo_outcomes(parcel) if outcome.reason != SourceLost.reason)


def deliveries(parcel: Parcel) -> Iterator[PhotoOutcome]:
    """The events of what was already delivered of a photo that is left over; the photo still counts as left over."""
    if isinstance(parcel.payload, DeliveredPhoto):
        yield from photo_outcomes(parcel)


def photo_outcomes(parcel: Parcel) -> Iterator[PhotoOutcome]:
    """One for each rendition of a photo, or one for the photo if it did not get that far."""
    found, source_sha256 = source_of(parcel.payload)
    photo = PhotoOutcome(
        found.path,
        "would_upload",
        source_sha256=source_sha256,
        seconds=round(time.monotonic() - parcel.pulled_at_s, 3),
        source_bytes=found.size_bytes,
    )
    if parcel.error is not None:
        yield _failed(photo, parcel.failed_at, parcel.error)
    elif isinstance(parcel.payload, DeliveredPhoto):
        outcomes = [_sent(photo, item) for item in parcel.payload.deliveries]
        yield from (*outcomes[:-1], *(_with_after(last, parcel.payload.after) for last in outcomes[-1:]))
    else:
        yield photo


def _with_after(outcome: PhotoOutcome, after: AfterOutcome | None) -> PhotoOutcome:
    return outcome if after is None else replace(outcome, after=after.action, after_message=after.message)


def _failed(photo: PhotoOutcome, stage: str | None, error: ItemError) -> PhotoOutcome:
    status: Status = "vanished" if isinstance(error, PhotoVanished) else "failed"
    return replace(photo, status=status, stage=stage, reason=error.reason, message=str(error))


def _sent(photo: PhotoOutcome, item: UploadedPhoto | UnsentRendition) -> PhotoOutcome:
    rendered = replace(photo, rendition=item.rendition, gallery=item.gallery or None)
    if isinstance(item, UnsentRendition) and isinstance(item.error, NotInGallery):
        return replace(rendered, status="skipped", reason=item.error.reason, message=str(item.error))
    if isinstance(item, UnsentRendition):
        return _failed(rendered, "upload", item.error)
    return replace(
        rendered,
        status="skipped" if item.receipt.already_there else "uploaded",
        reason="already_in_gallery" if item.receipt.already_there else None,
        url=item.receipt.url,
        remote_id=item.receipt.remote_id,
    )


def found_photo_of(payload: Any) -> FoundPhoto:
    """The photo of a parcel that was worked on."""
    return payload.photos[0] if isinstance(payload, SkippedPhotos) else source_of(payload)[0]


def source_of(
    payload: FoundPhoto | DownloadedPhoto | RenderedPhoto | DeliveredPhoto,
) -> tuple[FoundPhoto, str | None]:
    """The file a photo came from and, once it was read, its content's hash."""
    if isinstance(payload, FoundPhoto):
        return payload, None
    downloaded = payload if isinstance(payload, DownloadedPhoto) else payload.source
    return downloaded.found, downloaded.source_sha256
