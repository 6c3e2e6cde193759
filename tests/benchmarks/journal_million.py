"""How long questions to a journal of a million photos take, and a run that finds nothing to do with it.

    python tests/benchmarks/journal_million.py [--runs 7] [--photos 1000000] [--files 100000]

It makes a journal of that many photos, most of them uploaded to one gallery and half to a second one, some failed, in
quarantine and in doubt, and a tree of files all of which are done. Then the commands run, with a warm cache; medians
of processor and wall time of the whole process, and the peak memory, are printed.
"""

import argparse
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from benchmarks.noop_run import fill_journal, in_a_child, make_tree

PHOTOS_IN_A_FOLDER = 1000
STATES = {0: "failed", 1: "quarantined", 2: "sending", 3: "rendered"}
"""Of every thousand photos, the state of some; the others are uploaded."""


def photos(count: int, first_id: int) -> Iterator[tuple[int, bytes]]:
    for number in range(count):
        yield first_id + number, sha256(b"%d" % number).digest()


def deliveries(count: int, first_id: int, target_id: int) -> Iterator[tuple[object, ...]]:
    for number in range(count):
        state = STATES.get(number % 1000, "uploaded")
        url = f"https://photos.example.org/p/{number}" if state == "uploaded" else None
        failure = ("resize", "unreadable_photo", "the file ends early. Copy it again from the camera.")
        yield (
            *(target_id, first_id + number, state, sha256(b"r%d" % number).hexdigest(), "1" * 40, "d" * 32, 400_000),
            *(str(number), url, *(failure if state in {"failed", "quarantined"} else (None, None, None))),
        )


def add_photos(journal: Path, count: int) -> None:
    """Add rows as runs leave them, in one transaction."""
    with closing(sqlite3.connect(journal, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("BEGIN")
        first_id = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM photos").fetchone()[0]
        connection.executemany("INSERT INTO photos VALUES (?, ?)", photos(count, first_id))
        folders = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM folders").fetchone()[0]
        for number in range(0, count, PHOTOS_IN_A_FOLDER):
            folder = folders + number // PHOTOS_IN_A_FOLDER
            connection.execute("INSERT INTO folders VALUES (?, ?)", (folder, b"/archive/%d" % folder))
            connection.executemany(
                "INSERT INTO files VALUES (?, ?, 1, ?, 5000000, 1700000000000000000, ?)",
                ((folder, b"IMG_%06d.JPG" % n, n, first_id + n) for n in range(number, number + PHOTOS_IN_A_FOLDER)),
            )
        first_target = connection.execute("SELECT id FROM targets").fetchone()[0]
        connection.execute(
            "INSERT INTO targets (id, recipe_id, gallery_id) VALUES (77, 'abcd', 'https://photos.example.org/')"
        )
        columns = "target_id, photo_id, state, sha256, sha1, md5, size_bytes, remote_id, url, stage, reason, message"
        for target_id, these in ((first_target, count), (77, count // 2)):
            connection.executemany(
                f"INSERT INTO deliveries ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                deliveries(these, first_id, target_id),
            )
        connection.execute("COMMIT")


def measured(command: list[str], *, code: int = 0) -> tuple[float, float, float]:
    """Processor and wall seconds, and peak memory [MB], of one run."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == code, (command, process.returncode)
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - started, usage.ru_maxrss / 1024


def report(name: str, command: list[str], runs: int) -> None:
    samples = [measured(command) for _ in range(runs + 1)][1:]
    cpu_s, wall_s, memory_mb = (statistics.median(column) for column in zip(*samples, strict=True))
    print(f"{name:<46} {cpu_s:6.3f} s CPU {wall_s:6.3f} s wall {memory_mb:4.0f} MB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--photos", type=int, default=1_000_000)
    parser.add_argument("--files", type=int, default=100_000)
    options = parser.parse_args()
    photopipe = str(Path(sys.executable).with_name("photopipe"))
    with tempfile.TemporaryDirectory() as scratch:
        source, journal, gallery = (Path(scratch) / name for name in ("dcim", "journal.sqlite", "gallery"))
        in_a_child(make_tree, source, options.files, False)
        in_a_child(fill_journal, source, journal, gallery)
        in_a_child(add_photos, journal, options.photos)
        place = ["--journal", str(journal)]
        line = [*place, "--gallery-dir", str(gallery)]
        print(f"{options.photos} photos, journal of {journal.stat().st_size / 1e6:.0f} MB, {options.runs} runs")
        report("photopipe --version", [photopipe, "--version"], options.runs)
        report("photopipe status", [photopipe, "status", *place], options.runs)
        report("photopipe explain PATH", [photopipe, "explain", "/archive/123/IMG_022000.JPG", *place], options.runs)
        report("photopipe failed", [photopipe, "failed", *place], options.runs)
        report(f"photopipe process, {options.files} files", [photopipe, "process", str(source), *line], options.runs)


if __name__ == "__main__":
    main()
