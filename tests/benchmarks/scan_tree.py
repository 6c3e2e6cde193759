"""How soon the first photo of a large tree is on the line, how long the scan takes, and how much memory.

    python tests/benchmarks/scan_tree.py [--photos 1000000] [--folder SCRATCH]

Makes a tree of hard links to a few small JPEGs, in folders of 1,000 and all in one folder, and pulls from it what
a run puts on the line, with an empty journal, in a process of its own. Nothing is opened. Beside it `find`, which
only prints the names, on the same tree with the same warm cache.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from photopipe.download.settling import Settling
from photopipe.download.sources.sources import find_all
from photopipe.found_photo import FoundPhoto
from photopipe.journal import Journal
from photopipe.photo import Target
from photopipe.settings import DownloadSettings
from photopipe.stages import Claims, Sorting
from photopipe.stop_token import StopToken
from photopipe.wakeup import Wakeup

LINKS_TO_ONE = 50_000
"""Hard links that one file gets; ext4 allows 65,000."""


def make_tree(top: Path, photos: int, in_a_folder: int) -> None:
    first = top
    for number in range(photos):
        folder = top / f"{number // in_a_folder:04}"
        if number % in_a_folder == 0:
            folder.mkdir(parents=True)
        path = folder / f"IMG_{number:07}.JPG"
        if number % LINKS_TO_ONE == 0:
            first = path
            path.write_bytes(b"\xff\xd8\xff" + str(number).encode())
        else:
            os.link(first, path)


def pull_all(top: str, journal_path: str) -> None:
    """Pull what goes on the line, as the source's thread does, and let each photo end at once."""
    started = time.perf_counter()
    journal = Journal(journal_path, [Target("recipe", "gallery")])
    wakeup = Wakeup()
    sorting = Sorting(journal, Claims(), Settling(lambda _photo: 2.0), wakeup, StopToken(), count=lambda _photo: None)
    first_s, photos = 0.0, 0
    for found in sorting.sort(find_all(DownloadSettings((top,)), wakeup)):
        if isinstance(found, FoundPhoto):
            first_s = first_s or time.perf_counter() - started
            photos += 1
            sorting.ended(found, was_tried=False, is_left=False)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    total_s = time.perf_counter() - started
    print(f"{photos} photos: the first after {first_s:.2f} s, all after {total_s:.1f} s, peak memory {peak_mb:.0f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--pull", nargs=2, metavar=("TOP", "JOURNAL"), help="used by the benchmark itself")
    options = parser.parse_args()
    if options.pull:
        pull_all(*options.pull)
        return
    scratch = Path(tempfile.mkdtemp(prefix="scan-", dir=options.folder))
    try:
        for in_a_folder in (1000, options.photos):
            top = scratch / str(in_a_folder)
            make_tree(top, options.photos, in_a_folder)
            time.sleep(11)  # files that have just been linked would have to settle
            for journal in ("warm the cache", "measure"):
                started = time.perf_counter()
                subprocess.run(["find", str(top), "-name", "*.JPG"], stdout=subprocess.DEVNULL, check=True)
                find_s = time.perf_counter() - started
                print(f"{journal}: {in_a_folder} in a folder; find takes {find_s:.1f} s", flush=True)
                subprocess.run([sys.executable, __file__, "--pull", str(top), str(scratch / journal)], check=True)
            shutil.rmtree(top)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    main()
