"""What the first screen of a gallery costs on a phone."""

from typing import Any, NamedTuple

from browser.chromium import PHONE
from browser.screenshots import wait_for_pictures
from playwright.sync_api import Browser

SEEN = """[...document.images].filter(image => {
    const box = image.getBoundingClientRect();
    return box.width && box.bottom > 0 && box.top < innerHeight;
})"""
ARRIVED = f"{SEEN}.flatMap(image => performance.getEntriesByName(image.currentSrc)).map(entry => entry.responseEnd)"
"""When each picture in view had arrived [ms since the visit began]."""
QUIET = """() => new Promise(resolve => {
    let timer;
    const wait = () => { clearTimeout(timer); timer = setTimeout(resolve, 700); };
    new PerformanceObserver(wait).observe({type: 'resource'});
    wait();
})"""
"""Resolved when nothing has been fetched for a while."""


class FirstScreen(NamedTuple):
    """What one visit cost.

    Attributes:
        transferred_bytes: of all answers, headers included, as they went over the wire.
        pictures: how many thumbnails are in view.
        last_picture_s: when the last of them had arrived, since the visit began.
    """

    transferred_bytes: int
    pictures: int
    last_picture_s: float


def first_screen(browser: Browser, address: str) -> FirstScreen:
    """Visit a page on a phone with an empty cache, touch nothing, and wait until it has loaded all it wants."""
    context = browser.new_context(**PHONE)
    try:
        page = context.new_page()
        session = context.new_cdp_session(page)
        sizes: list[int] = []

        def finished(event: dict[str, Any]) -> None:
            sizes.append(int(event["encodedDataLength"]))

        session.on("Network.loadingFinished", finished)
        session.send("Network.enable")
        page.goto(address)
        wait_for_pictures(page)
        arrived_ms: list[float] = page.evaluate(ARRIVED)
        page.evaluate(QUIET)
        return FirstScreen(sum(sizes), len(arrived_ms), max(arrived_ms) / 1000)
    finally:
        context.close()
