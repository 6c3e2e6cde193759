"""A whole run of photopipe, gallery included, against sharp alone and against what people type today.

    python tests/benchmarks/whole_run.py --folder PHOTOS [--rounds 5] [--sharp-modules DIR]

photopipe finds, hashes, resizes and uploads the JPEGs of the folder to its embedded gallery, which starts and ends with
the run and is counted in; the journal is new each time. `sharp` only resizes the same files into a folder, two at
a time. The third is a loop of a shell: ImageMagick's `convert`, then `curl` to a gallery that runs already and is
not counted. The three run in turn; wall and CPU time are medians, the ratios are taken within a round.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

SIDE_PX = 2048
QUALITY = 85
GOAL = 0.75
PHOTOPIPE = os.fspath(Path(sys.executable).with_name("photopipe"))
START_S = 20.0
SHARP = """
const sharp = require('sharp'), [side, out, ...files] = process.argv.slice(2);
sharp.concurrency(1);
async function work() { for (let file; (file = files.pop());) await sharp(file).autoOrient()
  .resize(+side, +side, {fit: 'inside', withoutEnlargement: true})
  .toColourspace('srgb').jpeg({quality: %d}).toFile(out + '/' + files.length + '.jpg'); }
Promise.all([work(), work()]);
"""
LOOP = """
for photo; do
  convert "$photo" -auto-orient -resize "%dx%d>" -quality %d "$OUT/one.jpg" &&
  curl -sSf -o "$OUT/answer" -H "Idempotency-Key: $(basename "$photo")" -F "file=@$OUT/one.jpg" "$URL" || exit 1
done
"""


class Took(NamedTuple):
    """Seconds of the clock, and of user and system time of a process with all its children."""

    wall_s: float
    cpu_s: float


Run = Callable[[Path], Took]


def main() -> None:
    options = _options()
    photos = sorted(os.fspath(path) for path in options.folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg"))
    if not photos:
        sys.exit(f"No JPEGs in {options.folder}.")
    runs: dict[str, Run] = {"photopipe": lambda scratch: _photopipe(options.folder, scratch)}
    if shutil.which("node") and (options.sharp_modules / "sharp").is_dir():
        runs["sharp"] = lambda scratch: _sharp(photos, options.sharp_modules, scratch)
    if shutil.which("convert") and shutil.which("curl"):
        runs["convert + curl"] = lambda scratch: _shell_loop(photos, scratch)
    print(f"{len(photos)} photos, {SIDE_PX} px, quality {QUALITY}, {options.rounds} rounds")
    rounds = [{name: _in_scratch(run) for name, run in runs.items()} for _ in range(options.rounds)]
    for name in runs:
        ours, theirs = ([one[which] for one in rounds] for which in ("photopipe", name))
        wall_s, cpu_s = (statistics.median(column) for column in zip(*theirs, strict=True))
        wall, cpu = (
            statistics.median(a[at] / b[at] for a, b in zip(ours, theirs, strict=True))
            for at in range(len(Took._fields))
        )
        print(f"{name}: {wall_s:.2f} s wall, {cpu_s:.2f} s CPU; photopipe / it: {wall:.2f} wall, {cpu:.2f} CPU")
    print(f"goal against sharp: {GOAL} of both")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, required=True, help="where the photos are")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sharp-modules", type=Path, default=Path("node_modules"), help="where npm put sharp")
    return parser.parse_args()


def _in_scratch(run: Run) -> Took:
    with tempfile.TemporaryDirectory() as scratch:
        return run(Path(scratch))


def _photopipe(folder: Path, scratch: Path) -> Took:
    places = ["--journal", os.fspath(scratch / "journal.sqlite"), "--gallery-dir", os.fspath(scratch / "gallery")]
    return _timed([PHOTOPIPE, "process", "-q", os.fspath(folder), *places])


def _sharp(photos: list[str], modules: Path, scratch: Path) -> Took:
    program = scratch / "sharp.js"
    program.write_text(SHARP % QUALITY)
    return _timed(
        ["node", os.fspath(program), str(SIDE_PX), os.fspath(scratch), *photos],
        NODE_PATH=os.fspath(modules.absolute()),
        VIPS_CONCURRENCY="1",
    )


def _shell_loop(photos: list[str], scratch: Path) -> Took:
    with _gallery(scratch) as url:
        return _timed(["sh", "-c", LOOP % (SIDE_PX, SIDE_PX, QUALITY), "sh", *photos], OUT=os.fspath(scratch), URL=url)


@contextmanager
def _gallery(scratch: Path) -> Iterator[str]:
    port = "18642"
    command = [PHOTOPIPE, "gallery", "--gallery-dir", os.fspath(scratch / "gallery"), "--port", port]
    site = f"http://127.0.0.1:{port}/api"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(f"{site}/health")
            yield f"{site}/photos"
        finally:
            process.terminate()


def _wait_for(url: str) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(url):  # noqa: S310 - our own, on loopback
                return
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.05)
    sys.exit(f"{url} does not answer")


def _timed(command: list[str], **environment: str) -> Took:
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | environment)
    _, status, usage = os.wait4(process.pid, 0)
    wall_s = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[0]} ended with {process.returncode}")
    return Took(wall_s, usage.ru_utime + usage.ru_stime)


if __name__ == "__main__":
    main()
