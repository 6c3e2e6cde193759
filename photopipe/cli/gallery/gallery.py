"""`photopipe gallery`: look at the photos that have arrived."""

import threading
import webbrowser
from collections.abc import Sequence

import click
from click.core import ParameterSource

from photopipe.cli.options.config import default_gallery_folder
from photopipe.cli.options.options import option
from photopipe.cli.options.secrets import TokenSources, find_token
from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.exit_codes import ExitCode
from photopipe.cli.terminal.signals import SignalCount
from photopipe.files.characters import printable
from photopipe.gallery_api import serve_gallery


@click.group(invoke_without_command=True, short_help="Serve the embedded gallery, and look after it.")
@option(
    "--gallery-dir",
    type=click.Path(),
    default=default_gallery_folder,
    help="Folder of the gallery. Default: photopipe in your picture folder.",
)
@option("--open", is_flag=True, help="Open the gallery in a browser.")
@option("--host", default="127.0.0.1", help="Address to listen on; 0.0.0.0 lets other computers in.")
@option("--port", type=click.IntRange(0, 65_535), default=8642, help="Port to listen on; 0 picks a free one.")
@option("--title", default="Photos", help="What the pages call the gallery.")
@option("--public", is_flag=True, help="Let everybody look who can reach it, without a password.")
@option("--public-url", metavar="URL", help="Address that visitors use, if a reverse proxy leads here.")
@option(
    "--token-file",
    type=click.Path(),
    help="File with a token that clients may send, beside those of `photopipe gallery token`; or set PHOTOPIPE_TOKEN.",
)
@click.pass_context
def gallery(
    context: click.Context,
    *,
    gallery_dir: str,
    open: bool,
    host: str,
    port: int,
    title: str,
    public: bool,
    public_url: str | None,
    token_file: str | None,
) -> None:
    """Serve the photos that have arrived, at http://127.0.0.1:8642, and accept new ones by POST.

    On this computer everybody may look and send photos, until there is a password or a token. Other
    computers are let in with --host 0.0.0.0, and only if there are both: a token for those who send
    photos, a password for those who look at them (or --public).

    Stop it with Ctrl-C or SIGTERM.
    """
    if context.invoked_subcommand is not None:
        return
    console = Console()
    is_flag = context.get_parameter_source("token_file") is ParameterSource.COMMANDLINE
    token = find_token(TokenSources(flag_file=token_file if is_flag else None, file=token_file))

    def ready(addresses: Sequence[str]) -> None:
        shown = ", ".join(map(printable, addresses))
        console.message(f"The gallery in {printable(gallery_dir)} is at {shown} (press Ctrl-C to stop it).")
        if open:
            _open_browser(addresses[0])

    with SignalCount.waking() as (signals, stop):
        serve_gallery(
            gallery_dir,
            host=host,
            port=port,
            token=token,
            title=title,
            is_public=public,
            public_url=public_url,
            ready=ready,
            stop=stop,
        )
    context.exit(ExitCode.DONE if signals.first is None else 128 + signals.first)


def _open_browser(address: str) -> None:
    # A browser in the terminal returns only when it is closed, and the gallery answers only when `ready` has returned.
    threading.Thread(target=webbrowser.open, args=(address,), name="open-browser", daemon=True).start()
