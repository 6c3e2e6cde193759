"""Two ways to print the same events: lines for people and pipes, or NDJSON for programs."""

import base64
import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.progress import size_text
from photopipe.errors import GalleryDown
from photopipe.files.characters import printable
from photopipe.report import KEPT, LOSSES, Account, PhotoOutcome, RunEnd, RunListener, RunView

JSON_VERSION = 1
LEFT: Final = {"moved": "moved", "trashed": "put into the trash", "deleted": "deleted"}
WORDS = {"paired": "paired with another photo"}
"""What people are told in place of a reason."""
GUESSES: Final[dict[str | None, str]] = {"file_name": "the name of its file", "file_date": "the date of its file"}


class TextPrinter(RunListener):
    """stdout: the address of each photo that reached the gallery. stderr: failures and, if `verbose`, all else."""

    def __init__(self, console: Console, *, verbose: bool) -> None:
        self._console = console
        self._verbose = verbose

    def photo(self, outcome: PhotoOutcome) -> None:
        """The photo's address on stdout, and a message if there is something to say."""
        if outcome.status == "uploaded" and outcome.url:
            self._console.data(outcome.url)
        _print_message(self._console, outcome, verbose=self._verbose)


class JsonPrinter(RunListener):
    """stdout: one JSON object per line, see `docs/json-output.md`. stderr: as `TextPrinter`."""

    def __init__(self, console: Console, *, verbose: bool) -> None:
        self._console = console
        self._only_gallery: str | None = None
        self._verbose = verbose

    def started(self, run: RunView) -> None:
        """Keep the gallery's name, if there is only one: then every line has it."""
        self._only_gallery = run.galleries[0] if len(run.galleries) == 1 else None

    def photo(self, outcome: PhotoOutcome) -> None:
        """A `photo` line."""
        rendition = outcome.rendition
        self._write(
            "photo",
            **path_fields(outcome.path),
            status=outcome.status,
            stage=outcome.stage,
            reason=outcome.reason,
            message=outcome.message,
            gallery=outcome.gallery or self._only_gallery,
            rendition=rendition.name if rendition else None,
            url=outcome.url,
            remote_id=outcome.remote_id,
            source_sha256=outcome.source_sha256,
            sha256=rendition.sha256 if rendition else None,
            width=(rendition.width_px or None) if rendition else None,
            height=(rendition.height_px or None) if rendition else None,
            bytes=rendition.size_bytes if rendition else None,
            taken_at=rendition.taken_at if rendition else None,
            taken_at_from=rendition.taken_at_from if rendition else None,
            warnings=list(rendition.warnings) if rendition else [],
            seconds=outcome.seconds,
            after=outcome.after,
            after_message=outcome.after_message,
        )
        _print_message(self._console, outcome, verbose=self._verbose)

    def ended(self, end: RunEnd) -> None:
        """The last line, a `summary`; a stream without it is incomplete."""
        self._write("summary", **summary_fields(end))

    def _write(self, kind: str, **fields: Any) -> None:
        self._console.data(json_line(kind, fields))


def summary_fields(end: RunEnd) -> dict[str, Any]:
    """The fields of a `summary` line."""
    account = end.account
    return account.totals | {
        "would_upload": account.would_upload,
        "kept": sum(kept.photos for kept in account.kept.values()),
        "other_shards": account.other_shards,
        "seconds": round(end.seconds, 3),
        "exit_code": end.exit_code,
        "stopped_by": end.stopped_by,
    }


def json_line(kind: str, fields: Mapping[str, Any]) -> str:
    """One line of JSON output."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    record = {"v": JSON_VERSION, "type": kind, "ts": now, **fields}
    return json.dumps({name: _valid(value) for name, value in record.items()})


def _valid(value: Any) -> Any:
    """The value, with U+FFFD for what is not valid UTF-8; a strict parser would refuse the whole line."""
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", value)
    return [_valid(item) for item in value] if isinstance(value, list) else value


def path_fields(path: str) -> dict[str, str]:
    """The path and, if it is not valid UTF-8, its bytes too."""
    raw = os.fsencode(path)
    try:
        return {"path": raw.decode("utf-8")}
    except UnicodeDecodeError:
        return {"path": raw.decode("utf-8", "replace"), "path_b64": base64.b64encode(raw).decode("ascii")}


def _print_message(console: Console, outcome: PhotoOutcome, *, verbose: bool) -> None:
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


def account_lines(account: Account, seconds: float) -> list[str]:
    """The final account, for people."""
    parts = [
        f"{account.uploaded} uploaded" + (f" ({size_text(account.uploaded_bytes)})" if account.uploaded else ""),
        f"{account.skipped.total()} skipped" + _reasons(account),
        f"{account.failed} failed",
        f"{account.left_over} left over",
    ]
    if account.would_upload:
        parts.insert(0, f"{account.would_upload} would be uploaded")
    plural = "photo" if account.found == 1 else "photos"
    lines = [f"{account.found} {plural} found: {', '.join(parts)}; {seconds:.1f} s"]
    if account.other_shards:
        belong = "photo belongs" if account.other_shards == 1 else "photos belong"
        lines.append(f"{account.other_shards} more {belong} to other shards")
    if account.other_files:
        kinds = ", ".join(
            f"{extension or 'no extension'} {count}" for extension, count in account.other_files.most_common(5)
        )
        lines.append(f"{account.other_files.total()} other files left alone ({printable(kinds)})")
    if account.unclear_pairs:
        photos = "name has" if account.unclear_pairs == 1 else "names have"
        lines.append(
            f"{account.unclear_pairs} {photos} too many photos to tell which are a pair, such as "
            f"{printable(account.unclear_example)}; none of them was left out."
        )
    lines += [
        f"{count} {'photo was' if count == 1 else 'photos were'} not sent to {printable(gallery)}, which was given up "
        "for this run. Run again later."
        for gallery, count in account.not_sent.items()
    ]
    lines += [f"The files of {_photos(count)} were {LEFT[action]}." for action, count in account.left.items()]
    return lines + [f"{_photos(count)}: {loss}; {LOSSES[loss]}" for loss, count in account.incomplete.items()]


def kept_lines(account: Account) -> list[str]:
    """What is said of files that were to leave and were kept; that is said in quiet runs, too."""
    return [
        KEPT[reason].format(
            photos=f"The files of {_photos(kept.photos)} were",
            path=printable(kept.path),
            message=printable(kept.message),
        )
        for reason, kept in account.kept.items()
    ]


def _photos(count: int) -> str:
    return "1 photo" if count == 1 else f"{count} photos"


def _reasons(account: Account) -> str:
    reasons = [f"{count} {WORDS.get(reason, reason.replace('_', ' '))}" for reason, count in account.skipped.items()]
    return f" ({', '.join(reasons)})" if reasons else ""
