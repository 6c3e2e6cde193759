"""The options that all commands about the journal have."""

from typing import Final

import click

from photopipe.cli.options.config import journal_of_runs
from photopipe.cli.options.options import DURATION, option

JOURNAL: Final = option(
    "--journal", type=click.Path(), default=journal_of_runs, help="File that records what has been uploaded."
)
LOCK_WAIT: Final = option(
    "--lock-wait", type=DURATION, shown_default="0s", help="How long to wait for another run to end."
)
