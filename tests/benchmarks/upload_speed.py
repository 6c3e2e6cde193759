"""How fast photos are uploaded, and how much processor time photopipe takes for each.

    python tests/benchmarks/upload_speed.py [--photos 200] [--size-kb 500] [--latency-ms 50] [--rounds 5]

A gallery in a process of its own, on loopback, reads each photo and answers after a while. Made-up renditions of
the given size go through the upload stage as in a run: its workers, the journal on disk with its rows
synced before the first byte leaves, the hash of the answer compared. Decoding and resizing are not measured.
"""

import argparse
import hashlib
import json
import os
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from support.journals import states_of

from photopipe.found_photo import FoundPhoto
from photopipe.journal import Journal
from photopipe.photo import DownloadedPhoto, RenderedPhoto, Rendition, ResizedPhoto, Target
from photopipe.pipeline import Pipeline
from photopipe.settings import ResizeSettings, UploadSettings
from photopipe.stages import DeliveryLog, Destination, FailedGalleries, GallerySession, Spool, upload_stage
from photopipe.stop_token import StopToken
from photopipe.upload.galleries.identity import gallery_id
from photopipe.upload.http.bandwidth import Bandwidth


def serve(latency_s: float, ready: Connection) -> None:
    """Read requests, and answer each POST with 201 after `latency_s`; ends with its parent's pipe."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    ready.send(listener.getsockname()[1])

    def end_with_parent() -> None:
        ready.poll(None)
        os._exit(0)

    threading.Thread(target=end_with_parent, daemon=True).start()
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_talk, args=(connection, latency_s), daemon=True).start()


def _talk(connection: socket.socket, latency_s: float) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection, connection.makefile("rb") as reading:
        while line := reading.readline():
            length = 0
            while (header := reading.readline()).strip():
                name, _, value = header.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            while length:
                length -= len(reading.read(min(length, 1 << 20)))
            if line.startswith(b"POST"):
                time.sleep(latency_s)
                body = json.dumps({"id": "1", "url": "http://127.0.0.1/photos/1"}).encode()
                head = b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
                connection.sendall(head % len(body) + body)
            else:
                connection.sendall(b"HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n")


@contextmanager
def open_gallery(latency_s: float) -> Iterator[str]:
    """The gallery's address."""
    context = get_context("spawn")
    ours, its = context.Pipe()
    process = context.Process(target=serve, args=(latency_s, its))
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/api/photos"
    finally:
        ours.send("end")
        process.join()


def make_photos(photos: int, size_bytes: int) -> list[ResizedPhoto]:
    """Renditions that differ, without the time it takes to make real ones."""
    filling, made = os.urandom(size_bytes - 8), []
    for number in range(photos):
        data = number.to_bytes(8, "big") + filling
        sha256, sha1, md5 = (hashlib.new(name, data).hexdigest() for name in ("sha256", "sha1", "md5"))
        name = f"IMG_{number:04}"
        rendition = Rendition(f"{name}.jpg", "image/jpeg", len(data), sha256, sha1, md5, 2048, 1365, taken_at=None)
        found = FoundPhoto(f"/camera/{name}.JPG", 1, number + 1, 5_000_000, 1_700_000_000_000_000_000, 5)
        source = DownloadedPhoto(found, hashlib.sha256(b"source" + data[:8]).hexdigest())
        made.append(ResizedPhoto(source, rendition, data))
    return made


def _planned(photo: ResizedPhoto, journal: Journal, recipe_id: str) -> RenderedPhoto:
    """A photo as it comes out of the resize stage."""
    source = replace(photo.source, plan=journal.admit(photo.source).plan)
    rendition = replace(photo.rendition, recipe_id=recipe_id)
    return RenderedPhoto(source, (replace(photo, source=source, rendition=rendition),))


def upload_all(url: str, photos: list[ResizedPhoto], workers: int, folder: Path) -> tuple[float, float]:
    """Wall and processor seconds of the upload of all photos by one upload stage."""
    upload, recipe = UploadSettings(url, workers=workers), ResizeSettings()
    gallery = gallery_id(upload)
    journal = Journal(str(folder / f"{time.monotonic_ns()}.sqlite"), [Target(recipe.recipe_id, gallery)])
    delivery_log = DeliveryLog(journal, {recipe.recipe_id: ("default", recipe)})
    stop = StopToken()
    session = GallerySession(upload, str(folder), Bandwidth(), stop)
    stage = upload_stage(
        [Destination(gallery, upload, session)], delivery_log, FailedGalleries(1), Spool(f"{folder}/spool")
    )
    rendered = [_planned(photo, journal, recipe.recipe_id) for photo in photos]
    began, began_cpu = time.perf_counter(), time.process_time()
    with Pipeline(rendered, [stage], maxsize=16, stop=stop) as pipeline:
        failed = [parcel for parcel in pipeline.results(60.0) if parcel is None or parcel.error is not None]
    seconds, cpu_s = time.perf_counter() - began, time.process_time() - began_cpu
    session.close()
    assert not failed
    assert states_of(journal) == {"uploaded": len(photos)}
    journal.close()
    return seconds, cpu_s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--size-kb", type=int, default=500)
    parser.add_argument("--latency-ms", type=float, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where the journal is written (a temporary folder)")
    options = parser.parse_args()
    photos = make_photos(options.photos, options.size_kb * 1000)
    ratios, cpus = [], {1: list[float](), 4: list[float]()}
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch, open_gallery(options.latency_ms / 1000) as url:
        upload_all(url, photos[:8], 4, Path(scratch))
        for _ in range(options.rounds):
            seconds = {}
            for workers in (1, 4):
                seconds[workers], cpu_s = upload_all(url, photos, workers, Path(scratch))
                cpus[workers].append(1000 * cpu_s / len(photos))
            ratios.append(seconds[1] / seconds[4])
            rates = ", ".join(f"{workers}: {len(photos) / seconds[workers]:.1f}/s" for workers in seconds)
            print(f"{rates}, ratio {ratios[-1]:.2f}, CPU {cpus[1][-1]:.2f} and {cpus[4][-1]:.2f} ms", flush=True)
    print(
        f"{options.photos} photos of {options.size_kb} kB, {options.latency_ms:.0f} ms: 4 transfers / 1: "
        f"{statistics.median(ratios):.2f}; CPU per upload {statistics.median(cpus[1]):.2f} ms with 1, "
        f"{statistics.median(cpus[4]):.2f} ms with 4 (medians of {options.rounds})"
    )


if __name__ == "__main__":
    main()
