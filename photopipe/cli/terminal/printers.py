"""Two ways to print the same events: lines for people and pipes, or NDJSON for programs."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from photopipe.cli.terminal.console import Messages
from photopipe.errors import GalleryDown
from photopipe.files.characters import printable
from photopipe.report import PhotoOutcome, RunEnd, RunListener, RunView
from photopipe.report.records import json_line, only_gallery, photo_fields, summary_fields

GUESSES: Final[dict[str | None, str]] = {"file_name": "the name of its file", "file_date": "the date of its file"}


class TextPrinter(RunListener):
    """stdout: the address of each photo that reached the gallery. stderr: failures and, if `verbose`, all else."""

    def __init__(self, console: Messages, *, verbose: bool) -> None:
        self._console = console
        self._verbose = verbose

    def photo(self, outcome: PhotoOutcome) -> None:
        """The photo's address on stdout, and a message if there is something to say."""
        if outcome.status == "uploaded" and outcome.url:
            self._console.data(outcome.url)
        _print_message(self._console, outcome, verbose=self._verbose)


class JsonPrinter(RunListener):
    """stdout: one JSON object per line, see `docs/json-output.md`. stderr: as `TextPrinter`.

    Args:
        console: where both go.
        verbose: whether every photo is named on stderr.
        fields: what each line has besides.
    """

    def __init__(self, console: Messages, *, verbose: bool, fields: Mapping[str, Any] = MappingProxyType({})) -> None:
        self._console = console
        self._fields = fields
        self._only_gallery: str | None = None
        self._verbose = verbose

    def started(self, run: RunView) -> None:
        """Keep the gallery's name, if there is only one: then every line has it."""
        self._only_gallery = only_gallery(run)

    def photo(self, outcome: PhotoOutcome) -> None:
        """A `photo` line."""
        self._write("photo", photo_fields(outcome, self._only_gallery))
        _print_message(self._console, outcome, verbose=self._verbose)

    def ended(self, end: RunEnd) -> None:
        """The last line, a `summary`; a stream without it is incomplete."""
        self._write("summary", summary_fields(end))

    def _write(self, kind: str, fields: Mapping[str, Any]) -> None:
        self._console.data(json_line(kind, {**self._fields, **fields}))


def _print_message(console: Messages, outcome: PhotoOutcome, *, verbose: bool) -> None:
    """Name a failure; if `verbose`, name every photo and what was lost or guessed.

    What a gallery that was given up did not get is counted at the end: there may be a million photos.
    """
    is_told = outcome.status in {"failed", "vanished"} and outcome.reason != GalleryDown.reason
    if not verbose and not is_told:
        return
    path = printable(outcome.path)
    if outcome.status in {"failed", "vanished"}:
        console.message(f"{path}: {printable(outcome.message or '')}")
    else:
        details = " ".join(filter(None, (outcome.reason, outcome.message, outcome.url)))
        console.message(f"{path}: {outcome.status}{': ' if details else ''}{printable(details)}")
    if verbose and outcome.rendition and outcome.rendition.taken_at_from in GUESSES:
        time, guess = outcome.rendition.taken_at, GUESSES[outcome.rendition.taken_at_from]
        console.message(f"{path}: capture time {time}, guessed from {guess}")
    if verbose and outcome.after:
        why = f": {printable(outcome.after_message)}" if outcome.after_message else ""
        console.message(f"{path}: {outcome.after}{why}")
    if verbose and outcome.rendition:
        for warning in outcome.rendition.warnings:
            console.message(f"{path}: warning: {printable(warning)}")
