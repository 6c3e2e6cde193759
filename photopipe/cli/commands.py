"""The command `photopipe`; every exception becomes a message and an exit code here."""

import os
import sys
from collections.abc import Iterator

import click

from photopipe import __version__
from photopipe.cli.cards import cards
from photopipe.cli.completion import VARIABLE, answer_shell, completion
from photopipe.cli.config.config import config as config_group
from photopipe.cli.config_file.layers import default_map
from photopipe.cli.doctor import doctor
from photopipe.cli.galleries import galleries
from photopipe.cli.gallery.export import export
from photopipe.cli.gallery.gallery import gallery
from photopipe.cli.gallery.password import password
from photopipe.cli.gallery.rebuild import rebuild
from photopipe.cli.gallery.token import token
from photopipe.cli.gallery.verify import verify
from photopipe.cli.help.overview import Overview
from photopipe.cli.journal.backup import backup
from photopipe.cli.journal.check import check
from photopipe.cli.journal.explain import explain
from photopipe.cli.journal.failed import failed
from photopipe.cli.journal.forget import forget
from photopipe.cli.journal.journal import journal
from photopipe.cli.journal.retry import retry
from photopipe.cli.journal.status import status
from photopipe.cli.journal_rebuild import rebuild as rebuild_journal
from photopipe.cli.options.config import read_config
from photopipe.cli.options.options import option
from photopipe.cli.process import process
from photopipe.cli.resize import resize
from photopipe.cli.terminal.console import guard_streams, output_problem
from photopipe.cli.terminal.exit_codes import ExitCode, exit_code_of
from photopipe.cli.terminal.suggestions import mistyped_variables
from photopipe.cli.terminal.usage_errors import usage_message
from photopipe.cli.watch import watch
from photopipe.errors import PhotopipeError, UsageError
from photopipe.files.characters import printable


@click.group(cls=Overview, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="photopipe", message="%(prog)s %(version)s")
@option("--config", type=click.Path(), help="TOML file with defaults for options.")
@click.pass_context
def cli(context: click.Context, *, config: str | None) -> None:
    """Bring photos from the camera to a gallery: found, resized and uploaded, each exactly once."""
    for variable, meant in mistyped_variables(os.environ, variables_of(cli)):
        print(f"photopipe: nothing reads the variable {printable(variable)}. Did you mean {meant}?", file=sys.stderr)
    if context.invoked_subcommand == config_group.name:
        context.obj = config  # these commands read it themselves: they work on one that is wrong
        return
    context.obj = read_config(config, cli.commands).require_good()
    context.default_map = default_map(context.obj, cli.commands)


cli.add_command(process)
cli.add_command(watch)
cli.add_command(resize)
cli.add_command(gallery)
gallery.add_command(token)
gallery.add_command(password)
gallery.add_command(verify)
gallery.add_command(rebuild)
gallery.add_command(export)
cli.add_command(galleries)
cli.add_command(cards)
cli.add_command(config_group)
cli.add_command(doctor)
cli.add_command(completion)
cli.add_command(status)
cli.add_command(failed)
cli.add_command(explain)
cli.add_command(retry)
cli.add_command(forget)
cli.add_command(journal)
journal.add_command(check)
journal.add_command(backup)
journal.add_command(rebuild_journal)


def variables_of(command: click.Command) -> Iterator[str]:
    """The environment variables that the options of a command and its subcommands read."""
    for parameter in command.params:
        if isinstance(parameter.envvar, str):
            yield parameter.envvar
    for subcommand in command.commands.values() if isinstance(command, click.Group) else ():
        yield from variables_of(subcommand)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit.

    Args:
        arguments: instead of `sys.argv[1:]`.
    """
    guard_streams()
    if VARIABLE in os.environ:
        answer_shell(cli)
    code = run(arguments)
    sys.stdout.flush()
    problem = output_problem()
    if problem is not None:
        print(
            f"photopipe: stdout could not be written: {problem}. The output is incomplete; uploads are not affected.",
            file=sys.stderr,
        )
    sys.exit(ExitCode.FAILED if problem and code in {ExitCode.DONE, ExitCode.PARTIAL} else code)


def run(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; no exception gets out."""
    try:
        code = cli.main(args=arguments, prog_name="photopipe", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        print(f"photopipe: {printable(usage_message(error))}", file=sys.stderr)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except PhotopipeError as error:
        print(f"photopipe: {printable(str(error))}", file=sys.stderr)
        if isinstance(error, UsageError):
            for note in getattr(error, "__notes__", ()):
                print(f"photopipe: {printable(note)}", file=sys.stderr)
        return exit_code_of(error)
    except Exception:  # noqa: BLE001 - the last resort: a bug is shown whole, and is exit code 1
        import traceback

        traceback.print_exc()
        print("photopipe: this is a bug; the lines above say where. Nothing is lost: run again.", file=sys.stderr)
        return ExitCode.FAILED
    return code if isinstance(code, int) else ExitCode.DONE
