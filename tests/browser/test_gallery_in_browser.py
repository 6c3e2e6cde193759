"""What a visitor sees and does, in a real browser, of 200 photos that `photopipe process` uploaded."""

import re
from pathlib import Path

import pytest
from browser.axe import accessibility_faults, contrast_faults
from browser.chromium import PHONE, visit, watched_page
from browser.drawn_photos import FOLDERS, HOSTILE_CAPTION, HOSTILE_FOLDER, HOSTILE_KEYWORD
from browser.filled_gallery import FilledGallery
from browser.screenshots import screenshot, wait_for_pictures
from playwright.sync_api import Browser, Locator, Page, expect

FIRST_DAY, LAST_DAY = "2025-10-03", "2023-09-29"
BIGGEST_DOM = 2000
SEARCHES = {
    "lighthouse dusk": "1 photo",
    "Rangefinder": "54 photos",
    "img_9950": "1 photo",
    "hutte": "30 photos",
    "2025-09": "6 photos",
}


def opened_viewer(page: Page) -> Locator:
    """The viewer, once it takes keys."""
    viewer = page.locator(".pswp")
    expect(viewer).to_be_focused()
    return viewer


def elements(page: Page) -> int:
    """How many elements the page has."""
    count: int = page.evaluate("document.querySelectorAll('*').length")
    return count


def test_the_page_shows_the_newest_day_first_and_scrolls_to_the_oldest_photo(
    browser: Browser, site: FilledGallery, tmp_path: Path
) -> None:
    with watched_page(browser, site.url) as page:
        visit(page)
        expect(page.locator("#count")).to_have_text("200 photos")
        expect(page.locator("section.day").first).to_have_attribute("data-day", FIRST_DAY)
        expect(page.locator("section.day h2").first).to_contain_text("3 October 2025")
        screenshot(page, tmp_path, "desktop")
        first = page.locator(f'section.day[data-day="{FIRST_DAY}"]')
        last = page.locator(f'section.day[data-day="{LAST_DAY}"] a.photo').last
        for _ in range(40):
            page.keyboard.press("End")
            wait_for_pictures(page)
            if page.evaluate("scrollY + innerHeight > document.documentElement.scrollHeight - 5"):
                break
        expect(last).to_be_in_viewport()
        expect(first).to_have_count(0)
        assert elements(page) < BIGGEST_DOM


def test_the_viewer_is_used_with_the_keyboard_alone(browser: Browser, site: FilledGallery, tmp_path: Path) -> None:
    with watched_page(browser, site.url) as page:
        visit(page)
        page.locator("a.photo").first.focus()
        page.keyboard.press("Enter")
        viewer = opened_viewer(page)
        expect(page).to_have_url(re.compile(r"/photo/\d+$"))
        expect(viewer.locator(".details")).to_be_hidden()
        for _ in range(4):  # over the end of the day, which has three photos
            page.keyboard.press("ArrowRight")
        expect(viewer.locator(".pswp__counter")).to_have_text("5 of 200")
        page.keyboard.press("i")
        details = viewer.locator(".details")
        expect(details).to_contain_text("18 September 2025")
        expect(details).to_contain_text("Sample Rangefinder")
        expect(details).to_contain_text("1/250 s, f/2.8, ISO 200, 35 mm")
        expect(details).to_contain_text("holiday")
        expect(details.get_by_role("link", name="Garden")).to_be_visible()
        screenshot(page, tmp_path, "viewer")
        page.keyboard.press("End")
        expect(viewer.locator(".pswp__counter")).to_have_text("200 of 200")
        expect(details).to_contain_text("29 September 2023")
        page.keyboard.press("Escape")
        expect(viewer).to_have_count(0)
        expect(page).to_have_url(site.url + "/")
        expect(page.locator(f'section.day[data-day="{LAST_DAY}"] a.photo:focus')).to_be_in_viewport()


@pytest.mark.campaign
def test_back_closes_the_viewer(browser: Browser, site: FilledGallery) -> None:
    with watched_page(browser, site.url, **PHONE) as page:
        visit(page)
        page.locator("a.photo").nth(1).tap()
        opened_viewer(page)
        page.go_back()
        expect(page.locator(".pswp")).to_have_count(0)
        expect(page).to_have_url(site.url + "/")
        page.go_forward()  # the address of the photo has a page of its own
        expect(page).to_have_url(re.compile(r"/photo/\d+$"))
        expect(page.locator("main img").first).to_be_visible()


@pytest.mark.campaign
def test_hostile_captions_keywords_and_albums_are_text(browser: Browser, site: FilledGallery) -> None:
    with watched_page(browser, site.url) as page:
        visit(page)
        page.locator("a.photo").nth(1).click()
        viewer = opened_viewer(page)
        expect(viewer.locator(".pswp__caption")).to_have_text(HOSTILE_CAPTION)
        page.keyboard.press("i")
        expect(viewer.locator(".details")).to_contain_text(HOSTILE_KEYWORD)
        page.goto("/?q=hostile")
        expect(page.locator("#count")).to_have_text("1 photo")
        with page.expect_navigation():
            page.evaluate("location.assign(document.querySelector('a.photo').href)")
        expect(page.locator("main")).to_contain_text(HOSTILE_CAPTION)
        page.goto("/albums")
        expect(page.get_by_role("link", name=HOSTILE_FOLDER)).to_be_visible()
        assert "owned" not in page.title()


def test_a_search_finds_captions_cameras_names_and_albums(browser: Browser, site: FilledGallery) -> None:
    with watched_page(browser, site.url) as page:
        page.goto("/albums")
        for words, found in SEARCHES.items():
            page.get_by_role("searchbox").fill(words)
            page.keyboard.press("Enter")
            expect(page.locator("#count")).to_have_text(found)
            expect(page.get_by_role("searchbox")).to_have_value(words)


@pytest.mark.campaign
def test_a_search_by_date_and_one_that_finds_nothing(browser: Browser, site: FilledGallery, tmp_path: Path) -> None:
    with watched_page(browser, site.url) as page:
        page.goto(f"/?from={LAST_DAY}&to={LAST_DAY}")
        expect(page.locator("section.day")).to_have_count(1)
        expect(page.locator("input[name=from]")).to_have_value(LAST_DAY)
        page.goto("/?q=nobody+has+this")
        expect(page.locator("a.photo")).to_have_count(0)
        expect(page.get_by_text("No photos found")).to_be_visible()


@pytest.mark.campaign
def test_albums(browser: Browser, site: FilledGallery, tmp_path: Path) -> None:
    with watched_page(browser, site.url) as page:
        page.goto("/")
        page.locator('a[href="/albums"]').click()
        for folder in FOLDERS:
            expect(page.get_by_role("link", name=folder)).to_be_visible()
        screenshot(page, tmp_path, "albums")
        page.get_by_role("link", name="Garden").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Garden")
        expect(page.locator("a.photo").first).to_be_visible()


@pytest.mark.campaign
def test_the_timeline_is_used_with_the_keyboard(browser: Browser, site: FilledGallery) -> None:
    with watched_page(browser, site.url) as page:
        visit(page)
        timeline = page.get_by_role("slider")
        timeline.focus()
        page.keyboard.press("End")
        expect(page.locator(f'section.day[data-day="{LAST_DAY}"]')).to_be_in_viewport()
        expect(timeline).to_have_attribute("aria-valuetext", re.compile("2023$"))
        page.keyboard.press("PageUp")  # twelve months with photos
        expect(timeline).to_have_attribute("aria-valuetext", "October 2024")
        page.keyboard.press("Home")
        expect(page.locator(f'section.day[data-day="{FIRST_DAY}"]')).to_be_in_viewport()


@pytest.mark.campaign
def test_a_phone_gets_small_pictures_and_hardly_any_twice(
    browser: Browser, site: FilledGallery, tmp_path: Path
) -> None:
    asked: list[str] = []
    with watched_page(browser, site.url, **PHONE) as page:
        page.on("request", lambda request: asked.append(request.url))
        visit(page)
        screenshot(page, tmp_path, "phone")
        width: int = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 390
    pictures = [found[1] for address in asked if (found := re.search(r"/thumbs/(\w+)/(?:200|400)\.webp$", address))]
    assert len(pictures) >= 10
    # What the page came with guesses the width that a picture has once its row is filled.
    assert len(pictures) - len(set(pictures)) <= len(pictures) // 8
    assert not any("/photos/" in address for address in asked)


@pytest.mark.campaign
def test_a_thumbnail_that_a_busy_server_refused_is_asked_for_again(browser: Browser, site: FilledGallery) -> None:
    with watched_page(browser, site.url, may_fail=(".webp",)) as page:
        page.route("**/thumbs/**", lambda route: route.fulfill(status=503), times=2)
        page.goto("/")
        wait_for_pictures(page)


def test_without_scripts_it_is_a_plain_gallery(browser: Browser, site: FilledGallery, tmp_path: Path) -> None:
    with watched_page(browser, site.url, may_fail=(".js",), java_script_enabled=False) as page:
        with page.expect_response(lambda response: response.url.endswith(".webp")):
            page.goto("/")
        expect(page.locator("section.day h2").first).to_contain_text("3 October 2025")
        expect(page.locator("a.photo")).to_have_count(100)
        screenshot(page, tmp_path, "without-scripts")
        page.get_by_role("link", name="Older photos").click()
        expect(page.locator("a.photo")).to_have_count(100)
        page.locator("a.photo").first.click()
        expect(page).to_have_url(re.compile(r"/photo/\d+$"))
        expect(page.locator("main img")).to_be_visible()
        name = page.get_by_role("heading", level=1).inner_text()
        page.get_by_role("link", name="Newer").click()
        expect(page.get_by_role("heading", level=1)).not_to_have_text(name)
        page.get_by_role("link", name="Older").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
        page.get_by_role("searchbox").fill("lighthouse")
        page.keyboard.press("Enter")
        expect(page.locator("a.photo")).to_have_count(1)


def test_axe_finds_no_serious_fault(browser: Browser, site: FilledGallery, tmp_path: Path) -> None:
    faults = {}
    with watched_page(browser, site.url) as page:

        def look(name: str) -> None:
            page.emulate_media(color_scheme="light")
            faults[name] = accessibility_faults(page)
            page.emulate_media(color_scheme="dark")
            faults[f"{name}, dark"] = contrast_faults(page)

        visit(page)
        look("grid")
        screenshot(page, tmp_path, "dark")
        assert is_dark(page)
        page.locator("a.photo").first.click()
        opened_viewer(page)
        page.keyboard.press("i")
        expect(page.locator(".details")).to_contain_text("IMG_9999")
        look("viewer")
        for address in ("/?q=lighthouse", "/?q=nobody+has+this", "/albums", "/photo/1"):
            page.goto(address)
            look(address)
    assert {where: found for where, found in faults.items() if found} == {}


def is_dark(page: Page) -> bool:
    """Whether the page shows light words on a dark ground."""
    colours: list[str] = page.evaluate(
        "(({backgroundColor, color}) => [backgroundColor, color])(getComputedStyle(document.body))"
    )
    background, text = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours)
    return background < 150 and text > 500
