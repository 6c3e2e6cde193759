"""The options that decide what a photo becomes, and the resize settings that they make."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, TypeVar

import click

from photopipe.cli.config_file.configuration import Configuration
from photopipe.cli.config_file.names import recipe_of, unknown_name
from photopipe.cli.config_file.problem import RECIPES
from photopipe.cli.options.clock_options import CLOCK_OPTIONS, by_camera
from photopipe.cli.options.options import AMOUNT, COLOR, SIZE, option, with_options
from photopipe.errors import UsageError
from photopipe.files.output_formats import OUTPUT_FORMATS
from photopipe.settings import Fit, OutputFormat, ResizeSettings

Command = TypeVar("Command", bound=Callable[..., Any])

ORIGINAL = "original"
"""Name of the rendition that `--original` adds."""
FITS: tuple[Fit, ...] = ("inside", "cover", "exact")
FORMATS: tuple[OutputFormat, ...] = (*OUTPUT_FORMATS, "keep")
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,30}")
HOW_TO_WRITE: Final = (
    f"Write NAME=SIZE, then perhaps a fit ({', '.join(FITS)}) and a format ({', '.join(FORMATS)}), such as "
    "thumb=480x480,cover; or the name of a recipe."
)
NO_RECIPES: Final[Mapping[str, dict[str, Any]]] = MappingProxyType({})

OPTIONS: Final = (
    option(
        "--size",
        section="Picture",
        brief="Longest side in pixels, or a box (1600x1200).",
        type=SIZE,
        shown_default="2048",
        help="Longest side in pixels, or a box such as 1600x1200.",
    ),
    option(
        "--fit",
        section="Picture",
        brief="Show the whole photo, fill the box, or pad to it.",
        type=click.Choice(FITS),
        default="inside",
        help="inside: show the whole photo; cover: fill the box and crop; exact: pad to the box.",
    ),
    option(
        "--enlarge", section="Picture", rare=True, is_flag=True, help="Enlarge photos that are smaller than the size."
    ),
    option(
        "--format",
        section="Picture",
        brief="Format to write; keep: the photo's own.",
        type=click.Choice(FORMATS),
        default="jpeg",
        help="Format to write; keep: the photo's own, where it can be written.",
    ),
    option(
        "--quality", section="Picture", type=click.IntRange(1, 95), default=85, help="Quality of JPEG, WebP and AVIF."
    ),
    option(
        "--max-bytes",
        section="Picture",
        rare=True,
        type=AMOUNT,
        help="Largest file size; the highest quality that fits is used.",
    ),
    option(
        "--color",
        section="Picture",
        rare=True,
        type=click.Choice(["srgb", "keep"]),
        default="srgb",
        help="srgb: convert to sRGB; keep: keep the embedded profile.",
    ),
    option(
        "--background",
        section="Picture",
        rare=True,
        type=COLOR,
        shown_default="white",
        help="Colour of padding, and of transparent areas in formats without transparency.",
    ),
    option(
        "--metadata",
        section="Metadata",
        brief="public: remove location, serial numbers and owner.",
        type=click.Choice(["public", "keep", "none"]),
        default="public",
        help="public: remove location, serial numbers and owner; keep: keep all; none: remove all.",
    ),
    option("--artist", section="Metadata", rare=True, help="Artist to write into every photo."),
    option("--copyright", section="Metadata", help="Copyright notice to write into every photo."),
    *CLOCK_OPTIONS,
    option(
        "--raw",
        section="Picture",
        rare=True,
        type=click.Choice(["preview", "develop", "skip"]),
        default="preview",
        help="RAW files: use the camera's own full-size picture, develop them, or skip them.",
    ),
    option(
        "--sharpen", section="Picture", rare=True, is_flag=True, help="Sharpen reduced photos slightly, for screens."
    ),
    option(
        "--watermark",
        section="Picture",
        metavar="TEXT|FILE.png",
        help="Text, or a PNG picture, to draw over every photo.",
    ),
    option(
        "--watermark-position",
        section="Picture",
        rare=True,
        type=click.Choice(["top-left", "top-right", "bottom-left", "bottom-right", "center"]),
        default="bottom-right",
        help="Where to draw it on the upright photo.",
    ),
    option(
        "--watermark-opacity",
        section="Picture",
        rare=True,
        type=click.FloatRange(0, 1),
        default=0.5,
        help="From 0, invisible, to 1, exactly as given.",
    ),
    option(
        "--watermark-margin",
        section="Picture",
        rare=True,
        type=click.FloatRange(0, 0.49),
        default=0.02,
        help="Distance from the edges, as a fraction of the shorter side.",
    ),
    option(
        "--animation",
        section="Picture",
        rare=True,
        type=click.Choice(["first", "keep"]),
        default="first",
        help="Animated GIF, WebP and PNG: use the first frame, or keep them animated as WebP (PNG with --format png).",
    ),
    option(
        "--hdr",
        section="Picture",
        rare=True,
        type=click.Choice(["drop", "original"]),
        default="drop",
        help="HDR photos: make an ordinary picture, or use the original file unchanged.",
    ),
    option(
        "--max-pixels",
        section="Speed and limits",
        rare=True,
        type=AMOUNT,
        shown_default="300M",
        help="Refuse photos with more pixels.",
    ),
    option(
        "--memory",
        section="Speed and limits",
        rare=True,
        type=AMOUNT,
        help="Memory for decoded pixels. Default: 1 GB, but at most a quarter of the machine's memory.",
    ),
)


rendition_option: Final = option(
    "--rendition",
    section="Picture",
    brief="Make a picture of this name and size; repeatable.",
    multiple=True,
    metavar="NAME=SIZE[,...]|RECIPE",
    help="Make a picture of this name and size of each photo, or by a configured recipe. Repeat it for several: "
    "web=2048, thumb=480x480,cover.",
)
original_option: Final = option(
    "--original",
    section="Originals",
    brief="Upload the original beside the pictures, or instead.",
    type=click.Choice(["beside", "instead"]),
    help="Upload the original file: beside the resized pictures, or instead of them.",
)


resize_options = with_options(*OPTIONS)
"""Give a command the options that `resize_settings` reads."""


def chosen_renditions(
    context: click.Context, specifications: Sequence[str], original: str | None, **options: Any
) -> tuple[tuple[str, ResizeSettings], ...]:
    """What is made of each photo, from the values of all options that say so; see `resize_settings` and `renditions`.

    Args:
        context: knows the configuration, and so the recipes.
        specifications: the values of `--rendition`.
        original: the value of `--original`.
        options: the values of the others.

    Raises:
        UsageError: one cannot be understood, or they exclude each other.
    """
    recipes = {name: _recipe_changes(context, specifications, name) for name in _recipes_named(specifications)}
    return renditions(specifications, resize_settings(**options), original, recipes)


def _recipes_named(specifications: Sequence[str]) -> set[str]:
    return set(filter(None, map(recipe_of, specifications)))


def _recipe_changes(context: click.Context, specifications: Sequence[str], name: str) -> dict[str, Any]:
    """The resize settings that a recipe of the configuration sets."""
    recipes = (context.find_root().obj or Configuration("")).recipes
    if name not in recipes:
        used = next(text for text in specifications if recipe_of(text) == name)
        raise UsageError(f"--rendition {used}: {unknown_name(RECIPES, recipes, name)} {HOW_TO_WRITE}")
    options = {option.name: option for option in context.command.params if isinstance(option, click.Option)}
    values = {key: options[key].type_cast_value(context, value) for key, value in recipes[name].items()}
    return _changes(**values)


def resize_settings(
    *,
    size: tuple[int, int] | None,
    memory: int | None,
    watermark: str | None,
    jobs: int | None = None,
    camera_tz: Sequence[tuple[str, str]] = (),
    time_shift: Sequence[tuple[str, int]] = (),
    **others: Any,
) -> ResizeSettings:
    """The resize settings that the values of the options make; `others` are settings of the same name.

    Raises:
        UsageError: the watermark's file cannot be read, or a camera has two time zones.
    """
    clocks = {"camera_tz": camera_tz, "time_shift": time_shift}
    changes = _changes(size=size, watermark=watermark, **clocks, **others)
    changes |= {"memory_bytes": memory, "workers": jobs}
    return ResizeSettings(**{name: value for name, value in changes.items() if value is not None})


def _changes(*, size: tuple[int, int] | None = None, watermark: str | None = None, **others: Any) -> dict[str, Any]:
    """The resize settings that options make which decide what a photo becomes."""
    for clock in {"camera_tz", "time_shift"} & others.keys():
        others[clock] = by_camera(f"--{clock.replace('_', '-')}", others[clock])
    others |= _box(size) if size else {}
    others |= _watermark(watermark) if watermark else {}
    return others


def _box(size: tuple[int, int]) -> dict[str, int]:
    return {"max_width_px": size[0], "max_height_px": size[1]}


def _watermark(what: str) -> dict[str, str | None]:
    """Settings for a PNG file, whose content is part of the recipe, or for text: anything not ending in .png."""
    if not what.lower().endswith(".png"):
        return {"watermark_text": what, "watermark_file": None, "watermark_sha256": None}
    try:
        with open(what, "rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            return {"watermark_text": None, "watermark_file": what, "watermark_sha256": sha256}
    except OSError as error:
        raise UsageError(f"{what}: the watermark cannot be read: {error.strerror}. Check its path.") from error


def renditions(
    specifications: Sequence[str],
    base: ResizeSettings,
    original: str | None = None,
    recipes: Mapping[str, dict[str, Any]] = NO_RECIPES,
) -> tuple[tuple[str, ResizeSettings], ...]:
    """What is made of each photo: `default`, or the renditions that are named, and perhaps the original.

    Args:
        specifications: `NAME=SIZE[,FIT][,FORMAT]`, `NAME=RECIPE` or `RECIPE` each; what one leaves out is as in `base`.
        base: the settings of the other options.
        original: `beside` adds the original file, `instead` takes it alone, None leaves it out.
        recipes: the settings that each recipe sets.

    Returns:
        Name and settings of each. With `hdr="original"`, the original of an HDR photo takes the place of the largest
        rendition only: a thumbnail stays one.

    Raises:
        UsageError: one cannot be understood, or they exclude each other.
    """
    untouched = (ORIGINAL, replace(base, original=True))
    if original == "instead":
        if specifications:
            raise UsageError(
                "--original instead uploads nothing but the original; leave out --rendition, or use --original beside."
            )
        return (untouched,)
    made = [_rendition(text, base, recipes) for text in specifications] or [("default", base)]
    if len(made) > 1:
        _check_distinct(made)
    if original is None:
        return tuple(_hdr_in_the_largest(made))
    if ORIGINAL in dict(made):
        raise UsageError(f"--rendition {ORIGINAL}=...: --original adds a rendition of this name; choose another.")
    if base.hdr == "original":
        raise UsageError("--original beside sends every original already; leave out --hdr original.")
    return (*made, untouched)


def _check_distinct(made: Sequence[tuple[str, ResizeSettings]]) -> None:
    """Refuse two renditions of one name, and two that would be the same picture."""
    names_by_recipe: dict[str, str] = {}
    for name, settings in made:
        if name in names_by_recipe.values():
            raise UsageError(f"--rendition {name}=...: there are two renditions of this name; choose another.")
        same = names_by_recipe.setdefault(settings.recipe_id, name)
        if same != name:
            raise UsageError(
                f"--rendition {name}=...: this would be the same picture as {same}; leave one of them out."
            )


def _hdr_in_the_largest(made: Sequence[tuple[str, ResizeSettings]]) -> Iterator[tuple[str, ResizeSettings]]:
    largest = max(range(len(made)), key=lambda at: made[at][1].max_width_px * made[at][1].max_height_px)
    for at, (name, settings) in enumerate(made):
        yield name, settings if at == largest else replace(settings, hdr="drop")


def _rendition(text: str, base: ResizeSettings, recipes: Mapping[str, dict[str, Any]]) -> tuple[str, ResizeSettings]:
    name, _, what = text.partition("=")
    recipe = recipe_of(text)
    if recipe in recipes and NAME.fullmatch(name):
        return name, replace(base, **recipes[recipe])
    size, *words = what.split(",")
    fits = [word for word in words if word in FITS]
    formats = [word for word in words if word in FORMATS]
    if not NAME.fullmatch(name) or len(fits) + len(formats) != len(words):
        raise UsageError(f"--rendition {text}: {HOW_TO_WRITE}")
    for what, several in (("fit", fits), ("format", formats)):
        if len(several) > 1:
            raise UsageError(f"--rendition {text}: has more than one {what}: {', '.join(several)}; keep one of them.")
    changes: dict[str, Any] = _box(SIZE.convert(size, None, None))
    changes |= {"fit": fits[0]} if fits else {}
    changes |= {"format": formats[0]} if formats else {}
    return name, replace(base, **changes)
