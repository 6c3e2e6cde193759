"""The page of a gallery with 100,000 photos stays small, and shows the right day wherever one stops."""

import random
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from benchmarks.gallery_pages import make_gallery
from browser.chromium import DESKTOP, PHONE, visit, watched_page
from browser.filled_gallery import served_gallery
from browser.screenshots import wait_for_pictures
from gallery.running_gallery import GalleryClient
from playwright.sync_api import Browser, Page
from support.command import Home

from photopipe.gallery.index.index import opened_index

pytestmark = pytest.mark.campaign

PHOTOS, BIGGEST_DOM = 100_000, 2000
SEEN = """() => [...document.querySelectorAll('a.photo')].filter(photo => {
    const box = photo.getBoundingClientRect();
    return box.bottom > 0 && box.top < innerHeight;
}).map(photo => [Number(photo.dataset.id), photo.closest('.day').dataset.day])"""


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GalleryClient]:
    home = Home(tmp_path_factory.mktemp("home"))
    make_gallery(str(home.pictures), PHOTOS)
    with served_gallery(home) as client:
        yield client


@pytest.fixture(scope="module")
def days(gallery: GalleryClient) -> dict[int, str]:
    """The day of each photo, by its number."""
    with opened_index(str(gallery.folder)) as index:
        return dict(index.execute("SELECT id, substr(shown_at, 1, 10) FROM photos"))


def check_view(page: Page, days: dict[int, str]) -> str:
    """What is in view belongs there, and the page is small.

    Returns:
        The first day in view.
    """
    wait_for_pictures(page)
    seen: list[tuple[int, str]] = page.evaluate(SEEN)
    assert len(seen) >= 6
    assert [day for _, day in seen] == [days[number] for number, _ in seen]
    assert all(earlier >= later for (_, earlier), (_, later) in pairwise(seen))
    assert page.evaluate("document.querySelectorAll('*').length") < BIGGEST_DOM
    return seen[0][1]


@pytest.mark.parametrize("options", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_page_is_small_and_right_wherever_it_is_scrolled_to(
    browser: Browser, gallery: GalleryClient, days: dict[int, str], options: dict[str, Any]
) -> None:
    chance = random.Random(3)
    with watched_page(browser, gallery.url, **options) as page:
        visit(page)
        assert check_view(page, days) == max(days.values())
        for _ in range(25):
            page.evaluate("share => scrollTo(0, share * document.documentElement.scrollHeight)", chance.random())
            day = date.fromisoformat(check_view(page, days))
            assert page.locator("#scrubber").get_attribute("aria-valuetext") == f"{day:%B %Y}"
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        check_view(page, days)


def test_the_page_stays_small_while_it_is_scrolled(
    browser: Browser, gallery: GalleryClient, days: dict[int, str]
) -> None:
    with watched_page(browser, gallery.url, may_fail=(".webp",)) as page:
        visit(page)
        check_view(page, days)
        for _ in range(100):
            page.mouse.wheel(0, 700)
            assert page.evaluate("document.querySelectorAll('*').length") < BIGGEST_DOM
        first = check_view(page, days)
        for _ in range(40):
            page.mouse.wheel(0, -700)
        assert check_view(page, days) > first
