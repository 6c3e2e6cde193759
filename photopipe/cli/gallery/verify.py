"""`photopipe gallery verify`: are all photos as they were stored?"""

from collections import Counter
from typing import TYPE_CHECKING

import click

from photopipe.cli.gallery.gallery_folder import gallery_folder_option
from photopipe.cli.gallery.photo_counter import photo_counter
from photopipe.cli.help.command import command
from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.exit_codes import ExitCode
from photopipe.files.characters import printable
from photopipe.gallery_api import verify_gallery
from photopipe.report.records import json_line, path_fields

if TYPE_CHECKING:
    from photopipe.gallery_api import Fault


@command(short_help="Check that every photo is as it was stored.")
@gallery_folder_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
@click.pass_context
def verify(context: click.Context, *, gallery_dir: str, as_json: bool) -> None:
    """Read every photo of the gallery and compare it with what was stored; nothing is changed.

    Prints a line for each fault: a photo that is damaged, edited or missing, one that the index does not
    know, what a killed process left over, or a damaged index. The exit code is 3 if there are any.
    """
    console, faults, photos = Console(), Counter[str](), 0
    with photo_counter(console) as show:

        def count(done: int, total: int) -> None:
            nonlocal photos
            photos = done
            show(done, total)

        for fault in verify_gallery(gallery_dir, count):
            faults[fault.kind] += 1
            console.data(_as_json(fault) if as_json else _as_text(fault))
    code = ExitCode.PARTIAL if faults else ExitCode.DONE
    if as_json:
        summary = {"photos": photos, "faults": faults.total(), "exit_code": int(code)}
        console.data(json_line("verified", summary))
    console.message(_summary(photos, faults))
    context.exit(code)


def _as_json(fault: "Fault") -> str:
    return json_line("fault", {"kind": fault.kind, **path_fields(fault.path), "message": fault.message})


def _as_text(fault: "Fault") -> str:
    return f"{printable(fault.path)}: {fault.kind}: {printable(fault.message)}"


def _summary(photos: int, faults: Counter[str]) -> str:
    checked = "1 photo" if photos == 1 else f"{photos} photos"
    if not faults:
        return f"{checked} checked: everything is as it was stored."
    return f"{checked} checked: " + ", ".join(f"{count} {kind.replace('_', ' ')}" for kind, count in faults.items())
