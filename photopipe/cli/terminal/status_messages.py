"""The status of a run as messages: every so often, or when a signal asks for it."""

import time

from photopipe.cli.terminal.console import Messages
from photopipe.cli.terminal.signals import STATUS_REQUESTS
from photopipe.cli.terminal.status_text import stage_lines, status_sentence
from photopipe.report import RunListener, RunMeter, RunView


class RegularStatus(RunListener):
    """A line every so often.

    Args:
        messages: where it goes.
        meter: knows the state of the run.
        every_s: time between two lines.
        watches: whether the run has no end.
    """

    def __init__(self, messages: Messages, meter: RunMeter, *, every_s: float, watches: bool) -> None:
        self._messages = messages
        self._meter = meter
        self._every_s = every_s
        self._watches = watches
        self._next_s = 0.0

    def started(self, run: RunView) -> None:  # noqa: ARG002  # the meter looks at it
        """The first line comes after the first interval."""
        self._next_s = time.monotonic() + self._every_s

    def tick(self) -> None:
        """Say it if it is time; an interval that nothing could be said in is passed over."""
        now_s = time.monotonic()
        if now_s < self._next_s:
            return
        self._next_s = now_s + self._every_s
        status = self._meter.status()
        if status is not None:
            self._messages.message(f"photopipe: {status_sentence(status, watches=self._watches)}")


class RequestedStatus(RunListener):
    """The line and the stages whenever SIGUSR1 or, where it exists, SIGINFO comes, quiet or not.

    Args:
        messages: where they go.
        meter: knows the state of the run.
        watches: whether the run has no end.
    """

    def __init__(self, messages: Messages, meter: RunMeter, *, watches: bool) -> None:
        self._messages = messages
        self._meter = meter
        self._watches = watches

    def tick(self) -> None:
        """Answer the requests that came since the last time, all of them at once."""
        if not STATUS_REQUESTS.are_pending:
            return
        STATUS_REQUESTS.answered()
        status = self._meter.status()
        if status is not None:
            self._messages.message(f"photopipe: {status_sentence(status, watches=self._watches)}")
            for line in stage_lines(status.stages):
                self._messages.message(f"  {line}")

    def line_ended(self) -> None:
        """Answer what came in a run that was over at once."""
        self.tick()
