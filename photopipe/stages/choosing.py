"""Which photos are taken that the journal does not know, by what their headers say; no pixel is decoded."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from photopipe.found_photo import FoundPhoto
from photopipe.journal import Journal
from photopipe.resize.facts import PhotoFacts, read_facts
from photopipe.settings import LAST_RUN, DownloadSettings, ResizeSettings
from photopipe.stages.companions import is_pair
from photopipe.stages.delivery_log import DeliveryLog


@dataclass(frozen=True, slots=True)
class Limits:
    """What photos must keep to; None for no limit.

    Attributes:
        since: earliest capture time, with a zone.
        until: the first moment that is too late, with a zone.
        min_rating: lowest rating; a photo that nobody rated has 0, one that was rejected -1.
    """

    since: datetime | None = None
    until: datetime | None = None
    min_rating: int | None = None

    @classmethod
    def of(cls, settings: DownloadSettings, journal: Journal) -> "Limits":
        """The limits that these settings name; the last run is looked up in the journal."""
        return cls(_moment(settings.since, journal), _moment(settings.until, journal), settings.min_rating)

    @property
    def is_none(self) -> bool:
        """True if every photo keeps to them."""
        return self == Limits()

    def keeps_to(self, facts: PhotoFacts) -> bool:
        """Whether a photo keeps to them. A capture time without a zone is taken as one of this machine's zone."""
        if self.min_rating is not None and (facts.rating or 0) < self.min_rating:
            return False
        taken_at = facts.taken_at
        if taken_at is None:
            return True
        return not (
            (self.since is not None and taken_at < _comparable(self.since, taken_at))
            or (self.until is not None and taken_at >= _comparable(self.until, taken_at))
        )


@dataclass(frozen=True, slots=True)
class Choosing:
    """What decides in the download stage, before a photo is hashed, whether it is taken.

    Attributes:
        limits: what photos must keep to.
        clocks: how the clocks of cameras are corrected, which is the same for all renditions.
    """

    limits: Limits
    clocks: ResizeSettings

    @classmethod
    def of(cls, settings: DownloadSettings, delivery_log: DeliveryLog) -> "Choosing":
        """What these settings choose."""
        clocks = next(resize for _, resize in delivery_log.recipes.values())
        return cls(Limits.of(settings, delivery_log.journal), clocks)

    def why_skipped(self, photo: FoundPhoto) -> Literal["paired", "not_selected"] | None:
        """Why a photo is not taken; None for one that is.

        Raises:
            DownloadError: it cannot be read.
        """
        if any(one.path == photo.shown_by and is_pair(photo, one) for one in photo.companions):
            return "paired"
        if self.limits.is_none or self.limits.keeps_to(read_facts(photo, self.clocks)):
            return None
        return "not_selected"


def _moment(text: str | None, journal: Journal) -> datetime | None:
    if text == LAST_RUN:
        return journal.runs.last_success()
    return None if text is None else datetime.fromisoformat(text)


def _comparable(limit: datetime, taken_at: datetime) -> datetime:
    return limit if taken_at.tzinfo else limit.astimezone().replace(tzinfo=None)
