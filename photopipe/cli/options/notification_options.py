"""The options that say who is told when a run begins and ends."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

from photopipe.cli.notifications.completion_command import CompletionCommand
from photopipe.cli.notifications.monitor import Monitor
from photopipe.cli.notifications.notifications import Notifications
from photopipe.cli.options.options import option, with_options
from photopipe.cli.terminal.console import Console

Command = TypeVar("Command", bound=Callable[..., Any])

OPTIONS: Final = (
    option(
        "--ping-url",
        metavar="URL",
        help="Tell a monitoring service such as Healthchecks: URL/start at the start, URL when all went well, URL/CODE "
        "(the exit code) when not. Better in the environment or the configuration, because URL is a secret.",
        section="Output",
        rare=True,
    ),
    option(
        "--on-complete",
        metavar="COMMAND",
        help="Run COMMAND in the end, however the run ended; without a shell, with the summary as JSON on its "
        "standard input.",
        section="Output",
        rare=True,
    ),
)


notification_options = with_options(*OPTIONS)
"""Give a command the options that `notifications` reads."""


def notifications(ping_url: str | None, on_complete: str | None, *, dry_run: bool) -> Notifications:
    """Who is told of a run, by the values of the options; nobody of a dry run.

    Raises:
        UsageError: a value cannot be used.
    """
    console = Console()
    monitor = Monitor(ping_url, console) if ping_url else None
    command = CompletionCommand(on_complete, console) if on_complete else None
    return Notifications(None, None) if dry_run else Notifications(monitor, command)
