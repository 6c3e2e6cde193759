"""Only the newest photos: those that changed last, over all folders."""

import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

from photopipe.download.sources.newest import newest_only
from photopipe.download.sources.source import Finding, FolderPage
from photopipe.download.sources.sources import find_all
from photopipe.found_photo import FoundPhoto
from photopipe.photo import OtherFiles
from photopipe.settings import DownloadSettings
from photopipe.wakeup import Wakeup


def plant(top: Path, *names: str) -> None:
    """Each file a second newer than the one before."""
    for second, name in enumerate(names):
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_bytes(b"\xff\xd8\xff")
        os.utime(top / name, (second, second))


def newest(top: Path, wanted: int) -> list[list[str]]:
    """The names on each page."""
    findings = find_all(DownloadSettings((str(top / "card"), str(top / "phone")), newest=wanted), Wakeup())
    return [[photo.name for photo in page.photos] for page in findings if isinstance(page, FolderPage)]


def test_the_newest_of_all_folders_and_sources_come_in_the_order_they_are_found(tmp_path: Path) -> None:
    plant(tmp_path, "card/x/old.jpg", "card/x/b.jpg", "phone/p.jpg", "card/a.jpg", "card/x/a.jpg", "phone/old.txt")
    assert newest(tmp_path, 4) == [["a.jpg"], ["a.jpg", "b.jpg"], ["p.jpg"]]
    assert newest(tmp_path, 1) == [["a.jpg"]]
    assert newest(tmp_path, 9) == [["a.jpg"], ["a.jpg", "b.jpg", "old.jpg"], ["p.jpg"]]


def test_a_pair_counts_as_one_and_is_as_old_as_the_half_that_is_taken(tmp_path: Path) -> None:
    plant(tmp_path, "card/a.jpg", "card/b.jpg", "card/a.cr2", "phone/c.jpg")
    assert newest(tmp_path, 2) == [["b.jpg"], ["c.jpg"]]
    assert newest(tmp_path, 3) == [["a.cr2", "a.jpg", "b.jpg"], ["c.jpg"]]


def test_of_photos_of_one_age_the_first_found_are_taken_and_the_rest_is_handed_on_at_once() -> None:
    photos = [FoundPhoto(f"/card/{name}", 1, 2, 3, 4, 5) for name in "abc"]
    findings = newest_only([FolderPage("/card", photos), None, OtherFiles(())], 2)
    assert list(findings) == [None, OtherFiles(()), FolderPage("/card", photos[:2])]


def test_no_more_photos_than_are_wanted_are_kept() -> None:
    def pages() -> Iterator[Finding]:
        for folder in range(30):
            yield FolderPage(f"/{folder}", [FoundPhoto(f"/{folder}/{n}", 1, n, 3, n, 5) for n in range(500)])

    tracemalloc.start()
    assert sum(len(page.photos) for page in newest_only(pages(), 10) if isinstance(page, FolderPage)) == 10
    _size, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 500_000
