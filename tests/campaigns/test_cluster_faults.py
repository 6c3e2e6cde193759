"""The short form of `cluster_faults.py`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from campaigns.cluster_faults import GALLERIES, ROWS, filled_service, row
from support.real_servers import RealServer

PHOTOS = 80


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[RealServer, str]]:
    with filled_service(PHOTOS) as filled:
        yield filled


@pytest.mark.campaign
@pytest.mark.parametrize("mishap", ROWS)
@pytest.mark.parametrize("gallery", GALLERIES)
def test_whatever_happens_each_photo_is_there_once(
    tmp_path: Path, service: tuple[RealServer, str], gallery: str, mishap: str
) -> None:
    result = row(service[0], tmp_path / f"{gallery}-{mishap}", service[1], gallery, mishap, photos=PHOTOS, seed=3)
    assert result.is_good, result
    assert result.mishaps > 0 or mishap == "undisturbed"
