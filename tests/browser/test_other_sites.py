"""Pages of other web sites, in the browser of somebody who may write to the gallery, can neither add nor delete."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.chromium import chromium
from browser.drawn_photos import landscape
from browser.other_site import ATTACKS, attack, other_site
from gallery.running_gallery import running_gallery
from playwright.sync_api import Browser, Response


def photo(folder: Path, seed: int) -> bytes:
    """A small photo."""
    path = folder / f"{seed}.jpg"
    landscape((300, 200), seed).save(path, "JPEG")
    return path.read_bytes()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_another_site_cannot_write(browser: Browser, tmp_path: Path, host: str) -> None:
    answers: dict[str, list[int]] = {name: [] for name in ATTACKS}
    with running_gallery(tmp_path / "gallery") as gallery, other_site() as port:
        assert gallery.post(photo(tmp_path, 1)).status_code == 201
        before = gallery.photos()
        context = browser.new_context(base_url=f"http://{host}:{port}")
        page = context.new_page()
        for name, script in ATTACKS.items():

            def note(response: Response, name: str = name) -> None:
                if response.url.startswith(gallery.url):
                    answers[name].append(response.status)

            page.on("response", note)
            page.on("console", lambda m: print(m.type, m.text))
            page.on("requestfailed", lambda r: print("failed", r.url, r.failure))
            page.on("request", lambda r: print("asked", r.method, r.url))
            page.goto("/")
            print(name, attack(page, script, gallery.url, photo(tmp_path, 2)))
        context.close()
        print(answers)
        assert gallery.photos() == before
