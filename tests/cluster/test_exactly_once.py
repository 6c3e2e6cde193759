"""A run on an engine that loses tasks, runs them twice, late or elsewhere: each photo is in the gallery once."""

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.deadline import within_deadline
from support.fault_gallery import OK as TAKEN
from support.fault_gallery import TAKE_AND_DROP, FaultGallery, status
from support.faulty_engine import FAULTS, GONE, LATE, LOST_AFTER, OK, SILENT, FaultyEngine
from support.pictures import make_jpeg

from photopipe.assembly import open_line
from photopipe.cluster import open_cluster
from photopipe.cluster.driver import dispatcher
from photopipe.errors import GalleryUnreachable
from photopipe.report import Account, PhotoOutcome
from photopipe.settings import (
    ClusterSettings,
    DownloadSettings,
    LimitSettings,
    ResizeSettings,
    Settings,
    UploadSettings,
)

PHOTOS = 12
LEASE_S = 0.7
RETRY_S = 5.0
ANSWERS = st.lists(st.sampled_from([TAKEN, TAKE_AND_DROP]), max_size=4)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases that are soon over, and a driver that looks at its workers often."""
    monkeypatch.setattr(open_cluster, "LEASE_S", LEASE_S - RETRY_S)
    monkeypatch.setattr(open_cluster, "SETTLE_S", 0.0)
    monkeypatch.setattr(dispatcher, "LOOK_S", 0.05)


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos, a copy of one of them, a broken one."""
    folder = tmp_path_factory.mktemp("card")
    for number in range(PHOTOS):
        make_jpeg(folder / f"{number:02}.jpg", size=(48, 32), seed=number)
    shutil.copy(folder / "03.jpg", folder / "03 copy.jpg")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 broken")
    return folder


def settings_for(card: Path, top: Path, *urls: str, **limits: Any) -> Settings:
    uploads = tuple(UploadSettings(url, retry_for_s=RETRY_S, retry_after_cap_s=0.2, workers=3) for url in urls)
    return Settings(
        DownloadSettings((str(card),), settle_s=0.0),
        (("default", ResizeSettings(16, 16)),),
        uploads,
        gallery_folder="",
        journal_path=str(top / "journal.sqlite"),
        limits=LimitSettings(**limits),
        cluster=ClusterSettings(workers=2),
    )


def run(chosen: Settings, engine: FaultyEngine, monkeypatch: pytest.MonkeyPatch) -> Account:
    """The account of a run on this engine."""
    monkeypatch.setattr(open_cluster, "open_engine", lambda _cluster: engine)
    with open_line(chosen) as line:
        within_deadline(lambda: list(line.run(0.02, tells_skipped=False)), 60)
        assert line.account.balances
        return line.account


def counts(gallery: FaultGallery) -> Counter[str]:
    """How often each picture is in the gallery."""
    return Counter(photo.sha256 for photo in gallery.stored)


def assert_all_there_once(gallery: FaultGallery, account: Account) -> None:
    assert (account.uploaded, account.skipped, account.failed) == (PHOTOS, {"duplicate": 1}, 1), account
    assert sorted(counts(gallery).values()) == [1] * PHOTOS


def check_run(card: Path, top: Path, faults: list[str], answers: list[Any], *, idempotent: bool) -> None:
    """A run on an engine and at a gallery with these faults brings every photo once."""
    with pytest.MonkeyPatch.context() as patch, FaultGallery(answers, idempotent=idempotent) as gallery:
        account = run(settings_for(card, top, gallery.url), FaultyEngine(faults), patch)
        assert_all_there_once(gallery, account)


def plans(size: int = 6) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from((OK, *FAULTS)), max_size=size)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("idempotent", [True, False], ids=["keeps keys", "can be asked"])
def test_every_photo_arrives_once_whatever_becomes_of_the_first_tasks(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, idempotent: bool
) -> None:
    engine = FaultyEngine([fault] * 3)
    with FaultGallery(idempotent=idempotent, findable=not idempotent) as gallery:
        account = run(settings_for(card, tmp_path, gallery.url), engine, monkeypatch)
    assert_all_there_once(gallery, account)


@pytest.mark.parametrize("fault", [GONE, SILENT])
def test_a_worker_that_goes_on_after_its_lease_sends_nothing(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    engine = FaultyEngine([fault] * 2, late_s=3 * LEASE_S)
    with FaultGallery(idempotent=False) as gallery:
        account = run(settings_for(card, tmp_path, gallery.url), engine, monkeypatch)
        engine.close()  # until all that was paused has gone on
        assert_all_there_once(gallery, account)


def test_a_photo_that_takes_worker_after_worker_down_fails_and_the_others_arrive(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatcher, "MOST_LOSSES", 2)
    engine = FaultyEngine(kills=(card / "05.jpg").read_bytes())
    with FaultGallery() as gallery:
        monkeypatch.setattr(open_cluster, "open_engine", lambda _cluster: engine)
        with open_line(settings_for(card, tmp_path, gallery.url)) as line:
            events = within_deadline(lambda: list(line.run(0.02, tells_skipped=False)), 60)
            account = line.account
    failed = [event for event in events if isinstance(event, PhotoOutcome) and event.path.endswith("05.jpg")]
    assert [(one.status, one.stage) for one in failed] == [("failed", "resize")]
    assert "3 workers have died with it" in str(failed[0].message)
    assert (account.uploaded, account.balances) == (PHOTOS - 1, True)


def test_what_a_report_tells_that_comes_too_late_is_not_sent_again(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = FaultyEngine([LATE], workers=1, threads=1, late_s=2 * LEASE_S)  # meanwhile nobody can take the photos over
    with FaultGallery(findable=False) as gallery:
        account = run(settings_for(card, tmp_path, gallery.url), engine, monkeypatch)
        assert_all_there_once(gallery, account)
        assert len(gallery.posts) == PHOTOS


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(faults=plans(), answers=ANSWERS, idempotent=st.booleans())
def test_every_photo_arrives_once_on_any_engine(
    card: Path, tmp_path_factory: pytest.TempPathFactory, faults: list[str], answers: list[Any], idempotent: bool
) -> None:
    check_run(card, tmp_path_factory.mktemp("run"), faults, answers, idempotent=idempotent)


@pytest.mark.campaign
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(faults=plans(11), answers=ANSWERS, idempotent=st.booleans())
def test_every_photo_arrives_once_on_any_engine_for_long(
    card: Path, tmp_path_factory: pytest.TempPathFactory, faults: list[str], answers: list[Any], idempotent: bool
) -> None:
    check_run(card, tmp_path_factory.mktemp("run"), faults, answers, idempotent=idempotent)


def test_a_run_that_ends_early_is_taken_up_by_the_next(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FaultGallery(findable=False) as gallery:
        first = run(settings_for(card, tmp_path, gallery.url, max_photos=5), FaultyEngine(), monkeypatch)
        second = run(settings_for(card, tmp_path, gallery.url), FaultyEngine([LOST_AFTER]), monkeypatch)
    assert (first.uploaded, second.uploaded) == (5, PHOTOS - 5)
    assert sorted(counts(gallery).values()) == [1] * PHOTOS


def test_an_aborted_run_accounts_for_every_photo_and_loses_none(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings_for(card, tmp_path, "")
    with FaultGallery() as gallery:
        chosen = replace(chosen, uploads=tuple(replace(one, endpoint_url=gallery.url) for one in chosen.uploads))
        monkeypatch.setattr(open_cluster, "open_engine", lambda _cluster: FaultyEngine([SILENT]))
        with open_line(chosen) as line:
            events = line.run(0.02, tells_skipped=False)

            def few() -> None:
                for number, _ in enumerate(events):
                    if number == 8:
                        line.abort()

            within_deadline(few, 60)
            assert line.account.balances
            assert line.account.left_over > 0
        account = run(chosen, FaultyEngine(), monkeypatch)
    assert sorted(counts(gallery).values()) == [1] * PHOTOS
    assert account.balances


def test_several_galleries_each_get_every_photo(card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultGallery() as one, FaultGallery([TAKE_AND_DROP] * 3) as other:
        account = run(settings_for(card, tmp_path, one.url, other.url), FaultyEngine([GONE]), monkeypatch)
        for gallery in (one, other):
            assert_all_there_once(gallery, account)


def test_a_gallery_that_is_down_is_given_up_and_the_others_go_on(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FaultGallery() as good, FaultGallery(lambda _: status(401)) as bad:
        monkeypatch.setattr(open_cluster, "open_engine", lambda _cluster: FaultyEngine())
        with (
            open_line(settings_for(card, tmp_path, good.url, bad.url)) as line,
            pytest.raises(Exception, match="login"),
        ):
            within_deadline(lambda: list(line.run(0.02, tells_skipped=False)), 60)
        assert line.account.balances
    assert sorted(counts(good).values()) == [1] * PHOTOS
    assert not bad.stored


def test_a_gallery_that_always_fails_ends_the_run_after_few_photos(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FaultGallery(lambda _: status(404)) as gallery:
        monkeypatch.setattr(open_cluster, "open_engine", lambda _cluster: FaultyEngine(workers=4))
        with open_line(settings_for(card, tmp_path, gallery.url)) as line, pytest.raises(GalleryUnreachable):
            within_deadline(lambda: list(line.run(0.02, tells_skipped=False)), 60)
        assert line.account.balances


def test_uploads_of_all_workers_together_keep_to_the_limit(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = FaultyEngine(workers=4, threads=3)
    with FaultGallery() as gallery:
        account = run(settings_for(card, tmp_path, gallery.url), engine, monkeypatch)
        assert_all_there_once(gallery, account)
    assert 1 <= engine.most_in_slots <= 3


def test_a_pause_that_a_gallery_asks_for_is_kept_by_all_workers(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[Any, ...]] = []
    engine = FaultyEngine()
    everywhere = engine.everywhere

    def noticed(task: Any, message: Any) -> None:
        told.append((task.__name__, message.body))
        everywhere(task, message)

    monkeypatch.setattr(engine, "everywhere", noticed)
    with FaultGallery([status(503, {"Retry-After": "1"})]) as gallery:
        account = run(settings_for(card, tmp_path, gallery.url), engine, monkeypatch)
        assert_all_there_once(gallery, account)
    pauses = [body for name, body in told if name == "pause_uploads"]
    assert [seconds for _, seconds in pauses] == [0.2]  # the cap of these settings


def test_what_travels_back_for_a_photo_is_less_than_a_kilobyte(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = FaultyEngine()
    with FaultGallery() as gallery:
        run(settings_for(card, tmp_path, gallery.url), engine, monkeypatch)
    assert 100 < engine.largest_report < 1024
