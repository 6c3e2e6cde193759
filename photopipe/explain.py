"""What was decided about one photo, and what the next run would do with it; the journal and the file are only read."""

import json
from contextlib import closing
from typing import Final, Literal, NamedTuple

from photopipe.errors import ItemError, PhotoVanished
from photopipe.found_photo import FoundPhoto
from photopipe.journal import Delivery, FileRecord, PairRecord, Questions

MOST_PATHS: Final = 20
"""How many other paths of the same content are listed."""

FileState = Literal["unchanged", "touched", "changed", "new", "gone", "unreadable", "not_looked_at"]
"""`touched` has the content that is recorded but looks different, `changed` another content; `new` is not recorded."""
Outlook = Literal["done", "left_out", "tried_again", "sent", "asked_for"]
"""`left_out` is in quarantine; `asked_for` means that the gallery is asked whether it has the photo."""
NextStep = Literal["nothing", "passed_over", "paired", "unchanged", "duplicate", "quarantined", "uploaded", "unknown"]
"""What the next run does with the photo; `unchanged`, `duplicate`, `quarantined` and `paired` are skipped."""


class ExplainedDelivery(NamedTuple):
    """What has become of the photo for one target.

    Attributes:
        delivery: what is recorded.
        outlook: what the next run with this recipe and gallery would do about it.
    """

    delivery: Delivery
    outlook: Outlook


class Explanation(NamedTuple):
    """Everything that is known of one photo.

    Attributes:
        key: the path under which the journal has it, or would have it.
        file: the file as it is now.
        problem: why the file cannot be looked at, or None.
        recorded: how it looked when its content was recorded; None if it never was.
        source_sha256: hash of the content that the deliveries are about: as it is now or, if that is not known, as it
            was recorded. None if neither is known.
        size_bytes: length of the file, if it is known.
        deliveries: of this content.
        other_paths: where it was seen, too; at most `MOST_PATHS`.
        pair: which file shows this one, if that was found out.
        unwanted: what a scan has against its name, or None.
        next_step: what the next run would do with it.
    """

    key: str
    file: FileState
    problem: str | None
    recorded: FileRecord | None
    source_sha256: str | None
    size_bytes: int | None
    deliveries: tuple[ExplainedDelivery, ...]
    other_paths: tuple[str, ...]
    pair: PairRecord | None
    unwanted: str | None
    next_step: NextStep


def explain(journal_path: str, argument: str) -> Explanation:
    """Find out what was decided about a photo. A file that is not as it was recorded is read.

    Args:
        journal_path: the journal's file; one that is not there is an empty journal.
        argument: a path or an address as a person writes it, or a path as the journal has it.

    Raises:
        UsageError: it is a folder.
        JournalUnusable: the journal cannot be read.
    """
    from photopipe.download.sources.journal_key import journal_key

    key = journal_key(argument)
    with closing(Questions(journal_path)) as questions:
        recorded, pair = questions.file(key), questions.pair(key)
        file, found, source_sha256, problem = _look(argument, recorded)
        content = source_sha256 or (recorded.source_sha256 if recorded else None)
        deliveries = questions.deliveries(content) if content else []
        paths = questions.paths(content, MOST_PATHS + 1) if content else []
    explained = tuple(ExplainedDelivery(one, _outlook(one, file)) for one in deliveries)
    unwanted = _why_unwanted(found.path) if found and not recorded else None  # a run has found what is recorded
    return Explanation(
        key=key,
        file=file,
        problem=problem,
        recorded=recorded,
        source_sha256=content,
        size_bytes=found.size_bytes if found else recorded.size_bytes if recorded else None,
        deliveries=explained,
        other_paths=tuple(path for path in paths if path != key)[:MOST_PATHS],
        pair=pair,
        unwanted=unwanted,
        next_step=_next_step(file, explained, unwanted, is_paired=bool(pair and found and _holds(pair, found))),
    )


def _look(argument: str, recorded: FileRecord | None) -> tuple[FileState, FoundPhoto | None, str | None, str | None]:
    """How the file is now; the file; its content, if it is known; and what is wrong, if something is."""
    from photopipe.download.sources.journal_key import find_one

    found = None
    try:
        found = find_one(argument)
        if found is None:
            return "not_looked_at", None, None, None
        if recorded and found[1:5] == (recorded.device, recorded.inode, recorded.size_bytes, recorded.mtime_ns):
            return "unchanged", found, recorded.source_sha256, None
        content = _content_of(found) if recorded or not _why_unwanted(found.path) else None
    except PhotoVanished as error:
        return "gone", None, None, str(error)
    except ItemError as error:
        return "unreadable", found, None, str(error)
    if recorded is None:
        return "new", found, content, None
    return "touched" if content == recorded.source_sha256 else "changed", found, content, None


def _content_of(found: FoundPhoto) -> str:
    from photopipe.download.download import download

    return download(found).source_sha256


def _why_unwanted(path: str) -> str | None:
    from photopipe.download.sources.unwanted import why_unwanted

    return why_unwanted(path)


def _outlook(delivery: Delivery, file: FileState) -> Outlook:
    if delivery.state == "quarantined":
        return "left_out" if file not in {"touched", "changed"} and _still_holds(delivery.conditions) else "tried_again"
    outlooks: dict[str, Outlook] = {"uploaded": "done", "sending": "asked_for", "failed": "tried_again"}
    return outlooks.get(delivery.state, "sent")


def _still_holds(conditions: str) -> bool:
    """True if the decoders are those that a failure depended on, as far as it did; limits are those of a run."""
    if not conditions or "decoders" not in (depends_on := json.loads(conditions)):
        return True
    from photopipe.resize.decoders.decoders import decoder_versions

    return bool(depends_on["decoders"] == decoder_versions())


def _holds(pair: PairRecord, found: FoundPhoto) -> bool:
    """True if both files are as they were when they were found to be a pair."""
    from photopipe.download.sources.journal_key import find_one

    try:
        other = find_one(found.path[: -len(found.name)] + pair.shown_by)
    except ItemError:
        return False
    looked = None if other is None else (other.size_bytes, other.mtime_ns)
    return found[1:5] == pair.looked and looked == pair.shown_by_looked


def _next_step(
    file: FileState, deliveries: tuple[ExplainedDelivery, ...], unwanted: str | None, *, is_paired: bool
) -> NextStep:
    if file in {"gone", "unreadable"}:
        return "nothing" if file == "gone" else "unknown"
    if unwanted or is_paired:
        return "passed_over" if unwanted else "paired"
    outlooks = {one.outlook for one in deliveries}
    if outlooks and outlooks <= {"done", "left_out"}:
        return _skipped_as(file, outlooks)
    return "unknown" if file == "not_looked_at" and not outlooks else "uploaded"


def _skipped_as(file: FileState, outlooks: set[Outlook]) -> NextStep:
    if "left_out" in outlooks:
        return "quarantined"
    return "duplicate" if file in {"new", "changed"} else "unchanged"
