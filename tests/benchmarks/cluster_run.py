"""What `photopipe process --on local:2` gains and costs on one computer, against the same command without `--on`.

    python tests/benchmarks/cluster_run.py [--rounds 3] [--photos 300] [--small 2000]

JPEGs of 3 to 12 MP, and many small ones of 0.1 MP, to a folder gallery, in turns. What starting takes is measured with
runs of two photos, in the same rounds, and taken off.

    python tests/benchmarks/cluster_run.py --tree TOP

How soon the first photo has arrived when a run on two processes begins with a large tree, such as `scan_tree.py` makes.
"""

import argparse
import io
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

import psutil
from PIL import Image

SAMPLES = Path(__file__).parents[2] / "sample_images"
KINDS = {"threads": (), "local:2": ("--on", "local:2")}
LOOK_S = 0.2
SMALL_PX = (400, 267)


class Took(NamedTuple):
    """What one run took.

    Attributes:
        wall_s: from start to end.
        cpu_s: user and system time of all its processes.
        first_s: until the first photo had arrived.
        driver_mb: most memory of the process that was started.
        worker_mb: most memory of any process that it started.
    """

    wall_s: float
    cpu_s: float
    first_s: float
    driver_mb: float
    worker_mb: float


def make_photos(folder: Path, count: int, *, small: bool) -> Path:
    """Write JPEGs that are all different."""
    folder.mkdir()
    samples = [path.read_bytes() for path in sorted(SAMPLES.rglob("*.JPG"))]
    if small:
        samples = [_made_small(data) for data in samples]
    for number in range(count):
        comment = f"photo {number}".encode()
        segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
        data = samples[number % len(samples)]
        path = folder / f"IMG_{number:05}.JPG"
        path.write_bytes(data[:2] + segment + data[2:])
        os.utime(path, (1_700_000_000, 1_700_000_000))
    return folder


def _made_small(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        out = io.BytesIO()
        picture.convert("RGB").resize(SMALL_PX).save(out, "JPEG", quality=85)
    return out.getvalue()


def run(photos: Path, options: tuple[str, ...]) -> Took:
    """One run with a new journal to a new folder gallery; it must succeed."""
    with tempfile.TemporaryDirectory() as home:
        os.mkdir(f"{home}/gallery")
        places = ("--to", f"folder://{home}/gallery", "--journal", f"{home}/journal.sqlite", "--settle", "0")
        command = [sys.executable, "-m", "photopipe", "process", "-q", str(photos), *places, *options]
        # Files, because processes that a killed run leaves behind would keep a pipe open.
        with open(f"{home}/out", "wb") as out, open(f"{home}/err", "wb") as err:
            before, started_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err)
            watch = _Watch(process.pid, f"{home}/out", started_s)
            code = process.wait()
            wall_s, after = time.monotonic() - started_s, resource.getrusage(resource.RUSAGE_CHILDREN)
            watch.end()
        assert code in (0, 10), Path(f"{home}/err").read_text()
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(wall_s, cpu_s, watch.first_s, *watch.most_mb)


class _Watch:
    """Looks at a run from outside: how much memory its processes have, and when its first line is printed."""

    def __init__(self, pid: int, output: str, started_s: float) -> None:
        self.first_s = 0.0
        self.most_mb = [0.0, 0.0]
        self._root = psutil.Process(pid)
        self._output = output
        self._started_s = started_s
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look_on)
        self._thread.start()

    def end(self) -> None:
        self._is_over.set()
        self._thread.join()

    def _look_on(self) -> None:
        next_s = 0.0
        while not self._is_over.wait(0.01 if not self.first_s else LOOK_S):
            now_s = time.monotonic() - self._started_s
            if not self.first_s and os.path.getsize(self._output):
                self.first_s = now_s
            if now_s >= next_s:
                next_s = now_s + LOOK_S
                self._note_memory()

    def _note_memory(self) -> None:
        try:
            processes = [self._root, *self._root.children(recursive=True)]
        except psutil.Error:
            return
        for number, process in enumerate(processes):
            place = min(number, 1)
            self.most_mb[place] = max(self.most_mb[place], _peak_mb(process.pid))


def _peak_mb(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("VmHWM")), 0.0)


def compare(title: str, photos: Path, two: Path, rounds: int) -> None:
    """Run each kind in turns, with all photos and with two, and print medians and ratios."""
    taken: dict[str, list[Took]] = {name: [] for name in KINDS}
    starts: dict[str, list[Took]] = {name: [] for name in KINDS}
    for number in range(rounds):
        for name, options in sorted(KINDS.items(), reverse=number % 2 == 1):
            starts[name].append(run(two, options))
            taken[name].append(run(photos, options))
    count = len(list(photos.iterdir()))
    print(f"{title}: {count} photos, {rounds} rounds")
    for name in KINDS:
        print(
            f"  {name:8} wall {_median(taken[name], 'wall_s'):6.2f} s, CPU {_median(taken[name], 'cpu_s'):6.2f} s, "
            f"driver {_most(taken[name], 'driver_mb'):.0f} MB, worker {_most(taken[name], 'worker_mb'):.0f} MB; "
            f"two photos: wall {_median(starts[name], 'wall_s'):.2f} s, CPU {_median(starts[name], 'cpu_s'):.2f} s"
        )
    for field in ("wall_s", "cpu_s"):
        whole = [_ratio(on, off, field) for on, off in zip(taken["local:2"], taken["threads"], strict=True)]
        fixed = _median(starts["local:2"], field), _median(starts["threads"], field)
        rest = [
            (getattr(on, field) - fixed[0]) / (getattr(off, field) - fixed[1])
            for on, off in zip(taken["local:2"], taken["threads"], strict=True)
        ]
        print(
            f"  {field}: with / without --on {statistics.median(whole):.3f} ({min(whole):.3f} to {max(whole):.3f}); "
            f"without the start {statistics.median(rest):.3f} ({min(rest):.3f} to {max(rest):.3f})",
            flush=True,
        )


def _median(taken: list[Took], field: str) -> float:
    return float(statistics.median(getattr(one, field) for one in taken))


def _most(taken: list[Took], field: str) -> float:
    return float(max(getattr(one, field) for one in taken))


def _ratio(one: Took, other: Took, field: str) -> float:
    return float(getattr(one, field) / getattr(other, field))


def measure_tree(top: Path, rounds: int) -> None:
    """Print how soon the first of a large tree has arrived."""
    for name, options in KINDS.items():
        taken = [run(top, (*options, "--max-photos", "5")) for _ in range(rounds)]
        print(
            f"{name:8} the first photo after {_median(taken, 'first_s'):.2f} s "
            f"(at most {_most(taken, 'first_s'):.2f} s), the run of 5 photos {_median(taken, 'wall_s'):.2f} s, "
            f"driver {_most(taken, 'driver_mb'):.0f} MB",
            flush=True,
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--photos", type=int, default=300)
    parser.add_argument("--small", type=int, default=2000)
    parser.add_argument("--tree", type=Path, metavar="TOP")
    options = parser.parse_args()
    if options.tree is not None:
        measure_tree(options.tree, options.rounds)
        return
    with tempfile.TemporaryDirectory() as scratch:
        two = make_photos(Path(scratch, "two"), 2, small=True)
        if options.photos:
            compare(
                "large photos", make_photos(Path(scratch, "large"), options.photos, small=False), two, options.rounds
            )
        if options.small:
            compare("small photos", make_photos(Path(scratch, "small"), options.small, small=True), two, options.rounds)


if __name__ == "__main__":
    main()
