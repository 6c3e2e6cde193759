"""Pictures of the pages, for people to look at."""

import os
from pathlib import Path

from playwright.sync_api import Page


def screenshot(page: Page, folder: Path, name: str) -> None:
    """Keep what is in view, once the pictures in it are there.

    Args:
        page: what to show.
        folder: where, unless the environment variable PHOTOPIPE_SCREENSHOTS names another folder.
        name: of the file, without its extension.
    """
    wait_for_pictures(page)
    target = Path(os.environ.get("PHOTOPIPE_SCREENSHOTS") or folder)
    target.mkdir(parents=True, exist_ok=True)
    (target / f"{name}.png").write_bytes(page.screenshot())


def wait_for_pictures(page: Page) -> None:
    """Return when every picture in view has been loaded and faded in."""
    page.wait_for_function(
        """() => {
            const seen = [...document.images].filter(image => {
                const box = image.getBoundingClientRect();
                return box.width && box.bottom > 0 && box.top < innerHeight && image.checkVisibility();
            });
            return seen.length && seen.every(image => image.complete && image.naturalWidth)
                && !document.getAnimations().some(animation => animation instanceof CSSTransition);
        }"""
    )
