"""The manual pages, made from what `--help-all` shows; `python tests/update_cli_docs.py` writes them.

Source: man-pages(7) for the order of the sections, man(7) for the macros.
"""

import inspect
import re
import textwrap
from collections.abc import Iterator
from typing import Final

import click

from photopipe.cli.help.command import by_section
from photopipe.cli.help.examples import EXAMPLES

ENVIRONMENT: Final = (
    "Every option can also be set by the variable that its description names, and in the configuration file. A flag "
    "overrides the variable, and the variable overrides the configuration."
)
LINE_WIDTH: Final = 78
MANUAL: Final = "photopipe manual"


def man_pages(program: click.Group) -> dict[str, str]:
    """The page of the program and of each of its commands, by file name."""
    pages = {}
    waiting = [click.Context(program, info_name="photopipe", resilient_parsing=True, **program.context_settings)]
    while waiting:
        context = waiting.pop()
        pages[f"{_page_name(context)}.1"] = "\n".join(_lines(context)) + "\n"
        waiting += _subcommands(context)
    return pages


def _subcommands(context: click.Context) -> list[click.Context]:
    if not isinstance(context.command, click.Group):
        return []
    commands = context.command.commands.items()
    return [click.Context(one, context, info_name=name, resilient_parsing=True) for name, one in commands]


def _page_name(context: click.Context) -> str:
    return context.command_path.replace(" ", "-")


def _lines(context: click.Context) -> Iterator[str]:
    command, name = context.command, _page_name(context)
    yield f'.TH "{name.upper()}" "1" "" "photopipe" "{MANUAL}"'
    yield from (".nh", ".ad l")  # no name of a variable is hyphenated
    yield from (".SH NAME", _inline(f"{name} - {_summary(command)}"))
    yield from (".SH SYNOPSIS", f".B {_escaped(context.command_path)}")
    yield _escaped(" ".join(command.collect_usage_pieces(context)))
    yield ".SH DESCRIPTION"
    yield from _paragraphs(command.help or "")
    yield from _commands(context)
    yield from _options(context)
    yield from (".SH ENVIRONMENT", _inline(ENVIRONMENT))
    yield from _examples(context)
    yield from _see_also(context)


def _summary(command: click.Command) -> str:
    """What it does, as the names of a manual are described: without a full stop."""
    summary = command.get_short_help_str(200).rstrip(".")
    return summary[:1].lower() + summary[1:]


def _commands(context: click.Context) -> Iterator[str]:
    subcommands = _subcommands(context)
    if subcommands:
        yield ".SH COMMANDS"
    for one in subcommands:
        yield from (".TP", rf"\fB{_escaped(one.info_name or '')}\fR", _inline(one.command.get_short_help_str(200)))


def _options(context: click.Context) -> Iterator[str]:
    options = [one for one in context.command.get_params(context) if isinstance(one, click.Option)]
    sections = by_section(options)
    yield ".SH OPTIONS"
    for heading, found in sections.items():
        if len(sections) > 1:
            yield f".SS {heading}"
        for one in found:
            record = one.get_help_record(context)
            if record is not None:
                yield from (".TP", rf"\fB{_escaped(record[0])}\fR", _inline(record[1]))


def _examples(context: click.Context) -> Iterator[str]:
    examples = EXAMPLES.get(context.command_path, ())
    if examples:
        yield ".SH EXAMPLES"
    for line, meaning in examples:
        yield from (".TP", rf"\fB{_escaped(line)}\fR", _inline(meaning))


def _see_also(context: click.Context) -> Iterator[str]:
    around = [context.parent] if context.parent is not None else []
    names = [_page_name(one) for one in [*around, *_subcommands(context)]]
    if names:
        yield ".SH SEE ALSO"
        yield from (rf".BR {_escaped(name)} (1)," for name in names[:-1])
        yield rf".BR {_escaped(names[-1])} (1)"


def _paragraphs(text: str) -> Iterator[str]:
    """A help text; what click is told not to wrap, by a line with a backspace, keeps its lines."""
    for number, paragraph in enumerate(inspect.cleandoc(text).split("\n\n")):
        if number:
            yield ".PP"
        if paragraph.startswith("\b\n"):
            yield from (".nf", *map(_escaped, paragraph.splitlines()[1:]), ".fi")
        else:
            yield _inline(paragraph.replace("\n", " "))


def _inline(text: str) -> str:
    """Text in short lines, in which what stands in backticks becomes bold."""
    bold = re.sub(r"`([^`]*)`", r"\\fB\1\\fR", _escaped(text))
    lines = textwrap.wrap(bold, LINE_WIDTH, break_long_words=False, break_on_hyphens=False)
    return "\n".join(rf"\&{line}" if line.startswith((".", "'")) else line for line in lines)


def _escaped(text: str) -> str:
    """Text without what means something else in a manual: backslashes, and hyphens that could become dashes."""
    return text.replace("\\", r"\e").replace("-", r"\-")
