"""What a test has another process do; here, because that process imports the functions by their names."""

import multiprocessing
import pickle
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from photopipe.download.download import download
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import FolderPage
from photopipe.download.sources.sources import source_of
from photopipe.found_photo import FoundPhoto
from photopipe.settings import DownloadSettings
from photopipe.wakeup import Wakeup

Result = TypeVar("Result")


def find_pickled(address: str, spool_folder: str) -> list[bytes]:
    """Each photo below an address; runs in a process of its own, as what it leaves behind would help others."""
    wakeup, pages = Wakeup(), list[FolderPage]()
    for finding in source_of(address, DownloadSettings(spool_folder=spool_folder)).find(Selection(), wakeup):
        if isinstance(finding, FolderPage):
            pages.append(finding)
        elif finding is None:
            wakeup.wait(10)
    return [pickle.dumps(photo) for page in pages for photo in page.photos]


def download_pickled(pickled: bytes) -> tuple[str, str]:
    """Name and hash of a photo."""
    found: FoundPhoto = pickle.loads(pickled)  # noqa: S301 - it was pickled by this test
    downloaded = download(found)
    assert downloaded.found.identity == found.identity == found.found_again().identity
    found.storage.check_source()
    found.storage.release(found.path)
    return found.name, downloaded.source_sha256


def in_a_new_process(work: Callable[..., Result], *arguments: object) -> Result:
    """What a function returns in a process that begins with nothing."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor:
        return executor.submit(work, *arguments).result(60)
