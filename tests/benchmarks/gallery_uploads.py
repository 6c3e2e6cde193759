"""How many photos the embedded gallery takes in a second, and whether its memory grows with them.

    python tests/benchmarks/gallery_uploads.py [--photos 1000] [--threads 4] [--rounds 3]
    python tests/benchmarks/gallery_uploads.py --memory [--photos 5000]

First a client that only sends: renditions of the sample photos, 2048 px, each made different by a comment, over
loopback. Then `photopipe process` with as many small JPEGs, which resizes and sends them and keeps its journal. Every
photo is on the disk, and its row too, before it is answered. With `--memory`, the gallery's resident memory is printed
after every tenth of the photos.
"""

import argparse
import hashlib
import http.client
import io
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from PIL import Image

from photopipe.gallery.embedded import EmbeddedGallery

SAMPLES = Path(__file__).parents[2] / "sample_images"
START_OF_IMAGE = b"\xff\xd8"
BOUNDARY = "----photopipe-benchmark"


def sample_renditions() -> list[bytes]:
    """The sample photos as photopipe would upload them."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, "-m", "photopipe", "process", SAMPLES, "--gallery-dir", f"{folder}/gallery", "-q"],
            env=os.environ | {"XDG_STATE_HOME": folder},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        return [path.read_bytes() for path in sorted(Path(folder, "gallery").glob("*/*/*.jpg"))]


def numbered(jpeg: bytes, number: int) -> bytes:
    """The same picture as a file of its own: with a comment in front."""
    text = f"photo {number} of {time.time_ns()}".encode()
    return START_OF_IMAGE + b"\xff\xfe" + (len(text) + 2).to_bytes(2, "big") + text + jpeg[2:]


def form(data: bytes, number: int) -> bytes:
    """A rendition as the body of its POST."""
    day = f"{2005 + number % 20}-{1 + number % 12:02}-{1 + number % 28:02}"
    fields = {"sha256": hashlib.sha256(data).hexdigest(), "taken_at": f"{day}T12:00:00"}
    parts = "".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'
        for name, text in fields.items()
    )
    head = f'{parts}--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="IMG_{number:05}.jpg"\r\n\r\n'
    return head.encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()


def send_all(gallery: EmbeddedGallery, bodies: Iterator[bytes], threads: int) -> None:
    """Send everything, over as many connections as there are threads."""
    lock, failures = threading.Lock(), list[BaseException]()
    headers = {"Authorization": f"Bearer {gallery.token}", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}

    def send() -> None:
        connection = http.client.HTTPConnection(urlsplit(gallery.url).netloc)
        try:
            while True:
                with lock:
                    body = next(bodies, None)
                if body is None:
                    break
                connection.request("POST", "/api/photos", body, headers)
                answer = connection.getresponse()
                if (answer.status, answer.read())[0] != 201:
                    raise AssertionError(f"the gallery answered {answer.status}")
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    senders = [threading.Thread(target=send) for _ in range(threads)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    if failures:
        raise failures[0]


def server_process() -> psutil.Process:
    """The gallery's process."""
    (child,) = psutil.Process().children()
    return child


def bodies_of(renditions: list[bytes], photos: int) -> Iterator[bytes]:
    """As many different bodies as wanted, made as they are sent."""
    pictures = itertools.islice(itertools.cycle(renditions), photos)
    return (form(numbered(data, number), number) for number, data in enumerate(pictures))


def measure_raw(renditions: list[bytes], photos: int, threads: int) -> None:
    """Photos per second for a client that only sends."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder, EmbeddedGallery(folder) as gallery:
        gallery.start()
        server = server_process()
        bodies, cpu_s, began = list(bodies_of(renditions, photos)), server.cpu_times(), time.perf_counter()
        send_all(gallery, iter(bodies), threads)
        took_s, after = time.perf_counter() - began, server.cpu_times()
        server_ms = (after.user + after.system - cpu_s.user - cpu_s.system) / photos * 1000
        average_kb = sum(map(len, bodies)) / photos / 1000
        print(
            f"{photos} renditions of {average_kb:.0f} kB, {threads} connections: {photos / took_s:.0f} photos/s; "
            f"server {server_ms:.1f} ms CPU each"
        )


def measure_process(photos: int) -> float:
    """Photos per second of `photopipe process` with small JPEGs."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as top, EmbeddedGallery(f"{top}/gallery") as gallery:
        Path(top, "photos").mkdir()
        buffer = io.BytesIO()
        Image.radial_gradient("L").resize((400, 300)).convert("RGB").save(buffer, "JPEG")
        for number in range(photos):
            Path(top, "photos", f"IMG_{number:05}.jpg").write_bytes(numbered(buffer.getvalue(), number))
        gallery.start()
        environment = os.environ | {"XDG_STATE_HOME": f"{top}/state", "PHOTOPIPE_TOKEN": gallery.token}
        options = ["--settle", "0s", "--to", f"{gallery.url}/api/photos", "-q"]
        command = [sys.executable, "-m", "photopipe", "process", f"{top}/photos", *options]
        began = time.perf_counter()
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
        return photos / (time.perf_counter() - began)


def measure_memory(renditions: list[bytes], photos: int, threads: int) -> None:
    """The gallery's resident memory while photos arrive."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder, EmbeddedGallery(folder) as gallery:
        gallery.start()
        server, tenth = server_process(), photos // 10
        bodies = bodies_of(renditions, photos)
        for number in range(10):
            send_all(gallery, itertools.islice(bodies, tenth), threads)
            print(f"{(number + 1) * tenth} photos: {server.memory_info().rss / 1e6:.0f} MB")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", action="store_true")
    asked = parser.parse_args()
    renditions = sample_renditions()
    if asked.memory:
        measure_memory(renditions, asked.photos, asked.threads)
        return
    for _ in range(asked.rounds):
        measure_raw(renditions, asked.photos, asked.threads)
    rates = [measure_process(asked.photos) for _ in range(asked.rounds)]
    print(f"photopipe process with {asked.photos} small JPEGs: {statistics.median(rates):.0f} photos/s")


if __name__ == "__main__":
    main()
