"""How many files one photo passes on its way, and how often it moves from one file to another.

    python tests/benchmarks/trace_photo.py [--verbose]

One JPEG goes from a folder into a gallery of the kind folder, on one worker a stage. A profile hook in every thread,
the main thread included, counts each file of photopipe that a function is called in, and each call from one file into
another; what happens while something is imported is left out. The second line leaves out the main thread, too, which
reads the options and prints what comes out.
"""

import argparse
import sys
import tempfile
import threading
from collections import Counter, defaultdict
from pathlib import Path
from types import FrameType
from typing import Any

PACKAGE = Path(__file__).resolve().parents[2] / "photopipe"
SAMPLES = PACKAGE.parent / "sample_images"


class Trace:
    """What the threads of a run did; by default of all of them.

    Attributes:
        files: the files of the package in which a function was called, by thread, with the number of calls.
        moves: calls from one of them into another, by thread, with their number.
    """

    def __init__(self) -> None:
        self.files: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.moves: defaultdict[str, Counter[tuple[str, str]]] = defaultdict(Counter)

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> None:
        """The profile hook."""
        if event != "call" or frame.f_code.co_name == "<module>" or (file := _file_of(frame)) is None:
            return
        if _is_importing(frame):
            return
        thread = threading.current_thread().name
        self.files[thread][file] += 1
        caller = _caller(frame)
        if caller is not None and caller != file:
            self.moves[thread][caller, file] += 1

    def totals(self, left_out: str = "") -> tuple[Counter[str], Counter[tuple[str, str]]]:
        """Files and moves of all threads but one."""
        files, moves = Counter[str](), Counter[tuple[str, str]]()
        for thread in self.files.keys() - {left_out}:
            files.update(self.files[thread])
            moves.update(self.moves[thread])
        return files, moves


def _file_of(frame: FrameType) -> str | None:
    path = frame.f_code.co_filename
    return path[len(str(PACKAGE)) + 1 :] if path.startswith(str(PACKAGE)) else None


def _caller(frame: FrameType) -> str | None:
    """The nearest file of the package below a frame."""
    back = frame.f_back
    while back is not None:
        if (file := _file_of(back)) is not None:
            return file
        back = back.f_back
    return None


def _is_importing(frame: FrameType) -> bool:
    back: FrameType | None = frame
    while back is not None:
        if back.f_code.co_filename.startswith("<frozen importlib"):
            return True
        back = back.f_back
    return False


def trace(photo: Path, scratch: Path) -> Trace:
    """Send one photo to a new folder gallery, and tell which way it went."""
    from photopipe.cli.commands import run

    seen, gallery, journal = Trace(), scratch / "gallery", str(scratch / "journal")
    gallery.mkdir()
    options = ["--to", f"folder://{gallery}", "--journal", journal, "-q", "--jobs", "1", "--transfers", "1"]
    threading.setprofile(seen)
    sys.setprofile(seen)
    try:
        code = run(["process", str(photo), *options])
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    if code or not any(gallery.rglob("*.jpg")):
        sys.exit(f"the photo did not arrive: exit code {code}")
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--photo", type=Path, default=next(SAMPLES.rglob("IMG_0003.JPG")), help="a JPEG")
    parser.add_argument("--verbose", action="store_true", help="name each file and move")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        seen = trace(options.photo, Path(scratch))
    files, moves = seen.totals()
    if options.verbose:
        for file, calls in sorted(files.items()):
            print(f"{calls:5} {file}")
        for (start, end), calls in moves.most_common():
            print(f"{calls:5} {start} -> {end}")
    print(f"{len(files)} files, {moves.total()} moves")
    files, moves = seen.totals(left_out=threading.main_thread().name)
    print(f"without the main thread: {len(files)} files, {moves.total()} moves")


if __name__ == "__main__":
    main()
