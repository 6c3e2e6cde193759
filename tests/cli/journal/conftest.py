"""A journal that tells of five good photos, of one in quarantine and of one that failed once."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.command import Home
from support.pictures import make_jpeg

HOSTILE = (b"line\nbreak.jpg", b"bad\xffutf8.jpg", "right\u202egpj.to left.jpg".encode())


@pytest.fixture(scope="session")
def one_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home and a card after a run; made once for all tests, because that takes time."""
    folder = tmp_path_factory.mktemp("one_run")
    photos = folder / "card" / "DCIM" / "100PHOTO"
    photos.mkdir(parents=True)
    (folder / "home").mkdir()
    for number in range(5):
        make_jpeg(photos / f"IMG_{number:04}.JPG", seed=number)
    for name in ("broken.jpg", "late.jpg"):
        (photos / name).write_bytes(b"\xff\xd8\xff\xe0 and no more than " + name.encode())
    home = Home(folder / "home")
    assert home.run("process", "-q", str(folder / "card")).code == 3
    with closing(sqlite3.connect(home.journal)) as connection, connection:
        connection.execute(
            "UPDATE deliveries SET state = 'quarantined', attempts = 3 WHERE photo_id ="
            " (SELECT photo_id FROM files WHERE name = CAST('broken.jpg' AS BLOB))"
        )
    return folder


@pytest.fixture
def known_card(one_run: Path) -> Path:
    """The card, which is only to be read."""
    return one_run / "card"


@pytest.fixture
def worked_on(one_run: Path, tmp_path: Path) -> Home:
    """A copy of that home."""
    shutil.copytree(one_run / "home", tmp_path / "home")
    return Home(tmp_path / "home")
