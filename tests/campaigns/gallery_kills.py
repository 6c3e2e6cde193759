"""Kill a gallery at random moments while photos are sent and deleted; nothing that was answered may be lost.

    python tests/campaigns/gallery_kills.py [--kills 50] [--threads 4] [--seed 1]

A real gallery process is killed with signal 9, again and again, on one folder. Its successor gets what was not
answered once more. Then each answered photo must be there, whole and once, or in the trash if its deletion was
answered; and `verify` must find nothing at all. The short form of this is `test_gallery_kills.py`.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import requests

from photopipe.gallery.index.listing import PhotoFilter
from photopipe.gallery.maintenance.verify import verify
from photopipe.gallery.store.store import PhotoStore

TIMEOUT_S = 20.0
LONGEST_LIFE_S = 0.25
DELETED_EVERY = 4


@dataclass
class Sent:
    """What the senders know.

    Attributes:
        stored: number of each photo whose upload was answered, and its id.
        deleted: numbers of those whose deletion was answered.
        in_doubt: numbers of those whose upload or deletion was not answered.
        doubts: how often that happened.
    """

    stored: dict[int, str] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    in_doubt: set[int] = field(default_factory=set)
    doubts: int = 0


def content(number: int) -> bytes:
    """A photo of 50 kB, another for each number."""
    return b"\xff\xd8\xff\xe0" + sha256(str(number).encode()).digest() * 1500


class Sender:
    """Sends and deletes photos; knows what was answered."""

    def __init__(self, sent: Sent) -> None:
        self.sent = sent
        self.address = ""
        self._numbers = count()

    def send_until_killed(self, session: requests.Session) -> None:
        """Send new photos, and delete some, until the gallery does not answer any more."""
        while self.send(session, next(self._numbers)):
            pass

    def send(self, session: requests.Session, number: int) -> bool:
        """Send a photo and, if it is one of those, delete it; False if an answer did not come."""
        try:
            if number not in self.sent.stored:
                self.sent.stored[number] = self._upload(session, number)
            if number % DELETED_EVERY == 0 and number not in self.sent.deleted:
                answer = session.delete(f"{self.address}/api/photos/{self.sent.stored[number]}", timeout=TIMEOUT_S)
                assert answer.status_code in (200, 204, 404), answer.text  # 404: the deletion that was not answered
                self.sent.deleted.add(number)
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            self.sent.in_doubt.add(number)
            return False
        self.sent.in_doubt.discard(number)
        return True

    def _upload(self, session: requests.Session, number: int) -> str:
        data = content(number)
        fields = {"sha256": sha256(data).hexdigest(), "taken_at": f"2025-10-{number % 28 + 1:02}T12:00:00"}
        files = {"file": (f"{number % 50}.jpg", data, "image/jpeg")}  # so that names are taken now and then
        headers = {"Idempotency-Key": f"photo-{number}"}
        answer = session.post(
            f"{self.address}/api/photos", files=files, data=fields, headers=headers, timeout=TIMEOUT_S
        )
        assert answer.status_code in (200, 201), answer.text
        return str(answer.json()["id"])


@contextmanager
def gallery_process(folder: Path) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """A gallery in a process of its own, as a run starts it: its address, and the process."""
    command = [sys.executable, "-m", "photopipe.gallery", "--folder", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        assert process.stdin
        assert process.stdout
        try:
            process.stdin.write(b"s3cret\n")
            yield json.loads(process.stdout.readline())["url"], process
        finally:
            process.kill()


def session() -> requests.Session:
    """A session with the token."""
    made = requests.Session()
    made.trust_env = False
    made.headers["Authorization"] = "Bearer s3cret"
    return made


def live_and_die(folder: Path, sender: Sender, threads: int, life_s: float) -> None:
    """Start a gallery, send it what is in doubt, check everything, and kill it while photos are sent."""
    with gallery_process(folder) as (sender.address, process):
        with session() as one:
            for number in sorted(sender.sent.in_doubt):
                assert sender.send(one, number)
        check(folder, sender.sent)
        sessions = [session() for _ in range(threads)]
        with ThreadPoolExecutor(threads) as pool:
            work = [pool.submit(sender.send_until_killed, each) for each in sessions]
            threading.Event().wait(life_s)  # how long it lives is chance
            process.kill()
        for done, each in zip(work, sessions, strict=True):
            each.close()
            done.result()
    sender.sent.doubts += len(sender.sent.in_doubt)


def check(folder: Path, sent: Sent) -> None:
    """Whatever was answered is so, and nothing else is there."""
    faults = list(verify(str(folder)))
    assert faults == []
    with PhotoStore(str(folder)) as store:
        for number, photo_id in sent.stored.items():
            photo = store.with_id(int(photo_id))
            assert photo is not None, f"photo {number} is lost"
            assert Path(folder, photo.path).read_bytes() == content(number), f"photo {number} is another"
            assert photo.is_in_trash == (number in sent.deleted), f"photo {number}: {photo}"
        assert store.count() == len(sent.stored) - len(sent.deleted)
        assert len(store.photos(PhotoFilter(which="deleted"), 10**6)[0]) == len(sent.deleted)


def campaign(folder: Path, kills: int, threads: int, seed: int) -> Sent:
    """Kill a gallery again and again, and let the last one live."""
    chance, sender = random.Random(seed), Sender(Sent())
    for _ in range(kills):
        live_and_die(folder, sender, threads, chance.uniform(0.01, LONGEST_LIFE_S))
    with gallery_process(folder) as (sender.address, _process), session() as one:
        for number in sorted(sender.sent.in_doubt):
            assert sender.send(one, number)
    check(folder, sender.sent)
    return sender.sent


def main(arguments: Any = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--threads", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        sent = campaign(Path(scratch), options.kills, options.threads, options.seed)
    print(
        f"{options.kills} kills, {len(sent.stored)} photos stored, {len(sent.deleted)} of them deleted, {sent.doubts} "
        "answers lost on the way: 0 photos lost, 0 twice, 0 damaged; verify finds nothing"
    )


if __name__ == "__main__":
    main()
