"""Limits of a run in this process: kept exactly, whatever the photos are and however many work on them."""

import shutil
from pathlib import Path

import pytest
from support.deadline import within_deadline
from support.pictures import make_jpeg

from photopipe.assembly import open_line
from photopipe.report import Account
from photopipe.run_limits import RunLimits
from photopipe.settings import DownloadSettings, LimitSettings, ResizeSettings, Settings, UploadSettings
from photopipe.stop_token import StopToken
from photopipe.wakeup import Wakeup

TICK_S = 0.02
PHOTOS = 7


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """Seven photos, copies of some of them, and files that are no photos."""
    (tmp_path / "card").mkdir()
    for number in range(PHOTOS):
        photo = make_jpeg(tmp_path / "card" / f"{number}.jpg", size=(60, 40), seed=number)
        if number % 2:
            shutil.copy(photo, tmp_path / "card" / f"{number} copy.jpg")
    for number in range(3):
        (tmp_path / "card" / f"{number} broken.jpg").write_bytes(b"\xff\xd8\xff%d" % number)
    return tmp_path / "card"


@pytest.fixture
def plain_card(tmp_path: Path) -> Path:
    """Two photos."""
    (tmp_path / "card").mkdir()
    for number in range(2):
        make_jpeg(tmp_path / "card" / f"{number}.jpg", size=(60, 40), seed=number)
    return tmp_path / "card"


def run(card: Path, limits: LimitSettings, *, workers: int = 1, dry_run: bool = False) -> tuple[Account, str | None]:
    """The account of a run with two galleries, and what ended it."""
    top = card.parent
    for name in ("a", "b"):
        (top / name).mkdir(exist_ok=True)
    settings = Settings(
        DownloadSettings((str(card),), workers=workers, settle_s=0.0),
        (("small", ResizeSettings(16, 16, workers=workers)), ("smaller", ResizeSettings(8, 8, workers=workers))),
        tuple(UploadSettings(str(top / name), kind="folder", workers=workers) for name in ("a", "b")),
        gallery_folder="",
        journal_path=str(top / "journal.sqlite"),
        dry_run=dry_run,
        limits=limits,
    )
    with open_line(settings) as line:
        within_deadline(lambda: list(line.run(TICK_S, tells_skipped=False)))
        assert line.account.balances
        return line.account, line.stopped_by


@pytest.mark.parametrize(("most", "workers"), [(2, 1), (4, 3)])
def test_a_run_uploads_exactly_so_many_photos_and_the_next_ones_the_rest(card: Path, most: int, workers: int) -> None:
    uploaded = []
    stopped_by: str | None = ""
    while stopped_by is not None:
        account, stopped_by = run(card, LimitSettings(max_photos=most), workers=workers)
        uploaded.append(account.uploaded)
        assert stopped_by in {"max_photos", None}
        assert account.uploaded == most or stopped_by is None
    assert sum(uploaded) == PHOTOS
    for gallery in ("a", "b"):
        assert len(list((card.parent / gallery).rglob("*.jpg"))) == 2 * PHOTOS


def test_a_dry_run_shows_what_a_run_with_the_limit_would_upload(card: Path) -> None:
    account, stopped_by = run(card, LimitSettings(max_photos=2), dry_run=True)
    assert (account.would_upload, stopped_by) == (2, "max_photos")


def test_a_limit_that_is_just_enough_ends_nothing(plain_card: Path) -> None:
    account, stopped_by = run(plain_card, LimitSettings(max_photos=2))
    assert (account.uploaded, stopped_by) == (2, None)


def test_a_limit_that_is_reached_by_the_last_photo_ends_nothing(plain_card: Path) -> None:
    account, stopped_by = run(plain_card, LimitSettings(max_transfer_bytes=1))
    assert (account.uploaded, stopped_by) == (2, None)


def test_no_photo_is_begun_when_enough_was_sent() -> None:
    account, draining = Account(), StopToken()
    limits = RunLimits(LimitSettings(max_transfer_bytes=100), account, draining, Wakeup(), started_s=0.0)
    account.uploaded_bytes = 99
    limits.check()
    assert (limits.reached, draining.is_set()) == (None, False)
    account.uploaded_bytes = 100
    limits.check()
    assert (limits.reached, draining.is_set()) == ("max_transfer", True)
