"""Kill runs at random moments; after each, one plain run must leave every photo in the gallery exactly once.

    python tests/campaigns/kill_runs.py [--kills 50] [--photos 60] [--seed 1] [--endpoint embedded|form]

`embedded` is the default endpoint. `form` is an endpoint that keeps a second copy of whatever is sent
twice and can only be asked: there, asking before sending again is all that stands between a kill
and a duplicate. The delay before each kill is drawn over the length of an unhurried run. The short
form of this is `test_kill_runs.py`.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.command import COMMAND_DEADLINE_S, Home
from support.fault_gallery import FaultGallery
from support.pictures import make_jpeg


@dataclass(frozen=True)
class KillReport:
    """What a campaign saw.

    Attributes:
        kills: runs that were killed before they ended by themselves.
        early: runs that had ended before their kill.
        in_doubt: rows found in *sending* after a kill, over the whole campaign.
    """

    kills: int
    early: int
    ambiguous: int


@dataclass(frozen=True)
class Endpoint:
    """Where photos go.

    Attributes:
        arguments: of `photopipe process`.
        held: what the gallery holds, as content hashes; twice what it holds twice.
    """

    arguments: list[str]
    held: Callable[[Home], list[str]]


def fill_card(folder: Path, photos: int) -> None:
    """A card with photos of different content."""
    folder.mkdir(parents=True)
    for number in range(photos):
        make_jpeg(folder / f"IMG_{number:04}.JPG", (640, 480), seed=number)


def run_killed(home: Home, arguments: list[str], delay_s: float) -> bool:
    """Start a run and kill it after a while; False if it was faster."""
    with home.start("process", "-q", *arguments) as process:
        time.sleep(delay_s)
        process.kill()
        process.communicate(timeout=COMMAND_DEADLINE_S)
    return process.returncode == -9


def kill_and_finish(home: Home, card: Path, delay_s: float, photos: int, endpoint: Endpoint) -> tuple[bool, int]:
    """Kill one run, let a plain one follow, and check that it put everything right.

    Args:
        home: a new one.
        card: what is uploaded.
        delay_s: when the run is killed.
        photos: on the card.
        endpoint: where to, and what is there.

    Returns:
        Whether the kill came in time, and how many photos were in doubt after it.
    """
    was_killed = run_killed(home, [str(card), *endpoint.arguments], delay_s)
    ambiguous = home.journal_states()["sending"]
    result = home.run("process", "-q", str(card), *endpoint.arguments)
    assert result.code == 0, result
    held = endpoint.held(home)
    assert len(held) == len(set(held)) == photos, f"killed after {delay_s:.3f} s: {len(held)} photos"
    assert home.journal_states() == Counter(uploaded=photos)
    again = home.run("process", str(card), *endpoint.arguments)
    assert (again.code, again.out) == (0, ""), again
    return was_killed, ambiguous


@contextmanager
def embedded_endpoint() -> Iterator[Endpoint]:
    """The default: no address, and a folder to look at."""
    yield Endpoint(
        [], lambda home: [sha256((home.pictures / photo).read_bytes()).hexdigest() for photo in home.photos()]
    )


@contextmanager
def form_endpoint() -> Iterator[Endpoint]:
    """An endpoint that keeps twice what is sent twice."""
    with FaultGallery(idempotent=False) as gallery:
        yield Endpoint(["--to", gallery.url], lambda _home: [photo.sha256 for photo in gallery.stored])


ENDPOINTS = {"embedded": embedded_endpoint, "form": form_endpoint}


def whole_run_s(folder: Path, card: Path) -> float:
    """How long an undisturbed run takes."""
    home = Home(folder / "timing")
    home.folder.mkdir()
    started = time.monotonic()
    assert home.run("process", "-q", str(card)).code == 0
    return time.monotonic() - started


def campaign(folder: Path, photos: int, kills: int, seed: int, endpoint: str) -> KillReport:
    """Kill `kills` runs over `photos` photos, each at a random moment of a whole run."""
    card = folder / "card"
    fill_card(card, photos)
    chance, longest_s = random.Random(seed), whole_run_s(folder, card)
    killed = runs = ambiguous = 0
    while killed < kills:
        runs += 1
        assert runs <= 4 * kills, "hardly any run lives long enough to be killed"
        home = Home(folder / f"home-{runs}")
        home.folder.mkdir()
        with ENDPOINTS[endpoint]() as target:
            was_killed, doubtful = kill_and_finish(home, card, chance.uniform(0.05, longest_s), photos, target)
        killed += was_killed
        ambiguous += doubtful
    return KillReport(killed, runs - killed, ambiguous)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--photos", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--endpoint", choices=["embedded", "form"], default="embedded")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        report = campaign(Path(scratch), options.photos, options.kills, options.seed, options.endpoint)
    print(
        f"{options.endpoint}: {report.kills} runs killed, {report.early} ended before their kill, "
        f"{report.ambiguous} photos in doubt on the way: 0 lost, 0 twice, journal and gallery agree"
    )


if __name__ == "__main__":
    main()
