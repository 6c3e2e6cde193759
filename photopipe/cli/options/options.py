"""What the options of all commands have in common: their names, and the kinds of their values."""

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

LONGEST_SIDE_PX: Final = 65_000
SECTIONS: Final = ("Photos", "Picture", "Metadata", "Gallery", "Originals", "Speed and limits", "Output", "Other")
"""Headings of the options in the help of a command that has many, in their order."""
UNITS: Final = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3}
UNITS_S: Final = {"s": 1, "m": 60, "h": 3600}


class Option(click.Option):
    """An option whose default may be that of the settings.

    Then it has no default of its own: if it is left out its value is None, and `settings.py` decides.

    Args:
        shown_default: what `--help` shows as the default, or None for the default that click knows.
        section: heading that it stands under in the help, one of `SECTIONS`; empty for the last one.
        rare: whether only `--help-all` shows it.
    """

    def __init__(
        self, *names: Any, shown_default: str | None = None, section: str = "", rare: bool = False, **attributes: Any
    ) -> None:
        super().__init__(*names, **attributes)
        self.shown_default = shown_default
        self.section = section
        self.rare = rare

    def get_help_extra(self, ctx: click.Context) -> click.types.OptionHelpExtra:
        """What is shown in brackets after the help text."""
        extra = super().get_help_extra(ctx)
        if self.shown_default is not None:
            extra["default"] = self.shown_default
        return extra


def option(*names: str, **attributes: Any) -> Callable[[Command], Command]:
    """A click option with `PHOTOPIPE_<LONG NAME>` as its environment variable, shown in the help."""
    long_name = next(name for name in names if name.startswith("--")).split("/")[0]
    variable = "PHOTOPIPE_" + long_name.removeprefix("--").replace("-", "_").upper()
    return click.option(*names, cls=Option, envvar=variable, show_envvar=True, show_default=True, **attributes)


class _Duration(click.ParamType[float]):
    """Seconds, from `90`, `90s`, `5m` or `1h`."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        text = str(value).strip().lower()
        unit_s = UNITS_S.get(text[-1:])
        number = text[:-1] if unit_s else text
        if not number.replace(".", "", 1).isascii() or not number.replace(".", "", 1).isdigit():
            self.fail(f"{value!r} is not a duration; write seconds, or a number with s, m or h.", param, ctx)
        return float(number) * (unit_s or 1)


class _Size(click.ParamType[tuple[int, int]]):
    """A box in pixels, from `2048` (both sides) or `1600x1200`."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        numbers = re.fullmatch(r"(\d{1,6})(?:x(\d{1,6}))?", str(value).strip().lower())
        width_px = int(numbers[1]) if numbers else 0
        height_px = int(numbers[2] or numbers[1]) if numbers else 0
        if not 1 <= min(width_px, height_px) <= max(width_px, height_px) <= LONGEST_SIDE_PX:
            self.fail(f"{value!r} is not a size; write pixels (2048) or a box (1600x1200), 1 to 65000.", param, ctx)
        return width_px, height_px


class _Amount(click.ParamType[int]):
    """A large number, from `500000`, `500k`, `1.5M` or `2GB`."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        parts = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmg]?)b?", str(value).strip().lower())
        amount = int(float(parts[1]) * UNITS[parts[2]]) if parts else 0
        if amount < 1:
            self.fail(f"{value!r} is not an amount; write 500000, 500k, 1.5M or 2G.", param, ctx)
        return amount


class _Color(click.ParamType[str]):
    """A colour, from `white`, `black` or `#rrggbb`."""

    name = "color"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = {"white": "#ffffff", "black": "#000000"}.get(str(value).strip().lower(), str(value).strip().lower())
        if not re.fullmatch(r"#[0-9a-f]{6}", text):
            self.fail(f"{value!r} is not a colour; write white, black or #rrggbb.", param, ctx)
        return text


DURATION: Final = _Duration()
SIZE: Final = _Size()
AMOUNT: Final = _Amount()
COLOR: Final = _Color()
