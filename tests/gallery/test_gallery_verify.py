"""`photopipe gallery verify` finds whatever is not as it was stored, and nothing else."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import jsonschema
import pytest
from gallery.filling import add
from gallery.running_gallery import jpeg, sha256_of

from photopipe.cli.commands import run
from photopipe.errors import GalleryBroken
from photopipe.gallery.index.index import index_path
from photopipe.gallery.maintenance.verify import verify
from photopipe.gallery.store.store import PhotoStore

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "json-output.schema.json").read_text())
LONG_AGO_S = 1_000_000_000
MONTH = "2025/10"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A gallery with the photos a, b and c, the last of them in the trash."""
    with PhotoStore(str(tmp_path)) as store:
        for name in "abc":
            add(store, name, f"{name}.jpg")
        store.trash(3)
        yield tmp_path


def faults(folder: Path) -> list[tuple[str, str]]:
    return [(fault.kind, fault.path) for fault in verify(str(folder))]


def rot(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    os.utime(path, (LONG_AGO_S, LONG_AGO_S))


def edit(path: Path) -> None:
    path.write_bytes(jpeg("edited"))


def cut(path: Path) -> None:
    os.truncate(path, 100)
    os.utime(path, (LONG_AGO_S, LONG_AGO_S))


def replace_with_link(path: Path) -> None:
    path.rename(path.with_name(".hidden"))
    path.symlink_to(".hidden")


@pytest.mark.parametrize(
    ("harm", "kind"),
    [
        (rot, "damaged"),
        (cut, "damaged"),
        (edit, "edited"),
        (Path.unlink, "missing"),
        (replace_with_link, "missing"),
        (lambda path: path.unlink() or path.mkdir(), "missing"),
    ],
)
def test_each_fault_of_a_stored_photo_is_found(folder: Path, harm: Callable[[Path], None], kind: str) -> None:
    trashed = f".photopipe/trash/{sha256_of(jpeg('c'))}/{MONTH}/c.jpg"
    for path in (f"{MONTH}/a.jpg", trashed):
        harm(folder / path)
    assert faults(folder) == [(kind, f"{MONTH}/a.jpg"), (kind, trashed)]


def test_a_gallery_as_it_was_stored_has_no_faults(folder: Path) -> None:
    (folder / "notes.txt").write_text("not in a folder of a month")
    (folder / MONTH / "notes.txt").write_text("not a picture")
    (folder / MONTH / ".hidden.jpg").write_bytes(jpeg("hidden"))
    (folder / MONTH / "link.jpg").symlink_to("a.jpg")
    os.utime(folder / MONTH / "a.jpg")  # touched, but not changed
    assert faults(folder) == []


def test_photos_that_the_index_does_not_know_are_found(folder: Path) -> None:
    (folder / MONTH / "new.jpg").write_bytes(jpeg("new"))
    (folder / MONTH / "copy.jpg").write_bytes(jpeg("b"))
    (folder / MONTH / "back.jpg").write_bytes(jpeg("c"))
    (folder / MONTH / os.fsdecode(b"\xff.jpg")).write_bytes(jpeg("d"))
    assert sorted(faults(folder)) == [
        ("bad_name", f"{MONTH}/\udcff.jpg"),
        ("duplicate", f"{MONTH}/copy.jpg"),
        ("not_indexed", f"{MONTH}/back.jpg"),
        ("not_indexed", f"{MONTH}/new.jpg"),
    ]


def test_what_killed_processes_left_is_found(folder: Path) -> None:
    left = folder / ".photopipe/incoming/.photo.part-0123abcd"
    left.write_bytes(b"half a photo")
    trashed = folder / ".photopipe/trash" / sha256_of(jpeg("a")) / MONTH / "a.jpg"
    trashed.parent.mkdir(parents=True)
    os.link(folder / MONTH / "a.jpg", trashed)
    expected = [("left_over", str(path.relative_to(folder))) for path in (left, trashed)]
    assert faults(folder) == expected


def test_photos_that_come_and_go_meanwhile_are_no_faults(folder: Path) -> None:
    with PhotoStore(str(folder)) as store:

        def change_everything(done: int, _total: int) -> None:
            if done == 1:
                store.trash(2)
                store.restore(3)
                add(store, "d", "d.jpg")

        assert list(verify(str(folder), change_everything)) == []


def spoil_index(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(index_path(str(folder)), isolation_level=None)) as index:
        index.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO keys VALUES ('k', 99)",
        "DELETE FROM photo_words WHERE rowid = 1",
        "DELETE FROM photo_words_data WHERE id > 10",
        "DROP TABLE keys",
        "DELETE FROM meta",
    ],
)
def test_an_index_that_contradicts_itself_is_found(folder: Path, statement: str) -> None:
    spoil_index(folder, statement)
    assert {kind for kind, _ in faults(folder)} == {"index_damaged"}


@pytest.mark.parametrize("content", [b"", b"no database at all, but long enough to be read" * 20, None])
def test_an_index_that_is_none_is_found(tmp_path: Path, content: bytes | None) -> None:
    with PhotoStore(str(tmp_path)) as store:
        add(store, "a")
    index = Path(index_path(str(tmp_path)))
    index.unlink() if content is None else index.write_bytes(content)
    assert faults(tmp_path) == [("index_damaged", ".photopipe/index.sqlite")]
    assert (index.read_bytes() if index.exists() else None) == content


def test_a_folder_without_a_gallery_is_said_and_left_alone(tmp_path: Path) -> None:
    with pytest.raises(GalleryBroken, match="there is no gallery in"):
        faults(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_command_prints_a_line_for_each_fault(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["gallery", "verify", "--gallery-dir", str(folder)]) == 0
    assert capsys.readouterr() == ("", "3 photos checked: everything is as it was stored.\n")
    (folder / MONTH / "new\n.jpg").write_bytes(jpeg("new"))
    rot(folder / MONTH / "a.jpg")
    assert run(["gallery", "--gallery-dir", str(folder), "verify"]) == 3
    out, err = capsys.readouterr()
    first, second = out.splitlines()
    assert first.startswith("2025/10/a.jpg: damaged: its bytes are not those that were stored")
    assert second.startswith("2025/10/new\\n.jpg: not_indexed: ")
    assert err == "3 photos checked: 1 damaged, 1 not indexed\n"


def test_the_command_prints_json_for_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / MONTH / "b.jpg").unlink()
    assert run(["gallery", "verify", "--json", "--gallery-dir", str(folder)]) == 3
    fault, summary = map(json.loads, capsys.readouterr().out.splitlines())
    for record in (fault, summary):
        jsonschema.validate(record, SCHEMA)
    assert (fault["type"], fault["kind"], fault["path"]) == ("fault", "missing", f"{MONTH}/b.jpg")
    assert (summary["type"], summary["photos"], summary["faults"], summary["exit_code"]) == ("verified", 3, 1, 3)
