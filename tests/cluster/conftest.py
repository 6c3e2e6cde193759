"""A home for each test."""

from pathlib import Path

import pytest
from support.command import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home")
