"""Debian's Chromium, driven by Playwright, and pages that fail when anything about them is wrong."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect, sync_playwright

DEADLINE_S: Final = 20.0
FLAGS: Final = (
    "--no-sandbox",  # CI runs as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP: Final[dict[str, Any]] = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"}
PHONE: Final[dict[str, Any]] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 3,
    "is_mobile": True,
    "has_touch": True,
    "reduced_motion": "no-preference",
}
_FAULTS: Final = frozenset({"error", "warning", "assert"})


def chromium_path() -> str:
    """Where Chromium is; the test is skipped if there is none."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no chromium on the path (`.ci/run` installs it)")
    return path


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser with a profile of its own."""
    expect.set_options(timeout=DEADLINE_S * 1000)
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def watched_page(browser: Browser, url: str, *, may_fail: tuple[str, ...] = (), **options: Any) -> Iterator[Page]:
    """A page in a context of its own, on which nothing may go wrong.

    Args:
        browser: where.
        url: the only site the page may ask for anything, without a slash at the end; what paths are relative to.
        may_fail: how the addresses end of requests that are meant to be refused.
        options: of the context, such as `DESKTOP`.

    Raises:
        AssertionError: when the block is left: the console said something, a script failed, a request failed or was
            refused, went to another host, or was against the Content-Security-Policy (which the console tells).
    """
    faults: list[str] = []
    context = browser.new_context(base_url=url, **(DESKTOP | options))
    context.set_default_timeout(DEADLINE_S * 1000)
    try:
        page = context.new_page()
        _watch(page, url, faults, may_fail)
        yield page
    finally:
        context.close()
    assert not faults, "\n".join(faults)


def visit(page: Page, path: str = "/") -> None:
    """Open a page of photos, and return when its script has all it needs: then it listens to events."""
    with page.expect_request("**/api/events"):
        page.goto(path)


def _watch(page: Page, url: str, faults: list[str], may_fail: tuple[str, ...]) -> None:
    def is_meant(address: str) -> bool:
        return address.endswith(may_fail)

    def said(message: ConsoleMessage) -> None:
        if message.type in _FAULTS and not is_meant(message.location.get("url", "")):
            faults.append(f"console: {message.type}: {message.text}")

    def asked(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" != url:
            faults.append(f"request to another host: {request.url}")

    def failed(request: Request) -> None:
        # What a page no longer needs it may abort.
        if request.failure != "net::ERR_ABORTED" and not is_meant(request.url):
            faults.append(f"failed: {request.method} {request.url}: {request.failure}")

    def answered(response: Response) -> None:
        if response.status >= 400 and not is_meant(response.url):
            faults.append(f"answered {response.status}: {response.request.method} {response.url}")

    page.on("console", said)
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on("request", asked)
    page.on("requestfailed", failed)
    page.on("response", answered)
