"""Exit codes. More may be added: a script must treat an unknown code as a failure."""

import signal
from enum import IntEnum

from photopipe.errors import LineError, UsageError


class ExitCode(IntEnum):
    """How a run ended."""

    DONE = 0
    """Everything is done, or there was nothing to do."""

    FAILED = 1
    """The run failed, the account does not balance, or stdout could not be written."""

    USAGE = 2
    """A wrong option, argument or configuration."""

    PARTIAL = 3
    """Finished, but some photos failed or some folders could not be read."""

    UNREACHABLE = 5
    """The gallery cannot be reached or is overloaded; try again later."""

    LIMIT = 10
    """A limit such as `--max-duration` ended the run without an error; the rest is for the next one."""

    LOCKED = 11
    """Another run is using the same journal."""

    LOGIN_REFUSED = 12
    """A gallery or a source does not accept the login."""

    SOURCE_MISSING = 13
    """A source is missing."""

    INTERRUPTED = 128 + signal.SIGINT
    """Stopped by Ctrl-C."""

    TERMINATED = 128 + signal.SIGTERM
    """Stopped by SIGTERM."""


def exit_code_of(error: Exception) -> int:
    """The exit code for an error that ended a command; 1 for errors without one of their own."""
    return error.exit_code if isinstance(error, LineError | UsageError) else ExitCode.FAILED
