"""What the options of all commands have in common: their names, and the kinds of their values."""

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from photopipe.cli.terminal.suggestions import did_you_mean

Command = TypeVar("Command", bound=Callable[..., Any])

LONGEST_SIDE_PX: Final = 65_000
SECTIONS: Final = ("Photos", "Picture", "Metadata", "Gallery", "Originals", "Speed and limits", "Output", "Other")
"""Headings of the options in the help of a command that has many, in their order."""
UNITS: Final = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3}
UNITS_S: Final = {"s": 1, "m": 60, "h": 3600}


BRIEF: Final = "photopipe.brief"
"""Key in `click.Context.meta`: whether each option is described in a few words, for `--help` of a long command."""


class Option(click.Option):
    """An option that knows where it stands in the help, and whose default may be that of the settings.

    Then it has no default of its own: if it is left out its value is None, and `settings.py` decides.

    Args:
        shown_default: what `--help` shows as the default, or None for the default that click knows.
        section: heading that it stands under in the help, one of `SECTIONS`; empty for the last one.
        rare: whether only `--help-all` shows it.
        brief: what `--help` of a long command says instead of `help`; empty for the first sentence of `help`.
    """

    def __init__(
        self,
        *names: Any,
        shown_default: str | None = None,
        section: str = "",
        rare: bool = False,
        brief: str = "",
        **attributes: Any,
    ) -> None:
        super().__init__(*names, **attributes)
        self.shown_default = shown_default
        self.section = section or SECTIONS[-1]
        self.rare = rare
        self.brief = brief or (self.help or "").partition(". ")[0].rstrip(".") + "."

    def make_metavar(self, ctx: click.Context) -> str:
        """What stands for its value in the help: a number is N."""
        if self.metavar is None and isinstance(self.type, click.types.IntParamType | click.types.FloatParamType):
            return "N"
        return super().make_metavar(ctx)

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The two columns of the help: names, and what it does."""
        record = super().get_help_record(ctx)
        if record is None or not ctx.meta.get(BRIEF):
            return record
        default = self.get_help_extra(ctx).get("default")
        return record[0], f"{self.brief}  [{default}]" if default else self.brief

    def get_help_extra(self, ctx: click.Context) -> click.types.OptionHelpExtra:
        """What is shown in brackets after the help text."""
        extra = super().get_help_extra(ctx)
        if self.shown_default is not None:
            extra["default"] = self.shown_default
        if callable(self.default):
            extra.pop("default", None)  # a place on this machine, which the help text describes
        if isinstance(self.type, click.IntRange | click.FloatRange):
            extra["range"] = _range_text(self.type)
        return extra

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        """The value as the type has it; what is said of a wrong one names those that are right."""
        try:
            return super().type_cast_value(ctx, value)
        except click.BadParameter:
            if isinstance(self.type, click.IntRange | click.FloatRange):
                message = f"{value!r} is not possible; write a number, {_range_text(self.type)}."
            elif isinstance(self.type, click.Choice):
                choices = [str(choice) for choice in self.type.choices]
                message = f"{value!r} is not one of {', '.join(choices)}.{did_you_mean(str(value), choices)}"
            else:
                raise
            raise click.BadParameter(message, ctx, self) from None


def _range_text(kind: click.IntRange | click.FloatRange) -> str:
    if kind.max is None:
        return f"at least {kind.min}"
    return f"{kind.min} to {kind.max}"


def option(*names: str, **attributes: Any) -> Callable[[Command], Command]:
    """A click option with `PHOTOPIPE_<LONG NAME>` as its environment variable, shown in the help."""
    long_name = next(name for name in names if name.startswith("--")).split("/")[0]
    variable = "PHOTOPIPE_" + long_name.removeprefix("--").replace("-", "_").upper()
    return click.option(*names, cls=Option, envvar=variable, show_envvar=True, show_default=True, **attributes)


def with_options(*options: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """A decorator that gives a command several options, in the order they are to have."""

    def give(command: Command) -> Command:
        for add in reversed(options):
            command = add(command)
        return command

    return give


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
