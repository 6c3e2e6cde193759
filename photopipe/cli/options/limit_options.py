"""The options that end a run before its sources do, and the limits that they make."""

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from photopipe.cli.options.options import AMOUNT, DURATION, option, with_options
from photopipe.settings import LimitSettings

Command = TypeVar("Command", bound=Callable[..., Any])


class _Shard(click.ParamType[tuple[int, int]]):
    """Which of how many parts, from `2/8`."""

    name = "shard"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        if isinstance(value, tuple):
            return value
        numbers = re.fullmatch(r"(\d{1,5})/(\d{1,5})", str(value).strip(), re.ASCII)
        number, count = (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)
        if not 1 <= number <= count <= MOST_SHARDS:
            self.fail(f"{value!r} is not a shard; write which of how many, such as 2/8.", param, ctx)
        return number, count


SHARD: Final = _Shard()
OPTIONS: Final = (
    option(
        "--max-duration",
        type=DURATION,
        help="Begin no photo later than this (6h, 90m); those in progress are finished. Exit code 10.",
        section="Speed and limits",
        brief="Begin no photo later than this: 6h, 90m. Exit code 10.",
    ),
    option(
        "--max-photos",
        type=click.IntRange(min=1),
        metavar="N",
        help="End when N photos are uploaded. Exit code 10.",
        section="Speed and limits",
        rare=True,
    ),
    option(
        "--max-transfer",
        type=AMOUNT,
        metavar="BYTES",
        help="Begin no photo when so much was uploaded (500M, 10G); those in progress are finished. Exit code 10.",
        section="Speed and limits",
        rare=True,
    ),
    option(
        "--shard",
        type=SHARD,
        metavar="K/N",
        help="Take only the K-th of N parts of the photos, so that N computers share the work: 1/2 here, 2/2 there.",
        section="Speed and limits",
        rare=True,
    ),
)
MOST_SHARDS: Final = 10_000
LIMIT_OPTIONS: Final = frozenset({"max_duration", "max_photos", "max_transfer"})
"""The parameters of `limit_settings` that click fills."""


limit_options = with_options(*OPTIONS)
"""Give a command the options that `limit_settings` reads."""


def limit_settings(*, max_duration: float | None, max_photos: int | None, max_transfer: int | None) -> LimitSettings:
    """The limits that the values of the options make."""
    return LimitSettings(max_duration, max_photos, max_transfer)
