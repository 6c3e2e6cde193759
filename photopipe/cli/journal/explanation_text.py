"""What was decided about a photo, in sentences."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final

from photopipe.cli.journal.recipe_words import recipe_words
from photopipe.cli.journal.times import local_time
from photopipe.explain import MOST_PATHS, ExplainedDelivery, Explanation, Outlook
from photopipe.files.characters import printable
from photopipe.journal import Delivery, FileRecord
from photopipe.report.amounts import size_text

FILE: Final = {
    "unchanged": "The file is as it was when it was recorded.",
    "touched": "The file does not look as it did when it was recorded ({changes}), but its content is the same.",
    "changed": "The file has another content than when it was recorded ({changes}).",
    "gone": "The file is not there any more.",
    "not_looked_at": "It is not a file on this computer, so it was not looked at.",
}
STATES: Final = {
    "found": "not yet done: found",
    "rendered": "not yet done: made, and not sent",
    "sending": "in doubt: it was being sent when the run was stopped, or its answer was lost",
    "uploaded": "uploaded",
    "failed": "failed",
    "quarantined": "in quarantine",
}
CONDITIONS: Final = {"max_pixels": "the limit of pixels (--max-pixels, {} then)", "decoders": "the decoders ({} then)"}
OUTLOOKS: Final[Mapping[Outlook, str]] = {
    "done": "nothing is left to do",
    "left_out": "it is left out until {until} changes, or after `photopipe retry`",
    "tried_again": "it would be tried again",
    "sent": "it would be made and sent",
    "asked_for": "the gallery would be asked for it, and it would be sent only if it is not there",
}
NEXT: Final = {
    "nothing": "`photopipe process` would do nothing: the file is not there.",
    "passed_over": "`photopipe process` would pass it over in a folder: {unwanted}.",
    "paired": "`photopipe process` would skip it as paired: {shown_by} shows the same shot; neither has changed.",
    "unchanged": "`photopipe process` would skip it as unchanged{reading}: every gallery above has it.",
    "duplicate": "`photopipe process` would skip it as a duplicate: this content is in every gallery above.",
    "quarantined": "`photopipe process` would skip it as quarantined.",
    "uploaded": "`photopipe process` would work on it.",
    "unknown": "What `photopipe process` would do depends on what it finds when it reads it.",
}
OTHER_TARGETS: Final = "With another recipe, or to another gallery, it would be uploaded there."


def explanation_lines(explanation: Explanation, names: Mapping[str, str]) -> list[str]:
    """The sentences, one a line, those about a gallery indented below it.

    Args:
        explanation: what was found out.
        names: what people call galleries, by their ids in the journal.
    """
    lines = [printable(explanation.key), *_about_file(explanation)]
    if explanation.source_sha256:
        size = f", {size_text(explanation.size_bytes)}" if explanation.size_bytes is not None else ""
        lines.append(f"Content: SHA-256 {explanation.source_sha256}{size}.")
    if explanation.other_paths:
        more = ", and more" if len(explanation.other_paths) == MOST_PATHS else ""
        lines.append(f"The same content was seen as {', '.join(map(printable, explanation.other_paths))}{more}.")
    if explanation.pair:
        lines.append(f"It was found to show the same shot as {printable(explanation.pair.shown_by)} beside it.")
    for one in explanation.deliveries:
        lines += _about_delivery(one, names)
    return [*lines, *_next(explanation)]


def _about_file(explanation: Explanation) -> Iterator[str]:
    if explanation.recorded is None:
        yield "The journal does not know this path" + (
            ", but it knows the content." if explanation.deliveries else _why_unknown(explanation)
        )
    if explanation.file == "gone" and not explanation.recorded:
        yield "There is no such file."
    elif explanation.file in FILE:
        yield FILE[explanation.file].format(changes=_changes(explanation))
    if explanation.file == "unreadable":
        yield f"The file {printable(explanation.problem or 'cannot be read')}"


def _why_unknown(explanation: Explanation) -> str:
    if explanation.pair:
        return " as that of a photo that was uploaded."
    if explanation.unwanted:
        return ": no run has taken it."
    return ": no run has read it. Runs may have looked elsewhere, left it out, or used another --journal."


def _changes(explanation: Explanation) -> str:
    recorded, size_bytes = explanation.recorded, explanation.size_bytes
    if recorded is None:
        return ""
    if size_bytes != recorded.size_bytes:
        return f"{recorded.size_bytes} bytes then, {size_bytes} now"
    return f"the recorded one was last changed on {_mtime(recorded)}"


def _mtime(recorded: FileRecord) -> str:
    return local_time(datetime.fromtimestamp(recorded.mtime_ns // 10**9, UTC).isoformat())


def _about_delivery(one: ExplainedDelivery, names: Mapping[str, str]) -> Iterator[str]:
    delivery = one.delivery
    name = names.get(delivery.gallery_id)
    yield f"Gallery: {printable(f'{name} ({delivery.gallery_id})' if name else delivery.gallery_id)}"
    yield f"  {printable(recipe_words(delivery.recipe, delivery.recipe_id))}"
    address = f" as {printable(delivery.url)}" if delivery.url and delivery.state == "uploaded" else ""
    yield f"  {STATES[delivery.state]}, {local_time(delivery.changed_at)}{address}"
    if delivery.reason:
        yield f"  {_failure(delivery)}"
    yield f"  next: {OUTLOOKS[one.outlook].format(until=_until(delivery))}"


def _failure(delivery: Delivery) -> str:
    runs = {0: "before `photopipe retry`", 1: "in 1 run"}.get(delivery.attempts, f"in {delivery.attempts} runs")
    return f"failed {runs}, at {delivery.stage}, as {delivery.reason}: {printable(delivery.message or '')}"


def _until(delivery: Delivery) -> str:
    then = json.loads(delivery.conditions) if delivery.conditions else {}
    return " or ".join(["the file", *(CONDITIONS.get(name, name).format(printable(then[name])) for name in then)])


def _next(explanation: Explanation) -> Iterator[str]:
    yield NEXT[explanation.next_step].format(
        unwanted=explanation.unwanted,
        shown_by=printable(explanation.pair.shown_by) if explanation.pair else "",
        reading=" after reading it" if explanation.file == "touched" else "",
    )
    if explanation.next_step in {"unchanged", "duplicate", "quarantined"}:
        yield OTHER_TARGETS
