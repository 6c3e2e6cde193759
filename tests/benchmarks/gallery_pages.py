"""How quickly a gallery of 100,000 photos answers, how many bytes that takes, and whether its memory grows with use.

    python tests/benchmarks/gallery_pages.py [--photos 100000] [--rounds 20]
    python tests/benchmarks/gallery_pages.py --scroll

The index is filled with rows; the files are links to a few small JPEGs. Times are those of a client on loopback, one
request after the other, whose server is a process of its own. The first page is counted with everything that a browser
loads for it but pictures. With `--scroll`, every day is read from the newest to the oldest, with a thumbnail of every
tenth photo, and the gallery's resident memory is printed after every tenth of them.
"""

import argparse
import gzip
import http.client
import itertools
import json
import random
import re
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import psutil
from PIL import Image

from photopipe.gallery.embedded import EmbeddedGallery
from photopipe.gallery.index.albums import put_in_album
from photopipe.gallery.index.index import opened_index
from photopipe.gallery.index.stored_photo import StoredPhoto, insert_photo
from photopipe.gallery.index.words import index_words
from photopipe.gallery.store.identity import create_gallery

PICTURES: Final = 10
SIZES: Final = ((600, 400), (400, 600), (640, 480))
WORDS: Final = ("red", "green", "blue", "sea", "hill", "harbour", "snow")
LOADED: Final = re.compile(
    rb"""(?:\bfrom|\bimport)\s*\(?\s*["']([^"']+\.js)["']|(?:src|href)=["']([^"']+\.(?:js|css|svg))["']"""
)


def make_gallery(folder: str, photos: int) -> None:
    """Fill a gallery's index, spread over 20 years, with a file for each row."""
    create_gallery(folder)
    pictures = [Path(folder, f".picture-{number}") for number in range(PICTURES)]
    for number, path in enumerate(pictures):
        gradient = Image.radial_gradient("L").rotate(number * 7).resize(SIZES[number % len(SIZES)])
        Image.merge("RGB", (gradient, gradient.rotate(90).resize(gradient.size), gradient)).save(path, "JPEG")
    chance = random.Random(1)
    with opened_index(folder) as index:
        index.execute("BEGIN")
        for number in range(1, photos + 1):
            photo = row(number, chance)
            insert_photo(index, photo)
            if number % 20 == 0:
                put_in_album(index, f"Album {number // 2000}", photo)
            index_words(index, photo)
            path = Path(folder, photo.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.hardlink_to(pictures[number % PICTURES])
        index.execute("COMMIT")


def row(number: int, chance: random.Random) -> StoredPhoto:
    """What the index says of a photo like any other."""
    day = f"{2005 + number % 20}-{1 + chance.randrange(12):02}-{1 + chance.randrange(28):02}"
    shown_at = f"{day}T{chance.randrange(24):02}:{chance.randrange(60):02}:00"
    width_px, height_px = SIZES[number % PICTURES % len(SIZES)]
    return StoredPhoto(
        id=number,
        sha256=f"{number:064x}",
        path=f"{day[:4]}/{day[5:7]}/IMG_{number:06}.jpg",
        original_name=f"IMG_{number:06}.jpg",
        taken_at=shown_at,
        modified_at=None,
        shown_at=shown_at,
        size_bytes=10_000,
        content_type="image/jpeg",
        received_at=shown_at,
        source_sha256=f"{number:064x}"[::-1],
        has_details=1,
        width_px=width_px,
        height_px=height_px,
        caption=f"The {chance.choice(WORDS)} from our window",
        keywords=f"{chance.choice(WORDS)}\nholiday",
        camera="Canon EOS R6",
        lens="RF 24-105mm F4",
        exposure_s=0.004,
        f_number=2.8,
        iso=200,
        focal_length_mm=35.0,
    )


class Visitor:
    """A browser, as far as requests are concerned."""

    def __init__(self, gallery: EmbeddedGallery) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(gallery.url).netloc)
        self._headers = {"Authorization": f"Bearer {gallery.token}", "Accept-Encoding": "gzip"}

    def get(self, address: str) -> tuple[bytes, int]:
        """Body, and how many bytes of it were transferred."""
        self._connection.request("GET", address, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise AssertionError(f"{address}: {answer.status} {body[:200]!r}")
        if answer.getheader("Content-Encoding") == "gzip":
            return gzip.decompress(body), len(body)
        return body, len(body)

    def json(self, address: str) -> Any:
        """The answer as JSON."""
        return json.loads(self.get(address)[0])

    def first_page_bytes(self) -> dict[str, int]:
        """Each address that the first page loads but for pictures, with the bytes it transfers."""
        loaded: dict[str, int] = {}
        waiting = ["/", "/api/days", f"/api/days/{self.json('/api/days')['days'][0][0]}"]
        while waiting:
            address = waiting.pop()
            if address in loaded:
                continue
            body, loaded[address] = self.get(address)
            if not address.startswith("/api"):
                names = (script or linked for script, linked in LOADED.findall(body))
                waiting += [urljoin(address, name.decode()) for name in names]
        return loaded


def measure(visitor: Visitor, rounds: int) -> None:
    """Print how long each kind of page takes, and how much it transfers."""
    days = visitor.json("/api/days")["days"]
    fullest = max(days, key=lambda day: day[1])[0]
    asked = {
        "first page": "/",
        "a page in the middle": "/?after=50000",
        "a search": "/?q=sea",
        "an album": "/albums/2",
        "all albums": "/albums",
        f"all {len(days)} days": "/api/days",
        "days of a search": "/api/days?q=sea",
        "the fullest day": f"/api/days/{fullest}",
        "a thumbnail, kept": f"/thumbs/{visitor.json(f'/api/days/{fullest}')['photos'][0]['thumbnails'][0]['url'][8:]}",
    }
    (server,) = psutil.Process().children()
    for what, address in asked.items():
        visitor.get(address)
        times, cpu_s = [], processor_s(server)
        for _ in range(rounds):
            began = time.perf_counter()
            _, size_bytes = visitor.get(address)
            times.append(time.perf_counter() - began)
        cpu_ms = (processor_s(server) - cpu_s) / rounds * 1000
        wall_ms = statistics.median(times) * 1000
        print(f"{what:>22}: {wall_ms:6.1f} ms, {cpu_ms:6.1f} ms CPU, {size_bytes / 1000:6.1f} kB")
    loaded = visitor.first_page_bytes()
    print(f"first page with all it loads: {sum(loaded.values()) / 1000:.0f} kB")
    for address, size_bytes in sorted(loaded.items(), key=lambda one: -one[1]):
        print(f"    {size_bytes / 1000:6.1f} kB {address}")


def processor_s(process: psutil.Process) -> float:
    """Processor time that a process has used."""
    times = process.cpu_times()
    return times.user + times.system


def all_photos(visitor: Visitor) -> Iterator[dict[str, Any]]:
    """Every photo, as a script that scrolls through all days would read them."""
    for day, _, _ in visitor.json("/api/days")["days"]:
        address: str | None = f"/api/days/{day}"
        while address is not None:
            answer = visitor.json(address)
            yield from answer["photos"]
            address = answer["next"]


def scroll(visitor: Visitor, photos: int) -> None:
    """Print the gallery's resident memory while everything is looked at."""
    (server,) = psutil.Process().children()
    shown = all_photos(visitor)
    for tenth in range(1, 11):
        for position, photo in enumerate(itertools.islice(shown, photos // 10)):
            if position % 10 == 0:
                visitor.get(photo["thumbnails"][-1]["url"])
        print(f"{tenth * photos // 10} photos: {server.memory_info().rss / 1e6:.0f} MB")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--scroll", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder, EmbeddedGallery(folder) as gallery:
        make_gallery(folder, asked.photos)
        gallery.start()
        if asked.scroll:
            scroll(Visitor(gallery), asked.photos)
        else:
            measure(Visitor(gallery), asked.rounds)


if __name__ == "__main__":
    main()
