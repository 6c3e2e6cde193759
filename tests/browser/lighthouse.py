"""Lighthouse's scores of a page."""

import json
import os
import shutil
import statistics
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from browser.chromium import FLAGS, chromium_path

SCRIPT: Final = Path(__file__).parent / "node_modules" / "lighthouse" / "cli" / "index.js"
CATEGORIES: Final = ("performance", "accessibility", "best-practices")
DEADLINE_S: Final = 180
TRIES: Final = 3
"""On a busy machine it loses its trace or its browser now and then, and asks to be run again."""


def lighthouse_scores(
    address: str,
    folder: Path,
    *,
    is_desktop: bool = False,
    runs: int = 1,
    choose: Callable[[list[int]], float] = statistics.median,
) -> dict[str, int]:
    """Lighthouse's scores, 0 to 100, of some runs; the test is skipped where it is not installed.

    Args:
        address: of the page.
        folder: for the last report, `mobile.json` or `desktop.json`.
        is_desktop: for a desktop computer; else, as is Lighthouse's custom, for a slow phone.
        runs: how many.
        choose: takes one score of those of all runs.
    """
    if not SCRIPT.exists() or shutil.which("node") is None:
        pytest.skip("Lighthouse is not installed (`npm ci --prefix tests/browser`)")
    report = folder / ("desktop.json" if is_desktop else "mobile.json")
    scores = [_scores_of_one_run(address, report, is_desktop) for _ in range(runs)]
    return {category: round(choose([score[category] for score in scores])) for category in CATEGORIES}


def _scores_of_one_run(address: str, report: Path, is_desktop: bool) -> dict[str, int]:
    command = [
        "node",
        str(SCRIPT),
        address,
        "--quiet",
        "--output=json",
        f"--output-path={report}",
        f"--only-categories={','.join(CATEGORIES)}",
        f"--chrome-flags={' '.join(('--headless=new', *FLAGS))}",
        *(["--preset=desktop"] if is_desktop else []),
    ]
    # Its temporary folder is the system's: below a longer path Chromium has no room for the name of a socket.
    environment = os.environ | {"CHROME_PATH": chromium_path()}
    for _ in range(TRIES):
        result = subprocess.run(command, env=environment, timeout=DEADLINE_S, capture_output=True, text=True)
        if result.returncode == 0:
            break
    assert result.returncode == 0, result.stderr
    categories = json.loads(report.read_text("utf-8"))["categories"]
    return {category: round(100 * categories[category]["score"]) for category in CATEGORIES}
