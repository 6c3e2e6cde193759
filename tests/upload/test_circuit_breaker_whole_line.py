"""The breaker in a whole run: exit code 5, and the next run takes up every photo."""

import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from support.deadline import within_deadline
from support.fault_gallery import Fault, FaultGallery, status
from support.pictures import make_jpeg

from photopipe.assembly import open_line
from photopipe.errors import GalleryUnreachable
from photopipe.settings import DownloadSettings, ResizeSettings, Settings, UploadSettings

PHOTOS = 30


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "card"
    folder.mkdir()
    for number in range(PHOTOS):
        make_jpeg(folder / f"IMG_{number:04}.JPG", (64, 48), seed=number)
    return folder


def states(journal: Path) -> Counter[str]:
    with closing(sqlite3.connect(journal)) as connection:
        return Counter(dict(connection.execute("SELECT state, count(*) FROM deliveries GROUP BY state").fetchall()))


def run(settings: Settings) -> None:
    with open_line(settings) as line:
        for _ in line.run(1.0, tells_skipped=False):
            pass


def test_a_gallery_that_refuses_everything_ends_the_run_and_the_next_one_takes_up_every_photo(
    tmp_path: Path, card: Path
) -> None:
    journal, is_broken = tmp_path / "journal.sqlite", [True]

    def plan(_number: int) -> Fault:
        return status(422) if is_broken[0] else Fault.OK

    with FaultGallery(plan, idempotent=False) as gallery:
        settings = Settings(
            DownloadSettings((str(card),)),
            (("default", ResizeSettings(workers=2)),),
            (UploadSettings(gallery.url, workers=4),),
            str(tmp_path / "unused"),
            str(journal),
        )
        for _ in range(4):  # a photo that fails in run after run must not be left out in the end
            with pytest.raises(GalleryUnreachable, match="10 photos in a row failed for one reason: 422") as end:
                within_deadline(lambda: run(settings))
            assert end.value.exit_code == 5
            assert not states(journal).keys() & {"uploaded", "quarantined"}
        assert 40 <= len(gallery.posts) <= 4 * (10 + 3)
        is_broken[0] = False
        within_deadline(lambda: run(settings))
    assert states(journal) == {"uploaded": PHOTOS}
    assert len({photo.sha256 for photo in gallery.stored}) == len(gallery.stored) == PHOTOS
