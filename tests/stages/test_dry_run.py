"""A dry run tells what would be uploaded, and keeps nothing per photo in memory."""

import tracemalloc
from collections.abc import Iterator
from hashlib import sha256

import pytest

from photopipe.journal import SeenContent


@pytest.fixture
def seen() -> Iterator[SeenContent]:
    seen = SeenContent()
    yield seen
    seen.close()


def test_content_is_new_once(seen: SeenContent) -> None:
    assert [seen.add(content * 32) for content in ("aa", "bb", "aa", "bb")] == [True, True, False, False]


def test_memory_does_not_grow_with_the_photos(seen: SeenContent) -> None:
    hashes = (sha256(str(number).encode()).hexdigest() for number in range(20_000))
    for _ in range(1000):
        seen.add(next(hashes))
    tracemalloc.start()
    for content in hashes:
        seen.add(content)
    grown_bytes, _peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert grown_bytes < 100_000
