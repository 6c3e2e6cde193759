"""The options that say what is wrong with the clocks of cameras."""

import re
from collections.abc import Sequence
from typing import Any, Final, TypeVar

import click

from photopipe.cli.options.options import option
from photopipe.errors import UsageError
from photopipe.settings import ANY_CAMERA

Value = TypeVar("Value")
SHIFT: Final = re.compile(r"([+-])(\d{1,6}):([0-5]\d)(?::([0-5]\d))?", re.ASCII)


class _CameraZone(click.ParamType[tuple[str, str]]):
    """A camera and the time zone of its clock, from `Canon EOS R6=Europe/Oslo` or `*=Europe/Oslo`."""

    name = "camera-zone"
    envvar_list_splitter = ";"  # names of cameras have spaces

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        camera, _, zone = str(value).strip().rpartition("=")
        if not camera.strip():
            self.fail(
                f"{value!r}: write CAMERA=ZONE, such as 'Canon EOS R6=Europe/Oslo' or '*=Europe/Oslo'.", param, ctx
            )
        from zoneinfo import ZoneInfo

        zone = zone.strip()
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            self.fail(f"there is no time zone {zone!r}{_suggestion(zone)}", param, ctx)
        return camera.strip(), zone


class _TimeShift(click.ParamType[tuple[str, int]]):
    """A camera, or none for all of them, and by how much its clock is slow, from `+00:03:12` or `CAMERA=-01:00`."""

    name = "time-shift"
    envvar_list_splitter = ";"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        if isinstance(value, tuple):
            return value
        camera, _, text = str(value).strip().rpartition("=")
        match = SHIFT.fullmatch(text.strip())
        if match is None:
            self.fail(
                f"{value!r}: write what is added to the time with a sign, as hours, minutes and perhaps seconds, "
                "such as +00:03:12 or 'Canon EOS R6=-01:00'.",
                param,
                ctx,
            )
        sign, hours, minutes, seconds = match.groups()
        shift_s = int(hours) * 3600 + int(minutes) * 60 + int(seconds or 0)
        return camera.strip() or ANY_CAMERA, -shift_s if sign == "-" else shift_s


def _suggestion(zone: str) -> str:
    import difflib
    from zoneinfo import available_timezones

    known = available_timezones()
    if not known:
        return ": this machine has no list of time zones. Install the package `tzdata`."
    alike = difflib.get_close_matches(zone, known, n=1)
    return f". Did you mean {alike[0]}?" if alike else "; write one such as Europe/Oslo."


CLOCK_OPTIONS: Final = (
    option(
        "--camera-tz",
        section="Metadata",
        rare=True,
        type=_CameraZone(),
        multiple=True,
        metavar="CAMERA=ZONE",
        help="Time zone that a camera's clock shows, for its photos that do not say; '*' is any camera. Repeatable.",
    ),
    option(
        "--time-shift",
        section="Metadata",
        rare=True,
        type=_TimeShift(),
        multiple=True,
        metavar="[CAMERA=]+H:MM:SS",
        help="Correct a camera's clock by this much; - if it was fast. Repeatable.",
    ),
)


def by_camera(flag: str, entries: Sequence[tuple[str, Value]]) -> tuple[tuple[str, Value], ...]:
    """The values of an option as settings: in an order and a spelling that do not depend on how they were typed.

    Raises:
        UsageError: there are two for one camera.
    """
    values: dict[str, Value] = {}
    for camera, value in entries:
        name = " ".join(camera.split()).casefold()
        if name in values:
            raise UsageError(f"{flag}: there are two values for {camera!r}; keep one of them.")
        values[name] = value
    return tuple(sorted(values.items(), key=lambda entry: entry[0]))
