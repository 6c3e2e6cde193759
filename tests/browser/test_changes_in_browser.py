"""What changes while a visitor looks on, who may change it, and who may look: in a real browser."""

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from browser.axe import accessibility_faults
from browser.chromium import visit, watched_page
from browser.drawn_photos import landscape
from browser.other_site import ATTACKS, attack, other_site
from browser.screenshots import screenshot, wait_for_pictures
from gallery.running_gallery import GalleryClient, jpeg, running_gallery
from playwright.sync_api import Browser, Page, Response, expect

from photopipe.gallery_api import add_gallery_token, set_gallery_password

PASSWORD = "open-sesame"


def small_photo(seed: int) -> bytes:
    """A photo, another one for every seed."""
    file = BytesIO()
    landscape((480, 320), seed).save(file, "JPEG")
    return file.getvalue()


def add(gallery: GalleryClient, seed: int) -> None:
    """Send a photo; a greater seed is a later time."""
    answer = gallery.post(small_photo(seed), name=f"SHOT_{seed}.jpg", taken_at=f"2025-10-03T12:33:{seed:02}")
    assert answer.status_code == 201, answer.text


def log_in(page: Page, secret: str) -> None:
    """Type the password or a token into the login page that is open."""
    page.get_by_label("Password or token").fill(secret)
    page.keyboard.press("Enter")


@pytest.fixture
def gallery(browser: Browser, tmp_path: Path) -> Iterator[GalleryClient]:
    with running_gallery(tmp_path / "gallery") as client:
        for seed in range(3):
            add(client, seed)
        yield client


def test_a_photo_that_arrives_appears_by_itself(browser: Browser, gallery: GalleryClient) -> None:
    with watched_page(browser, gallery.url) as page:
        visit(page)
        expect(page.locator("#count")).to_have_text("3 photos")
        add(gallery, 9)
        expect(page.locator("#count")).to_have_text("4 photos")
        expect(page.locator("a.photo img").first).to_have_attribute("alt", "SHOT_9.jpg")


@pytest.mark.campaign
def test_files_that_browsers_cannot_show_have_tiles(browser: Browser, gallery: GalleryClient) -> None:
    heic = BytesIO()
    landscape((480, 320), 7).save(heic, "HEIF")
    assert gallery.post(heic.getvalue(), name="PHONE.heic").status_code == 201
    assert gallery.post(jpeg("no picture"), name="BROKEN.jpg").status_code == 201
    with watched_page(browser, gallery.url) as page:
        visit(page)
        expect(page.locator("a.photo")).to_have_count(5)
        expect(page.locator("a.photo", has_text="JPG")).to_be_visible()
        wait_for_pictures(page)
        page.locator("a.photo[aria-label*=PHONE]").click()
        expect(page.locator(".pswp__item img[src*='.webp']").first).to_be_visible()
        page.keyboard.press("Escape")


def test_a_photo_is_deleted_and_brought_back(browser: Browser, gallery: GalleryClient, tmp_path: Path) -> None:
    with watched_page(browser, gallery.url) as page:
        visit(page)
        page.locator("a.photo").first.click()
        page.get_by_role("button", name="Delete").click()
        expect(page.get_by_text("Moved to the trash.")).to_be_visible()
        expect(page.locator(".pswp__counter")).to_have_text("1 of 2")
        assert len(gallery.photos()) == 2
        screenshot(page, tmp_path, "deleted")
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".pswp__counter")).to_have_text(re.compile("of 3$"))
        assert len(gallery.photos()) == 3
        page.keyboard.press("Escape")
        expect(page.locator("a.photo")).to_have_count(3)


@pytest.mark.campaign
def test_an_empty_gallery_fills_by_itself(browser: Browser, tmp_path: Path) -> None:
    with running_gallery(tmp_path / "gallery") as gallery, watched_page(browser, gallery.url) as page:
        visit(page)
        expect(page.get_by_text("No photos yet")).to_be_visible()
        assert accessibility_faults(page) == []
        add(gallery, 1)
        expect(page.locator("a.photo")).to_be_visible()
        expect(page.get_by_text("No photos yet")).to_be_hidden()


def test_the_password_lets_look_and_a_token_lets_delete(
    browser: Browser, gallery: GalleryClient, tmp_path: Path
) -> None:
    token = add_gallery_token(str(gallery.folder), "camera-room")
    set_gallery_password(str(gallery.folder), PASSWORD)
    with watched_page(browser, gallery.url, may_fail=("/login", "/api/events")) as page:
        page.goto("/albums")
        expect(page).to_have_url(re.compile("/login"))
        assert accessibility_faults(page) == []
        screenshot(page, tmp_path, "login")
        log_in(page, "wrong")
        expect(page.get_by_role("alert")).to_be_visible()
        log_in(page, PASSWORD)
        expect(page).to_have_url(f"{gallery.url}/albums")
        page.goto("/")
        expect(page.locator("a.photo img").first).to_be_visible()
        expect(page.locator("main[data-write]")).to_have_count(0)
        page.get_by_role("button", name="Log out").click()
        page.goto("/")
        log_in(page, token)
        expect(page.locator("main[data-write]")).to_have_count(1)


@pytest.mark.campaign
@pytest.mark.parametrize("host", ["127.0.0.1", pytest.param("localhost", marks=pytest.mark.campaign)])
def test_pages_of_other_sites_can_neither_add_nor_delete(browser: Browser, gallery: GalleryClient, host: str) -> None:
    statuses: list[int] = []
    context = browser.new_context()
    page = context.new_page()

    def note(response: Response) -> None:
        if response.url.startswith(gallery.url):
            statuses.append(response.status)

    page.on("response", note)
    gallery.send("DELETE", "/api/photos/1")
    before = gallery.photos(), gallery.photos(deleted="true")
    with other_site() as port:
        for script in ATTACKS.values():
            page.goto(f"http://{host}:{port}/")
            attack(page, script, gallery.url, small_photo(9))
    after = gallery.photos(), gallery.photos(deleted="true")
    context.close()
    assert after == before
    assert 403 in statuses  # they did arrive


@pytest.mark.campaign
def test_nor_in_the_browser_of_somebody_who_may(browser: Browser, gallery: GalleryClient) -> None:
    token = add_gallery_token(str(gallery.folder), "camera-room")
    gallery.token = token
    before = gallery.photos()
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{gallery.url}/login")
    log_in(page, token)
    expect(page.locator("main[data-write]")).to_have_count(1)
    # Strict cookies go along: for browsers, another port is the same site.
    with other_site() as port:
        for script in ATTACKS.values():
            page.goto(f"http://127.0.0.1:{port}/")
            attack(page, script, gallery.url, small_photo(9))
    assert gallery.photos() == before
    page.goto(gallery.url)
    assert attack(page, ATTACKS["a multipart fetch"], gallery.url, small_photo(9)) == "answered"
    assert len(gallery.photos()) == len(before) + 1  # from the gallery's own page it works
    context.close()
