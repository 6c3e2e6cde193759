"""START HERE: tells of the beginning and the end of a command that runs the line, however it ends."""

from types import TracebackType
from typing import Self

from photopipe.cli.notifications.completion_command import CompletionCommand
from photopipe.cli.notifications.monitor import Monitor
from photopipe.cli.terminal.exit_codes import ExitCode, exit_code_of
from photopipe.report import Account, RunEnd, RunListener


class Notifications(RunListener):
    """A listener of the run, and a block around all of the command.

    The block sees what the run's other listeners do not: a source that is missing, a lock that is held.

    Args:
        monitor: the service that is told, or None.
        completion_command: the command that is run in the end, or None.
    """

    def __init__(self, monitor: Monitor | None, completion_command: CompletionCommand | None) -> None:
        self._monitor = monitor
        self._completion_command = completion_command
        self._end: RunEnd | None = None

    def __enter__(self) -> Self:
        """Tell that the command begins."""
        if self._monitor is not None:
            self._monitor.begin()
        return self

    def ended(self, end: RunEnd) -> None:
        """Keep how the run ended."""
        self._end = end

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Tell how the command ends."""
        end = self._end or RunEnd(Account(), 0.0, _code_of(error), None, stopped_by="error")
        if self._monitor is not None:
            self._monitor.end(end)
        if self._completion_command is not None:
            self._completion_command.run(end)


def _code_of(error: BaseException | None) -> int:
    if isinstance(error, Exception):
        return exit_code_of(error)
    return ExitCode.INTERRUPTED if isinstance(error, KeyboardInterrupt) else ExitCode.FAILED
