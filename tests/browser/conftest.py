"""One browser and one filled gallery for all tests of a file."""

from collections.abc import Iterator

import pytest
from browser.chromium import chromium
from browser.filled_gallery import FilledGallery, filled_gallery
from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def site(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FilledGallery]:
    with filled_gallery(tmp_path_factory.mktemp("site")) as gallery:
        yield gallery
