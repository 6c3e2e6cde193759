"""Two galleries at once, one fast and one slow: does the slow one delay the fast one?

    python tests/benchmarks/several_galleries.py [--rounds 3] [--photos 150]

Small JPEGs go through a whole run of photopipe to a gallery that answers after 20 ms: alone, beside one that answers
after 200 ms, and beside one that is dead. What counts is when the fast one has them all.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

import numpy as np
from PIL import Image

FAST_S, SLOW_S = 0.02, 0.2
DEAD = "http://127.0.0.1:9/api/photos"


class Gallery:
    """A gallery that takes every photo after a while.

    Attributes:
        last_s: when it had the last one, on the monotonic clock [seconds].
        photos: how many it has.
    """

    def __init__(self, latency_s: float) -> None:
        self.last_s = 0.0
        self.photos = 0
        lock, gallery = Lock(), self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self) -> None:
                self.answer(200)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(latency_s)
                with lock:
                    gallery.photos += 1
                    gallery.last_s = time.monotonic()
                self.answer(201)

            def answer(self, status: int) -> None:
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
                """Nothing is logged."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/api/photos"

    @contextmanager
    def running(self) -> Iterator["Gallery"]:
        """Answer while the block is running."""
        thread = Thread(target=self._server.serve_forever)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


def make_photos(folder: Path, photos: int) -> None:
    for number in range(photos):
        noise = np.random.default_rng(number).integers(0, 255, (60, 80, 3), dtype=np.uint8)
        Image.fromarray(noise).resize((640, 480)).save(folder / f"{number:04}.jpg", quality=85)


def fast_one_had_all_after_s(folder: Path, photos: int, *others: str) -> float:
    """Seconds from the start of a run until the fast gallery has all photos."""
    with Gallery(FAST_S).running() as fast, tempfile.TemporaryDirectory() as scratch:
        galleries = [word for url in (*others, fast.url) for word in ("--to", url)]
        command = [sys.executable, "-m", "photopipe", "process", "-q", str(folder), "--journal", f"{scratch}/journal"]
        started_s = time.monotonic()
        subprocess.run([*command, *galleries], check=not others, capture_output=True)
        assert fast.photos == photos
        return fast.last_s - started_s


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--photos", type=int, default=150)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        make_photos(Path(folder), options.photos)
        rounds = []
        for _ in range(options.rounds):
            alone_s = fast_one_had_all_after_s(Path(folder), options.photos)
            with Gallery(SLOW_S).running() as slow:
                beside_slow_s = fast_one_had_all_after_s(Path(folder), options.photos, slow.url)
            beside_dead_s = fast_one_had_all_after_s(Path(folder), options.photos, DEAD)
            rounds.append((alone_s, beside_slow_s, beside_dead_s))
    alone_s, beside_slow_s, beside_dead_s = map(statistics.median, zip(*rounds, strict=True))
    print(f"{options.photos} photos, median of {options.rounds} rounds: the fast gallery has all of them")
    print(f"  alone            after {alone_s:.2f} s")
    for name, seconds, at in (("a slow one", beside_slow_s, 1), ("a dead one", beside_dead_s, 2)):
        ratio = statistics.median(one[at] / one[0] for one in rounds)
        print(f"  beside {name} after {seconds:.2f} s, {ratio:.2f} times as long")


if __name__ == "__main__":
    main()
