"""What happens in a run as the fields of JSON lines, which are also those of a CSV file; see `docs/json-output.md`."""

import base64
import json
import os
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from photopipe.report.outcomes import PhotoOutcome
from photopipe.report.run_listener import RunEnd, RunView

JSON_VERSION: Final = 1


def photo_fields(outcome: PhotoOutcome, gallery: str | None) -> dict[str, Any]:
    """The fields of a `photo` line.

    Args:
        outcome: how one photo, or one rendition of it, ended.
        gallery: what `only_gallery` says of the run.
    """
    rendition = outcome.rendition
    return {
        **path_fields(outcome.path),
        "status": outcome.status,
        "stage": outcome.stage,
        "reason": outcome.reason,
        "message": outcome.message,
        "gallery": outcome.gallery or gallery,
        "rendition": rendition.name if rendition else None,
        "url": outcome.url,
        "remote_id": outcome.remote_id,
        "source_sha256": outcome.source_sha256,
        "source_bytes": outcome.source_bytes,
        "source_width": (rendition.source_width_px or None) if rendition else None,
        "source_height": (rendition.source_height_px or None) if rendition else None,
        "sha256": rendition.sha256 if rendition else None,
        "width": (rendition.width_px or None) if rendition else None,
        "height": (rendition.height_px or None) if rendition else None,
        "bytes": rendition.size_bytes if rendition else None,
        "taken_at": rendition.taken_at if rendition else None,
        "taken_at_from": rendition.taken_at_from if rendition else None,
        "warnings": list(rendition.warnings) if rendition else [],
        "seconds": outcome.seconds,
        "after": outcome.after,
        "after_message": outcome.after_message,
    }


def only_gallery(run: RunView) -> str | None:
    """The gallery's name in the journal if the run has only one: then every line has it."""
    return run.galleries[0] if len(run.galleries) == 1 else None


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
    record = {"v": JSON_VERSION, "type": kind, "ts": now_text(), **fields}
    return json.dumps({name: valid_text(value) for name, value in record.items()})


def now_text() -> str:
    """The time as RFC 3339 has it, in UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def valid_text(value: Any) -> Any:
    """The value, with U+FFFD for what is not valid UTF-8; a strict parser would refuse the whole line."""
    if isinstance(value, str):
        return re.sub("[\ud800-\udfff]", "\ufffd", value)
    if isinstance(value, dict):
        return {name: valid_text(item) for name, item in value.items()}
    return [valid_text(item) for item in value] if isinstance(value, list) else value


def path_fields(path: str) -> dict[str, str]:
    """The path and, if it is not valid UTF-8, its bytes too."""
    raw = os.fsencode(path)
    try:
        return {"path": raw.decode("utf-8")}
    except UnicodeDecodeError:
        return {"path": raw.decode("utf-8", "replace"), "path_b64": base64.b64encode(raw).decode("ascii")}
