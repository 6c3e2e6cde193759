"""When there were runs, and how they ended."""

from datetime import datetime

from photopipe.journal.database.database import Database, replaced_if_damaged
from photopipe.journal.database.schema import now_text


class Runs:
    """The runs with this journal.

    Args:
        database: the journal's.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @replaced_if_damaged
    def start(self) -> int:
        """Record that a run begins now; returns its number."""
        with self._database.write("FULL") as connection:  # the lock's file notes the number, and must not be ahead
            number = connection.execute("INSERT INTO runs (started_at) VALUES (?)", (now_text(),)).lastrowid or 0
        self._database.note_run(number)
        return number

    @replaced_if_damaged
    def end(self, number: int, exit_code: int, counts: dict[str, int]) -> None:
        """Record that a run ends now.

        Args:
            number: what `start` returned.
            exit_code: how it ended.
            counts: how many photos were `found`, `uploaded`, `skipped`, `failed` and `left_over`.
        """
        with self._database.write() as connection:
            connection.execute(
                "UPDATE runs SET ended_at = :ended_at, exit_code = :exit_code, found = :found, uploaded = :uploaded,"
                " skipped = :skipped, failed = :failed, left_over = :left_over WHERE id = :id",
                {"id": number, "ended_at": now_text(), "exit_code": exit_code, **counts},
            )

    @replaced_if_damaged
    def last_success(self) -> datetime | None:
        """When the last run began that ended with exit code 0, in UTC; None if there was none."""
        rows = self._database.read("SELECT started_at FROM runs WHERE exit_code = 0 ORDER BY id DESC LIMIT 1")
        return datetime.fromisoformat(rows[0][0]) if rows else None
