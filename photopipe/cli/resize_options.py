"""The options that decide what a photo becomes; every command that resizes has them."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import click

from photopipe.cli.options import option
from photopipe.settings import ResizeSettings

Command = TypeVar("Command", bound=Callable[..., Any])

LONGEST_SIDE_PX = 65_000
UNITS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3}


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


OPTIONS = (
    option("--size", type=_Size(), default="2048", help="Longest side in pixels, or a box such as 1600x1200."),
    option(
        "--fit",
        type=click.Choice(["inside", "cover", "exact"]),
        default="inside",
        help="inside: all of the photo; cover: fill the box and cut; exact: pad to the box.",
    ),
    option("--enlarge", is_flag=True, help="Make smaller photos larger, too."),
    option(
        "--format",
        type=click.Choice(["jpeg", "webp", "avif", "png", "keep"]),
        default="jpeg",
        help="What is written; keep writes what came in, where that can be written.",
    ),
    option("--quality", type=click.IntRange(1, 95), default=85, help="Quality of JPEG, WebP and AVIF."),
    option("--max-bytes", type=_Amount(), help="Largest file; the highest quality that fits is found."),
    option(
        "--color",
        type=click.Choice(["srgb", "keep"]),
        default="srgb",
        help="srgb: convert; keep: carry the embedded profile along.",
    ),
    option("--background", type=_Color(), default="white", help="What shows through where there is no transparency."),
    option(
        "--metadata",
        type=click.Choice(["public", "keep", "none"]),
        default="public",
        help="public: no position, serial numbers or owner; keep: all; none: nothing.",
    ),
    option("--artist", help="Name written into every photo."),
    option("--copyright", help="Copyright notice written into every photo."),
    option(
        "--raw",
        type=click.Choice(["preview", "develop", "skip"]),
        default="preview",
        help="RAW files: take the camera's own full-size picture, develop, or leave out.",
    ),
    option("--max-pixels", type=_Amount(), default="300M", help="Photos with more pixels are refused."),
    option("--memory", type=_Amount(), help="Decoded pixels held at a time. Default: a quarter of the memory."),
)


def resize_options(command: Command) -> Command:
    """Give a command the options that `resize_settings` reads."""
    for add in reversed(OPTIONS):
        command = add(command)
    return command


def resize_settings(
    *, size: tuple[int, int], max_pixels: int, memory: int | None, jobs: int | None = None, **others: Any
) -> ResizeSettings:
    """The settings from the values of the options; those of the same name are handed on."""
    settings = ResizeSettings(*size, max_pixels=max_pixels, memory_bytes=memory, **others)
    return settings if jobs is None else replace(settings, workers=jobs)
