"""`photopipe completion`: what makes a shell complete commands, options and names."""

import sys
from contextlib import suppress
from typing import Final, NoReturn

import click

from photopipe.cli.help.command import command

VARIABLE: Final = "_PHOTOPIPE_COMPLETE"
"""The variable by which a shell's script asks for completions; click has made the name."""


def answer_shell(program: click.Command) -> NoReturn:
    """Print what the shell has asked for, and exit; of what is wrong the command itself will speak."""
    from click.shell_completion import BashComplete, add_completion_class

    class Bash(BashComplete):
        """Bash makes three words of `--to=home`, and click knows two words only."""

        def get_completion_args(self) -> tuple[list[str], str]:
            words, incomplete = super().get_completion_args()
            return [word for word in words if word != "="], incomplete

    add_completion_class(Bash)
    with suppress(Exception):
        program.main(prog_name="photopipe", complete_var=VARIABLE, standalone_mode=False)
    sys.exit(1)


@command(short_help="Print the script that completes commands and options in a shell.")
@click.argument("shell", metavar="SHELL", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, *, shell: str) -> None:
    """Print a script that makes SHELL (bash, zsh or fish) complete commands, options, files and gallery names.

    Install it once, and open a new shell:

    \b
    bash  photopipe completion bash > ~/.local/share/bash-completion/completions/photopipe
    zsh   photopipe completion zsh > ~/.zfunc/_photopipe, a folder that is in $fpath before compinit
    fish  photopipe completion fish > ~/.config/fish/completions/photopipe.fish
    """  # noqa: D301 - click does not wrap what follows a backspace
    from click.shell_completion import get_completion_class

    script = get_completion_class(shell)
    assert script is not None  # noqa: S101 - click has all three
    program = context.find_root()
    click.echo(script(program.command, {}, "photopipe", VARIABLE).source())
