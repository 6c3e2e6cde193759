"""The documentation's site in a real browser: every page, light and dark, on a phone, and without a network."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.chromium import DESKTOP, PHONE, watched_page
from browser.screenshots import screenshot
from playwright.sync_api import Browser, expect
from support.plain_server import plain_server

pytestmark = pytest.mark.campaign

ROOT = Path(__file__).parents[2]
DARK: dict[str, Any] = DESKTOP | {"color_scheme": "dark"}


@pytest.fixture(scope="module")
def documentation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as CI builds it: a warning is an error."""
    folder = tmp_path_factory.mktemp("documentation")
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", "docs", ".", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert built.returncode == 0, built.stderr
    return folder


@pytest.fixture
def address(documentation: Path) -> Iterator[str]:
    with plain_server(documentation) as address:
        yield address


def test_every_page_asks_nobody_else_for_anything(browser: Browser, documentation: Path, address: str) -> None:
    pages = sorted(path.relative_to(documentation) for path in documentation.glob("*/**/*.html"))
    assert len(pages) > 25
    with watched_page(browser, address) as page:
        for path in pages:
            page.goto(f"/{path}")


@pytest.mark.parametrize(("name", "options"), [("light", DESKTOP), ("dark", DARK), ("phone", PHONE)])
def test_pages_fit_the_screen_and_lead_on(
    browser: Browser, address: str, tmp_path: Path, name: str, options: dict[str, Any]
) -> None:
    with watched_page(browser, address, **options) as page:
        page.goto("/")
        expect(page.get_by_role("heading", level=1)).to_contain_text("photopipe")
        screenshot(page, tmp_path, f"documentation-front-{name}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.locator("article").get_by_role("link", name="tutorial").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Tutorial")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_search_finds_an_option_from_its_own_index(browser: Browser, address: str) -> None:
    with watched_page(browser, address) as page:
        page.goto("/search.html?q=camera-tz")
        expect(page.locator("#search-results a").first).to_be_visible()
