"""A table for spreadsheets: one row for each photo or rendition."""

import base64
import csv
import io
import os
from typing import Any, Final

from photopipe.report.outcomes import PhotoOutcome
from photopipe.report.records import only_gallery, photo_fields, valid_text
from photopipe.report.report_file import FileListener
from photopipe.report.run_listener import RunEnd, RunView

COLUMNS: Final = (
    "path", "status", "stage", "reason", "message", "gallery", "rendition", "url", "remote_id", "source_bytes",
    "source_width", "source_height", "bytes", "width", "height", "taken_at", "taken_at_from", "warnings", "seconds",
    "after", "after_message", "source_sha256", "sha256", "path_b64",
)  # fmt: skip
"""The fields of the JSON lines, those that people look at first."""
FORMULA_BEGINS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Beginnings that spreadsheets take for those of a formula.

Source: OWASP, CSV Injection; the last four are the full-width forms.
"""
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""Without it, Excel takes UTF-8 for the encoding of the system."""


class CsvReport(FileListener):
    """Rows as RFC 4180 has them, in UTF-8. A text that a spreadsheet would run as a formula gets a `'` in front."""

    _only_gallery: str | None = None

    def started(self, run: RunView) -> None:
        """The header."""
        self._only_gallery = only_gallery(run)
        self.file.write(BYTE_ORDER_MARK + _row(COLUMNS))

    def photo(self, outcome: PhotoOutcome) -> None:
        """One row."""
        fields = photo_fields(outcome, self._only_gallery)
        if _cell(outcome.path) != outcome.path:
            fields["path_b64"] = base64.b64encode(os.fsencode(outcome.path)).decode("ascii")
        fields["warnings"] = "; ".join(fields["warnings"])
        self.file.write(_row([_cell(fields.get(name)) for name in COLUMNS]))

    def ended(self, end: RunEnd) -> None:  # noqa: ARG002  # a table has no summary
        """The file is placed."""
        self.file.place()


def _cell(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = str(valid_text(value))
    return f"'{text}" if text.startswith(FORMULA_BEGINS) else text


def _row(cells: Any) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()
