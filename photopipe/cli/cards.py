"""`photopipe cards`: list the memory cards that are in, and cameras; and the options that take and eject them."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from photopipe.api import eject_card, find_cameras, find_cards, removable_volumes
from photopipe.cli.help.command import command
from photopipe.cli.options.options import option
from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.exit_codes import ExitCode
from photopipe.errors import EjectFailed, SourceMissing, UsageError
from photopipe.files.characters import printable
from photopipe.report.amounts import size_text
from photopipe.report.records import json_line, path_fields
from photopipe.settings import Settings

Command = TypeVar("Command", bound=Callable[..., Any])


@command(short_help="List memory cards and cameras.")
@option("--json", "as_json", is_flag=True, help="Write a JSON object per card or camera to stdout.")
def cards(*, as_json: bool) -> None:
    """List the memory cards that are in and mounted (removable volumes with a DCIM folder), and cameras on USB cables.

    `photopipe process --card` takes the photos of all cards, `photopipe process camera:` those of the camera.
    """
    console, found, cameras = Console(), find_cards(), find_cameras()
    for card in found:
        about = {
            "label": card.label,
            "file_system": card.file_system,
            "bytes": card.size_bytes,
            "free": card.free_bytes,
        }
        if as_json:
            fields = path_fields(card.mount_point) | {"photos_folder": card.photos_folder} | about
            console.data(json_line("card", fields))
        else:
            sizes = f"{size_text(card.size_bytes)}, {size_text(card.free_bytes)} free"
            console.data(f"{printable(card.mount_point)}  ({printable(card.label)}, {card.file_system}, {sizes})")
    for camera in cameras:
        path = f"camera:{camera.port}"
        fields = {"path": path, "label": camera.model}
        console.data(json_line("camera", fields) if as_json else f"{path}  ({printable(camera.model)})")
    if not (found or cameras):
        console.message("No card is in, or none is mounted: there is no removable volume with a DCIM folder.")


def card_options(command: Command) -> Command:
    """Give a command the options `card` and `eject`."""
    add_card = option("--card", section="Photos", is_flag=True, help="Take the photos of all memory cards that are in.")
    add_eject = option(
        "--eject", section="Photos", is_flag=True, help="Unmount the cards when everything on them is done."
    )
    return add_card(add_eject(command))


def folders_of_cards() -> tuple[str, ...]:
    """The camera's folder on each card that is in.

    Raises:
        SourceMissing: none is in.
    """
    folders = tuple(card.photos_folder for card in find_cards())
    if not folders:
        raise SourceMissing(
            "--card: no memory card is in, or none is mounted. Put one in, wait until it is mounted (`photopipe cards`"
            " lists it) and run again."
        )
    return folders


def to_eject(settings: Settings) -> list[str]:
    """Where the cards are mounted that are unmounted in the end: the removable volumes that sources are on.

    Raises:
        UsageError: no source is on one, or nothing is uploaded.
    """
    if settings.dry_run:
        raise UsageError(
            "--eject cannot be used with --dry-run, which leaves everything to be done; leave one of them out."
        )
    found = removable_volumes(settings.download.sources)
    if not found:
        raise UsageError("--eject: no source is on a memory card or another removable volume. Leave it out.")
    return found


def eject_when_done(mount_points: Sequence[str], code: int, left_over: int, *, quiet: bool) -> tuple[int, list[str]]:
    """Unmount cards if everything on them is done.

    Args:
        mount_points: where they are mounted.
        code: the exit code of the run without this.
        left_over: photos that the run has not finished.
        quiet: whether nothing is said if all is well.

    Returns:
        The exit code, and what is to be said in the end: which cards may be taken out, and which may not.
    """
    if mount_points and (code != ExitCode.DONE or left_over):
        return code, ["No card is unmounted, because not everything is done."]
    messages = []
    for mount_point in mount_points:
        try:
            eject_card(mount_point)
        except EjectFailed as error:
            code = ExitCode.FAILED
            messages.append(f"photopipe: {printable(str(error))}")
        else:
            messages += [] if quiet else [f"{printable(mount_point)} is unmounted: the card may be taken out."]
    return code, messages
