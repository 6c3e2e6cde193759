"""What became of each photo, and the account that must balance.

`found = uploaded + skipped + failed + left over`, where *found* is counted at the source and the
others at the end of the line, so that a photo lost in between cannot go unnoticed.
"""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from photopipe.errors import GalleryDown, ItemError, PhotoVanished, SourceLost
from photopipe.found_photo import FoundPhoto
from photopipe.photo import (
    GAIN_MAP_LOST,
    HDR_CURVE_LOST,
    VIDEO_LOST,
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

LOSSES = {
    GAIN_MAP_LOST: "--hdr original uploads them as they are.",
    HDR_CURVE_LOST: "--hdr original uploads them as they are.",
    VIDEO_LOST: "--original beside uploads the files as they are, too.",
}
"""Warnings that are also printed once per run with the number of photos, and how to avoid them."""
KEPT = {
    "changed": "{photos} kept, because of changes since they were read; run again. The first is {path}.",
    "only_copy": "{photos} kept: their RAW files, other halves or videos are nowhere else; use move:DIR, trash or "
    "--archive.",
    "failed": "{photos} kept. The first is {path}: {message}.",
}
"""What is printed once per run of files that were to leave and were kept, by the reason."""
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


@dataclass(slots=True)
class KeptFiles:
    """Photos whose files were to leave and were kept, all for the same reason.

    Attributes:
        path: of the first.
        message: why it was kept.
        photos: how many.
    """

    path: str
    message: str
    photos: int = 0


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


@dataclass(slots=True)
class Account:
    """The totals of one run.

    Attributes:
        found: photos the source gave.
        uploaded: photos the gallery has confirmed.
        would_upload: photos a dry run would have sent.
        skipped: photos that need no work, by reason.
        failed: photos that could not be done.
        left_over: photos on the line when it was stopped; the next run takes them up.
        unreadable: folders and files that could not be read.
        other_files: files whose names are not those of photos, by extension.
        source_bytes: size of the photos accounted for, as the camera wrote them.
        uploaded_bytes: size of what was sent.
        not_sent: photos that a gallery did not get because it was given up, by the gallery's name in the journal.
        incomplete: uploaded photos of which something is in no rendition, by what was lost; see `LOSSES`.
        unclear_pairs: names of photos that might be pairs but are too many for that; all these photos were taken.
        unclear_example: path of one of them.
        left: photos whose files were moved, trashed or deleted, by which it was.
        kept: photos whose files were kept although they were to leave, by the reason; see `KEPT`.
    """

    found: int = 0
    uploaded: int = 0
    would_upload: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    left_over: int = 0
    unreadable: int = 0
    other_files: Counter[str] = field(default_factory=Counter)
    source_bytes: int = 0
    uploaded_bytes: int = 0
    not_sent: Counter[str] = field(default_factory=Counter)
    incomplete: Counter[str] = field(default_factory=Counter)
    unclear_pairs: int = 0
    unclear_example: str = ""
    left: Counter[str] = field(default_factory=Counter)
    kept: dict[str, KeptFiles] = field(default_factory=dict)

    @property
    def finished(self) -> int:
        """Photos whose end is known."""
        return self.uploaded + self.would_upload + self.skipped.total() + self.failed

    @property
    def balances(self) -> bool:
        """True if every photo that was found is accounted for."""
        return self.found == self.finished + self.left_over

    @property
    def totals(self) -> dict[str, int]:
        """How many photos came to which end; except in a dry run, the first is the sum of the others."""
        return {
            "found": self.found,
            "uploaded": self.uploaded,
            "skipped": self.skipped.total(),
            "failed": self.failed,
            "left_over": self.left_over,
        }

    def pull(self, payload: object) -> None:
        """Count what the source gives; called in the source's thread, which alone writes `found`.

        A copy that was set aside comes a second time, as a `DownloadedPhoto`, and is not counted again.
        """
        if isinstance(payload, SkippedPhotos):
            self.found += len(payload.photos)
        elif isinstance(payload, FoundPhoto):
            self.found += 1

    def add(self, parcel: Parcel) -> None:
        """Count a parcel at the end of the line; a copy that was set aside is counted when it comes again."""
        payload = parcel.payload
        if isinstance(payload, OtherFiles):
            self.other_files.update(dict(payload.counts))
        elif isinstance(payload, UnreadablePath):
            self.unreadable += 1
        elif isinstance(payload, UnclearPairs):
            self.unclear_pairs += payload.count
            self.unclear_example = self.unclear_example or payload.example
        elif isinstance(payload, SkippedPhotos):
            self.skipped[payload.reason] += len(payload.photos)
            self.source_bytes += sum(photo.size_bytes for photo in payload.photos)
            self._add_after(payload.photos[0], payload.after)
        elif not isinstance(payload, SetAsidePhoto | SourceNotice):
            self._add_photo(parcel)

    def leave_over(self, photos: int = 1) -> None:
        """Count photos that were still on the line when it was stopped."""
        self.left_over += photos

    def _add_after(self, photo: FoundPhoto, after: AfterOutcome | None) -> None:
        if after is None:
            return
        if after.action != "kept":
            self.left[after.action] += 1
        elif after.reason in KEPT:
            self.kept.setdefault(after.reason, KeptFiles(photo.path, after.message or "")).photos += 1

    def _add_photo(self, parcel: Parcel) -> None:
        """Count a photo once: failed if anything of it failed, uploaded if anything of it was."""
        outcomes = list(_photo_outcomes(parcel))
        if is_left_over(parcel):
            self.leave_over()
            return
        statuses = {outcome.status for outcome in outcomes}
        if isinstance(parcel.payload, DeliveredPhoto):
            self._add_after(parcel.payload.source.found, parcel.payload.after)
        self.not_sent.update({outcome.gallery or "" for outcome in outcomes if outcome.reason == GalleryDown.reason})
        self.source_bytes += _source_of(parcel.payload)[0].size_bytes
        uploaded = [outcome.rendition for outcome in outcomes if outcome.status == "uploaded"]
        self.uploaded_bytes += sum(rendition.size_bytes for rendition in uploaded if rendition)
        if statuses & {"failed", "vanished"}:
            self.failed += 1
        elif "uploaded" in statuses:
            self.uploaded += 1
            self.incomplete.update(_lost_by_all(outcomes))
        elif "would_upload" in statuses:
            self.would_upload += 1
        else:
            self.skipped[outcomes[0].reason or ""] += 1


def is_left_over(parcel: Parcel) -> bool:
    """True for a photo at the end of the line that could not be read because its source went away."""
    if isinstance(parcel.payload, DeliveredPhoto):
        unsent = (one for one in parcel.payload.deliveries if isinstance(one, UnsentRendition))
        return any(isinstance(one.error, SourceLost) for one in unsent)
    return isinstance(parcel.error, SourceLost)


def is_undone(parcel: Parcel) -> bool:
    """True for a photo at the end of the line that is none of those the journal knows as done."""
    if isinstance(parcel.payload, SkippedPhotos):
        return parcel.payload.reason == "not_selected"
    return any(outcome.status in {"failed", "vanished"} for outcome in _photo_outcomes(parcel))


def _lost_by_all(outcomes: list[PhotoOutcome]) -> Iterator[str]:
    """What a photo has lost, unless one of its renditions, such as the original, still has it."""
    for loss in LOSSES:
        if all(outcome.rendition is None or loss in outcome.rendition.warnings for outcome in outcomes):
            yield loss


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
            outcome = PhotoOutcome(photo.path, "skipped", reason=payload.reason, message=message)
            yield _with_after(outcome, payload.after)
    elif not isinstance(payload, OtherFiles | SetAsidePhoto | UnclearPairs):
        yield from (outcome for outcome in _photo_outcomes(parcel) if outcome.reason != SourceLost.reason)


def deliveries(parcel: Parcel) -> Iterator[PhotoOutcome]:
    """The events of what was already delivered of a photo that is left over; the photo still counts as left over."""
    if isinstance(parcel.payload, DeliveredPhoto):
        yield from _photo_outcomes(parcel)


def _photo_outcomes(parcel: Parcel) -> Iterator[PhotoOutcome]:
    """One for each rendition of a photo, or one for the photo if it did not get that far."""
    found, source_sha256 = _source_of(parcel.payload)
    photo = PhotoOutcome(
        found.path,
        "would_upload",
        source_sha256=source_sha256,
        seconds=round(time.monotonic() - parcel.pulled_at_s, 3),
    )
    if parcel.error is not None:
        yield _failed(photo, parcel.failed_at, parcel.error)
    elif isinstance(parcel.payload, DeliveredPhoto):
        *others, last = (_sent(photo, item) for item in parcel.payload.deliveries)
        yield from (*others, _with_after(last, parcel.payload.after))
    else:
        yield photo


def _with_after(outcome: PhotoOutcome, after: AfterOutcome | None) -> PhotoOutcome:
    return outcome if after is None else replace(outcome, after=after.action, after_message=after.message)


def _failed(photo: PhotoOutcome, stage: str | None, error: ItemError) -> PhotoOutcome:
    status: Status = "vanished" if isinstance(error, PhotoVanished) else "failed"
    return replace(photo, status=status, stage=stage, reason=error.reason, message=str(error))


def _sent(photo: PhotoOutcome, item: UploadedPhoto | UnsentRendition) -> PhotoOutcome:
    rendered = replace(photo, rendition=item.rendition, gallery=item.gallery or None)
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
    return payload.photos[0] if isinstance(payload, SkippedPhotos) else _source_of(payload)[0]


def _source_of(
    payload: FoundPhoto | DownloadedPhoto | RenderedPhoto | DeliveredPhoto,
) -> tuple[FoundPhoto, str | None]:
    """The file a photo came from and, once it was read, its content's hash."""
    if isinstance(payload, FoundPhoto):
        return payload, None
    downloaded = payload if isinstance(payload, DownloadedPhoto) else payload.source
    return downloaded.found, downloaded.source_sha256
