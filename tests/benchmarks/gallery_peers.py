"""What the page of a gallery costs a visitor: photopipe's, and that of thumbsup, with the same photos.

    npm install --prefix PEERS thumbsup@2.18.0
    python tests/benchmarks/gallery_peers.py [--thumbsup PEERS] [--photos 1000] [--rounds 3]

Parts of the sample images, eight a day, are uploaded by `photopipe process` and served by `photopipe gallery`; thumbsup
makes its static site of the same files, in its theme of justified rows, which nginx serves with compression.
Then Debian's Chromium visits each: as a phone with 390 x 844 points and three pixels for each, with an empty cache, to
count what is transferred and when the last picture in view has come; and through Lighthouse. Needs `npm ci --prefix
tests/browser`, and for thumbsup exiftool, GraphicsMagick and nginx.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from browser.chromium import chromium
from browser.detailed_photos import write_detailed_photos
from browser.filled_gallery import served_gallery
from browser.first_screen import first_screen
from browser.lighthouse import lighthouse_scores
from support.command import Home
from support.deadline import until

NGINX = """
pid {folder}/nginx.pid; error_log {folder}/error.log; daemon off; {user} worker_processes 2;
events {{}}
http {{
    include /etc/nginx/mime.types; access_log off; sendfile on; gzip on; gzip_vary on;
    gzip_types text/css application/javascript; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    server {{ listen 127.0.0.1:{port}; root {root}; expires 30d; }}
}}
"""


def make_thumbsup_site(peers: Path, photos: Path, site: Path) -> float:
    """Run thumbsup; returns how long it took [s]."""
    command = ["node", str(peers / "node_modules" / ".bin" / "thumbsup"), "--input", str(photos), "--output", str(site)]
    start = time.monotonic()
    subprocess.run([*command, "--theme", "flow", "--sort-media-direction", "desc"], check=True, capture_output=True)
    return time.monotonic() - start


@contextmanager
def served_by_nginx(site: Path, folder: Path) -> Iterator[str]:
    """Serve a static site; yields its address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    user = "user root;" if os.getuid() == 0 else ""  # who may read the temporary folder
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, root=site, user=user))
    with subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]) as nginx:
        try:
            until(lambda: _answers(port))
            yield f"http://127.0.0.1:{port}/"
        finally:
            nginx.terminate()


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def measure(name: str, address: str, folder: Path, rounds: int) -> None:
    """Print a row of the table."""
    with chromium() as browser:
        first = first_screen(browser, address)
        visits = [first_screen(browser, address) for _ in range(rounds)]
    transferred_kb = statistics.median(visit.transferred_bytes for visit in visits) / 1000
    last_s = statistics.median(visit.last_picture_s for visit in visits)
    scores = [lighthouse_scores(address, folder, is_desktop=is_desktop, runs=rounds) for is_desktop in (False, True)]
    shown = " | ".join(", ".join(map(str, score.values())) for score in scores)
    print(
        f"| {name} | {transferred_kb:.0f} kB, {first.pictures} pictures | {last_s:.2f} s "
        f"(first visit {first.last_picture_s:.2f} s) | {shown} |",
        flush=True,
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--thumbsup", type=Path, help="folder in which npm has installed it")
    asked = parser.parse_args()
    with ExitStack() as resources:
        folder = Path(resources.enter_context(tempfile.TemporaryDirectory()))
        card = folder / "card"
        write_detailed_photos(card, asked.photos)
        home = Home(folder)
        start = time.monotonic()
        result = home.run("process", str(card), "-q")
        assert (result.code, result.err) == (0, "")
        print(f"photopipe process: {time.monotonic() - start:.0f} s", flush=True)
        print("| | first screen | last picture | Lighthouse, phone | Lighthouse, desktop |")
        with served_gallery(home) as client:
            measure("photopipe", client.url, folder, asked.rounds)
        if asked.thumbsup is not None and shutil.which("nginx"):
            site = folder / "site"
            took_s = make_thumbsup_site(asked.thumbsup.resolve(), card, site)
            print(f"thumbsup made its site in {took_s:.0f} s", flush=True)
            with served_by_nginx(site, folder) as address:
                measure("thumbsup", address, folder, asked.rounds)


if __name__ == "__main__":
    main()
