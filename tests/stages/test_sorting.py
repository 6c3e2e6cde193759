"""What goes on the line, and when: files that are being written, that change, whose source goes away."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from support.deadline import within_deadline
from support.pictures import make_jpeg

from photopipe import assembly
from photopipe.assembly import open_line
from photopipe.download.download import download
from photopipe.errors import SourceMissing
from photopipe.found_photo import FoundPhoto
from photopipe.line import Line
from photopipe.photo import DownloadedPhoto
from photopipe.report import PhotoOutcome
from photopipe.settings import DownloadSettings, ResizeSettings, Settings, UploadSettings
from photopipe.stages import downloading

SETTLE_S = 0.3
TICK_S = 0.02


@pytest.fixture
def card(tmp_path: Path) -> Path:
    (tmp_path / "card").mkdir()
    return tmp_path / "card"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    return tmp_path / "site"


@contextmanager
def line_from(card: Path, site: Path, settle_s: float = 0.0) -> Iterator[Line]:
    settings = Settings(
        DownloadSettings((str(card),), workers=1, settle_s=settle_s),
        (("default", ResizeSettings(64, 64, workers=1)),),
        (UploadSettings(str(site), kind="folder", workers=1),),
        gallery_folder="",
        journal_path=str(site.parent / "journal.sqlite"),
    )
    with open_line(settings) as line:
        yield line


def run(line: Line, at_upload: Callable[[], object] = lambda: None) -> list[PhotoOutcome]:
    """Run the line to its end; `at_upload` is called when a photo has arrived."""

    def outcomes() -> Iterator[PhotoOutcome]:
        for event in line.run(TICK_S, tells_skipped=True):
            if isinstance(event, PhotoOutcome):
                yield event
                at_upload()

    return within_deadline(lambda: list(outcomes()))


def names(outcomes: list[PhotoOutcome]) -> list[str]:
    return [f"{Path(outcome.path).name} {outcome.status}" for outcome in outcomes]


def test_a_file_that_is_being_written_waits_beside_the_work_on_others(card: Path, site: Path) -> None:
    content = make_jpeg(card / "b.jpg", seed=1).read_bytes()
    make_jpeg(card / "a.jpg", seed=2).write_bytes(content[:-100] + b"!")  # cut off
    make_jpeg(card / "c.jpg", seed=3)
    arrived = list[str]()

    def finish_writing() -> None:
        arrived.append("photo")
        if len(arrived) == 2:
            make_jpeg(card / "a.jpg", seed=2)

    with line_from(card, site, SETTLE_S) as line:
        outcomes = run(line, finish_writing)
        assert names(outcomes) == ["b.jpg uploaded", "c.jpg uploaded", "a.jpg uploaded"]
        assert (line.account.found, line.account.uploaded) == (3, 3)


def test_a_file_without_its_end_is_given_up_after_a_while(
    card: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photopipe.download.settling.ABANDONED_AFTER", 2)
    content = make_jpeg(card / "a.jpg").read_bytes()
    (card / "a.jpg").write_bytes(content[: len(content) // 2])
    with line_from(card, site, 0.1) as line:
        (outcome,) = run(line)
        assert (outcome.status, outcome.reason) == ("failed", "unreadable_photo")


def test_a_line_that_is_told_to_end_does_not_wait_for_files_to_settle(card: Path, site: Path) -> None:
    (card / "a.jpg").write_bytes(b"\xff\xd8")
    make_jpeg(card / "b.jpg")
    with line_from(card, site, SETTLE_S) as line:
        outcomes = run(line, line.drain)
        assert names(outcomes) == ["b.jpg uploaded"]
        assert line.account.balances


class Changing:
    """A download before which the file is written anew."""

    def __init__(self, times: int) -> None:
        self.left = times

    def __call__(self, found: FoundPhoto, *others: Any) -> DownloadedPhoto:
        if self.left > 0:
            self.left -= 1
            make_jpeg(Path(found.path), seed=100 + self.left)
        return download(found, *others)


def test_a_photo_that_changes_while_it_is_read_comes_again_and_counts_once(
    card: Path, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_jpeg(card / "a.jpg")
    monkeypatch.setattr(downloading, "download", Changing(2))
    with line_from(card, site) as line:
        assert names(run(line)) == ["a.jpg uploaded"]
        assert (line.account.found, line.account.uploaded) == (1, 1)


def test_a_photo_that_changes_at_every_read_fails(card: Path, site: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_jpeg(card / "a.jpg")
    monkeypatch.setattr(downloading, "download", Changing(10))
    with line_from(card, site) as line:
        (outcome,) = run(line)
        assert (outcome.status, outcome.reason, line.account.failed) == ("failed", "changed", 1)
        assert line.account.balances


def test_what_a_lost_source_had_is_left_over_and_taken_up_by_the_next_run(card: Path, site: Path) -> None:
    photos = 2 * assembly.RESULTS_WAITING
    for number in range(photos):
        make_jpeg(card / f"{number:02}.jpg", seed=number)
    away = card.parent / "pulled out"
    with line_from(card, site) as line:
        with pytest.raises(SourceMissing, match="the source went away"):
            run(line, lambda: card.exists() and card.rename(away))
        first = line.account
        assert first.balances
        assert 1 <= first.uploaded < photos
        assert (first.failed, first.uploaded + first.left_over) == (0, first.found)
    away.rename(card)
    with line_from(card, site) as line:
        run(line)
        assert line.account.uploaded == photos - first.uploaded
    assert len(list(site.glob("*.jpg"))) == photos
