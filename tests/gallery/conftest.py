"""A gallery for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from gallery.running_gallery import GalleryClient, running_gallery


@pytest.fixture
def gallery(tmp_path: Path) -> Iterator[GalleryClient]:
    with running_gallery(tmp_path / "gallery") as client:
        yield client
