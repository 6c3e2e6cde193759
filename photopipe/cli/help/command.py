"""A command whose options stand under headings, with examples before them, and the rare ones in `--help-all` only."""

import inspect
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

import click

from photopipe.cli.help.examples import EXAMPLES
from photopipe.cli.options.options import BRIEF, SECTIONS, Option

FLAG_WIDTH: Final = 35
"""Most characters for the names of an option; longer ones have a line of their own."""
EXAMPLE_WIDTH: Final = 60
MANY_OPTIONS: Final = 15
"""A command with at least as many options has headings."""


class Command(click.Command):
    """A command; `@command(...)` makes it."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Arguments and options, with `--help` and, if there are rare ones, `--help-all`."""
        parameters = super().get_params(ctx)
        return [*parameters, HELP_ALL] if has_rare_options(self) else parameters

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse what was typed; every error knows the command, so that its message can name the help."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help: in brief, unless `--help-all` has asked for more."""
        is_brief = has_rare_options(self) and not ctx.meta.get(HELP_ALL.name)
        ctx.meta[BRIEF] = is_brief
        super().format_help(ctx, formatter)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write what the command does: in brief, the first paragraph."""
        if not ctx.meta.get(BRIEF):
            super().format_help_text(ctx, formatter)
            return
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(inspect.cleandoc(self.help or "").partition("\n\n")[0])

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples and the options, each section under its heading."""
        write_examples(ctx, formatter)
        rows = {one: record for one in self._shown(ctx) if (record := one.get_help_record(ctx))}
        width = min(FLAG_WIDTH, max(len(flags) for flags, _ in rows.values()))
        for heading, options in by_section(list(rows)).items():
            with formatter.section(heading):
                write_columns(formatter, [rows[one] for one in options], width)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write where more is said."""
        super().format_epilog(ctx, formatter)
        if ctx.meta.get(BRIEF):
            formatter.write_paragraph()
            formatter.write_text(
                f"`{ctx.command_path} --help-all` shows every option. Each can also be set by a variable, --max-bytes "
                "by PHOTOPIPE_MAX_BYTES, or in the configuration file."
            )

    def _shown(self, ctx: click.Context) -> Iterator[click.Option]:
        for one in self.get_params(ctx):
            if isinstance(one, click.Option) and not (ctx.meta.get(BRIEF) and getattr(one, "rare", False)):
                yield one


def has_rare_options(command: click.Command) -> bool:
    """True if not everything is shown by `--help`."""
    options = [parameter for parameter in command.params if isinstance(parameter, Option)]
    return isinstance(command, Command) and any(option.rare for option in options)


def by_section(options: Sequence[click.Option]) -> dict[str, list[click.Option]]:
    """The options under their headings; a command that has few needs one heading only."""
    if len(options) < MANY_OPTIONS:
        return {"Options": list(options)}
    sections: dict[str, list[click.Option]] = {heading: [] for heading in SECTIONS}
    for one in options:
        sections[one.section if isinstance(one, Option) else SECTIONS[-1]].append(one)
    return {heading: found for heading, found in sections.items() if found}


def write_columns(formatter: click.HelpFormatter, rows: Sequence[tuple[str, str]], width: int) -> None:
    """Write rows of two columns, the second at the same place in every section.

    Args:
        formatter: takes the text.
        rows: the two columns.
        width: of the first, in characters; what is longer has a line of its own.
    """
    formatter.write_dl([(first.ljust(width), second) for first, second in rows], col_max=width)


def write_examples(context: click.Context, formatter: click.HelpFormatter) -> None:
    """Write the command's examples, if it has any."""
    examples = EXAMPLES.get(context.command_path, ())
    if examples:
        with formatter.section("Examples"):
            formatter.write_dl(examples, col_max=EXAMPLE_WIDTH)


def _show_help_all(context: click.Context, parameter: click.Parameter, is_wanted: bool) -> None:
    if is_wanted and not context.resilient_parsing:
        context.meta[parameter.name] = True
        click.echo(context.get_help(), color=context.color)
        context.exit()


HELP_ALL: Final = click.Option(
    ["--help-all"],
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_help_all,
    help="Show every option, with its environment variable, and exit.",
)

command: Final = partial(click.command, cls=Command)
