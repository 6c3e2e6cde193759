"""`photopipe journal check`: is the journal in order?"""

import click

from photopipe.cli.help.command import command
from photopipe.cli.journal.journal_options import JOURNAL
from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.exit_codes import ExitCode
from photopipe.files.characters import printable
from photopipe.journal import check_journal


@command(short_help="Read all of the journal, and say what is not in order.")
@JOURNAL
@click.pass_context
def check(context: click.Context, /, *, journal: str) -> None:
    """Read all of the journal and print a line for each thing that is not in order, with what to do about it.

    Nothing is changed, and a run may be going on meanwhile. The exit code is 1 if anything is not in order.
    """
    console, count = Console(), 0
    for finding in check_journal(journal):
        count += 1
        console.data(printable(f"{finding.message} {finding.advice}"))
    result = "is in order" if not count else "is not in order"
    console.message(f"{printable(journal)}: the journal {result}.")
    context.exit(ExitCode.FAILED if count else ExitCode.DONE)
