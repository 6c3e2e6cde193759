"""Leases: which worker of a cluster may be sending a photo, and what a driver that is killed leaves of that."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256

import pytest
from support.journals import states_of

from photopipe.errors import GalleryFailed
from photopipe.found_photo import FoundPhoto
from photopipe.journal import Journal, Lease
from photopipe.photo import DownloadedPhoto, PlannedDelivery, Receipt, Rendition, SentBytes, Target

RENDITION = Rendition("a.jpg", "image/jpeg", 100, "5" * 64, "1" * 40, "d" * 32, 40, 30, None)
TARGET, OTHER = Target("recipe", "gallery"), Target("recipe", "other gallery")
FIRST, SECOND = Lease(1, 1, "host:10", 1000.0), Lease(1, 2, "host:20", 2000.0)


def photo(name: str) -> DownloadedPhoto:
    return DownloadedPhoto(FoundPhoto(f"/card/{name}", 1, 2, 3, 4, 5), sha256(name.encode()).hexdigest())


@pytest.fixture
def path(tmp_path: object) -> str:
    return f"{tmp_path}/journal.sqlite"


@pytest.fixture
def journal(path: str) -> Iterator[Journal]:
    with closing(Journal(path, [TARGET, OTHER])) as journal:
        yield journal


def leased(journal: Journal, name: str, lease: Lease = FIRST) -> DownloadedPhoto:
    one = photo(name)
    journal.admit(one)
    journal.lease(one.source_sha256, [TARGET, OTHER], lease)
    return one


def test_a_leased_photo_is_ambiguous_for_the_next_run(journal: Journal, path: str) -> None:
    one = leased(journal, "a.jpg")
    with closing(Journal(path, [TARGET, OTHER])) as later:
        plan = later.admit(one).plan
    assert plan == (PlannedDelivery(TARGET, is_ambiguous=True), PlannedDelivery(OTHER, is_ambiguous=True))


def test_what_was_sent_before_the_lease_is_kept_and_what_was_only_made_is_not(journal: Journal) -> None:
    one = photo("a.jpg")
    journal.admit(one)
    journal.rendered(one.source_sha256, [(TARGET, RENDITION), (OTHER, RENDITION)])
    journal.sending(one.source_sha256, TARGET, RENDITION)
    journal.lease(one.source_sha256, [TARGET, OTHER], FIRST)
    sent = {delivery.target: delivery.sent for delivery in journal.plan_for(one.source_sha256)}
    assert sent == {TARGET: SentBytes("5" * 64, "1" * 40, "d" * 32, 100), OTHER: None}


def test_a_new_lease_replaces_the_old_one_and_ends_with_the_photo(journal: Journal) -> None:
    one = leased(journal, "a.jpg")
    journal.lease(one.source_sha256, [TARGET], SECOND)
    assert journal.leases.unexpired(0.0) == [SECOND]
    assert journal.leases.unexpired(2000.0) == []
    journal.leases.end(one.source_sha256)
    assert journal.leases.unexpired(0.0) == []


def test_the_answer_is_recorded_with_what_was_sent(journal: Journal, path: str) -> None:
    one = leased(journal, "a.jpg")
    journal.uploaded(one.source_sha256, TARGET, Receipt("7", "http://gallery/7"), RENDITION)
    with closing(sqlite3.connect(path)) as database:
        row = database.execute("SELECT state, sha256, size_bytes FROM deliveries ORDER BY target_id").fetchone()
    assert row == ("uploaded", "5" * 64, 100)


def test_what_is_written_together_is_one_transaction(journal: Journal, path: str) -> None:
    names = [f"{number}.jpg" for number in range(20)]
    journal.in_one_transaction(lambda: [leased(journal, name) for name in names], "FULL")
    assert len(journal.leases.unexpired(0.0)) == 20

    def half() -> None:
        leased(journal, "x.jpg")
        journal.failed(photo("x.jpg").source_sha256, [TARGET], "upload", GalleryFailed("no"))
        raise KeyError("half")

    with pytest.raises(KeyError, match="half"):
        journal.in_one_transaction(half)
    assert states_of(journal) == {"sending": 40}
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT count(*) FROM photos").fetchone() == (20,)
