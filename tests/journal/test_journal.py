"""The journal: what is recorded, what it says when asked, and what survives."""

import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from support.deadline import DEADLINE_S, within_deadline
from support.journals import delivery_of, states_of

from photopipe.errors import (
    DiskFull,
    GalleryFailed,
    GalleryRefused,
    JournalUnusable,
    LockHeld,
    PhotoTooLarge,
    PhotoUnreadable,
)
from photopipe.found_photo import FoundPhoto
from photopipe.journal import Journal, run_lock
from photopipe.photo import DownloadedPhoto, PlannedDelivery, Receipt, Rendition, SentBytes, Target

FIRST_SCHEMA = (Path(__file__).parents[1] / "support" / "journal_version_1.sql").read_text()
RENDITION = Rendition("a.jpg", "image/jpeg", 100, "5" * 64, "1" * 40, "d" * 32, 40, 30, None)
RECEIPT = Receipt("7", "http://gallery/7")
TARGET = Target("recipe", "gallery")
WEB, THUMB = Target("web", "gallery"), Target("thumb", "gallery")


def photo(path: str = "/card/a.jpg", content: str = "picture", mtime_ns: int = 1) -> DownloadedPhoto:
    found = FoundPhoto(path, 10, 20, 30, mtime_ns, 5)
    return DownloadedPhoto(found, sha256(os.fsencode(content)).hexdigest())


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "state" / "journal.sqlite")


@pytest.fixture
def journal(path: str) -> Iterator[Journal]:
    journal = Journal(path, [TARGET])
    yield journal
    journal.close()


def upload(journal: Journal, item: DownloadedPhoto) -> None:
    journal.admit(item)
    journal.rendered(item.source_sha256, [(TARGET, RENDITION)])
    journal.sending(item.source_sha256, TARGET, RENDITION)
    journal.uploaded(item.source_sha256, TARGET, RECEIPT)


def state(journal: Journal, item: DownloadedPhoto) -> str:
    return delivery_of(journal, item.source_sha256, TARGET).state


def test_a_photo_moves_from_found_to_uploaded(journal: Journal) -> None:
    item = photo()
    states = []
    journal.admit(item)
    states.append(state(journal, item))
    journal.rendered(item.source_sha256, [(TARGET, RENDITION)])
    states.append(state(journal, item))
    journal.sending(item.source_sha256, TARGET, RENDITION)
    states.append(state(journal, item))
    journal.uploaded(item.source_sha256, TARGET, RECEIPT)
    states.append(state(journal, item))
    assert states == ["found", "rendered", "sending", "uploaded"]
    delivery = delivery_of(journal, item.source_sha256, TARGET)
    assert (delivery.sha256, delivery.url) == (RENDITION.sha256, RECEIPT.url)


def test_only_an_uploaded_unchanged_file_is_skipped_without_opening_it(journal: Journal) -> None:
    done, halfway, changed, new = (photo(f"/card/{name}.jpg", name) for name in ("a", "b", "c", "d"))
    upload(journal, done)
    upload(journal, changed)
    journal.admit(halfway)
    touched = changed.found._replace(mtime_ns=99)
    page = journal.sort_page("/card", [done.found, halfway.found, touched, new.found])
    assert page.unchanged == [done.found]
    assert page.undone == [halfway.found, touched, new.found]


def test_every_part_of_a_files_identity_counts(journal: Journal) -> None:
    found = photo().found
    upload(journal, photo())
    others = [
        found._replace(device=9),
        found._replace(inode=9),
        found._replace(size_bytes=9),
        found._replace(mtime_ns=9),
    ]
    assert journal.sort_page("/card", others).undone == others


def test_the_same_name_in_another_folder_is_another_file(journal: Journal) -> None:
    upload(journal, photo("/card/a.jpg"))
    other = photo("/card/sub/a.jpg").found
    assert journal.sort_page("/card/sub", [other]).undone == [other]


def test_names_that_are_not_text_are_found_again(journal: Journal) -> None:
    names = [os.fsdecode(name) for name in (b"\xff\xfe.jpg", b"new\nline.jpg", "עברית.jpg".encode())]
    items = [photo(f"/card/{name}", name) for name in sorted(names)]
    for item in items:
        upload(journal, item)
    assert journal.sort_page("/card", [item.found for item in items]).undone == []


def test_the_same_content_under_another_name_is_done_and_says_where(journal: Journal) -> None:
    upload(journal, photo("/card/a.jpg"))
    admission = journal.admit(photo("/card/copy.jpg"))
    assert (admission.plan, admission.same_as) == ((), "/card/a.jpg")


def test_another_recipe_or_gallery_starts_from_nothing(path: str, journal: Journal) -> None:
    upload(journal, photo())
    for target in (Target("other recipe", "gallery"), Target("recipe", "other gallery")):
        other = Journal(path, [target])
        assert other.sort_page("/card", [photo().found]).undone == [photo().found]
        assert other.admit(photo()).plan == (PlannedDelivery(target),)
        other.close()


def test_a_photo_is_done_when_all_its_renditions_are(path: str) -> None:
    journal = Journal(path, [WEB, THUMB])
    item = photo()
    assert journal.admit(item).plan == (PlannedDelivery(WEB), PlannedDelivery(THUMB))
    journal.uploaded(item.source_sha256, WEB, RECEIPT)
    assert journal.plan_for(item.source_sha256) == (PlannedDelivery(THUMB),)
    assert journal.sort_page("/card", [item.found]).undone == [item.found]
    journal.uploaded(item.source_sha256, THUMB, RECEIPT)
    assert journal.sort_page("/card", [item.found]).unchanged == [item.found]
    assert states_of(journal) == {"uploaded": 2}
    journal.close()


def test_a_photo_is_quarantined_when_one_rendition_is_and_the_others_are_done(path: str) -> None:
    journal = Journal(path, [WEB, THUMB])
    item = photo()
    journal.admit(item)
    journal.uploaded(item.source_sha256, WEB, RECEIPT)
    for _ in range(3):
        journal.failed(item.source_sha256, [THUMB], "resize", PhotoUnreadable("x"))
    assert journal.sort_page("/card", [item.found]).quarantined == [item.found]
    journal.close()


def test_a_row_in_doubt_remembers_what_was_sent_and_stays_in_doubt(journal: Journal) -> None:
    item = photo()
    journal.admit(item)
    journal.sending(item.source_sha256, TARGET, RENDITION)
    journal.admit(item)
    other_bytes = Rendition("a.jpg", "image/jpeg", 9, "9" * 64, "", "", 1, 1, None)
    journal.rendered(item.source_sha256, [(TARGET, other_bytes)])
    journal.failed(item.source_sha256, [TARGET], "resize", PhotoUnreadable("broken now"))
    journal.failed(item.source_sha256, [TARGET], "upload", GalleryFailed("500"))
    delivery = delivery_of(journal, item.source_sha256, TARGET)
    assert (delivery.state, delivery.sha256) == ("sending", RENDITION.sha256)
    sent = SentBytes(RENDITION.sha256, RENDITION.sha1, RENDITION.md5, RENDITION.size_bytes)
    assert journal.admit(item).plan == (PlannedDelivery(TARGET, is_ambiguous=True, sent=sent),)


def test_the_gallerys_own_refusal_ends_the_doubt(journal: Journal) -> None:
    item = photo()
    journal.admit(item)
    journal.sending(item.source_sha256, TARGET, RENDITION)
    journal.failed(item.source_sha256, [TARGET], "upload", GalleryRefused("too big"))
    assert state(journal, item) == "failed"


def test_the_third_permanent_failure_quarantines_until_the_file_is_touched(journal: Journal) -> None:
    item = photo()
    for expected in ("failed", "failed", "quarantined"):
        journal.admit(item)
        journal.failed(item.source_sha256, [TARGET], "resize", PhotoUnreadable("the file ends early"))
        assert state(journal, item) == expected
    assert journal.sort_page("/card", [item.found]).quarantined == [item.found]
    touched = item.found._replace(mtime_ns=99)
    assert journal.sort_page("/card", [touched]).undone == [touched]


class TooManyPixels(PhotoTooLarge):
    depends_on = ("max_pixels",)


def test_a_failure_that_depends_on_a_setting_is_tried_again_when_that_changes(path: str) -> None:
    limit, item = "100", photo()
    journal = Journal(path, [TARGET], condition=lambda name: {"max_pixels": limit}[name])
    for _ in range(3):
        journal.admit(item)
        journal.failed(item.source_sha256, [TARGET], "resize", TooManyPixels("1 MP, and the limit is 100"))
    assert state(journal, item) == "quarantined"
    assert journal.sort_page("/card", [item.found]).quarantined == [item.found]
    limit = "200"
    assert journal.sort_page("/card", [item.found]).undone == [item.found]
    for expected in ("failed", "failed", "quarantined"):
        journal.failed(item.source_sha256, [TARGET], "resize", TooManyPixels("1 MP, and the limit is 200"))
        assert state(journal, item) == expected
    assert journal.sort_page("/card", [item.found]).quarantined == [item.found]
    journal.close()


def test_a_journal_of_the_first_version_is_brought_forward_and_its_quarantine_tried_again(path: str) -> None:
    old = Path(path)
    old.parent.mkdir(parents=True)
    with closing(sqlite3.connect(old)) as connection:
        connection.executescript(FIRST_SCHEMA)
    dry = Journal(path, [TARGET], read_only=True)
    assert len(dry.sort_page("/card", [photo().found, photo("/card/b.jpg").found]).unchanged) == 1
    dry.close()
    with closing(sqlite3.connect(old)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    journal = Journal(path, [TARGET])
    page = journal.sort_page("/card", [photo().found, photo("/card/b.jpg").found])
    assert (page.unchanged, page.undone) == ([photo().found], [photo("/card/b.jpg").found])
    journal.close()


def test_failures_that_may_pass_never_quarantine(journal: Journal) -> None:
    item = photo()
    for _ in range(5):
        journal.admit(item)
        journal.failed(item.source_sha256, [TARGET], "upload", GalleryFailed("500"))
    assert state(journal, item) == "failed"


def test_counts_tell_how_many_are_in_each_state(journal: Journal) -> None:
    upload(journal, photo("/card/a.jpg", "a"))
    journal.admit(photo("/card/b.jpg", "b"))
    assert states_of(journal) == {"uploaded": 1, "found": 1}


def test_everything_survives_the_death_of_the_process(path: str) -> None:
    program = (
        "import os, sys; from photopipe.journal import Journal; from photopipe.photo import *;"
        "j = Journal(sys.argv[1], [Target('recipe', 'gallery')]);"
        "p = DownloadedPhoto(FoundPhoto('/card/a.jpg', 10, 20, 30, 1, 5), 'ab' * 32); j.admit(p);"
        "r = Rendition('a.jpg', 'image/jpeg', 1, '5' * 64, '', '', 1, 1, None);"
        "j.sending(p.source_sha256, Target('recipe', 'gallery'), r); os._exit(9)"
    )
    assert subprocess.run([sys.executable, "-c", program, path], timeout=DEADLINE_S).returncode == 9
    journal = Journal(path, [TARGET])
    delivery = delivery_of(journal, "ab" * 32, TARGET)
    assert delivery.state == "sending"
    journal.close()


def test_a_dry_run_writes_nothing_not_even_the_file(path: str) -> None:
    journal = Journal(path, [TARGET], read_only=True)
    assert journal.sort_page("/card", [photo().found]).undone == [photo().found]
    journal.close()
    assert not os.path.exists(path)


def test_a_dry_run_reads_an_existing_journal_without_changing_it(path: str, journal: Journal) -> None:
    upload(journal, photo())
    dry = Journal(path, [TARGET], read_only=True)
    assert dry.sort_page("/card", [photo().found]).unchanged == [photo().found]
    with pytest.raises(JournalUnusable):
        dry.admit(photo("/card/b.jpg", "b"))
    dry.close()


def test_a_journal_that_is_no_database_says_what_to_do(path: str) -> None:
    os.makedirs(os.path.dirname(path))
    Path(path).write_bytes(b"this is not a database, whatever its name says" * 100)
    with pytest.raises(JournalUnusable, match="not a journal of photopipe, and was not changed"):
        Journal(path, [TARGET])


def test_a_journal_of_a_newer_photopipe_is_refused(path: str, journal: Journal) -> None:
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(JournalUnusable, match="newer photopipe"):
        Journal(path, [TARGET])


def test_a_full_disk_is_named_and_leaves_the_journal_usable(journal: Journal) -> None:
    upload(journal, photo())
    connection = journal._database._connection
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull, match="Make room"):
        for number in range(10_000):
            journal.admit(photo(f"/card/{number}.jpg", str(number)))
    connection.execute("PRAGMA max_page_count = 1000000")
    journal.admit(photo("/card/after.jpg", "after"))
    assert state(journal, photo()) == "uploaded"


def test_threads_share_one_journal(journal: Journal) -> None:
    def work(worker: int) -> None:
        for number in range(30):
            upload(journal, photo(f"/card/{worker}-{number}.jpg", f"{worker}-{number}"))

    def program() -> None:
        threads = [threading.Thread(target=work, args=(worker,)) for worker in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    within_deadline(program)
    assert states_of(journal) == {"uploaded": 120}


def test_a_second_run_is_told_who_holds_the_lock(path: str) -> None:
    with (
        run_lock(path),
        pytest.raises(LockHeld, match=rf"process {os.getpid()}, started 20.*--lock-wait"),
        run_lock(path),
    ):
        pass
    with run_lock(path):
        pass


def test_a_waiting_run_gets_the_lock_when_it_is_let_go(path: str) -> None:
    got = threading.Event()

    def wait_for_it() -> None:
        with run_lock(path, wait_s=DEADLINE_S):
            got.set()

    with run_lock(path):
        waiter = threading.Thread(target=wait_for_it)
        waiter.start()
        assert not got.wait(0.2)
    assert got.wait(DEADLINE_S)
    waiter.join()


def test_a_killed_run_leaves_no_lock(path: str) -> None:
    program = (
        "import os, sys; from photopipe.journal import run_lock;"
        "lock = run_lock(sys.argv[1]); lock.__enter__(); os.kill(os.getpid(), 9)"
    )
    assert subprocess.run([sys.executable, "-c", program, path], timeout=DEADLINE_S).returncode == -9
    with run_lock(path):
        pass


def test_a_place_that_cannot_hold_a_journal_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(JournalUnusable, match="--journal"), run_lock(str(tmp_path / "file" / "journal.sqlite")):
        pass
