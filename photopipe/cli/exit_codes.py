"""Exit codes. New ones may be added: a script must treat a code it does not know as a failure."""

import signal
from enum import IntEnum

from photopipe.errors import LineError, UsageError


class ExitCode(IntEnum):
    """How a run ended."""

    DONE = 0
    """All done; nothing to do included."""

    FAILED = 1
    """The line failed, or the account does not balance."""

    USAGE = 2
    """A wrong option, argument or configuration."""

    PARTIAL = 3
    """Finished, and some photos failed or some folders could not be read."""

    UNREACHABLE = 5
    """The gallery cannot be reached or is overloaded; try later."""

    LOCKED = 11
    """Another run works with the same journal."""

    LOGIN_REFUSED = 12
    """The gallery does not accept the token."""

    SOURCE_MISSING = 13
    """A source is not there."""

    INTERRUPTED = 128 + signal.SIGINT
    """Ended by Ctrl-C."""

    TERMINATED = 128 + signal.SIGTERM
    """Ended by SIGTERM."""


def exit_code_of(error: Exception) -> int:
    """The code for what stopped a command; 1 for whatever has none of its own."""
    return error.exit_code if isinstance(error, LineError | UsageError) else ExitCode.FAILED
