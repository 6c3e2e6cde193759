"""Questions to the journal: cheap however many photos there are, and possible while a run goes on."""

import json
import sqlite3
import tracemalloc
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from support.deadline import within_deadline

from photopipe.errors import GalleryFailed, PhotoUnreadable
from photopipe.found_photo import FoundPhoto
from photopipe.journal import Corrections, Journal, Questions, run_lock
from photopipe.photo import DownloadedPhoto, Receipt, Target
from photopipe.settings import ResizeSettings

TARGET = Target("recipe", "gallery")
OLDER_SCHEMA = (Path(__file__).parent / "support" / "journal_version_3.sql").read_text()


def photo(path: str, content: str) -> DownloadedPhoto:
    return DownloadedPhoto(FoundPhoto(path, 10, 20, 30, 1, 5), sha256(content.encode()).hexdigest())


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "journal.sqlite")


@pytest.fixture
def journal(path: str) -> Iterator[Journal]:
    with closing(Journal(path, [TARGET])) as journal:
        yield journal


def test_answers_are_those_of_the_moment_while_a_run_goes_on(journal: Journal, path: str) -> None:
    item = photo("/card/a.jpg", "a")
    with closing(Questions(path)) as questions:
        journal.admit(item)
        assert questions.counts()[0].states == {"found": 1}
        journal.uploaded(item.source_sha256, TARGET, Receipt("7", "http://gallery/7"))
        assert questions.counts()[0].states == {"uploaded": 1}
        (delivery,) = questions.deliveries(item.source_sha256)
        assert (delivery.state, delivery.url) == ("uploaded", "http://gallery/7")


def test_counting_reads_only_the_index(journal: Journal, path: str) -> None:
    statements: list[str] = []
    with closing(Questions(path)) as questions:
        connection = questions._database._connection
        connection.set_trace_callback(statements.append)
        questions.counts()
        list(questions.failures())
        connection.set_trace_callback(None)
        plans = [" ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {one}")) for one in statements]
    assert "COVERING INDEX deliveries_by_state" in plans[0]
    assert "SCAN deliveries" not in plans[2]
    assert "INDEX deliveries_by_state (target_id=? AND state=?)" in plans[2]


def test_failures_come_one_by_one_in_the_order_of_their_paths(journal: Journal, path: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN")
        connection.execute("INSERT INTO folders VALUES (1, '/card')")
        numbers = range(1, 20_001)
        connection.executemany("INSERT INTO photos VALUES (?, ?)", ((n, n.to_bytes(32, "big")) for n in numbers))
        connection.executemany("INSERT INTO files VALUES (1, ?, 0, 0, 0, 0, ?)", ((b"%06d" % n, n) for n in numbers))
        connection.executemany(
            "INSERT INTO deliveries (target_id, photo_id, state, message) VALUES (1, ?, 'failed', ?)",
            ((n, "why " * 50) for n in numbers),
        )
        connection.execute("UPDATE folders SET path = CAST(path AS BLOB)")
        connection.execute("COMMIT")
    with closing(Questions(path)) as questions:
        tracemalloc.start()
        count, last = 0, ""
        for failure in questions.failures():
            assert failure.key > last
            count, last = count + 1, failure.key
        peak_bytes = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (count, last) == (20_000, "/card/020000")
    assert peak_bytes < 1_000_000


def test_whoever_wants_no_more_failures_can_close_the_journal(journal: Journal, path: str) -> None:
    for name in ("a", "b"):
        journal.admit(photo(f"/card/{name}.jpg", name))
        journal.failed(photo("", name).source_sha256, [TARGET], "resize", PhotoUnreadable("broken"))

    def program() -> None:
        with closing(Questions(path)) as questions:
            failures = questions.failures()
            assert next(failures).key == "/card/a.jpg"

    within_deadline(program)


def test_all_paths_of_a_failed_photo_are_told(journal: Journal, path: str) -> None:
    for name in ("b", "a"):
        journal.admit(photo(f"/card/{name}.jpg", "same"))
    journal.failed(photo("", "same").source_sha256, [TARGET], "resize", PhotoUnreadable("broken"))
    with closing(Questions(path)) as questions:
        assert [one.key for one in questions.failures()] == ["/card/a.jpg", "/card/b.jpg"]
        assert len(questions.paths(photo("", "same").source_sha256, 1)) == 1


def test_what_makes_a_recipe_is_recorded_and_added_to_what_was_recorded_without(path: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(OLDER_SCHEMA)
        connection.execute("INSERT OR IGNORE INTO targets (recipe_id, gallery_id) VALUES ('recipe', 'gallery')")
    settings = ResizeSettings(max_width_px=800, quality=70, workers=9)
    other = Target("other", "gallery")
    with closing(Journal(path, [TARGET, other], recipes={"recipe": settings.recipe})):
        pass
    with closing(Journal(path, [TARGET], recipes={"recipe": "{}"})), closing(Questions(path)) as questions:
        recipes = {one.recipe_id: one.recipe for one in questions.counts()}
    assert json.loads(recipes["recipe"]) == {"max_width_px": 800, "max_height_px": 2048, "quality": 70}
    assert recipes["other"] == ""


def test_what_is_tried_again_counts_its_failures_anew_and_keeps_the_last_one(journal: Journal, path: str) -> None:
    item = photo("/card/a.jpg", "a")
    journal.admit(item)
    for _ in range(3):
        journal.failed(item.source_sha256, [TARGET], "resize", PhotoUnreadable("broken"))
    assert journal.sort_page("/card", [item.found]).quarantined
    with run_lock(path) as lock, closing(Corrections(path, lock)) as corrections:
        assert corrections.retry() == 1
    assert journal.sort_page("/card", [item.found]).undone
    journal.failed(item.source_sha256, [TARGET], "upload", GalleryFailed("500"))
    with closing(Questions(path)) as questions:
        (delivery,) = questions.deliveries(item.source_sha256)
    assert (delivery.state, delivery.attempts, delivery.reason) == ("failed", 1, "gallery_failed")


def test_forgetting_a_folder_leaves_those_that_begin_alike(journal: Journal, path: str) -> None:
    for name in ("/card/a.jpg", "/card/deep/b.jpg", "/card2/c.jpg", "/card.jpg"):
        journal.admit(photo(name, name))
    with run_lock(path) as lock, closing(Corrections(path, lock)) as corrections, closing(Questions(path)) as questions:
        forgotten = corrections.forget(["/card"])
        assert (forgotten.files, forgotten.photos, forgotten.still_known) == (2, 2, 0)
        assert questions.counts()[0].states == {"found": 2}
        assert questions.file("/card2/c.jpg")
        assert questions.file("/card.jpg")
        assert questions.file("/card/deep/b.jpg") is None
        assert corrections.forget(["/"]).files == 2
