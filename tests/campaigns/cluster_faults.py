"""Mishaps of a run on a cluster: afterwards each photo is in the gallery exactly once, and the journal says so.

    python tests/campaigns/cluster_faults.py [--photos 2000] [--galleries s3,form,asked] [--seed 1]
                                             [--rows undisturbed,workers,driver,answers,paused]

The photos lie in a bucket of a SeaweedFS; two worker processes of this computer take them from there and send them to

- `s3`: another bucket there. Two uploads of one photo are one object, so that the uploads themselves are counted.
- `form`: an endpoint that knows keys of uploads. A photo under two keys, or two photos under one, counts as twice.
- `asked`: an endpoint that keeps a second copy of whatever is sent twice and can only be asked: there, nothing but
  asking before sending again stands between a mishap and a duplicate.

A proxy in front of the gallery counts what it takes. The driver is started again until it ends with exit code 0. The
short form of this is `test_cluster_faults.py`.
"""

import argparse
import os
import random
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from support import seaweed
from support.cluster_command import ClusterCommand, cluster_command, lease_attempts, wait_until
from support.command import Home
from support.fault_gallery import FaultGallery, StoredPhoto
from support.fault_proxy import Call, FaultProxy, Mishap
from support.pictures import make_jpeg
from support.real_servers import RealServer, require_script, started

ROWS: Final = ("undisturbed", "workers", "driver", "answers", "paused")
GALLERIES: Final = ("s3", "form", "asked")
SOURCE: Final = "cards"
SIZE_PX: Final = (320, 240)
RUN_S: Final = 900.0
GONE_S: Final = 10.0
MOST_RUNS: Final = 40
WORKER_KILLED_EVERY_S: Final = 3.0
DRIVER_KILLS: Final = 10
LOST_ANSWERS: Final = 0.2
LEASE_S: Final = 6.0
PAUSE_S: Final = LEASE_S + 4.0
PAUSED_EVERY_S: Final = 3.0


@dataclass(frozen=True)
class Row:
    """What became of the photos.

    Attributes:
        lost: photos that the gallery does not hold.
        twice: photos that it holds, or has taken, more than once, counted beyond the first.
        disagreements: photos of which journal and gallery do not say the same.
        uploads: how often the gallery has taken a photo, or has said that it has it.
        mishaps: workers or drivers killed, answers lost, workers paused.
        runs: until everything was done.
        attempts: how many leases there were of each attempt.
        orphans: worker processes that were there ten seconds after their driver had ended.
        seconds: it took.
    """

    lost: int
    twice: int
    disagreements: int
    uploads: str
    mishaps: int
    runs: int
    attempts: Counter[int]
    orphans: int
    seconds: float

    @property
    def is_good(self) -> bool:
        """Whether each photo is there once and the journal knows."""
        return not (self.lost or self.twice or self.disagreements or self.orphans)

    def cells(self) -> list[str]:
        """As the table shows it."""
        agreement = "agree" if not self.disagreements else f"{self.disagreements} DIFFER"
        attempts = ", ".join(f"{attempt}: {count}" for attempt, count in sorted(self.attempts.items()))
        numbers = (self.lost, self.twice, agreement, self.uploads, self.mishaps, self.runs, attempts, self.orphans)
        return [*map(str, numbers), f"{self.seconds:.0f}"]


HEADINGS: Final = (
    *("gallery", "mishap", "lost", "twice", "journal", "taken / refused or known", "mishaps", "runs"),
    *("leases by attempt", "orphans", "seconds"),
)


class CountingProxy(FaultProxy):
    """A proxy that loses a share of the answers, and counts the uploads that the gallery behind it has answered.

    Args:
        port: as for `FaultProxy`.
        lost_answers: the share.
        seed: of the chances.

    Attributes:
        statuses: of the answers to uploads, by path; those that got lost included.
    """

    def __init__(self, port: int, lost_answers: float, seed: int) -> None:
        chance = random.Random(seed)

        def choose(_call: Call) -> Mishap | None:
            return Mishap.ANSWER_LOST if chance.random() < lost_answers else None

        super().__init__(port, choose, seed=seed)
        self.statuses: dict[str, list[int]] = {}
        self._counting = threading.Lock()

    def _asked(self, call: Call) -> Any:
        answer = super()._asked(call)
        if call.method in {"PUT", "POST"}:
            with self._counting:
                self.statuses.setdefault(call.path, []).append(answer.status)
        return answer

    def count(self, *, is_taken: bool) -> int:
        """How many uploads were taken for new, or were not."""
        return sum(
            (status in {200, 201}) == is_taken for all_of_path in self.statuses.values() for status in all_of_path
        )


@dataclass(frozen=True)
class Stand:
    """A gallery that runs, with nothing in it.

    Attributes:
        proxy: in front of it.
        config: of `[galleries.target]`.
        held: what it holds, as content hashes; twice what it holds twice.
        sent_twice: how many photos it has taken more than once, where it holds them once.
        uploads: how often it has taken a photo, and said that it has it.
    """

    proxy: CountingProxy
    config: str
    held: Callable[[], list[str]]
    sent_twice: Callable[[], int]
    uploads: Callable[[], str]


class KeyedGallery(FaultGallery):
    """A gallery that keeps what comes under one key, or has the same bytes, once; and remembers what came.

    Attributes:
        came: key and content of each upload.
    """

    def __init__(self) -> None:
        super().__init__()
        self.came: list[tuple[str, str]] = []

    def take(self, photo: StoredPhoto) -> tuple[int, dict[str, Any]]:
        """As `FaultGallery.take`."""
        with self.lock:
            self.came.append((photo.key, photo.sha256))
        return super().take(photo)

    def mistakes(self) -> int:
        """How many keys have more than one photo, and photos more than one key."""
        pairs = set(self.came)
        return 2 * len(pairs) - len({key for key, _ in pairs}) - len({content for _, content in pairs})


@contextmanager
def s3_stand(service: RealServer, name: str, lost_answers: float, seed: int) -> Iterator[Stand]:
    """A prefix of a bucket."""
    with CountingProxy(service.port, lost_answers, seed) as proxy:
        config = (
            f'to = "s3://{seaweed.BUCKET}/{name}"\nendpoint = "{proxy.url}"\n'
            f'user = "{seaweed.ACCESS_KEY}"\ntoken = "{seaweed.SECRET}"\n'
        )

        def sent_twice() -> int:
            return sum(max(0, statuses.count(200) - 1) for statuses in proxy.statuses.values())

        yield Stand(
            *(proxy, config, lambda: contents_of(service, seaweed.BUCKET, f"{name}/"), sent_twice),
            lambda: f"{proxy.count(is_taken=True)} / {proxy.count(is_taken=False)}",
        )


@contextmanager
def form_stand(_service: RealServer, _name: str, lost_answers: float, seed: int) -> Iterator[Stand]:
    """A form endpoint that knows keys."""
    with KeyedGallery() as gallery, CountingProxy(_port(gallery), lost_answers, seed) as proxy:
        yield Stand(
            *(proxy, _form_config(gallery, proxy), lambda: _held(gallery), gallery.mistakes),
            lambda: f"{len(gallery.stored)} / {len(gallery.came) - len(gallery.stored)}",
        )


@contextmanager
def asked_stand(_service: RealServer, _name: str, lost_answers: float, seed: int) -> Iterator[Stand]:
    """A form endpoint that can only be asked."""
    with FaultGallery(idempotent=False) as gallery, CountingProxy(_port(gallery), lost_answers, seed) as proxy:
        yield Stand(
            *(proxy, _form_config(gallery, proxy), lambda: _held(gallery), lambda: 0),
            lambda: f"{len(gallery.stored)} / 0",
        )


STANDS: Final = {"s3": s3_stand, "form": form_stand, "asked": asked_stand}


@dataclass
class Scene:
    """One row while it is being made.

    Attributes:
        home: where the journal is.
        arguments: of the command.
        env: of the command.
        lease_s: how long leases hold.
        photos: how many there are.
        chance: draws moments and victims.
        mishaps: so far.
        runs: so far.
        orphans: so far.
    """

    home: Home
    arguments: list[str]
    env: dict[str, str]
    lease_s: float
    photos: int
    chance: random.Random
    mishaps: int = 0
    runs: int = 0
    orphans: int = 0
    code: int | None = field(default=None)

    def run(self, disturb: Callable[[ClusterCommand], None]) -> None:
        """Run the command once while something disturbs it."""
        self.runs += 1
        with cluster_command(self.home, *self.arguments, lease_s=self.lease_s, env=self.env) as command:
            disturb(command)
            self.code = command.process.wait(RUN_S)
            with suppress(AssertionError):
                command.wait_until_gone(GONE_S)
            self.orphans += len(command.left())
        if self.code not in {0, -signal.SIGKILL}:
            said = (self.home.folder / "err").read_text(errors="replace")
            print(f"exit code {self.code}: {said[-1500:]}", file=sys.stderr, flush=True)

    def run_until_done(self, disturb: Callable[[ClusterCommand], None]) -> None:
        """Run the command until it says that everything is done."""
        while self.code != 0:
            assert self.runs < MOST_RUNS, (self.home.folder / "err").read_text()[-2000:]
            self.run(disturb)

    def wait(self, command: ClusterCommand, seconds: float) -> bool:
        """Wait so long; False if the command ended meanwhile."""
        end_s = time.monotonic() + seconds
        wait_until(lambda: time.monotonic() >= end_s or not command.is_running, RUN_S)
        return command.is_running


def undisturbed(scene: Scene) -> None:
    """Nothing happens, or only to answers."""
    scene.run_until_done(lambda _command: None)


def workers_killed(scene: Scene) -> None:
    """Every three seconds a worker is killed."""

    def disturb(command: ClusterCommand) -> None:
        while scene.wait(command, WORKER_KILLED_EVERY_S):
            if workers := command.workers():
                with suppress(psutil.NoSuchProcess):
                    scene.chance.choice(workers).kill()
                    scene.mishaps += 1

    scene.run_until_done(disturb)


def driver_killed(scene: Scene) -> None:
    """Ten times the driver is killed: at a moment when it has done about a tenth of what is left."""

    def disturb(command: ClusterCommand) -> None:
        done, some = uploaded(scene.home), scene.chance.randint(0, max(1, scene.photos // (DRIVER_KILLS + 2)))
        wait_until(lambda: uploaded(scene.home) >= done + some or not command.is_running, RUN_S)
        if scene.wait(command, scene.chance.uniform(0.0, 0.5)):
            command.kill()
            scene.mishaps += 1

    while scene.mishaps < DRIVER_KILLS and scene.code != 0:
        assert scene.runs < MOST_RUNS
        scene.run(disturb)
        scene.code = None if scene.code == -signal.SIGKILL else scene.code
    scene.run_until_done(lambda _command: None)


def workers_paused(scene: Scene) -> None:
    """Now and then a worker is stopped for longer than its leases hold, and goes on."""

    def disturb(command: ClusterCommand) -> None:
        while scene.wait(command, scene.chance.uniform(0.5, 1.0) * PAUSED_EVERY_S):
            if not (workers := command.workers()):
                continue
            victim = scene.chance.choice(workers)
            with suppress(psutil.NoSuchProcess):
                victim.suspend()
                scene.mishaps += 1
                scene.wait(command, PAUSE_S)
                victim.resume()

    scene.run_until_done(disturb)


MISHAPS: Final[dict[str, Callable[[Scene], None]]] = {
    "undisturbed": undisturbed,
    "workers": workers_killed,
    "driver": driver_killed,
    "answers": undisturbed,
    "paused": workers_paused,
}
WORDS: Final = {
    "undisturbed": "none",
    "workers": f"a worker killed every {WORKER_KILLED_EVERY_S:.0f} s",
    "driver": f"the driver killed {DRIVER_KILLS} times",
    "answers": f"{LOST_ANSWERS:.0%} of answers lost",
    "paused": f"a worker paused for {PAUSE_S:.0f} s, lease {LEASE_S:.0f} s",
}


def row(
    service: RealServer, folder: Path, source: str, gallery: str, mishap: str, *, photos: int, seed: int = 1
) -> Row:
    """Send all photos to a new gallery while something happens.

    Args:
        service: SeaweedFS.
        folder: a new one, its name never used before.
        source: where the photos are.
        gallery: one of `GALLERIES`.
        mishap: one of `ROWS`.
        photos: how many there are.
        seed: of the chances.
    """
    home, lost_answers = Home(folder), LOST_ANSWERS if mishap == "answers" else 0.0
    folder.mkdir(parents=True)
    with STANDS[gallery](service, folder.name, lost_answers, seed) as stand:
        home.config.parent.mkdir(parents=True)
        home.config.write_text(f"[galleries.target]\n{stand.config}")
        home.config.chmod(0o600)
        # the time that a photo is tried is part of a lease
        env = source_login(service) | ({"PHOTOPIPE_RETRY_FOR": f"{LEASE_S:.0f}s"} if mishap == "paused" else {})
        scene = Scene(
            home,
            [source, "--to", "target", "--quiet"],
            env,
            LEASE_S if mishap == "paused" else 0.0,
            photos,
            random.Random(seed),
        )
        started_s = time.monotonic()
        MISHAPS[mishap](scene)
        seconds = time.monotonic() - started_s
        held, recorded = stand.held(), uploaded_contents(home)
        return Row(
            lost=photos - len(set(held)),
            twice=len(held) - len(set(held)) + stand.sent_twice(),
            disagreements=len(recorded ^ set(held)) + abs(home.journal_states().total() - len(held)),
            uploads=stand.uploads(),
            mishaps=stand.proxy.mishaps or scene.mishaps,
            runs=scene.runs,
            attempts=lease_attempts(home),
            orphans=scene.orphans,
            seconds=seconds,
        )


def uploaded(home: Home) -> int:
    """How many photos the journal has as uploaded."""
    try:
        return home.journal_states()["uploaded"]
    except sqlite3.OperationalError:
        return 0


def uploaded_contents(home: Home) -> set[str]:
    """The hashes of the renditions that the journal has as uploaded."""
    with closing(sqlite3.connect(home.journal)) as connection:
        rows = connection.execute("SELECT sha256 FROM deliveries WHERE state = 'uploaded'").fetchall()
    return {one for (one,) in rows}


def contents_of(service: RealServer, bucket: str, prefix: str) -> list[str]:
    """The hash of each object below a prefix."""
    client = seaweed.boto3_client(service)
    with closing(client), ThreadPoolExecutor(4) as pool:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        keys = [one["Key"] for page in pages for one in page.get("Contents", ())]

        def content(key: str) -> str:
            return sha256(client.get_object(Bucket=bucket, Key=key)["Body"].read()).hexdigest()

        return list(pool.map(content, keys))


def source_login(service: RealServer) -> dict[str, str]:
    """What boto3 reads from the environment."""
    return {
        "AWS_ACCESS_KEY_ID": seaweed.ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": seaweed.SECRET,
        "AWS_ENDPOINT_URL": service.url,
        "AWS_REGION": "us-east-1",
    }


@contextmanager
def filled_service(photos: int) -> Iterator[tuple[RealServer, str]]:
    """A SeaweedFS with photos in one bucket; and where they are."""
    program = require_script("weed")
    with started(
        "seaweed",
        lambda folder, ports: seaweed._command(program, folder, ports),
        port_count=8,
        is_ready=seaweed._is_ready,
    ) as service:
        client = seaweed.boto3_client(service)
        with closing(client), tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(4) as pool:
            for bucket in (SOURCE, seaweed.BUCKET):
                client.create_bucket(Bucket=bucket)

            def put(number: int) -> None:
                path = Path(scratch) / f"IMG_{number:05}.JPG"
                make_jpeg(path, SIZE_PX, seed=number)
                client.put_object(Bucket=SOURCE, Key=f"DCIM/{path.name}", Body=path.read_bytes())

            list(pool.map(put, range(photos)))
        yield service, f"s3://{SOURCE}/DCIM"


def _port(gallery: FaultGallery) -> int:
    return urlsplit(gallery.url).port or 0


def _form_config(gallery: FaultGallery, proxy: CountingProxy) -> str:
    return f'to = "{proxy.url}{urlsplit(gallery.url).path}"\n'


def _held(gallery: FaultGallery) -> list[str]:
    return [photo.sha256 for photo in gallery.stored]


def print_table(rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(line[column]) for line in rows) for column in range(len(rows[0]))]
    rule = ["-" * width for width in widths]
    for line in (rows[0], rule, *rows[1:]):
        print("| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--galleries", default=",".join(GALLERIES))
    parser.add_argument("--rows", default=",".join(ROWS))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    table, are_good = [list(HEADINGS)], True
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        service, source = stack.enter_context(filled_service(options.photos))
        for gallery in options.galleries.split(","):
            for mishap in options.rows.split(","):
                folder = scratch / f"{gallery}-{mishap}"
                one = row(service, folder, source, gallery, mishap, photos=options.photos, seed=options.seed)
                are_good = are_good and one.is_good
                table.append([gallery, WORDS[mishap], *one.cells()])
                print(" | ".join(table[-1]), file=sys.stderr, flush=True)
    print(f"{options.photos} photos from a bucket, --on local:2, seed {options.seed}, {os.cpu_count()} cores.\n")
    print_table(table)
    sys.exit(not are_good)


if __name__ == "__main__":
    main()
