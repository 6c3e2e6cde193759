"""Kill runs that move or delete what they have uploaded; no photo may ever be gone that is not in the gallery.

    python tests/campaigns/after_kills.py [--kills 200] [--photos 30] [--seed 1] [--way delete|move|move-far|archive]

Every run is killed with signal 9 at a random moment, and the card, the gallery and the folder the photos go to are
looked at. The next run, which is killed too, takes up what is left; when the card is empty, another one is filled.
`move` stays on one file system, `move-far` goes to another, and `archive` deletes what it has archived. The short form
of this is `test_after_kills.py`.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.command import Home
from support.deadline import until
from support.fork_server import ForkServer
from support.pictures import make_jpeg

WAYS = ("delete", "move", "move-far", "archive")


@dataclass
class Card:
    """A card with photos, what its photos go through, and where they arrive.

    Attributes:
        folder: everything of it but the target is in here.
        target: where files are moved or copied to.
        way: one of `WAYS`.
        contents: what was on it: by its path below the card.
    """

    folder: Path
    target: Path
    way: str
    contents: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def fill(cls, folder: Path, target: Path, way: str, photos: int) -> "Card":
        """A card whose photos all differ; every third has a sidecar. Its target is below `target`."""
        card = cls(folder, target / f"{folder.name}-target", way)
        for path in (card.source / "100CANON", card.source / "101CANON", card.gallery, card.target):
            path.mkdir(parents=True)
        for number in range(photos):
            place = card.source / ("100CANON" if number % 2 else "101CANON")
            photo = make_jpeg(place / f"IMG_{number // 2:04}.JPG", (160, 120), seed=number)
            if number % 3 == 0:
                photo.with_suffix(".xmp").write_text(
                    f"<x:xmpmeta xmlns:x='adobe:ns:meta/'><!-- {number} --></x:xmpmeta>"
                )
        card.contents = files_in(card.source)
        return card

    @property
    def source(self) -> Path:
        """The card itself."""
        return self.folder / "card"

    @property
    def gallery(self) -> Path:
        """A gallery that is a folder."""
        return self.folder / "gallery"

    @property
    def photos(self) -> int:
        """How many photos were on it."""
        return sum(name.endswith(".JPG") for name in self.contents)

    def progress(self) -> int:
        """How many photos are in the gallery, and how many have left the card, taken together."""
        shown = sum(name.endswith(".jpg") for name in os.listdir(self.gallery))
        left = sum(name.endswith(".JPG") for _, _, names in os.walk(self.source) for name in names)
        return shown + self.photos - left

    @property
    def arguments(self) -> list[str]:
        """Of `photopipe process`."""
        after = f"move:{self.target}" if self.way.startswith("move") else "delete"
        archive = ["--archive", f"{self.target}/{{folder}}"] if self.way == "archive" else []
        gallery = ["--to", f"folder://{self.gallery}", "--size", "80", "--settle", "0s"]
        journal = ["--journal", str(self.folder / "journal.sqlite")]
        return [str(self.source), *gallery, "--after", after, *archive, *journal]

    def check(self) -> int:
        """Make sure that whatever is gone from the card is where it should be; returns how many photos are gone."""
        left, arrived = files_in(self.source), files_in(self.target)
        shown = len([name for name in files_in(self.gallery) if is_whole(name)])
        assert all(self.contents[name] == content for name, content in left.items()), "a file on the card has changed"
        gone = {name: content for name, content in self.contents.items() if name not in left}
        photos = [name for name in gone if name.endswith(".JPG")]
        assert len(photos) <= shown, f"{len(photos)} photos are gone, and {shown} are in the gallery"
        if self.way != "delete":
            kept = Counter(content for name, content in arrived.items() if is_whole(name))
            assert set(kept) <= set(self.contents.values()), "there is half a file"
            missing = [name for name, content in gone.items() if not kept[content]]
            assert not missing, f"gone, and not there: {missing}"
        return len(photos)

    def check_end(self) -> None:
        """Make sure that an unhurried run has left each file in one place, once."""
        assert self.check() == self.photos, list(files_in(self.source))
        assert sum(map(is_whole, files_in(self.gallery))) == self.photos
        if self.way != "delete":
            arrived = files_in(self.target)
            gone = [content for name, content in self.contents.items() if name not in files_in(self.source)]
            assert sorted(arrived.values()) == sorted(gone), sorted(arrived)


def is_whole(name: str) -> bool:
    """False for a file that is still being written."""
    return ".part-" not in name


def files_in(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, by its path."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def killed_on_the_way(card: Card, server: ForkServer, chance: random.Random) -> bool:
    """Start a run and kill it at a random point of the way that is left; False if it was faster.

    The way is counted in files that have arrived in the gallery, and in files that have left the card; a few
    milliseconds are added, so that the kill comes in the middle of something.
    """
    start, end = card.progress(), 2 * card.photos
    point = chance.randint(start, end - 1)
    with server.running("process", "-q", *card.arguments) as run:
        if point == start:  # before anything happens
            time.sleep(chance.uniform(0, 0.1))
        else:
            until(lambda: card.progress() >= point)
            time.sleep(chance.uniform(0, 0.01))
        run.kill()
    assert run.code in (0, -9), run.code
    return run.code == -9


def campaign(scratch: Path, way: str, *, photos: int, kills: int, seed: int) -> tuple[int, int]:
    """Kill runs until enough were.

    Returns:
        How many cards were filled, and how many kills left a card with some photos gone and some not.
    """
    chance, killed, cards, halfway = random.Random(seed), 0, 0, 0
    with ExitStack() as until_done:
        far = until_done.enter_context(tempfile.TemporaryDirectory(prefix="photopipe-", dir="/dev/shm"))
        output = until_done.enter_context((scratch / f"{way}.txt").open("w+b"))
        environment = Home(scratch).environment({"PYTHONUNBUFFERED": "1"})
        server = until_done.enter_context(ForkServer.started(environment, output))
        while killed < kills:
            cards += 1
            card = Card.fill(scratch / f"{way}-{cards}", Path(far if way == "move-far" else scratch), way, photos)
            gone = 0
            while gone < photos and killed < kills:
                was_killed = killed_on_the_way(card, server, chance)
                gone = card.check()
                killed += was_killed
                halfway += was_killed and 0 < gone < photos
            with server.running("process", "-q", *card.arguments) as last:
                pass
            output.seek(0)
            assert (last.code, output.read()) == (0, b"")
            card.check_end()
    return cards, halfway


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--photos", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--way", choices=WAYS, action="append")
    options = parser.parse_args()
    for way in options.way or WAYS:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(os.path.realpath(scratch))
            cards, halfway = campaign(
                folder, way, photos=options.photos, kills=options.kills // len(options.way or WAYS), seed=options.seed
            )
        print(
            f"{way}: {options.kills // len(options.way or WAYS)} runs killed over {cards} cards, {halfway} of them "
            "with some photos gone and some not: none lost, none twice, no half file"
        )


if __name__ == "__main__":
    main()
