"""How long a run takes that finds nothing to do, and how much memory, against `rclone copy`.

    python tests/benchmarks/noop_run.py [--runs 7] [--folder SCRATCH] [--sizes 10000,100000]

For each size it makes a tree of that many small files in folders of 1,000 (as a camera does), a
journal in which all of them are done, and a copy of the tree for rclone. Then both commands run in
turn, with warm caches; medians and the ratio pair by pair are printed. rclone is Debian's package.
"""

import argparse
import multiprocessing
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from photopipe.download.sources.folder_source import FolderSource
from photopipe.download.sources.source import FolderPage
from photopipe.gallery.store.identity import create_gallery
from photopipe.journal import Journal
from photopipe.photo import DownloadedPhoto, Receipt, Target
from photopipe.settings import ResizeSettings

FILES_IN_A_FOLDER = 1000


def make_tree(top: Path, files: int, is_flat: bool) -> None:
    for number in range(files):
        folder = top if is_flat else top / "DCIM" / f"{100 + number // FILES_IN_A_FOLDER}PHOTO"
        if number % FILES_IN_A_FOLDER == 0:
            folder.mkdir(parents=True, exist_ok=True)
        (folder / f"IMG_{number:06}.JPG").write_bytes(b"\xff\xd8\xff" + str(number).encode())


def fill_journal(top: Path, journal_path: Path, gallery: Path) -> None:
    """Record every file as uploaded, as a run would, in few transactions."""
    target = Target(ResizeSettings().recipe_id, create_gallery(str(gallery)))
    journal = Journal(str(journal_path), [target])
    journal._database._connection.execute("PRAGMA synchronous = OFF")
    for page in FolderSource(str(top)).find():
        assert isinstance(page, FolderPage)
        for found in page.photos:
            content = sha256(found.path.encode()).hexdigest()
            journal.admit(DownloadedPhoto(found, content))
            journal.uploaded(content, target, Receipt("1", f"file:///pictures/2025/10/{found.name}"))
    journal.close()


def in_a_child(prepare: Callable[..., object], *arguments: object) -> None:
    """Prepare something without growing this process: a command's peak starts from its parent's size."""
    child = multiprocessing.get_context("fork").Process(target=prepare, args=arguments)
    child.start()
    child.join()
    assert child.exitcode == 0


def timed(command: list[str]) -> tuple[float, int]:
    """Wall seconds and peak memory [kB] of one run, which must succeed."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    assert process.returncode == 0, command
    return seconds, usage.ru_maxrss


def measure(scratch: Path, files: int, runs: int, *, is_flat: bool) -> None:
    folder = scratch / f"{files}-{'flat' if is_flat else 'folders'}"
    source, copy, journal, gallery = (folder / name for name in ("source", "copy", "journal.sqlite", "gallery"))
    in_a_child(make_tree, source, files, is_flat)
    in_a_child(fill_journal, source, journal, gallery)
    in_a_child(shutil.copytree, source, copy)
    photopipe = [str(Path(sys.executable).with_name("photopipe")), "process", str(source)]
    photopipe += ["--journal", str(journal), "--gallery-dir", str(gallery)]
    rclone = ["rclone", "copy", str(source), str(copy)]
    pairs = [(timed(photopipe), timed(rclone)) for _ in range(runs + 1)][1:]
    ours, theirs = ([pair[side] for pair in pairs] for side in (0, 1))
    ratio = statistics.median(mine[0] / other[0] for mine, other in zip(ours, theirs, strict=True))
    print(
        f"{files:>8} files, {'one folder' if is_flat else 'folders of 1,000':<17}"
        f" photopipe {statistics.median(run[0] for run in ours):.2f} s {max(run[1] for run in ours) / 1024:.0f} MB,"
        f" rclone {statistics.median(run[0] for run in theirs):.2f} s {max(run[1] for run in theirs) / 1024:.0f} MB,"
        f" ratio {ratio:.2f}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--sizes", default="10000,100000")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        for is_flat in (False, True):
            for files in options.sizes.split(","):
                measure(Path(scratch), int(files), options.runs, is_flat=is_flat)


if __name__ == "__main__":
    main()
