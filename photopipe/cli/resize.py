"""`photopipe resize`: the same engine on one file, as a filter for shell scripts."""

import os
import sys
import tempfile
from contextlib import suppress
from dataclasses import replace
from typing import Any

import click
from click.core import ParameterSource

from photopipe.assembly import resize_file
from photopipe.cli.console import Console, printable
from photopipe.cli.exit_codes import ExitCode
from photopipe.cli.resize_options import resize_options, resize_settings
from photopipe.errors import DiskFull, ItemError, UsageError
from photopipe.files.output_formats import OUTPUT_FORMATS
from photopipe.settings import OutputFormat, ResizeSettings

FORMATS: dict[str, OutputFormat] = {
    extension: name for name, extensions in OUTPUT_FORMATS.items() for extension in extensions
}


@click.command(short_help="Resize one photo to a file or a pipe.")
@click.argument("source", metavar="IN", type=click.Path())
@click.argument("target", metavar="OUT", type=click.Path())
@resize_options
@click.pass_context
def resize(context: click.Context, /, *, source: str, target: str, **options: Any) -> None:
    """Resize the photo IN and write it to OUT, exactly as `photopipe process` would send it.

    `-` means stdin and stdout. The format follows the name of OUT unless --format is given. OUT appears
    complete or not at all; warnings go to stderr.

    Exit codes: 0 done, 2 wrong usage, 3 the photo cannot be resized, 13 IN is missing.
    """
    settings = _with_format_of_name(context, target, resize_settings(**options))
    console = Console()
    try:
        data, warnings = _resized(source, settings)
    except ItemError as error:
        console.talk(f"{printable(source)}: {printable(str(error))}")
        context.exit(ExitCode.PARTIAL)
    for warning in warnings:
        console.talk(f"{printable(source)}: warning: {printable(warning)}")
    _write(source, target, data)


def _with_format_of_name(context: click.Context, target: str, settings: ResizeSettings) -> ResizeSettings:
    if context.get_parameter_source("format") is not ParameterSource.DEFAULT or target == "-":
        return settings
    extension = os.path.splitext(target)[1].lower()
    if extension not in FORMATS:
        raise UsageError(f"{target}: write to a name ending in {', '.join(FORMATS)}, or give --format")
    return replace(settings, format=FORMATS[extension])


def _resized(source: str, settings: ResizeSettings) -> tuple[bytes, tuple[str, ...]]:
    if source != "-":
        return resize_file(source, settings)
    with tempfile.NamedTemporaryFile(prefix="photopipe-") as file:
        while block := sys.stdin.buffer.read(1 << 20):
            file.write(block)
        file.flush()
        return resize_file(file.name, settings)


def _write(source: str, target: str, data: bytes) -> None:
    if target == "-":
        with suppress(BrokenPipeError):
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        return
    with suppress(OSError):
        if source != "-" and os.path.samefile(source, target):
            raise UsageError(f"{target}: is the photo itself, and sources are never changed. Write to another name.")
    folder, name = os.path.split(os.path.abspath(target))
    unfinished = os.path.join(folder, f".{name}.{os.getpid()}.part")
    try:
        with open(unfinished, "wb") as file:
            file.write(data)
        os.replace(unfinished, target)
    except OSError as error:
        with suppress(OSError):
            os.unlink(unfinished)
        raise DiskFull(f"{target}: cannot be written: {error.strerror}.") from error
