"""A file with the lines that `--json` prints."""

from photopipe.report.outcomes import PhotoOutcome
from photopipe.report.records import json_line, only_gallery, photo_fields, summary_fields
from photopipe.report.report_file import FileListener
from photopipe.report.run_listener import RunEnd, RunView


class NdjsonReport(FileListener):
    """One JSON object per line, as `docs/json-output.md` describes them."""

    _only_gallery: str | None = None

    def started(self, run: RunView) -> None:
        """Keep the gallery's name, if there is only one."""
        self._only_gallery = only_gallery(run)

    def photo(self, outcome: PhotoOutcome) -> None:
        """A `photo` line."""
        self.file.write(f"{json_line('photo', photo_fields(outcome, self._only_gallery))}\n".encode())

    def ended(self, end: RunEnd) -> None:
        """The `summary`, and the file is placed."""
        self.file.write(f"{json_line('summary', summary_fields(end))}\n".encode())
        self.file.place()
