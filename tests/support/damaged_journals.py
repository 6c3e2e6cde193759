"""Journals with something in them, and ways to damage them."""

import os
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from photopipe.errors import GalleryFailed
from photopipe.found_photo import FoundPhoto
from photopipe.journal import Journal, run_lock
from photopipe.photo import DownloadedPhoto, Receipt, Rendition, Target

TARGET = Target("recipe", "gallery")
PHOTOS = 60
PAGE_BYTES = 4096


def photo(number: int) -> DownloadedPhoto:
    """A photo of a card."""
    found = FoundPhoto(f"/card/{number % 3}/IMG_{number:04}.JPG", 10, number, 30, 1, 5)
    return DownloadedPhoto(found, sha256(str(number).encode()).hexdigest())


def rendition(number: int) -> Rendition:
    """What became of it."""
    return Rendition("a.jpg", "image/jpeg", 100, f"{number:064x}", f"{number:040x}", f"{number:032x}", 40, 30, None)


def is_uploaded(number: int) -> bool:
    """Whether the journal says so; every fifth photo has failed."""
    return number % 5 != 4


def fill(path: Path, photos: int = PHOTOS) -> None:
    """Make a journal as a run leaves it."""
    with run_lock(str(path)) as lock, closing(Journal(str(path), [TARGET], lock=lock)) as journal:
        run = journal.runs.start()
        for number in range(photos):
            record(journal, number)
        journal.runs.end(run, 3, dict.fromkeys(("found", "uploaded", "skipped", "failed", "left_over"), 0))


def record(journal: Journal, number: int) -> None:
    """Record one photo from its reading to its end."""
    item = photo(number)
    journal.admit(item)
    journal.rendered(item.source_sha256, [(TARGET, rendition(number))])
    journal.sending(item.source_sha256, TARGET, rendition(number))
    if is_uploaded(number):
        journal.uploaded(item.source_sha256, TARGET, Receipt(str(number), f"http://gallery/{number}"))
    else:
        journal.failed(item.source_sha256, [TARGET], "upload", GalleryFailed("it fails"))


def overwrite(path: Path, start: int, length: int) -> None:
    """Put other bytes into the middle of a file."""
    with open(path, "r+b") as file:
        file.seek(start)
        file.write(os.urandom(length))


def pages(path: Path) -> int:
    """How many pages a journal has."""
    return path.stat().st_size // PAGE_BYTES


def _not_a_database(path: Path) -> None:
    path.write_bytes(b"this is not a database, whatever its name says\n" * 2000)


def _cut_in_half(path: Path) -> None:
    os.truncate(path, pages(path) // 2 * PAGE_BYTES)


def _cut_in_a_page(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1000)


def _many_pages(path: Path) -> None:
    for page in range(3, pages(path), 4):
        overwrite(path, page * PAGE_BYTES, PAGE_BYTES)


DAMAGES: dict[str, Callable[[Path], None]] = {
    "not a database": _not_a_database,
    "no header": lambda path: overwrite(path, 0, 100),
    "no first page": lambda path: overwrite(path, 0, PAGE_BYTES),
    "cut in half": _cut_in_half,
    "cut in a page": _cut_in_a_page,
    "every fourth page": _many_pages,
    "all but the first page": lambda path: overwrite(path, PAGE_BYTES, path.stat().st_size - PAGE_BYTES),
}
