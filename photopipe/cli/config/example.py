"""A configuration in which everything is explained and commented out, made from the options there are."""

import json
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import click

from photopipe.cli.config_file.problem import GALLERIES
from photopipe.cli.config_file.values import keys_of, read_value
from photopipe.cli.options.options import SECTIONS, Option

WIDTH: Final = 100
HEAD: Final = """\
# Configuration of photopipe. All examples are switched off by the # in front of them: remove it
# from the lines you want, and from the [table] above them. `photopipe config check` then says
# whether everything is right, `photopipe config show --origin` which values are in effect.
#
# Keys are the long names of options. Of several values the first in this list counts:
#   1. the flag (--quality 90)
#   2. the environment variable (PHOTOPIPE_QUALITY=90)
#   3. the profile ([profile.NAME])
#   4. the gallery's own table, where it has the key ([galleries.NAME])
#   5. the command's table ([process], [watch], ...)
#   6. [defaults]
# A recipe counts right behind the place that names it.
#
# ~ is your home folder; relative paths are relative to the folder that this file is in.

# --- Profiles: everything that `photopipe process --profile camera` needs to know -------------
# Keys: sources, recipe, galleries, and every option of process and watch.

#[profile.camera]
#sources = ["/media/camera/DCIM"]
#recipe = "web"
#galleries = ["family"]
#settle = "10s"

# --- Recipes: what a photo becomes -------------------------------------------------------------
# Keys: the options about picture and metadata. A recipe is used by `recipe = "web"`, by
# --recipe web, and as one of several renditions: renditions = ["web", "thumb"].

#[recipes.web]
#size = 2048
#quality = 85
#copyright = "© Your Name"

#[recipes.thumb]
#size = "480x480"
#fit = "cover"
#format = "webp"

# --- Galleries: where photos go ----------------------------------------------------------------
# `photopipe galleries add family` asks for all of this; docs/galleries.md explains more keys.
# Keep the token in a file that only you can read, or let token-command print it.

#[galleries.family]
#to = "immich+https://photos.example.org"
#token-file = "family.token"
#album = "{folder}"

# --- Defaults: for every command that has such an option ---------------------------------------

#[defaults]
#journal = "~/.local/state/photopipe/journal.sqlite"
"""
RENDITIONS: Final = """\

# Several pictures of each photo: a size, then perhaps a fit and a format, or the name of a recipe.
#[process.renditions]
#large = "2560"
#small = "thumb"
"""
EXAMPLES: Final[dict[str, Any]] = {
    "after": "move:~/Photos/sent",
    "album": "{folder}",
    "archive": "~/Photos/archive/{date:%Y/%Y-%m-%d}",
    "artist": "Your Name",
    "bwlimit": "08:00,500k 23:00,off",
    "ca-bundle": "~/.config/photopipe/ca.pem",
    "camera-tz": ["Canon EOS R6=Europe/Oslo"],
    "client-cert": "~/.config/photopipe/client.pem",
    "client-key": "~/.config/photopipe/client.key",
    "copyright": "© Your Name",
    "exclude": ["*.tmp"],
    "files-from": ["~/photos.txt"],
    "gallery-dir": "~/Pictures/photopipe",
    "include": ["DCIM/**"],
    "journal": "~/.local/state/photopipe/journal.sqlite",
    "on-complete": "/usr/local/bin/photos-are-here",
    "original": "beside",
    "ping-url": "https://hc-ping.com/your-uuid",
    "profile": "camera",
    "public-url": "https://photos.example.org",
    "recipe": "web",
    "report": ["~/photos/last-run.html"],
    "require-marker": ".this-is-the-card",
    "shard": "1/2",
    "since": "2024-05-01",
    "until": "2024-05-31",
    "time-shift": ["+00:03:12"],
    "to": ["family"],
    "token-file": "~/.config/photopipe/family.token",
    "user": "me",
    "watermark": "© Your Name",
}
"""Values for options whose type does not tell one."""
BY_TYPE: Final[dict[str, Any]] = {"duration": "5m", "amount": "2G", "size": "2048", "time": "7d"}
WRITTEN_OTHERWISE: Final = frozenset({"rendition"})
"""Keys for which there is a table."""


def example_config(commands: Mapping[str, click.Command]) -> str:
    """The text of the file.

    Args:
        commands: the commands that it may have values for.
    """
    process = keys_of(commands["process"])
    parts = [HEAD, *_table("process", commands["process"], process), RENDITIONS]
    for name, command in sorted(commands.items()):
        keys = {key: option for key, option in keys_of(command).items() if key not in process}
        if keys and name != GALLERIES:
            parts += _table(name, command, keys, is_rest=len(keys) < len(keys_of(command)))
    return "".join(parts)


def example_of(key: str, option: click.Option) -> Any:
    """A value that an option may have in the configuration; None if none is known."""
    value = _guess(key, option)
    try:
        read_value(option, value, "/")
    except ValueError:
        return None
    return value


def _guess(key: str, option: click.Option) -> Any:
    if key in EXAMPLES:
        return EXAMPLES[key]
    if option.is_flag:
        return True
    if isinstance(option, Option) and option.shown_default is not None:
        return option.shown_default
    if isinstance(option.default, str | int | float):
        return option.default
    return _of_type(key, option.type)


def _of_type(key: str, kind: click.ParamType[Any]) -> Any:
    if isinstance(kind, click.Choice):
        return kind.choices[0]
    if isinstance(kind, click.IntRange):
        return kind.min
    return BY_TYPE.get(kind.name, f"~/{key}" if isinstance(kind, click.Path) else "...")


def _table(
    name: str, command: click.Command, keys: Mapping[str, click.Option], *, is_rest: bool = False
) -> Iterator[str]:
    title = f"# --- photopipe {name}: {(command.short_help or '').rstrip('.')} "
    also = "# Every key of [process] that this command has as an option can be here, too.\n" if is_rest else ""
    yield f"\n{title.ljust(97, '-')}\n{also}\n#[{name}]\n"
    for section, options in _by_section(keys):
        if section:
            yield f"\n# {section}\n"
        for key, option in options:
            value = example_of(key, option)
            if value is not None and key not in WRITTEN_OTHERWISE:
                yield f"{_comment(option.help or '')}\n#{key} = {json.dumps(value, ensure_ascii=False)}\n"


def _by_section(keys: Mapping[str, click.Option]) -> Iterator[tuple[str, list[tuple[str, click.Option]]]]:
    for section in ("", *SECTIONS):
        options = [(key, one) for key, one in keys.items() if getattr(one, "section", "") == section]
        if options:
            yield section, options


def _comment(text: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False)


def uncommented(lines: Iterable[str]) -> str:
    """The file with all its examples switched on.

    Args:
        lines: of the file.
    """
    return "".join(line[1:] if line.startswith("#") and not line.startswith(("# ", "#\n")) else line for line in lines)
