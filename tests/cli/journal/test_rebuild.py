"""A journal that is lost or damaged: `journal rebuild` fills it by asking, and `process` uploads nothing twice."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from support.command import Home
from support.damaged_journals import DAMAGES, PAGE_BYTES, overwrite, pages
from support.fake_immich import KEY, FakeImmich
from support.fault_gallery import FaultGallery
from support.webdav_servers import WEBDAV  # noqa: F401


def uploaded(home: Home) -> int:
    return home.journal_states()["uploaded"]


def lose(home: Home) -> None:
    """Everything that was ever noted of runs."""
    for path in home.journal.parent.iterdir():
        path.unlink()


def test_a_lost_journal_is_filled_from_the_embedded_gallery_and_nothing_is_sent(home: Home, card: Path) -> None:
    home.run("process", str(card))
    (home.pictures / home.photos()[0]).unlink()
    lose(home)
    before = home.photos()
    result = home.run("journal", "rebuild", str(card))
    assert (result.code, result.out, home.photos()) == (0, "", before)
    assert "5 photos found: 0 uploaded, 5 skipped (4 already in gallery, 1 not in gallery)" in result.err
    assert uploaded(home) == 4
    after = home.run("process", str(card))
    assert (after.code, len(after.lines), len(home.photos())) == (0, 1, 5)
