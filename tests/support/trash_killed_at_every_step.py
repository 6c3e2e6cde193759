"""Kill what moves photos between a gallery and its trash at every step: each change of a folder, sync and statement.

    python trash_killed_at_every_step.py trash|restore|resend|purge FOLDER

Works like `killed_at_every_step.py`. After each kill the gallery is opened again, and must have each photo whole, in
one place, where its row says; then the work is completed. Prints the number of steps.
"""

import io
import shutil
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.killed_at_every_step import counted_call, run_to

from photopipe.gallery.store.store import PhotoStore
from photopipe.gallery.store.upload import Upload

CONTENTS = [b"\xff\xd8\xff" + name * 1000 for name in (b"a", b"b")]
SOURCE = sha256(b"the file both were made from").hexdigest()
LATER = datetime.now(UTC) + timedelta(days=31)
WORK: dict[str, Callable[[PhotoStore], object]] = {
    "trash": lambda store: store.trash(1),
    "restore": lambda store: store.restore(1),
    "resend": lambda store: send(store, CONTENTS[0]),
    "purge": lambda store: store.purge(LATER),
}
AFTERWARDS = {"trash": [True, True], "restore": [False, False], "resend": [False, True], "purge": [None, None]}
"""Which of the two photos are in the trash when the work is done; None for a photo that is gone."""


def main(action: str, folder: Path) -> int:
    with PhotoStore(str(folder / "before")) as store:
        for content in CONTENTS:
            send(store, content)
        if action != "trash":
            store.trash(1)
    gallery, step, was_killed = folder / "gallery", 0, True
    while was_killed:
        step += 1
        shutil.rmtree(gallery, ignore_errors=True)
        shutil.copytree(folder / "before", gallery)
        was_killed = run_to(step, lambda: work(action, gallery))
        with PhotoStore(str(gallery)) as store:
            check(store, action)
            if states(store) != AFTERWARDS[action]:
                assert was_killed, states(store)
                WORK[action](store)
            check(store, action, is_done=True)
            assert states(store) == AFTERWARDS[action], (step, states(store))
    return step - 1


def work(action: str, gallery: Path) -> None:
    """What is killed: the work with the opening of the gallery before."""
    sqlite3.connect = connect_counted(sqlite3.connect)
    with PhotoStore(str(gallery)) as store:
        WORK[action](store)


def send(store: PhotoStore, content: bytes) -> None:
    store.add(
        Upload(None, None, "a.jpg", "a.jpg", taken_at="2025-10-03T12:33:10", source_sha256=SOURCE), io.BytesIO(content)
    )


def states(store: PhotoStore) -> list[bool | None]:
    """Whether each photo is in the trash."""
    return [None if photo is None else photo.is_in_trash for photo in map(store.with_id, (1, 2))]


def check(store: PhotoStore, action: str, *, is_done: bool = False) -> None:
    """Each photo's file is whole, where its row says, and nowhere else.

    One exception: an upload that was cut off may have left its file; the next upload of the same bytes takes it.
    Another: a file that was to be removed for good may be gone before its row.
    """
    rows = {photo.path: CONTENTS[number - 1] for number in (1, 2) if (photo := store.with_id(number)) is not None}
    found = {path: Path(store.folder, path).read_bytes() for path in files(Path(store.folder))}
    assert len(rows) == 2 or action == "purge"
    if action == "resend" and not is_done and found.keys() - rows.keys() == {"2025/10/a.jpg"}:
        assert found.pop("2025/10/a.jpg") == CONTENTS[0]
    if action == "purge" and not is_done:
        assert found.items() <= rows.items(), (found.keys(), rows.keys())
    else:
        assert found == rows, (found.keys(), rows.keys())


def files(folder: Path) -> list[str]:
    """Every file of a photo, in the trash or not."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    names = [str(path.relative_to(folder)) for path in paths]
    return [name for name in names if not name.startswith(".photopipe/") or name.startswith(".photopipe/trash/")]


def connect_counted(real: Callable[..., Any]) -> Callable[..., Any]:
    """`sqlite3.connect` for connections whose statements are steps, like the opening of a file."""

    class Counted(sqlite3.Connection):
        execute = counted_call(sqlite3.Connection.execute, lambda: sys.audit("open", "a statement"))

    return lambda *arguments, **named: real(*arguments, factory=Counted, **named)


if __name__ == "__main__":
    print(main(sys.argv[1], Path(sys.argv[2])))
