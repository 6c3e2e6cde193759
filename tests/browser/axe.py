"""Accessibility faults of a page, found by axe-core."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

SCRIPT = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"


@cache
def _axe() -> str:
    if not SCRIPT.exists():
        pytest.skip("axe-core is not installed (`npm ci --prefix tests/browser`)")
    return SCRIPT.read_text("utf-8")


def accessibility_faults(page: Page) -> list[str]:
    """The serious and critical faults of what the page shows now; the test is skipped without axe-core.

    The script comes by the browser's own protocol and not as an element, which the page's policy would not allow.
    """
    return _faults(page, {})


def contrast_faults(page: Page) -> list[str]:
    """Words that cannot be told from what is behind them: all that depends on the colour scheme."""
    return _faults(page, {"runOnly": ["color-contrast", "link-in-text-block"]})


def _faults(page: Page, options: dict[str, Any]) -> list[str]:
    page.evaluate(_axe())
    run = "options => axe.run(document, options).then(result => result.violations)"
    found: list[dict[str, Any]] = page.evaluate(run, {"resultTypes": ["violations"], **options})
    return [
        f"{fault['id']}: {fault['help']}: {node['html'][:200]} {node['any'][0]['message'] if node['any'] else ''}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]
