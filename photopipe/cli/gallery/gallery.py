"""`photopipe gallery`: look at the photos that have arrived."""

import click
from click.core import ParameterSource

from photopipe.api import serve_gallery
from photopipe.cli.options.config import default_gallery_folder
from photopipe.cli.options.options import option
from photopipe.cli.options.secrets import TokenSources, find_token
from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.exit_codes import ExitCode
from photopipe.cli.terminal.signals import SignalCount
from photopipe.files.characters import printable


@click.group(invoke_without_command=True, short_help="Serve the embedded gallery, and look after it.")
@option("--gallery-dir", type=click.Path(), default=default_gallery_folder, help="Folder of the gallery.")
@option("--host", default="127.0.0.1", help="Address to listen on.")
@option("--port", type=click.IntRange(0, 65_535), default=8642, help="Port to listen on; 0 picks a free one.")
@option("--token-file", type=click.Path(), help="File with the token that clients must send; or set PHOTOPIPE_TOKEN.")
@click.pass_context
def gallery(context: click.Context, *, gallery_dir: str, host: str, port: int, token_file: str | None) -> None:
    """Serve the photos that have arrived, at http://127.0.0.1:8642, and accept new ones by POST.

    Stop it with Ctrl-C or SIGTERM.
    """
    if context.invoked_subcommand is not None:
        return
    console = Console()
    is_flag = context.get_parameter_source("token_file") is ParameterSource.COMMANDLINE
    token = find_token(TokenSources(flag_file=token_file if is_flag else None, file=token_file))

    def ready(url: str) -> None:
        console.message(f"The gallery in {printable(gallery_dir)} is at {url} (press Ctrl-C to stop it).")

    with SignalCount.waking() as (signals, stop):
        serve_gallery(gallery_dir, host=host, port=port, token=token, ready=ready, stop=stop)
    context.exit(ExitCode.DONE if signals.first is None else 128 + signals.first)
