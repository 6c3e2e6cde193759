"""The static site in a real browser: from a plain server below some address, and from the disk."""

import re
from pathlib import Path

import pytest
from browser.chromium import watched_page
from browser.drawn_photos import HOSTILE_CAPTION, write_card
from browser.screenshots import screenshot
from playwright.sync_api import Browser, expect
from support.command import Home
from support.plain_server import plain_server

pytestmark = pytest.mark.campaign


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A web space with 120 photos below `/club/photos/`."""
    folder = tmp_path_factory.mktemp("exported")
    write_card(folder / "card", 120)
    home = Home(folder / "home")
    home.folder.mkdir()
    sent = home.run("process", str(folder / "card"), "--album", "{folder}", "-q")
    assert (sent.code, sent.err) == (0, "")
    exported = home.run("gallery", "export", str(folder / "web" / "club" / "photos"), "--title", "Photo club", "-q")
    assert (exported.code, exported.err) == (0, "")
    return folder / "web"


def test_the_viewer_goes_through_all_photos_with_the_arrow_keys(browser: Browser, web: Path, tmp_path: Path) -> None:
    with plain_server(web) as address, watched_page(browser, address) as page:
        page.goto("/club/photos/")
        expect(page.locator("#count")).to_have_text("120 photos")
        screenshot(page, tmp_path, "exported")
        page.locator("a.photo").first.focus()
        page.keyboard.press("Enter")
        viewer = page.locator(".pswp")
        expect(viewer).to_be_focused()
        page.keyboard.press("ArrowRight")
        expect(viewer).to_contain_text(HOSTILE_CAPTION)
        for number in range(3, 13):
            page.keyboard.press("ArrowRight")
            expect(viewer).to_contain_text(f"{number} of 120")
        page.keyboard.press("End")
        expect(viewer).to_contain_text("120 of 120")
        expect(page).to_have_url(re.compile(r"/club/photos/photo-\d+\.html$"))
        page.keyboard.press("Escape")
        expect(viewer).to_have_count(0)
        expect(page).to_have_url(re.compile(r"/club/photos/$"))


def test_albums_and_the_pages_of_photos(browser: Browser, web: Path) -> None:
    with plain_server(web) as address, watched_page(browser, address) as page:
        page.goto("/club/photos/albums.html")
        page.get_by_role("link", name="Sardinia").click()
        expect(page).to_have_url(re.compile(r"/club/photos/album-\d+\.html$"))
        page.locator("a.photo").first.click()
        expect(page.locator(".pswp")).to_be_focused()
        page.reload()
        expect(page.locator("main img")).to_be_visible()
        page.get_by_role("link", name="All photos").click()
        expect(page.locator("#count")).to_have_text("120 photos")


def test_from_the_disk_the_plain_pages_are_shown_at_once(browser: Browser, web: Path, tmp_path: Path) -> None:
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto((web / "club" / "photos" / "index.html").as_uri())
        assert page.evaluate("document.querySelector('a.photo').checkVisibility({contentVisibilityAuto: true})")
        screenshot(page, tmp_path, "from-disk")
        page.locator("a.photo").nth(1).click()
        expect(page.locator("main")).to_contain_text(HOSTILE_CAPTION)
        expect(page.locator("main img")).to_be_visible()
        page.get_by_role("link", name="All photos").click()
        expect(page.locator("a.photo")).to_have_count(120)
    finally:
        context.close()
