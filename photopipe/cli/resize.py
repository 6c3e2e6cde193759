"""`photopipe resize`: resize a single file, as a filter for shell scripts."""

import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import click
from click.core import ParameterSource

from photopipe.api import resize_file
from photopipe.cli.help.command import command
from photopipe.cli.options.profile_options import recipe_option
from photopipe.cli.options.resize_options import resize_options, resize_settings
from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.exit_codes import ExitCode
from photopipe.errors import DiskFull, DownloadError, ItemError, UsageError
from photopipe.files.characters import printable
from photopipe.files.output_formats import OUTPUT_FORMATS
from photopipe.settings import OutputFormat, ResizeSettings

FORMATS: dict[str, OutputFormat] = {
    extension: name for name, extensions in OUTPUT_FORMATS.items() for extension in extensions
}
TEMPORARY_ADVICE = "Make room in the temporary folder, or name another one with TMPDIR."


@command(short_help="Resize one photo to a file or a pipe.")
@click.argument("source", metavar="IN", type=click.Path())
@click.argument("target", metavar="OUT", type=click.Path())
@recipe_option
@resize_options
@click.pass_context
def resize(context: click.Context, /, *, source: str, target: str, **options: Any) -> None:
    """Resize the photo IN and write it to OUT, exactly as `photopipe process` would send it.

    `-` means stdin or stdout. The format follows the name of OUT unless --format is given. A file OUT appears
    complete or not at all; if OUT is a link, the file it leads to is replaced. Warnings go to stderr.

    Exit codes: 0 done, 1 OUT cannot be written, 2 wrong usage, 3 the photo cannot be resized, 13 IN is missing.
    """
    settings = _with_format_of_name(context, target, resize_settings(**options))
    _refuse_source_as_target(source, target)
    console = Console()
    try:
        data, warnings = _resized(source, settings)
    except ItemError as error:
        console.message(f"{printable(source)}: {printable(str(error))}")
        context.exit(ExitCode.PARTIAL)
    for warning in warnings:
        console.message(f"{printable(source)}: warning: {printable(warning)}")
    _write(target, data)


def _with_format_of_name(context: click.Context, target: str, settings: ResizeSettings) -> ResizeSettings:
    if context.get_parameter_source("format") is not ParameterSource.DEFAULT or target == "-":
        return settings
    extension = os.path.splitext(target)[1].lower()
    if extension not in FORMATS:
        raise UsageError(f"{target}: write to a name ending in {', '.join(FORMATS)}, or give --format.")
    return replace(settings, format=FORMATS[extension])


def _refuse_source_as_target(source: str, target: str) -> None:
    with suppress(OSError):  # one of them is not there, so they are not the same file
        if source != "-" and target != "-" and os.path.samefile(source, target):
            raise UsageError(f"{target}: is the photo itself, and sources are never changed. Write to another name.")


def _resized(source: str, settings: ResizeSettings) -> tuple[bytes, tuple[str, ...]]:
    if source != "-":
        return resize_file(source, settings)
    with _stdin_as_file() as path:
        return resize_file(path, settings)


@contextmanager
def _stdin_as_file() -> Iterator[str]:
    """The path of a temporary copy of stdin."""
    with _disk_full_for("stdin cannot be stored", TEMPORARY_ADVICE):
        folder = tempfile.TemporaryDirectory(prefix="photopipe-")
    with folder as path:
        copy = os.path.join(path, "stdin")
        with _disk_full_for(f"{path}: stdin cannot be stored", TEMPORARY_ADVICE), open(copy, "wb") as file:
            while block := _read_stdin():
                file.write(block)
        yield copy


def _read_stdin() -> bytes:
    """The next block; an error here is not one of the temporary folder."""
    try:
        return sys.stdin.buffer.read(1 << 20)
    except OSError as error:
        raise DownloadError(f"cannot be read: {error.strerror}.") from error


def _write(target: str, data: bytes) -> None:
    if target == "-":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        return
    with _disk_full_for(f"{target}: cannot be written", "Check the folder and the room on its disk."):
        if _is_plain_file(target):
            from photopipe.files.replacing import replace_file

            replace_file(target, data)
        else:
            _write_into(target, data)


def _is_plain_file(target: str) -> bool:
    """False for what must be written into and not replaced: a FIFO, a device, a socket."""
    try:
        return stat.S_ISREG(os.stat(target).st_mode)
    except FileNotFoundError:
        return True


def _write_into(target: str, data: bytes) -> None:
    with suppress(BrokenPipeError), open(target, "wb", buffering=0) as file:  # whoever reads may stop early
        rest = memoryview(data)
        while rest:
            rest = rest[file.write(rest) :]


@contextmanager
def _disk_full_for(what: str, advice: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise DiskFull(f"{what}: {error.strerror}. {advice}") from error
