"""`photopipe journal`: the group of commands that take care of the journal's file."""

import click


@click.group(short_help="Check, back up or rebuild the journal.")
@click.pass_context
def journal(context: click.Context) -> None:
    """Take care of the journal, the file that records what has been uploaded."""
    tables = dict(context.find_root().default_map or {})
    own = dict(context.default_map or {})
    context.default_map = own | {"rebuild": tables.get("process", {}) | own.get("rebuild", {})}
