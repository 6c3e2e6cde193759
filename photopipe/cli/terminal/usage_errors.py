"""What is said about a command line that cannot be understood: the parameter, what is wrong, and where help is."""

import click
from click.core import ParameterSource

from photopipe.cli.terminal.suggestions import did_you_mean


def usage_message(error: click.ClickException) -> str:
    """One line: what is wrong, what was probably meant, and the command that shows the help."""
    said = _what_is_wrong(error)
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context is not None else "photopipe"
    return f"{said} See `{command} --help`."


def _what_is_wrong(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        return f"there is no option {error.option_name}.{_alike_option(error)}"
    if isinstance(error, click.MissingParameter):
        return f"{_name_of(error)} is missing."
    if isinstance(error, click.BadParameter):
        return f"{_name_of(error)}: {error.message}"
    unknown = _unknown_command(error)
    if unknown is not None:
        return unknown
    message = error.format_message()
    return message[:1].lower() + message[1:] + ("" if message.endswith((".", "?")) else ".")


def _alike_option(error: click.NoSuchOption) -> str:
    if error.ctx is None or not error.option_name.startswith("--"):
        return ""
    options = [
        parameter for parameter in error.ctx.command.get_params(error.ctx) if isinstance(parameter, click.Option)
    ]
    return did_you_mean(error.option_name, [name for one in options for name in (*one.opts, *one.secondary_opts)])


def _unknown_command(error: click.ClickException) -> str | None:
    """What is wrong if it is the name of a command; click has an exception for that since 8.4 only."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    name = getattr(error, "command_name", None)
    if name is None or context is None or not isinstance(context.command, click.Group):
        return None
    commands = context.command.list_commands(context)
    listed = f" The commands are {', '.join(commands)}."
    return f"there is no command {name!r}.{did_you_mean(name, commands) or listed}"


def _name_of(error: click.BadParameter) -> str:
    """What the value was given with: the flag or the variable."""
    parameter, context = error.param, error.ctx
    if parameter is None or not isinstance(parameter, click.Option):
        return parameter.make_metavar(context) if parameter is not None and context is not None else "a value"
    source = context.get_parameter_source(parameter.name) if context is not None and parameter.name else None
    if source is ParameterSource.ENVIRONMENT and isinstance(parameter.envvar, str):
        return parameter.envvar
    return max(parameter.opts, key=len)
