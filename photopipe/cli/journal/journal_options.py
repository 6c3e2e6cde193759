"""The options that all commands about the journal have."""

from typing import Final

import click

from photopipe.cli.options.config import default_journal_path
from photopipe.cli.options.options import DURATION, option


def journal_of_runs() -> str:
    """The journal that `photopipe process` uses by the configuration, or by default."""
    tables = click.get_current_context().find_root().default_map or {}
    return str(tables.get("process", {}).get("journal") or default_journal_path())


JOURNAL: Final = option(
    "--journal", type=click.Path(), default=journal_of_runs, help="File that records what has been uploaded."
)
LOCK_WAIT: Final = option(
    "--lock-wait", type=DURATION, shown_default="0s", help="How long to wait for another run to end."
)
