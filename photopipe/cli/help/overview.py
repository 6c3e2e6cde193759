"""The help of `photopipe` itself: its commands by what a person wants to do."""

from typing import Final

import click

from photopipe.cli.help.command import write_columns, write_examples

COMMANDS: Final = {
    "Send photos": ("process", "watch", "cards"),
    "Make pictures": ("resize",),
    "Galleries": ("galleries", "gallery"),
    "What has happened": ("status", "failed", "explain", "retry", "forget", "journal"),
    "Set up": ("config", "doctor", "completion"),
}
"""The headings and the commands under each; a test finds one that is missing."""

NAME_WIDTH: Final = 13


class Overview(click.Group):
    """The command `photopipe`."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write examples, the commands under their headings, and the options."""
        write_examples(ctx, formatter)
        self.format_commands(ctx, formatter)
        records = [one.get_help_record(ctx) for one in self.get_params(ctx)]
        with formatter.section("Options"):
            write_columns(formatter, [record for record in records if record], NAME_WIDTH)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a line for each command."""
        for heading, names in COMMANDS.items():
            known = [(name, self.get_command(ctx, name)) for name in names]
            rows = [(name, one.get_short_help_str(100)) for name, one in known if one is not None]
            if rows:
                with formatter.section(heading):
                    write_columns(formatter, rows, NAME_WIDTH)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write where more is said."""
        formatter.write_paragraph()
        formatter.write_text(
            f"`{ctx.command_path} COMMAND --help` says more about a command, and so does `man photopipe-COMMAND`."
        )
