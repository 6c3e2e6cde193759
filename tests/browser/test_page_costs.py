"""What the pages cost: bytes on a phone, time, Lighthouse's scores."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.detailed_photos import write_detailed_photos
from browser.filled_gallery import served_gallery
from browser.first_screen import first_screen
from browser.lighthouse import lighthouse_scores
from playwright.sync_api import Browser
from support.command import Home

pytestmark = pytest.mark.campaign

MOST_BYTES, MOST_SECONDS, LEAST_SCORE = 600_000, 1.0, 95


@pytest.fixture(scope="module")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a gallery of a thousand photos."""
    home = Home(tmp_path_factory.mktemp("home"))
    write_detailed_photos(home.folder / "card", 1000)
    result = home.run("process", str(home.folder / "card"), "-q")
    assert (result.code, result.err) == (0, "")
    with served_gallery(home) as client:
        yield client.url


def test_the_first_screen_is_small_and_fast_on_a_phone(browser: Browser, thousand: str) -> None:
    first, *later = [first_screen(browser, thousand) for _ in range(4)]
    print(f"before there are thumbnails: {first}\nwhen there are: {later}")
    assert first.pictures >= 10
    assert max(visit.transferred_bytes for visit in (first, *later)) < MOST_BYTES
    assert min(visit.last_picture_s for visit in later) < MOST_SECONDS  # other tests may hold up some


def test_lighthouse_gives_good_scores_on_phone_and_desktop(thousand: str, tmp_path: Path) -> None:
    # The best of some runs: other tests may hold up the others.
    scores = [lighthouse_scores(thousand, tmp_path, is_desktop=one, runs=3, choose=max) for one in (False, True)]
    print(scores)
    assert all(score >= LEAST_SCORE for of_one in scores for score in of_one.values()), scores
