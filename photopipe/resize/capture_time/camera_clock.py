"""Correct the clocks of cameras: they go wrong, and most do not say in which time zone they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from photopipe.resize.capture_time.taken_at import CLOCKS, offset_text, parsed_date
from photopipe.settings import ANY_CAMERA, ResizeSettings

Value = TypeVar("Value")
LAST_CHANGE: Final = "DateTime"
MINUTE_S: Final = 60


@dataclass(frozen=True, slots=True)
class ClockCorrection:
    """How the clock of one camera is corrected.

    Attributes:
        shift: added to what it showed.
        zone: name of the time zone it showed, where the photo does not say; None if that is not known.
    """

    shift: timedelta = timedelta()
    zone: str | None = None

    def of_texts(self, texts: Mapping[str, str]) -> dict[str, str]:
        """What changes in the dates of a photo: the wall clock by the shift, and offsets are added where none is.

        Args:
            texts: EXIF texts by tag name.

        Returns:
            The texts to be replaced. The date of the last change is left alone, because the computer's clock has
            written it, unless it is the same as the camera's or the only one.
        """
        changed: dict[str, str] = {}
        dates = {name: parsed_date(texts.get(name, "")) for name, _, _ in CLOCKS}
        own = {date for name, date in dates.items() if name != LAST_CHANGE and date is not None}
        for name, _, offset in CLOCKS:
            date = dates[name]
            if date is None or (name == LAST_CHANGE and own and date not in own):
                continue
            date = self._shifted(date)
            if self.shift:
                changed[name] = date.isoformat(" ").replace("-", ":")
            if self.zone and not offset_text(texts.get(offset, "")) and (known := self._offset(date)):
                changed[offset] = known
        return changed

    def of_time(self, time: str) -> str:
        """The same for a time that is written as `Rendition.taken_at`."""
        date = self._shifted(datetime.fromisoformat(time))
        text = date.isoformat(timespec="milliseconds" if date.microsecond else "seconds")
        return text + (self._offset(date) if self.zone and date.tzinfo is None else "")

    def _shifted(self, date: datetime) -> datetime:
        try:
            return date + self.shift
        except OverflowError:
            return date

    def _offset(self, date: datetime) -> str:
        """The offset of the zone at this time of its own; empty if EXIF cannot say it.

        An hour that occurs twice, when summer time ends, counts as the first; one that is left out, when it begins,
        has the offset from before.
        """
        offset = date.replace(tzinfo=ZoneInfo(self.zone or "")).utcoffset()
        if offset is None or offset.total_seconds() % MINUTE_S:  # local mean time, before there were zones
            return ""
        minutes = int(offset.total_seconds()) // MINUTE_S
        return offset_text(f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}")


def clock_correction(make: str, model: str, settings: ResizeSettings) -> ClockCorrection:
    """Find out how the clock of a camera is corrected.

    Args:
        make: of the camera, or empty.
        model: likewise.
        settings: `camera_tz` and `time_shift`, where a camera's own entry counts before that for any camera.
    """
    if not settings.camera_tz and not settings.time_shift:
        return NO_CORRECTION
    names = [plain_camera(name) for name in (model, f"{make} {model}", camera_name(make, model))]
    shift_s = _of_camera(settings.time_shift, names)
    return ClockCorrection(timedelta(seconds=shift_s or 0), _of_camera(settings.camera_tz, names))


NO_CORRECTION: Final = ClockCorrection()


def camera_name(make: str, model: str) -> str:
    """Make and model as people say them: many models begin with the make already."""
    make, model = " ".join(make.split()), " ".join(model.split())
    first = make.partition(" ")[0].casefold()
    return model if first and model.casefold().startswith(first) else f"{make} {model}".strip()


def plain_camera(name: str) -> str:
    """A camera's name as names are compared."""
    return " ".join(name.split()).casefold()


def _of_camera(entries: Sequence[tuple[str, Value]], names: Sequence[str]) -> Value | None:
    by_camera = {plain_camera(name): value for name, value in entries}
    return next((by_camera[name] for name in (*names, ANY_CAMERA) if name in by_camera), None)
