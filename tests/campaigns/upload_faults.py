"""Every kind of gallery against every mishap: afterwards each photo is there exactly once, and the journal says so.

    python tests/campaigns/upload_faults.py [--photos 200] [--workers 4] [--share 0.3] [--seed 1]
                                            [--kinds form,immich] [--mishaps hang,500s] [--jobs 3]

Between photopipe and the gallery stands a proxy that spoils a share of the calls
(`support/fault_proxy.py`); a folder has no calls, so there the system calls are spoilt. The whole line
runs. A run may end early, as it should: it is started again until everything is uploaded. With a full disk and
an expired token the gallery refuses everything from some call on and has recovered by the next run.
Waits between tries are shortened, and nothing else. The short form of this is `test_upload_faults.py`.
"""

import argparse
import random
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from campaigns.kill_runs import fill_card
from support.certificate import make_certificate, server_context
from support.fault_files import HAPPENS, SpoiltFiles, spoilt_files
from support.fault_galleries import KINDS, Grounds, Stand
from support.fault_proxy import Call, FaultProxy, Mishap

from photopipe.assembly import open_line
from photopipe.errors import LineError
from photopipe.settings import DownloadSettings, ResizeSettings, Settings, UploadSettings
from photopipe.upload.flow import retry_policy
from photopipe.upload.galleries.kinds import gallery_class

MOST_RUNS: Final = 80
FROM_A_CALL_ON: Final = frozenset({Mishap.DISK_FULL, Mishap.TOKEN_EXPIRED})
CALLS_PER_PHOTO: Final = {"form": 1, "immich": 3, "piwigo": 3, "webdav": 5, "s3": 2, "folder": 4}
"""About how many calls a photo takes where nothing goes wrong."""
BACKOFF_START_S: Final = 0.03
BACKOFF_CAP_S: Final = 0.3
READ_TIMEOUT_S: Final = 20.0
SHORT_READ_TIMEOUT_S: Final = 0.15
"""Where the client has to give up by itself."""
HURRIED: Final = UploadSettings(connect_timeout_s=5.0, first_answer_s=5.0, retry_for_s=20.0, retry_after_cap_s=0.05)


@dataclass(frozen=True)
class Cell:
    """What became of the photos of one kind under one mishap.

    Attributes:
        lost: photos the gallery does not hold.
        twice: photos it holds more than once, counted beyond the first.
        disagreements: photos of which journal and gallery do not say the same.
        runs: until everything was done.
        calls: that came to the proxy.
        mishaps: how many of them were spoilt.
        seconds: it took.
    """

    lost: int
    twice: int
    disagreements: int
    runs: int
    calls: int
    mishaps: int
    seconds: float

    @property
    def is_good(self) -> bool:
        """True if every photo is there once and the journal knows."""
        return (self.lost, self.twice, self.disagreements) == (0, 0, 0)

    def __str__(self) -> str:
        verdict = "ok" if self.is_good else f"LOST {self.lost} TWICE {self.twice} DISAGREE {self.disagreements}"
        return f"{verdict} {self.mishaps}/{self.calls}, {self.runs} runs"


class Chooser:
    """Which calls are spoilt.

    Args:
        mishap: what happens to them.
        share: of the calls; or, where the gallery refuses everything from some call on, of the calls all photos
            need that get through at least in each run before that.
        calls: how many all photos need.
        seed: of the choice.
    """

    def __init__(self, mishap: Mishap, share: float, calls: int, seed: int) -> None:
        self._mishap = mishap
        self._share = share
        self._calls = calls
        self._chance = random.Random(seed)
        self._lock = threading.Lock()
        self._good_calls = 0

    def next_run(self) -> None:
        """The gallery has recovered."""
        self._good_calls = self._chance.randint(int(self._calls * self._share), self._calls)

    def __call__(self, _call: Call) -> Mishap | None:
        with self._lock:
            if self._mishap in FROM_A_CALL_ON:
                self._good_calls -= 1
                return self._mishap if self._good_calls < 0 else None
            return self._mishap if self._chance.random() < self._share else None


@contextmanager
def hurried(kind: str) -> Iterator[None]:
    """Shorter waits between tries."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retry_policy, "BACKOFF_START_S", BACKOFF_START_S)
        patch.setattr(retry_policy, "BACKOFF_CAP_S", BACKOFF_CAP_S)
        patch.setattr(gallery_class(kind), "SETTLE_S", min(gallery_class(kind).SETTLE_S, BACKOFF_START_S))
        yield


def upload_until_done(settings: Settings, photos: int, chooser: Chooser) -> int:
    """Run the line until all photos are uploaded; returns how many runs it took."""
    for run in range(1, MOST_RUNS + 1):
        chooser.next_run()
        try:
            with open_line(settings) as line:
                for _ in line.run(1.0, tells_skipped=False):
                    pass
        except LineError:
            pass  # as it should: the next run goes on
        if list(journal_rows(settings.journal_path).values()).count("uploaded") == photos:
            return run
    return MOST_RUNS


def journal_rows(path: str) -> dict[str, str]:
    """The hash of each rendition, and the state of its row."""
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT sha256, state FROM deliveries WHERE sha256 IS NOT NULL").fetchall())


def settings_for(folder: Path, card: Path, upload: UploadSettings) -> Settings:
    renditions = (("default", ResizeSettings(workers=2)),)
    download = DownloadSettings((str(card),))
    return Settings(download, renditions, (upload,), str(folder / "unused"), str(folder / "journal.sqlite"))


def cell(
    grounds: Grounds,
    folder: Path,
    card: Path,
    kind: str,
    mishap: Mishap,
    *,
    photos: int,
    workers: int = 4,
    share: float = 0.3,
    seed: int = 1,
) -> Cell | None:
    """Upload a card to one kind of gallery under one mishap; None if that cannot happen there.

    Args:
        grounds: where the gallery stands.
        folder: a new one.
        card: what is uploaded.
        kind: of gallery.
        mishap: what happens.
        photos: on the card.
        workers: uploads at the same time.
        share: of the calls that are spoilt.
        seed: of the choice.
    """
    if kind == "folder" and mishap not in HAPPENS:
        return None
    folder.mkdir(parents=True)
    started, chooser = time.monotonic(), Chooser(mishap, share, photos * CALLS_PER_PHOTO[kind], seed)
    with hurried(kind), grounds.stand(kind, folder) as stand, between(stand, folder, chooser, mishap, seed) as middle:
        upload = replace(
            HURRIED,
            kind=kind,
            workers=workers,
            ca_bundle=middle.ca_bundle,
            read_timeout_s=SHORT_READ_TIMEOUT_S if mishap in {Mishap.HANG, Mishap.DRIP} else READ_TIMEOUT_S,
            **stand.upload(middle.url),
        )
        settings = settings_for(folder, card, upload)
        runs = upload_until_done(settings, photos, chooser)
        held, rows = stand.held(), journal_rows(settings.journal_path)
    uploaded = {sha256 for sha256, state in rows.items() if state == "uploaded"}
    return Cell(
        lost=photos - len(set(held)),
        twice=len(held) - len(set(held)),
        disagreements=len(uploaded ^ set(held)) + photos - len(uploaded),
        runs=runs,
        calls=middle.spoiler.calls,
        mishaps=middle.spoiler.mishaps,
        seconds=time.monotonic() - started,
    )


@dataclass(frozen=True)
class Middle:
    """What stands between photopipe and the gallery.

    Attributes:
        spoiler: counts what it does.
        url: the address the gallery is reached at.
        ca_bundle: whom to trust there.
    """

    spoiler: FaultProxy | SpoiltFiles
    url: str = ""
    ca_bundle: str | None = None


@contextmanager
def between(stand: Stand, folder: Path, chooser: Chooser, mishap: Mishap, seed: int) -> Iterator[Middle]:
    """Put something between photopipe and the gallery that spoils calls."""
    if not stand.port:
        with spoilt_files(chooser, seed) as spoilt:
            yield Middle(spoilt)
        return
    context = ca_bundle = None
    if mishap is Mishap.TLS_ERROR:
        certificate = make_certificate(folder)
        context, ca_bundle = server_context(certificate), str(certificate)
    with FaultProxy(stand.port, chooser, context=context, seed=seed) as proxy:
        yield Middle(proxy, proxy.url, ca_bundle)


def print_table(kinds: Sequence[str], mishaps: Sequence[Mishap], cells: dict[tuple[str, Mishap], str]) -> None:
    width = max(len(text) for text in cells.values())
    print("| " + " | ".join(["mishap".ljust(21), *(kind.ljust(width) for kind in kinds)]) + " |")
    print("| " + " | ".join(["-" * 21, *("-" * width for _ in kinds)]) + " |")
    for mishap in mishaps:
        row = [cells[kind, mishap].ljust(width) for kind in kinds]
        print("| " + " | ".join([mishap.value.ljust(21), *row]) + " |")


def cells_of_kind(
    kind: str, mishaps: Sequence[Mishap], scratch: Path, card: Path, options: argparse.Namespace
) -> dict[tuple[str, Mishap], Cell | str | None]:
    """What becomes of one kind under each mishap; words where its server is not installed."""
    cells: dict[tuple[str, Mishap], Cell | str | None] = {}
    amounts = {"photos": options.photos, "workers": options.workers, "seed": options.seed}
    with Grounds() as grounds:
        for mishap in mishaps:
            folder = scratch / f"{kind}-{mishap.name.lower()}"
            try:
                result = cell(grounds, folder, card, kind, mishap, share=options.share, **amounts)
            except pytest.skip.Exception as reason:
                return dict.fromkeys(((kind, mishap) for mishap in mishaps), str(reason))
            cells[kind, mishap] = result
            if result is not None:
                print(f"{kind}, {mishap.value}: {result} ({result.seconds:.0f} s)", file=sys.stderr, flush=True)
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--share", type=float, default=0.3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--mishaps", default=",".join(mishap.value for mishap in Mishap))
    parser.add_argument("--jobs", type=int, default=3, help="kinds at the same time, each in a process of its own")
    options = parser.parse_args()
    kinds, mishaps = options.kinds.split(","), [Mishap(name) for name in options.mishaps.split(",")]
    cells: dict[tuple[str, Mishap], Cell | str | None] = {}
    with (
        tempfile.TemporaryDirectory() as scratch,
        ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool,
    ):
        card = Path(scratch) / "card"
        fill_card(card, options.photos)
        longest_first = sorted(kinds, key=CALLS_PER_PHOTO.__getitem__, reverse=True)
        for each in [pool.submit(cells_of_kind, kind, mishaps, Path(scratch), card, options) for kind in longest_first]:
            cells |= each.result()
    print(f"{options.photos} photos, {options.workers} workers, {options.share:.0%} of calls, seed {options.seed}.")
    print("ok: lost 0, twice 0, journal and gallery agree; then calls spoilt / made, and runs it took.\n")
    print_table(kinds, mishaps, {place: "-" if what is None else str(what) for place, what in cells.items()})
    sys.exit(any(isinstance(what, Cell) and not what.is_good for what in cells.values()))


if __name__ == "__main__":
    main()
