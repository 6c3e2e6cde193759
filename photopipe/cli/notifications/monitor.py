"""A monitoring service such as Healthchecks, which notices runs that fail and runs that do not happen."""

from typing import Final
from urllib.parse import urlsplit

from photopipe.api import send_ping
from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.exit_codes import ExitCode
from photopipe.errors import UsageError
from photopipe.report import RunEnd
from photopipe.report.account_lines import account_lines

SUCCESSES: Final = frozenset({ExitCode.DONE, ExitCode.LIMIT})


class Monitor:
    """Told of a run at the address a person has from the service: `/start`, nothing, or the exit code behind it.

    What is sent beside that is numbers only: no path, no name, no address.

    Args:
        url: the address, which is a secret.
        console: where a ping that failed is said, once.

    Raises:
        UsageError: it is no http or https address; the message does not show it.

    Source: Healthchecks, "Pinging API" (success, start, and exit status as the last part of the path).
    """

    def __init__(self, url: str, console: Console) -> None:
        try:
            self._parts = urlsplit(url)
            is_address = self._parts.scheme in {"http", "https"} and bool(self._parts.hostname)
        except ValueError:
            is_address = False
        if not is_address:
            raise UsageError(
                "--ping-url: this is no address; write https://HOST/PATH as the monitoring service shows it."
            )
        self._console = console
        self._has_failed = False

    def begin(self) -> None:
        """Tell that a run begins."""
        self._ping("/start", "")

    def end(self, end: RunEnd) -> None:
        """Tell how it ended; a limit that was reached is a success."""
        said = account_lines(end.account, end.seconds)[0] if end.account.found else "no photos were found"
        suffix = "" if end.exit_code in SUCCESSES else f"/{end.exit_code}"
        self._ping(suffix, f"photopipe ended with exit code {end.exit_code}: {said}\n")

    def _ping(self, suffix: str, body: str) -> None:
        path = self._parts.path.rstrip("/") + suffix
        problem = send_ping(self._parts._replace(path=path).geturl(), body)
        if problem is not None and not self._has_failed:
            self._has_failed = True
            self._console.message(
                f"photopipe: --ping-url: {self._parts.hostname} could not be told: {problem}. The run is not affected."
            )
