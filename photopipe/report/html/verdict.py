"""What happened, in a sentence; and the facts and numbers beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from photopipe.files.characters import printable, without_secrets
from photopipe.report.account_lines import account_lines, kept_lines, reason_text
from photopipe.report.amounts import photos_text, size_text, time_text
from photopipe.report.run_listener import RunEnd
from photopipe.settings import Settings


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happened.

    Attributes:
        tone: `good`, `warning` or `bad`, for the colour.
        sentence: what happened.
        why: what else has to be said, one sentence each.
    """

    tone: str
    sentence: str
    why: tuple[str, ...] = ()


def verdict(end: RunEnd, settings: Settings) -> Verdict:
    """What happened in a run, the worst first."""
    account = end.account
    why = (printable(str(end.error)),) if end.error is not None else ()
    if not account.balances:
        bug = "Photos are missing in it; this is a bug. The journal is right: run again."
        return Verdict("bad", "The account of this run does not balance.", (*why, bug))
    if end.error is not None:
        return Verdict("bad", f"The run failed: {_done(end)}.", why)
    if account.failed or account.unreadable:
        return Verdict("bad", f"{_ending(end, settings) or 'Not everything is done'}: {_done(end)}.")
    if ending := _ending(end, settings):
        return Verdict("warning", f"{ending}: {_done(end)}.")
    return Verdict("good", _all_done(end, settings))


def _ending(end: RunEnd, settings: Settings) -> str:
    """What ended the run before its source was; empty if nothing did, or that is how such a run ends."""
    if end.limit_option:
        return f"{end.limit_option} ended the run"
    is_usual = settings.download.watch is not None and not end.account.left_over
    return "The run was stopped" if end.stopped_by and not is_usual else ""


def _all_done(end: RunEnd, settings: Settings) -> str:
    account = end.account
    if settings.dry_run:
        return f"A dry run: {photos_text(account.would_upload, grouped=True)} would be uploaded."
    if not account.found:
        return "No photos were found."
    return f"{'Everything is done' if account.uploaded else 'Nothing was to be done'}: {_done(end)}."


def _done(end: RunEnd) -> str:
    account = end.account
    parts = [f"{account.uploaded:,} uploaded"] if account.uploaded else []
    counts = {"skipped": account.skipped.total(), "failed": account.failed, "left over": account.left_over}
    parts += [f"{count:,} {word}" for word, count in counts.items() if count]
    if account.unreadable:
        parts.append(f"{account.unreadable:,} files or folders could not be read")
    parts = parts or ["nothing was done"]
    return f"of {photos_text(account.found, grouped=True)}, {', '.join(parts)}"


def facts(end: RunEnd, settings: Settings, began_at: datetime, seconds: float) -> list[tuple[str, str]]:
    """When, from where, to where, and how fast."""
    account, ended_at = end.account, began_at + timedelta(seconds=seconds)
    found = [
        ("When", f"{began_at:%Y-%m-%d %H:%M:%S} to {ended_at:%Y-%m-%d %H:%M:%S} (UTC{began_at:%z})"),
        ("Took", time_text(end.seconds)),
        ("From", _places((*settings.download.sources, *settings.download.lists))),
        ("To", _places(_galleries(settings))),
        ("Exit code", str(end.exit_code)),
    ]
    if account.uploaded:
        rates = f"{account.uploaded / seconds:.1f} photos/s, {size_text(account.done_bytes / seconds)}/s read"
        sent = f"{size_text(account.uploaded_bytes)} sent for {size_text(account.done_bytes)} of photos"
        found += [("Speed", rates), ("Size", sent)]
    return found


def totals(end: RunEnd) -> dict[str, object]:
    """The account: how many photos came to which end, and sentences about them."""
    account = end.account
    rows = [("found", account.found), ("uploaded", account.uploaded)]
    if account.would_upload:
        rows.append(("would be uploaded", account.would_upload))
    rows += [("skipped", account.skipped.total()), ("failed", account.failed), ("left over", account.left_over)]
    lines = [*account_lines(account, end.seconds)[1:], *kept_lines(account)]
    return {
        "rows": rows,
        "skipped": [(reason_text(reason), count) for reason, count in account.skipped.most_common()],
        "lines": lines,
        "balances": account.balances,
    }


def _places(names: Iterable[str]) -> str:
    return ", ".join(printable(without_secrets(name)) for name in names)


def _galleries(settings: Settings) -> list[str]:
    return [upload.name or upload.endpoint_url or settings.gallery_folder for upload in settings.uploads]
