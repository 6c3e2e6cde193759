"""Photos that are fetched into a spool folder: each once, never more bytes than allowed, and no wait without an end."""

import os
import pickle
import stat
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest
from support.deadline import until, within_deadline

from photopipe.download.fetching.fetch_spool import FetchSpool, open_spool, spool_in
from photopipe.download.fetching.fetched_files import FetchedFiles
from photopipe.download.fetching.incoming_copy import IncomingCopy
from photopipe.errors import DiskFull, DownloadError, PhotoChanged, RunStopped
from photopipe.found_photo import FoundPhoto, Identity
from photopipe.stop_token import StopToken

PHOTOS: dict[str, bytes] = {}
FETCHED: Counter[str] = Counter()
LIMIT_BYTES = 1000


@dataclass(frozen=True)
class MemoryFetcher:
    """Photos in a dictionary; with `tells_size` their lengths are known before they are fetched."""

    tells_size: bool = True

    def identity(self, path: str) -> Identity:
        return Identity(0, hash(PHOTOS[path]) & 0xFFFF, len(PHOTOS[path]), 0, 0)

    def key(self, path: str) -> str:
        return f"key of {path}"

    def check_source(self) -> None:
        """It is always there."""

    def fetch(self, path: str, copy: IncomingCopy) -> Identity:
        FETCHED[path] += 1
        if self.tells_size:
            copy.expect(len(PHOTOS[path]))
        for start in range(0, len(PHOTOS[path]), 64):
            copy.write(PHOTOS[path][start : start + 64])
        return self.identity(path)


@pytest.fixture(autouse=True)
def photos() -> Iterator[None]:
    PHOTOS.update({f"memory:IMG_{number}.jpg": bytes([number]) * 400 for number in range(40)})
    FETCHED.clear()
    yield
    PHOTOS.clear()


@contextmanager
def open_files(
    tmp_path: Path, stop: StopToken | None = None, fetcher: MemoryFetcher | None = None
) -> Iterator[FetchedFiles]:
    folder = str(tmp_path / "spool")
    with open_spool(folder, LIMIT_BYTES, stop or StopToken()):
        yield FetchedFiles(fetcher or MemoryFetcher(), folder, LIMIT_BYTES)


def in_thread(action: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """A thread that runs it, and what it returned or raised."""
    outcome: list[object] = []

    def run() -> None:
        try:
            outcome.append(action())
        except BaseException as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, outcome


def read(files: FetchedFiles, path: str) -> bytes:
    with files.open(path) as file:
        return file.read()


def names(tmp_path: Path) -> list[str]:
    return sorted(os.listdir(tmp_path / "spool")) if (tmp_path / "spool").exists() else []


def test_a_photo_is_fetched_once_and_its_copy_goes_when_it_is_released(tmp_path: Path) -> None:
    with open_files(tmp_path) as files:
        path = "memory:IMG_7.jpg"
        assert [read(files, path) for _ in range(3)] == [PHOTOS[path]] * 3
        assert dict(FETCHED) == {path: 1}
        assert len(names(tmp_path)) == 1
        files.release(path)
        files.release(path)
        assert names(tmp_path) == []
    assert not (tmp_path / "spool").exists()


def test_nobody_else_may_read_the_copies_and_their_names_tell_nothing(tmp_path: Path) -> None:
    PHOTOS["https://host/a.jpg?key=s3cret"] = b"1"
    with open_files(tmp_path) as files, files.open("https://host/a.jpg?key=s3cret"):
        (name,) = names(tmp_path)
        assert "host" not in name
        assert "s3cret" not in name
        assert stat.S_IMODE((tmp_path / "spool").stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "spool" / name).stat().st_mode) == 0o600


def test_many_who_open_a_photo_at_the_same_time_fetch_it_once(tmp_path: Path) -> None:
    with open_files(tmp_path) as files:
        threads = [in_thread(lambda: read(files, "memory:IMG_1.jpg")) for _ in range(8)]
        for thread, _ in threads:
            thread.join(5)
        assert [outcome for _, outcome in threads] == [[PHOTOS["memory:IMG_1.jpg"]]] * 8
        assert FETCHED == {"memory:IMG_1.jpg": 1}


def test_an_open_copy_is_known_as_what_was_fetched_and_a_change_is_noticed(tmp_path: Path) -> None:
    with open_files(tmp_path) as files:
        path = "memory:IMG_1.jpg"
        found = FoundPhoto(path, *files.identity(path), files)
        PHOTOS[path] = b"changed"
        with pytest.raises(PhotoChanged):
            found.open()
        with found.found_again().open() as file:
            assert file.read() == b"changed"


def test_a_photo_that_has_travelled_to_another_process_uses_the_spool_that_is_there(tmp_path: Path) -> None:
    with open_files(tmp_path) as files:
        found = FoundPhoto("memory:IMG_1.jpg", *files.identity("memory:IMG_1.jpg"), files)
        with pickle.loads(pickle.dumps(found)).open(), found.open():  # noqa: S301 - our own
            assert FETCHED == {"memory:IMG_1.jpg": 1}


@pytest.mark.parametrize("tells_size", [True, False])
def test_a_fetch_waits_until_there_is_room(tmp_path: Path, tells_size: bool) -> None:
    with open_files(tmp_path, fetcher=MemoryFetcher(tells_size)) as files:
        earlier = "memory:IMG_0.jpg", "memory:IMG_1.jpg"
        for path in earlier if tells_size else earlier[:1]:
            read(files, path)
        thread, outcome = in_thread(lambda: read(files, "memory:IMG_2.jpg"))
        until(lambda: FETCHED["memory:IMG_2.jpg"] == 1)
        assert outcome == []
        files.release("memory:IMG_0.jpg")
        thread.join(5)
        assert outcome == [PHOTOS["memory:IMG_2.jpg"]]


def test_the_wait_for_room_ends_when_the_run_is_stopped(tmp_path: Path) -> None:
    stop = StopToken()
    with open_files(tmp_path, stop) as files:
        with files.open("memory:IMG_0.jpg"), files.open("memory:IMG_1.jpg"):
            thread, outcome = in_thread(lambda: files.open("memory:IMG_2.jpg"))
            until(lambda: FETCHED["memory:IMG_2.jpg"] == 1)
            stop.set()
            thread.join(5)
        assert isinstance(outcome[0], RunStopped)
        assert len(names(tmp_path)) == 2, "nothing of the third is left"


def test_copies_nobody_uses_make_room_when_nothing_moves(tmp_path: Path) -> None:
    spool = FetchSpool(str(tmp_path / "spool"), LIMIT_BYTES, patience_s=0.02)
    for number in range(4):
        path = f"memory:IMG_{number}.jpg"
        within_deadline(lambda path=path: spool.open(path, MemoryFetcher().fetch).close())  # type: ignore[misc]
    assert len(names(tmp_path)) == 2
    with spool.open("memory:IMG_0.jpg", MemoryFetcher().fetch) as file:
        assert file.read() == PHOTOS["memory:IMG_0.jpg"], "fetched again"
    spool.close()


def test_a_copy_that_is_open_makes_no_room(tmp_path: Path) -> None:
    spool = FetchSpool(str(tmp_path / "spool"), LIMIT_BYTES, patience_s=0.001)
    with spool.open("memory:IMG_0.jpg", MemoryFetcher().fetch), spool.open("memory:IMG_1.jpg", MemoryFetcher().fetch):
        thread, outcome = in_thread(lambda: spool.open("memory:IMG_2.jpg", MemoryFetcher().fetch).close())
        thread.join(0.1)
        assert outcome == []
        assert len([name for name in names(tmp_path) if name.endswith(".photo")]) == 2
    thread.join(5)
    assert outcome == [None]
    spool.close()


def test_a_photo_larger_than_the_spool_is_refused(tmp_path: Path) -> None:
    PHOTOS["memory:large.jpg"] = bytes(LIMIT_BYTES + 1)
    for tells_size in (True, False):
        with (
            open_files(tmp_path, fetcher=MemoryFetcher(tells_size)) as files,
            pytest.raises(DownloadError, match=r"larger .*Raise --spool-bytes"),
        ):
            within_deadline(lambda files=files: files.open("memory:large.jpg"))  # type: ignore[misc]
        assert names(tmp_path) == []


def test_a_photo_of_unknown_length_that_outgrows_its_room_is_fetched_again_with_all_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photopipe.download.fetching.fetch_spool.UNKNOWN_BYTES", 100)
    with open_files(tmp_path, fetcher=MemoryFetcher(tells_size=False)) as files:
        assert within_deadline(lambda: read(files, "memory:IMG_5.jpg")) == PHOTOS["memory:IMG_5.jpg"]
        assert FETCHED["memory:IMG_5.jpg"] == 2
        with files.open("memory:IMG_5.jpg"), spool_of(files).open("memory:IMG_6.jpg", MemoryFetcher().fetch):
            """The room that was not needed is there for the next."""


def spool_of(files: FetchedFiles) -> FetchSpool:
    return spool_in(files.spool_folder, files.spool_bytes)


@pytest.mark.parametrize("came", [1, 399, 401])
def test_a_copy_of_another_length_than_was_announced_is_refused(tmp_path: Path, came: int) -> None:
    def fetch(_path: str, copy: IncomingCopy) -> Identity:
        copy.expect(400)
        copy.write(bytes(came))
        return Identity(0, 0, 400, 0, 0)

    with open_files(tmp_path) as files:
        with pytest.raises(DownloadError, match=r"longer|cut off"):
            spool_of(files).open("memory:x.jpg", fetch)
        assert names(tmp_path) == []
        with files.open("memory:IMG_0.jpg"), files.open("memory:IMG_1.jpg"):
            """All room is there again."""


def test_a_library_may_write_the_file_but_not_put_a_link_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(400))

    def fetch(_path: str, copy: IncomingCopy) -> Identity:
        copy.expect(400)
        if _path == "link":
            os.unlink(copy.path)
            os.symlink(tmp_path / "secret", copy.path)
        else:
            Path(copy.path).write_bytes(bytes(401 if _path == "long" else 400))
        copy.written()
        return Identity(0, 0, 400, 0, 0)

    with open_files(tmp_path) as files:
        with spool_of(files).open("plain", fetch) as file:
            assert file.read() == bytes(400)
        with pytest.raises(DownloadError, match="did not come as a file"):
            spool_of(files).open("link", fetch)
        with pytest.raises(DownloadError, match="longer"):
            spool_of(files).open("long", fetch)
    assert names(tmp_path) == []


def test_what_a_killed_run_has_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "spool"
    folder.mkdir()
    left = ["0" * 32 + "-01234567.part", "f" * 32 + "-89abcdef.photo"]
    for name in [*left, "holiday.jpg"]:
        (folder / name).write_bytes(b"1")
    with open_files(tmp_path):
        assert names(tmp_path) == ["holiday.jpg"]


def test_a_disk_that_is_full_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_files(tmp_path) as files:
        (tmp_path / "spool").symlink_to("/dev/full")
        with pytest.raises(DiskFull, match="Make room"):
            files.open("memory:IMG_0.jpg")


def test_readers_and_fetches_at_random_never_pass_the_limit_and_all_end(tmp_path: Path) -> None:
    spool = FetchSpool(str(tmp_path / "spool"), LIMIT_BYTES, patience_s=0.002)
    most = Counter[str]()

    def use(seed: int) -> None:
        random = Random(seed)
        for _ in range(40):
            path = f"memory:IMG_{random.randrange(12)}.jpg"
            with spool.open(path, MemoryFetcher(random.random() < 0.7).fetch) as file:
                assert file.read() == PHOTOS[path]
                on_disk = bytes_in(tmp_path / "spool")
                most["bytes"] = max(most["bytes"], on_disk)
            if random.random() < 0.3:
                spool.release(path)

    threads = [in_thread(lambda seed=seed: use(seed)) for seed in range(4)]  # type: ignore[misc]
    for thread, _ in threads:
        thread.join(20)
    assert [outcome for _, outcome in threads] == [[None]] * 4
    assert 400 <= most["bytes"] <= LIMIT_BYTES
    spool.close()
    assert names(tmp_path) == []


def bytes_in(folder: Path) -> int:
    """Size of all files, some of which may go meanwhile."""
    total = 0
    for path in folder.iterdir():
        with suppress(FileNotFoundError):
            total += path.stat().st_size
    return total
