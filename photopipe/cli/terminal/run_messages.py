"""What a person is told about a run as a whole: its start, its problems, how it is stopped, and its account."""

from photopipe.cli.terminal.console import Messages
from photopipe.files.characters import printable
from photopipe.report import Notice, Problem, RunEnd, RunListener, RunView
from photopipe.report.account_lines import account_lines, kept_lines
from photopipe.report.run_listener import limit_option
from photopipe.settings import DownloadSettings, Settings


class RunMessages(RunListener):
    """Messages on stderr.

    Args:
        settings: everything the run needs to know.
        console: where messages go.
        quiet: whether nothing is said if nothing is wrong.
    """

    def __init__(self, settings: Settings, console: Messages, *, quiet: bool) -> None:
        self._settings = settings
        self._console = console
        self._quiet = quiet
        self._run: RunView | None = None

    def started(self, run: RunView) -> None:
        """Say where a cluster can be looked at, and that sources are watched: nothing else may be said for days."""
        self._run = run
        if run.dashboard is not None and not self._quiet:
            self._say(f"The cluster's dashboard: {run.dashboard}")
        download = self._settings.download
        if download.watch is not None and not self._quiet:
            sources = len(download.sources) + len(download.lists)
            self._say(f"Watching {sources} {'source' if sources == 1 else 'sources'}. Ctrl-C stops.")

    def problem(self, problem: Problem) -> None:
        """Name the file or folder."""
        self._say(f"{printable(problem.path)}: {printable(problem.message)}")

    def notice(self, notice: Notice) -> None:
        """Say it."""
        self._say(f"photopipe: {printable(notice.message)}")

    def tick(self) -> None:
        """Say once that a limit is reached: finishing the photos in progress can take a while."""
        if self._run is not None and self._run.stopped_by is not None:
            if not self._quiet:
                self._say(f"{limit_option(self._run.stopped_by)} is reached: photos in progress are being finished.")
            self._run = None

    def stopping(self, signals_received: int) -> None:
        """Say what becomes of the photos in progress."""
        if signals_received == 1:
            self._say(
                "Stopping: photos in progress are being finished. Press again to drop them; nothing is lost either way."
            )
        else:
            self._say("Dropping the photos in progress; the next run takes them up again.")

    def ended(self, end: RunEnd) -> None:
        """Print the account; if quiet, only what is wrong."""
        if not self._quiet:
            self._print_account(end)
        for text in kept_lines(end.account):
            self._say(text)
        if not end.account.balances:
            self._say("photopipe: the account does not balance; this is a bug. The journal is right: run again.")
        for text in end.messages:
            self._say(text)

    def _print_account(self, end: RunEnd) -> None:
        settings, account = self._settings, end.account
        for text in account_lines(account, end.seconds):
            self._say(text)
        if account.uploaded and any(upload.endpoint_url is None for upload in settings.uploads):
            self._say(f"The photos are in {printable(settings.gallery_folder)}; `photopipe gallery` shows them.")
        if settings.dry_run and settings.download.after != "keep":
            self._say(f"The files of photos in every gallery would then be {_leaving(settings.download)}.")
        if end.limit_option:
            self._say(f"{end.limit_option} ended the run; run again for the rest.")
        elif end.stopped_by and (settings.download.watch is None or account.left_over):
            self._say("The run was stopped before its end; run again for the rest.")

    def _say(self, text: str) -> None:
        self._console.message(text)


def _leaving(settings: DownloadSettings) -> str:
    """How files leave, for a sentence."""
    if settings.after == "move":
        return f"moved to {printable(settings.after_folder or '')}"
    return "put into the trash" if settings.after == "trash" else "deleted"
