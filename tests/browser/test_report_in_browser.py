"""The HTML report in a real browser: it looks right, asks for nothing, and stays quick with 10,000 photos."""

import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from browser.axe import accessibility_faults
from browser.chromium import DESKTOP, PHONE, watched_page
from playwright.sync_api import Browser, Page, expect
from support.command import COMMAND_DEADLINE_S, Home
from support.deadline import until
from support.pictures import make_jpeg
from support.told_run import SETTINGS, ToldRun, ended, uploaded

from photopipe.report import Account
from photopipe.report.html.html_report import HtmlReport
from photopipe.resize.thumbnail import make_thumbnail

pytestmark = pytest.mark.campaign

SAMPLES = Path(__file__).parents[2] / "sample_images"
DARK: dict[str, Any] = DESKTOP | {"color_scheme": "dark"}
SITE = "file://"
"""The only place the page may ask for anything, and that is itself."""
PHOTOS, MOST_OPEN_S, MOST_FILTER_S = 10_000, 3.0, 1.0


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return Home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def mixed(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a run over the sample images and some files that fail, with hostile names."""
    folder = tmp_path_factory.mktemp("broken")
    for name in (b"bad\xff.jpg", b"<script>alert(1)<.jpg", b"a very long name " * 9 + b".jpg"):
        (folder / os.fsdecode(name)).write_bytes(b"\xff\xd8\xff\xe0")
    (folder / "text.jpg").write_text("no photo")
    report = folder / "report.html"
    assert home.run("process", str(SAMPLES), str(folder), "--report", str(report)).code == 3
    return report


@pytest.mark.parametrize(("name", "options"), [("desktop", DESKTOP), ("phone", PHONE), ("dark", DARK)])
def test_a_report_with_failures_looks_right_and_asks_for_nothing(
    browser: Browser, mixed: Path, tmp_path: Path, name: str, options: dict[str, Any]
) -> None:
    with watched_page(browser, SITE, **options) as page:
        page.goto(mixed.as_uri())
        assert accessibility_faults(page) == []
        heading = "Not everything is done: of 16 photos, 12 uploaded, 4 failed."
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        expect(page.locator(".card.uploaded img")).to_have_count(12)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        keep(page, tmp_path, f"report-{name}-top")
        page.locator(".card.uploaded").nth(1).scroll_into_view_if_needed()
        until(lambda: 160 in thumbnail_sides(page))
        assert thumbnail_sides(page) <= {0, 160}  # 0: a browser waits with what is not in view
        keep(page, tmp_path, f"report-{name}-photos")


def test_photos_are_found_by_status_and_name_with_the_keyboard(browser: Browser, mixed: Path) -> None:
    with watched_page(browser, SITE) as page:
        page.goto(mixed.as_uri())
        page.get_by_label("Show").select_option("Not done")
        expect(page.locator("output")).to_have_text("4 shown")
        expect(page.locator(".card:visible")).to_have_count(4)
        page.get_by_label("Show").select_option("all")
        page.get_by_label("Name").focus()
        page.keyboard.type("img_0005")
        expect(page.locator("output")).to_have_text("1 shown")
        expect(page.locator(".card:visible b")).to_have_text("IMG_0005.JPG")
        page.keyboard.press("Enter")  # sends nothing
        expect(page.locator("output")).to_have_text("1 shown")
        page.get_by_label("Name").fill("")
        expect(page.locator(".card:visible")).to_have_count(16)


def test_a_printed_report_has_all_photos_and_no_filter(browser: Browser, mixed: Path) -> None:
    with watched_page(browser, SITE) as page:
        page.emulate_media(media="print")
        page.goto(mixed.as_uri())
        expect(page.get_by_label("Name")).to_be_hidden()
        assert page.pdf().count(b"/Subtype /Image") >= 12


def test_reports_of_an_empty_a_dry_and_a_watched_run(browser: Browser, tmp_path: Path) -> None:
    home, card, report = Home(tmp_path / "home"), tmp_path / "card", tmp_path / "report.html"
    card.mkdir()
    home.folder.mkdir()
    home.run("process", str(card), "--report", str(report))
    look(browser, report, tmp_path, "empty", "No photos were found.")
    for number in range(3):
        make_jpeg(card / f"{number}.jpg", seed=number)
    home.run("process", str(card), "--dry-run", "--report", str(report))
    look(browser, report, tmp_path, "dry", "A dry run: 3 photos would be uploaded.")
    process = home.start("watch", str(card), "--report", str(report))
    until(lambda: len(home.photos()) == 3)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=COMMAND_DEADLINE_S)
    look(browser, report, tmp_path, "watch", "Everything is done: of 3 photos, 3 uploaded.")


def test_ten_thousand_photos_stay_usable(browser: Browser, tmp_path: Path) -> None:
    report = big_report(tmp_path / "big.html")
    with watched_page(browser, SITE) as page:
        started_s = time.monotonic()
        page.goto(report.as_uri())
        opened_s = time.monotonic() - started_s
        assert opened_s < MOST_OPEN_S
        assert filter_s(page, "IMG_0777") < MOST_FILTER_S
        expect(page.locator(".card:visible")).to_have_count(10)
        assert filter_s(page, "") < MOST_FILTER_S
        page.evaluate("scrollTo(0, document.body.scrollHeight / 2)")
        middle = page.locator(".card", has_text="IMG_05000.JPG")
        middle.scroll_into_view_if_needed()
        expect(middle.locator("img")).to_be_visible()
        keep(page, tmp_path, "report-big")


def big_report(path: Path) -> Path:
    thumbnails = []
    for sample in sorted(SAMPLES.rglob("*.JPG")):
        with sample.open("rb") as file:
            thumbnails.append(make_thumbnail(file, max_side_px=160, quality=55))
    account = Account(found=PHOTOS, uploaded=PHOTOS)
    report = HtmlReport(str(path), SETTINGS, "1")
    report.started(ToldRun(account))
    for number in range(PHOTOS):
        report.photo(uploaded(number, thumbnails[number % len(thumbnails)]))
    report.line_ended()
    report.ended(ended(account))
    report.close()
    return path


def filter_s(page: Page, text: str) -> float:
    """How long it takes until the photos with this text in their names are drawn."""
    took_ms = page.evaluate(
        """async text => {
            const [form, started] = [document.getElementById("filter"), performance.now()];
            const told = new Promise(tell => new MutationObserver(tell).observe(form.querySelector("output"),
                {childList: true}));
            form.elements.name.value = text;
            form.elements.name.dispatchEvent(new Event("input", {bubbles: true}));
            await told;
            await new Promise(requestAnimationFrame);
            await new Promise(requestAnimationFrame);
            return performance.now() - started;
        }""",
        text,
    )
    return float(took_ms) / 1000


def thumbnail_sides(page: Page) -> set[int]:
    """The longer sides of all pictures [px]."""
    shapes = "[...document.images].map(image => Math.max(image.naturalWidth, image.naturalHeight))"
    return set(page.evaluate(shapes))


def look(browser: Browser, report: Path, folder: Path, name: str, heading: str) -> None:
    with watched_page(browser, SITE) as page:
        page.goto(report.as_uri())
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(re.escape(heading)))
        assert accessibility_faults(page) == []
        keep(page, folder, f"report-{name}")


def keep(page: Page, folder: Path, name: str) -> None:
    """Keep a picture of the page for people to look at; nothing in it is loaded later."""
    target = Path(os.environ.get("PHOTOPIPE_SCREENSHOTS") or folder)
    target.mkdir(parents=True, exist_ok=True)
    (target / f"{name}.png").write_bytes(page.screenshot())
