"""CPU time and memory of programs that watch a folder of 10,000 photos in which nothing happens.

    python tests/benchmarks/idle_watch.py [--minutes 10] [--photos 10000] [--immich FOLDER]

Measured side by side: `photopipe watch` with every photo in its journal, `inotifywait -m -r` if it is installed
(Debian's inotify-tools), and @immich/cli's `upload --watch` if FOLDER is where npm has put it:

    cd FOLDER && npm install node@24 @immich/cli@3.2.2

Immich's server is a fake that says it has every photo.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.fake_immich import KEY, TYPES, FakeImmich
from support.scripted_gallery import Reply, Request
from support.watch_run import tiny_jpegs

PHOTOS_IN_A_FOLDER = 200
CALM_S = 5.0
"""A program has done what it does at the start when it uses less than a hundredth of this in as long."""


class ImmichWithEverything(FakeImmich):
    """What the watching client asks for at its start; every photo is there already."""

    def _work(self, request: Request, name: str) -> Reply:
        calls: dict[str, Callable[[], Any]] = {
            "GET /users/me": lambda: {"id": "user-1", "email": "me@gallery.example", "name": "me"},
            "GET /server/media-types": lambda: {"image": list(TYPES), "video": [".mp4"], "sidecar": [".xmp"]},
            "POST /assets/bulk-upload-check": lambda: {
                "results": [
                    {"id": asked["id"], "action": "reject", "reason": "duplicate", "assetId": "asset-1"}
                    for asked in request.json()["assets"]
                ]
            },
        }
        return Reply(200, calls[name]()) if name in calls else super()._work(request, name)


def fill(folder: Path, photos: int) -> None:
    for number, content in enumerate(tiny_jpegs(photos)):
        photo = folder / f"{number // PHOTOS_IN_A_FOLDER:03}PHOTO" / f"IMG_{number:05}.JPG"
        photo.parent.mkdir(parents=True, exist_ok=True)
        photo.write_bytes(content)


def photopipe(verb: str, folder: Path, home: Path) -> list[str]:
    places = ["--to", f"folder://{home}/site", "--journal", str(home / "journal.sqlite")]
    return [sys.executable, "-m", "photopipe", verb, "-q", str(folder), *places, "--size", "32", "--settle", "0s"]


@contextmanager
def started(command: list[str], **environment: str) -> Iterator[psutil.Process]:
    """A program and, once it has done what it does at the start, its process."""
    quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=os.environ | environment, **quiet) as program:  # type: ignore[call-overload]
        try:
            process = psutil.Process(program.pid)
            while process.cpu_percent(CALM_S) > 1.0:
                continue
            yield process
            if program.poll() is not None:
                raise SystemExit(f"{' '.join(command)} ended by itself: {program.returncode}")
        finally:
            program.terminate()


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--photos", type=int, default=10_000)
    parser.add_argument("--immich", type=Path, help="folder in which npm has installed @immich/cli and node")
    options = parser.parse_args()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder = home / "photos"
        (home / "site").mkdir()
        fill(folder, options.photos)
        subprocess.run(photopipe("process", folder, home), check=True, stdout=subprocess.DEVNULL)
        programs = {"photopipe watch": stack.enter_context(started(photopipe("watch", folder, home)))}
        if shutil.which("inotifywait"):
            command = ["inotifywait", "-m", "-r", "-q", str(folder)]
            programs["inotifywait -m -r"] = stack.enter_context(started(command))
        if options.immich:
            modules = options.immich / "node_modules"
            command = [str(modules / "node/bin/node"), str(modules / "@immich/cli/dist/index.js")]
            command += ["upload", "--watch", "--recursive", "--no-progress", str(folder)]
            immich = stack.enter_context(ImmichWithEverything())
            login = {"IMMICH_INSTANCE_URL": f"{immich.site}/api", "IMMICH_API_KEY": KEY}
            programs["@immich/cli upload --watch"] = stack.enter_context(started(command, **login))
        before = {name: cpu_s(process) for name, process in programs.items()}
        time.sleep(60 * options.minutes)
        print(f"{options.photos} photos, {options.minutes:g} minutes in which nothing happens:")
        for name, process in programs.items():
            used_s = cpu_s(process) - before[name]
            share = 100 * used_s / (60 * options.minutes)
            rss_mb = process.memory_info().rss / 1e6
            print(f"{name:28} {used_s:7.2f} s CPU, {share:.3f} % of a core, {rss_mb:6.1f} MB resident")


if __name__ == "__main__":
    main()
