"""What reports cost: the same photos with and without, in turns.

    python tests/benchmarks/report_cost.py [--rounds 5] [--photos 300]

Each run takes copies of the sample images, each with a comment of its own, to a new embedded gallery.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SAMPLES = Path(__file__).parents[2] / "sample_images"
KINDS = {"none": (), "ndjson": ("r.ndjson",), "html": ("r.html",), "all": ("r.ndjson", "r.csv", "r.html")}


def make_photos(folder: Path, count: int) -> None:
    """Write JPEGs that are all different."""
    samples = [path.read_bytes() for path in sorted(SAMPLES.rglob("*.JPG"))]
    for number in range(count):
        comment = f"photo {number}".encode()
        segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
        data = samples[number % len(samples)]
        path = folder / f"IMG_{number:05}.JPG"
        path.write_bytes(data[:2] + segment + data[2:])
        os.utime(path, (1_700_000_000, 1_700_000_000))


def run_s(photos: Path, reports: tuple[str, ...]) -> tuple[float, float]:
    """CPU and wall time of one run [seconds]."""
    with tempfile.TemporaryDirectory() as home:
        options = [text for name in reports for text in ("--report", f"{home}/{name}")]
        if len(reports) > 1:
            options += ["--trace", f"{home}/t.json", "--failed-to", f"{home}/failed"]
        places = ("--gallery-dir", f"{home}/gallery", "--journal", f"{home}/journal.sqlite", "--settle", "0")
        command = [sys.executable, "-m", "photopipe", "process", "-q", str(photos), *places, *options]
        before, started_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        wall_s, after = time.monotonic() - started_s, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall_s


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--photos", type=int, default=300)
    arguments = parser.parse_args()
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        make_photos(Path(folder), arguments.photos)
        for _ in range(arguments.rounds):
            for name, reports in KINDS.items():
                times[name].append(run_s(Path(folder), reports))
    for name, taken in times.items():
        ratios = [one[0] / base[0] for one, base in zip(taken, times["none"], strict=True)]
        cpu_s, wall_s = (statistics.median(column) for column in zip(*taken, strict=True))
        extra_ms = statistics.median(
            (one[0] - base[0]) / arguments.photos * 1000 for one, base in zip(taken, times["none"], strict=True)
        )
        print(
            f"{name:7} CPU {cpu_s:6.2f} s  wall {wall_s:6.2f} s  CPU / none: median {statistics.median(ratios):.3f} "
            f"({min(ratios):.3f} to {max(ratios):.3f})  {extra_ms:+.2f} ms a photo"
        )


if __name__ == "__main__":
    main()
