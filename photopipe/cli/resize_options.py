"""The options that decide what a photo becomes; every command that resizes has them."""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import click

from photopipe.cli.options import option
from photopipe.errors import UsageError
from photopipe.files.output_formats import OUTPUT_FORMATS
from photopipe.settings import Fit, OutputFormat, ResizeSettings

Command = TypeVar("Command", bound=Callable[..., Any])

LONGEST_SIDE_PX = 65_000
ORIGINAL = "original"
"""The rendition that `--original` adds."""
UNITS = {"": 1, "k": 1000, "m": 1000**2, "g": 1000**3}


FITS: tuple[Fit, ...] = ("inside", "cover", "exact")
FORMATS: tuple[OutputFormat, ...] = (*OUTPUT_FORMATS, "keep")


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


SIZE = _Size()

OPTIONS = (
    option("--size", type=SIZE, default="2048", help="Longest side in pixels, or a box such as 1600x1200."),
    option(
        "--fit",
        type=click.Choice(FITS),
        default="inside",
        help="inside: all of the photo; cover: fill the box and cut; exact: pad to the box.",
    ),
    option("--enlarge", is_flag=True, help="Make smaller photos larger, too."),
    option(
        "--format",
        type=click.Choice(FORMATS),
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
    option("--sharpen", is_flag=True, help="Sharpen what was made smaller a little, for the screen."),
    option("--watermark", metavar="TEXT|FILE.png", help="Text, or a PNG picture, laid over every photo."),
    option(
        "--watermark-position",
        type=click.Choice(["top-left", "top-right", "bottom-left", "bottom-right", "center"]),
        default="bottom-right",
        help="Where on the upright photo.",
    ),
    option("--watermark-opacity", type=click.FloatRange(0, 1), default=0.5, help="0 is invisible, 1 is as it is."),
    option(
        "--watermark-margin",
        type=click.FloatRange(0, 0.49),
        default=0.02,
        help="Distance from the edges, as a share of the shorter side.",
    ),
    option(
        "--animation",
        type=click.Choice(["first", "keep"]),
        default="first",
        help="Animated GIF, WebP and PNG: take the first frame, or write all as WebP (or PNG with --format png).",
    ),
    option(
        "--hdr",
        type=click.Choice(["drop", "original"]),
        default="drop",
        help="HDR photos: make an ordinary picture, or take the file as it is.",
    ),
    option("--max-pixels", type=_Amount(), default="300M", help="Photos with more pixels are refused."),
    option(
        "--memory",
        type=_Amount(),
        help="Pixels held at a time. Default: 1 GB, at most a quarter of the memory.",
    ),
)


original_option = option(
    "--original",
    type=click.Choice(["beside", "instead"]),
    help="Upload the photo's file as it is: beside what is made of it, or instead.",
)


def resize_options(command: Command) -> Command:
    """Give a command the options that `resize_settings` reads."""
    for add in reversed(OPTIONS):
        command = add(command)
    return command


def resize_settings(
    *,
    size: tuple[int, int],
    max_pixels: int,
    memory: int | None,
    watermark: str | None,
    jobs: int | None = None,
    **others: Any,
) -> ResizeSettings:
    """The settings from the values of the options; those of the same name are handed on."""
    others |= _watermark(watermark) if watermark else {}
    settings = ResizeSettings(*size, max_pixels=max_pixels, memory_bytes=memory, **others)
    return settings if jobs is None else replace(settings, workers=jobs)


def _watermark(what: str) -> dict[str, str]:
    """A name ending in .png is a file, whose content is part of the recipe; anything else is the text itself."""
    if not what.lower().endswith(".png"):
        return {"watermark_text": what}
    try:
        with open(what, "rb") as file:
            return {"watermark_file": what, "watermark_sha256": hashlib.file_digest(file, "sha256").hexdigest()}
    except OSError as error:
        raise UsageError(f"{what}: the watermark cannot be read: {error.strerror}") from error


def renditions(
    specifications: Sequence[str], base: ResizeSettings, original: str | None = None
) -> tuple[tuple[str, ResizeSettings], ...]:
    """What is made of each photo: one `default`, or those that are named, and perhaps the original.

    Args:
        specifications: `NAME=SIZE[,FIT][,FORMAT]` each; what one does not say is as in `base`.
        base: the settings of the other options.
        original: `beside` adds the photo's file as it is, `instead` takes it alone, None does without.

    Returns:
        Name and settings of each. Where an HDR photo's file is to take the place of a rendition, it is that of the
        largest: a thumbnail stays one.

    Raises:
        UsageError: one cannot be understood, or they exclude each other.
    """
    untouched = (ORIGINAL, replace(base, original=True))
    if original == "instead":
        if specifications:
            raise UsageError("--original instead makes nothing else; leave out --rendition, or use --original beside")
        return (untouched,)
    made = [_rendition(text, base) for text in specifications] or [("default", base)]
    if original is None:
        return tuple(_hdr_in_the_largest(made))
    if ORIGINAL in dict(made):
        raise UsageError(f"--rendition {ORIGINAL}=...: this is the name of what --original adds; choose another")
    if base.hdr == "original":
        raise UsageError("--original beside takes every file as it is already; leave out --hdr original")
    return (*made, untouched)


def _hdr_in_the_largest(made: Sequence[tuple[str, ResizeSettings]]) -> Iterator[tuple[str, ResizeSettings]]:
    largest = max(range(len(made)), key=lambda at: made[at][1].max_width_px * made[at][1].max_height_px)
    for at, (name, settings) in enumerate(made):
        yield name, settings if at == largest else replace(settings, hdr="drop")


def _rendition(text: str, base: ResizeSettings) -> tuple[str, ResizeSettings]:
    name, _, what = text.partition("=")
    size, *words = what.split(",")
    fits = [fit for fit in FITS if fit in words]
    formats = [name for name in FORMATS if name in words]
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,30}", name) or len(fits) + len(formats) != len(words):
        raise UsageError(
            f"--rendition {text}: write NAME=SIZE, then perhaps a fit ({', '.join(FITS)}) and a format "
            f"({', '.join(FORMATS)}), such as thumb=480x480,cover"
        )
    width_px, height_px = SIZE.convert(size, None, None)
    settings = replace(base, max_width_px=width_px, max_height_px=height_px)
    settings = replace(settings, fit=fits[0]) if fits else settings
    return name, replace(settings, format=formats[0]) if formats else settings
