"""A home and a camera card for each test."""

from pathlib import Path

import pytest
from support.command import Home
from support.pictures import make_jpeg


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home")


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """Five good photos."""
    fill_card(tmp_path / "card", 5)
    return tmp_path / "card"


@pytest.fixture
def card_of_twelve(tmp_path: Path) -> Path:
    """Twelve good photos: more than the faults of a plan that fails now and then."""
    fill_card(tmp_path / "card", 12)
    return tmp_path / "card"


@pytest.fixture
def big_card(tmp_path: Path) -> Path:
    """Thirty good photos."""
    fill_card(tmp_path / "card", 30)
    return tmp_path / "card"


def fill_card(folder: Path, photos: int) -> None:
    (folder / "DCIM" / "100PHOTO").mkdir(parents=True)
    for number in range(photos):
        make_jpeg(folder / "DCIM" / "100PHOTO" / f"IMG_{number:04}.JPG", seed=number)
