"""The account of a run, which must balance.

`found = uploaded + skipped + failed + left over`, where *found* is counted at the source and the
others at the end of the line, so that a photo lost in between cannot go unnoticed.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from photopipe.errors import GalleryDown
from photopipe.found_photo import FoundPhoto
from photopipe.photo import (
    GAIN_MAP_LOST,
    HDR_CURVE_LOST,
    VIDEO_LOST,
    AfterOutcome,
    DeliveredPhoto,
    OtherFiles,
    SetAsidePhoto,
    SkippedPhotos,
    SourceNotice,
    UnclearPairs,
    UnreadablePath,
)
from photopipe.pipeline import Parcel
from photopipe.report.outcomes import PhotoOutcome, is_left_over, photo_outcomes, source_of

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
        other_shards: photos that belong to other shards; they do not count as found.
        found_bytes: size of the photos that were put on the line, as the camera wrote them; written like `found`.
        done_bytes: size of those of them that are accounted for.
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
    other_shards: int = 0
    found_bytes: int = 0
    done_bytes: int = 0
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
            self.found_bytes += payload.size_bytes

    def add(self, parcel: Parcel) -> None:
        """Count a parcel at the end of the line; a copy that was set aside is counted when it comes again."""
        payload = parcel.payload
        if isinstance(payload, OtherFiles):
            self.other_files.update(dict(payload.counts))
            self.other_shards += payload.other_shards
        elif isinstance(payload, UnreadablePath):
            self.unreadable += 1
        elif isinstance(payload, UnclearPairs):
            self.unclear_pairs += payload.count
            self.unclear_example = self.unclear_example or payload.example
        elif isinstance(payload, SkippedPhotos):
            self.skipped[payload.reason] += len(payload.photos)
            self.done_bytes += sum(photo.size_bytes for photo in payload.photos) if parcel.done else 0
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
        if is_left_over(parcel):
            return  # it may come again; it is counted in the end
        outcomes = list(photo_outcomes(parcel))
        statuses = {outcome.status for outcome in outcomes}
        if isinstance(parcel.payload, DeliveredPhoto):
            self._add_after(parcel.payload.source.found, parcel.payload.after)
        self.not_sent.update({outcome.gallery or "" for outcome in outcomes if outcome.reason == GalleryDown.reason})
        self.done_bytes += source_of(parcel.payload)[0].size_bytes
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


def _lost_by_all(outcomes: list[PhotoOutcome]) -> Iterator[str]:
    """What a photo has lost, unless one of its renditions, such as the original, still has it."""
    for loss in LOSSES:
        if all(outcome.rendition is None or loss in outcome.rendition.warnings for outcome in outcomes):
            yield loss
