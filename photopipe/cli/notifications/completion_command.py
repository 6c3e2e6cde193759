"""The command that is run when a run has ended."""

import os
import shlex
import shutil
import subprocess
import sys
from typing import Final

from photopipe.cli.terminal.console import Console
from photopipe.errors import UsageError
from photopipe.files.characters import printable
from photopipe.report import RunEnd
from photopipe.report.records import json_line, summary_fields

LIMIT_S: Final = 300.0
EXIT_CODE_VARIABLE: Final = "PHOTOPIPE_EXIT_CODE"
NOT_HANDED_ON: Final = frozenset({"PHOTOPIPE_ON_COMPLETE", "PHOTOPIPE_PING_URL"})


class CompletionCommand:
    """A program and its arguments, started without a shell.

    It finds the summary as JSON on stdin, and its numbers in environment variables. What it writes to stdout goes to
    stderr, because stdout is for photos.

    Args:
        command: as a shell would take it apart; nothing else that a shell does is done.
        console: where it is said that it failed.

    Raises:
        UsageError: it cannot be taken apart, or there is no such program.
    """

    def __init__(self, command: str, console: Console) -> None:
        try:
            self._arguments = shlex.split(command)
        except ValueError as error:
            raise UsageError(f"--on-complete: {printable(command)} cannot be taken apart: {error}") from error
        program = self._arguments[0] if self._arguments else ""
        if shutil.which(program) is None:
            raise UsageError(
                f"--on-complete: there is no program {printable(program)!r} that can be run. Give its whole path; a "
                "shell's own commands and pipes need `sh -c '...'`."
            )
        self._console = console

    def run(self, end: RunEnd) -> None:
        """Run it; whether it fails changes nothing about the run."""
        if EXIT_CODE_VARIABLE in os.environ:
            return  # this run was itself started by such a command, which would go on for ever
        summary = json_line("summary", summary_fields(end))
        try:
            code = subprocess.run(
                self._arguments,
                input=f"{summary}\n".encode(),
                stdout=sys.stderr.fileno(),
                env=_environment(end),
                timeout=LIMIT_S,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            self._say(f"was still running after {LIMIT_S:g} s and was killed")
        except OSError as error:
            self._say(f"could not be run: {error.strerror}")
        else:
            if code:
                self._say(f"ended with exit code {code}" if code > 0 else f"was ended by signal {-code}")

    def _say(self, what: str) -> None:
        self._console.message(
            f"photopipe: --on-complete: {printable(self._arguments[0])} {what}. The run is not affected."
        )


def _environment(end: RunEnd) -> dict[str, str]:
    """Ours, with the numbers of the run."""
    own = {
        EXIT_CODE_VARIABLE: str(end.exit_code),
        "PHOTOPIPE_STOPPED_BY": end.stopped_by or "",
        "PHOTOPIPE_SECONDS": f"{end.seconds:.3f}",
    }
    totals = {f"PHOTOPIPE_{name.upper()}": str(count) for name, count in end.account.totals.items()}
    return {name: value for name, value in os.environ.items() if name not in NOT_HANDED_ON} | own | totals
