"""What a visitor sees and does, in a real browser, of 200 photos that `photopipe process` uploaded."""

from browser.axe import accessibility_faults
from browser.chromium import watched_page
from browser.filled_gallery import FilledGallery
from playwright.sync_api import Browser, expect


def test_the_page_shows_the_newest_photos(browser: Browser, site: FilledGallery) -> None:
    with watched_page(browser, site.url) as page:
        page.goto("/")
        expect(page.locator("img").first).to_be_visible()
        print(accessibility_faults(page))
