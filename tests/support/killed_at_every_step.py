"""Kill what becomes of a photo's files at every single step: before each change of a folder, each write and each sync.

    python killed_at_every_step.py move|delete|archive CARD TARGET

A process of its own, without threads, forks for each step; the child is killed with signal 9 there. After each kill
the files are looked at, and an undisturbed call has to complete the work. Prints the number of steps.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from photopipe.download.after.after import after
from photopipe.download.after.archive import Archive, ArchiveFacts
from photopipe.download.download import download
from photopipe.found_photo import FoundPhoto, LocalFiles
from photopipe.settings import DownloadSettings

GROUP = {"a.jpg": os.urandom(1_200_000), "a.xmp": b"sidecar", "a.mov": b"video"}
"""A photo, of more than one block, and its companions."""
STEPS = frozenset({"open", "os.link", "os.remove", "os.rename", "os.mkdir", "os.utime"})


def main(action: str, card: Path, target: Path) -> int:
    step = 0
    while True:
        step += 1
        clear(card, target)
        for name, content in GROUP.items():
            (card / name).write_bytes(content)
        was_killed = run_to(step, lambda: act(action, card, target))
        check(action, card, target)
        if (card / "a.jpg").exists():
            act(action, card, target)
        check(action, card, target)
        left = sorted(path.name for path in card.iterdir())
        assert left == (sorted(GROUP) if action == "archive" else []), (step, left)
        if not was_killed:
            return step - 1


def act(action: str, card: Path, target: Path) -> None:
    """Do it once, to the end."""
    photo, *companions = (found(card, name) for name in GROUP if (card / name).exists())
    if action == "archive":
        archive = Archive(f"{target}/{{date:%Y}}", lambda *_: ArchiveFacts(datetime(2024, 5, 1, tzinfo=UTC), None))
        with archive.receiving() as copy:
            copy.keep(download(photo, copy=copy), companions)
        return
    settings = DownloadSettings(after=action, after_folder=str(target))  # type: ignore[arg-type]
    outcome = after(photo, sha256(GROUP["a.jpg"]).hexdigest(), companions, settings, lambda _companion: True)
    assert outcome.action in ("moved", "deleted"), outcome


def run_to(step: int, work: Callable[[], None]) -> bool:
    """Do some work in a fork that is killed at a step; False if it has fewer."""
    child = os.fork()
    if child == 0:
        count_steps(step)
        work()
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, -9), code
    return code == -9


def count_steps(last: int) -> None:
    """End this process before its `last` step from now on."""
    counted = 0

    def count(*_: object) -> None:
        nonlocal counted
        counted += 1
        if counted == last:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(lambda event, _arguments: count() if event in STEPS else None)
    for name in ("write", "fsync"):
        setattr(os, name, counted_call(getattr(os, name), count))


def counted_call(real: Callable[..., Any], count: Callable[[], None]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        count()
        return real(*arguments)

    return call


def check(action: str, card: Path, target: Path) -> None:
    """Each file is whole in at least one place, unless it was to be deleted; the photo is the last to leave."""
    places = [
        {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()} for folder in (card, target)
    ]
    for place in places:
        for name, content in place.items():
            assert ".part-" in name or content == GROUP[name], f"{name}: half a file"
    for name in GROUP:
        assert name in places[0] or name in places[1] or action == "delete", f"{name} is lost"
        assert action != "archive" or name in places[0]
    if "a.jpg" not in places[0]:
        assert not places[0], "the photo has left before its companions"


def clear(*folders: Path) -> None:
    for folder in folders:
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()


def found(card: Path, name: str) -> FoundPhoto:
    photo = FoundPhoto.from_stat(str(card / name), os.stat(card / name))
    return photo._replace(storage=LocalFiles(str(card)))


if __name__ == "__main__":
    print(main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])))
