"""A photo's files are moved, trashed or deleted: only what was uploaded, and nothing is ever overwritten or lost."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from photopipe.download.after import verified_copy
from photopipe.download.after.after import after
from photopipe.download.after.check_folders import check_folders
from photopipe.download.after.checked_file import CheckedFile
from photopipe.errors import UsageError
from photopipe.found_photo import FoundPhoto, LocalFiles
from photopipe.photo import AfterOutcome
from photopipe.settings import DownloadSettings

SHM = Path("/dev/shm")


@pytest.fixture
def card(tmp_path: Path) -> Path:
    folder = tmp_path / "card" / "DCIM"
    folder.mkdir(parents=True)
    return folder.parent


@pytest.fixture(params=["same disk", "another disk"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """Where photos are moved to."""
    if request.param == "same disk":
        (tmp_path / "done").mkdir()
        yield tmp_path / "done"
        return
    if not SHM.is_dir() or SHM.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has no second file system to write to")
    folder = SHM / f"photopipe-{os.getpid()}-{tmp_path.name}"
    folder.mkdir()
    yield folder
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()


def found(card: Path, name: str, content: bytes | None = None) -> FoundPhoto:
    path = card / "DCIM" / name
    if content is not None:
        path.write_bytes(content)
        os.utime(path, ns=(1_700_000_000_123_456_789, 1_700_000_000_123_456_789))
    status = path.stat()
    identity = status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
    return FoundPhoto(str(path), *identity, LocalFiles(str(card)))


def act(photo: FoundPhoto, settings: DownloadSettings, content: bytes, *companions: FoundPhoto) -> AfterOutcome:
    return after(photo, sha256(content).hexdigest(), companions, settings, lambda _companion: False)


def moving(folder: Path) -> DownloadSettings:
    return DownloadSettings(after="move", after_folder=str(folder))


DELETING = DownloadSettings(after="delete")


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_photo_is_moved_to_the_same_place_below_the_target(card: Path, target: Path) -> None:
    photo = found(card, "a.jpg", b"one")
    assert act(photo, moving(target), b"one") == AfterOutcome("moved")
    assert (files_in(card), files_in(target)) == ({}, {"DCIM/a.jpg": b"one"})
    assert (target / "DCIM" / "a.jpg").stat().st_mtime_ns == photo.mtime_ns


def test_a_name_that_is_taken_gets_a_part_of_the_hash_and_so_do_the_companions(card: Path, target: Path) -> None:
    (target / "DCIM").mkdir()
    (target / "DCIM" / "a.JPG.xmp").write_bytes(b"somebody else's")
    group = [found(card, name, name.encode()) for name in ("a.xmp", "a.JPG.xmp", "A.CR2")]
    assert act(found(card, "a.JPG", b"one"), moving(target), b"one", *group) == AfterOutcome("moved")
    added = sha256(b"one").hexdigest()[:8]
    assert files_in(target) == {
        "DCIM/a.JPG.xmp": b"somebody else's",
        f"DCIM/a-{added}.JPG": b"one",
        f"DCIM/a-{added}.JPG.xmp": b"a.JPG.xmp",
        f"DCIM/a-{added}.xmp": b"a.xmp",
        f"DCIM/A-{added}.CR2": b"A.CR2",
    }
    assert files_in(card) == {}


def test_what_is_there_already_is_not_stored_twice(card: Path, target: Path) -> None:
    (target / "DCIM").mkdir()
    (target / "DCIM" / "a.jpg").write_bytes(b"one")
    assert act(found(card, "a.jpg", b"one"), moving(target), b"one") == AfterOutcome("moved")
    assert (files_in(card), files_in(target)) == ({}, {"DCIM/a.jpg": b"one"})


def test_a_move_that_was_cut_off_is_completed_under_the_name_it_had_chosen(card: Path, target: Path) -> None:
    """The companions have left, which was why the photo needed the other name; it must not be stored once more."""
    (target / "DCIM").mkdir()
    added = sha256(b"one").hexdigest()[:8]
    (target / "DCIM" / f"a-{added}.jpg").write_bytes(b"one")
    assert act(found(card, "a.jpg", b"one"), moving(target), b"one") == AfterOutcome("moved")
    assert (files_in(card), files_in(target)) == ({}, {f"DCIM/a-{added}.jpg": b"one"})


@pytest.mark.parametrize("settings", [DELETING, DownloadSettings(after="trash")], ids=["delete", "trash"])
def test_a_photo_that_changed_since_it_was_read_stays(card: Path, settings: DownloadSettings) -> None:
    outcome = act(found(card, "a.jpg", b"two"), settings, b"one", found(card, "a.xmp", b"x"))
    assert (outcome.action, outcome.reason) == ("kept", "changed")
    assert files_in(card) == {"DCIM/a.jpg": b"two", "DCIM/a.xmp": b"x"}


def meddle(monkeypatch: pytest.MonkeyPatch, how: Any) -> None:
    """Do something to the photo after it has been hashed, and before it is touched."""
    real = CheckedFile._read

    def read(found: FoundPhoto, file: Any) -> CheckedFile:
        checked = real(found, file)
        how(Path(found.path))
        return checked

    monkeypatch.setattr(CheckedFile, "_read", read)


def replaced(path: Path) -> None:
    other = path.with_suffix(".new")
    other.write_bytes(b"two")
    other.replace(path)


def written_to(path: Path) -> None:
    path.write_bytes(b"two")


@pytest.mark.parametrize("change", [replaced, written_to])
@pytest.mark.parametrize("action", ["move", "delete", "trash"])
def test_a_photo_that_changes_while_it_is_looked_at_stays(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: Any, change: Any
) -> None:
    (tmp_path / "done").mkdir()
    photo = found(card, "a.jpg", b"one")
    meddle(monkeypatch, change)
    outcome = act(photo, DownloadSettings(after=action, after_folder=str(tmp_path / "done")), b"one")
    assert (outcome.action, outcome.reason) == ("kept", "changed")
    assert (files_in(card), files_in(tmp_path / "done")) == ({"DCIM/a.jpg": b"two"}, {})


def test_links_and_what_they_lead_to_are_left_alone(card: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "a.jpg").write_bytes(b"one")
    (card / "DCIM" / "link.jpg").symlink_to(tmp_path / "precious" / "a.jpg")
    (card / "DCIM" / "linked").symlink_to(tmp_path / "precious")
    for name, said in (("link.jpg", "it is a link"), ("linked/a.jpg", "out of the source")):
        outcome = act(found(card, name), DELETING, b"one")
        assert (outcome.action, outcome.reason) == ("kept", "failed")
        assert said in (outcome.message or "")
    assert (tmp_path / "precious" / "a.jpg").read_bytes() == b"one"
    assert (card / "DCIM" / "link.jpg").is_symlink()


def test_a_photo_that_is_gone_already_is_said_to_be(card: Path) -> None:
    photo = found(card, "a.jpg", b"one")
    os.unlink(photo.path)
    assert act(photo, DELETING, b"one") == AfterOutcome("kept", "vanished", "it was gone already")


def test_a_photo_is_not_moved_into_the_folder_it_is_in(card: Path, tmp_path: Path) -> None:
    """By another way to the same folder: what is there already is then the photo itself."""
    (tmp_path / "other-way").symlink_to(card)
    outcome = act(found(card, "a.jpg", b"one"), moving(tmp_path / "other-way"), b"one")
    assert (outcome.action, outcome.reason) == ("kept", "failed")
    assert files_in(card) == {"DCIM/a.jpg": b"one"}


def test_a_photo_that_is_in_the_target_already_stays(card: Path) -> None:
    """As one that a list has named."""
    outcome = act(found(card, "a.jpg", b"one")._replace(storage=LocalFiles()), moving(card), b"one")
    assert (outcome.action, files_in(card)) == ("kept", {"DCIM/a.jpg": b"one"})


def test_a_sidecar_that_has_left_with_another_photo_keeps_nobody(card: Path) -> None:
    sidecar = found(card, "a.xmp", b"x")
    for name in ("a.jpg", "a.png"):
        assert act(found(card, name, b"one"), DELETING, b"one", sidecar) == AfterOutcome("deleted")
    assert files_in(card) == {}


@pytest.mark.parametrize("others", [0, 1])
def test_nor_does_one_that_leaves_while_it_is_looked_at(
    card: Path, monkeypatch: pytest.MonkeyPatch, others: int
) -> None:
    photo, sidecar = found(card, "a.jpg", b"one"), found(card, "a.xmp", b"text")
    own = [found(card, f"{number}.xmp", b"more") for number in range(others)]
    open_file = CheckedFile.open

    def leave_and_open(one: FoundPhoto, *hash_of_it: str) -> Any:
        if one == sidecar:
            os.unlink(sidecar.path)
        return open_file(one, *hash_of_it)

    monkeypatch.setattr(CheckedFile, "open", leave_and_open)
    assert act(photo, DELETING, b"one", *own, sidecar) == AfterOutcome("deleted")
    assert files_in(card) == {}


@pytest.mark.parametrize("does", [DELETING, DownloadSettings(after="move")])
def test_nor_does_one_that_leaves_after_all_were_read(
    card: Path, target: Path, monkeypatch: pytest.MonkeyPatch, does: DownloadSettings
) -> None:
    photo, sidecar = found(card, "a.jpg", b"one"), found(card, "a.xmp", b"text")
    open_file = CheckedFile.open

    @contextmanager
    def open_and_leave(one: FoundPhoto, *hash_of_it: str) -> Iterator[CheckedFile]:
        with open_file(one, *hash_of_it) as opened:
            if one == photo:
                Path(sidecar.path).unlink(missing_ok=True)
            yield opened

    monkeypatch.setattr(CheckedFile, "open", open_and_leave)
    outcome = act(photo, replace(does, after_folder=str(target)), b"one", sidecar)
    assert outcome == AfterOutcome("deleted" if does == DELETING else "moved")
    assert (files_in(card), files_in(target)) == ({}, {} if does == DELETING else {"DCIM/a.jpg": b"one"})


@pytest.mark.parametrize("can_rename", [True, False])
def test_a_disk_without_hard_links_is_moved_to_without_overwriting(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can_rename: bool
) -> None:
    """As a FAT volume. What is moved on it is copied, so that nothing leaves before all of a group is there."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refuse)
    if not can_rename:
        monkeypatch.setattr("photopipe.files.placing.rename_new", lambda *_: False)
    (tmp_path / "done").mkdir()
    for content in (b"one", b"two"):
        assert act(found(card, "a.jpg", content), moving(tmp_path / "done"), content) == AfterOutcome("moved")
    added = sha256(b"two").hexdigest()[:8]
    assert files_in(tmp_path / "done") == {"DCIM/a.jpg": b"one", f"DCIM/a-{added}.jpg": b"two"}
    assert files_in(card) == {}


def test_files_of_other_machines_are_refused_at_the_start(card: Path) -> None:
    with pytest.raises(UsageError, match="only files on this machine"):
        check_folders(DownloadSettings((str(card), "https://example.org/a.jpg"), after="delete"))
    check_folders(DownloadSettings(("https://example.org/a.jpg",)))


def test_companions_without_a_picture_are_deleted_with_the_photo(card: Path) -> None:
    assert act(found(card, "a.jpg", b"one"), DELETING, b"one", found(card, "a.XMP", b"x")) == AfterOutcome("deleted")
    assert files_in(card) == {}


def test_a_companion_that_is_the_only_copy_of_its_picture_keeps_the_group(card: Path) -> None:
    photo, raw = found(card, "a.jpg", b"one"), found(card, "a.cr2", b"raw")
    assert act(photo, DELETING, b"one", raw).reason == "only_copy"
    assert files_in(card) == {"DCIM/a.jpg": b"one", "DCIM/a.cr2": b"raw"}
    digest = sha256(b"one").hexdigest()
    assert (
        after(photo, digest, [raw], DELETING, lambda one: one.sha256 == sha256(b"raw").hexdigest()).action == "deleted"
    )
    assert files_in(card) == {}


def test_the_trash_takes_the_group_along_and_keeps_photos_of_one_name_apart(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plat_other = pytest.importorskip("send2trash.plat_other", reason="the trash of freedesktop.org is looked into")
    monkeypatch.setattr(plat_other, "HOMETRASH_B", os.fsencode(tmp_path / "trash"))
    monkeypatch.setattr("send2trash.send2trash", plat_other.send2trash)
    for content in (b"one", b"two"):
        photo, raw = found(card, "a.jpg", content), found(card, "a.cr2", b"raw " + content)
        outcome = act(photo, DownloadSettings(after="trash"), content, raw)
        assert outcome == AfterOutcome("trashed")
    assert files_in(card) == {}
    kept = files_in(tmp_path / "trash" / "files")
    assert sorted(kept.values()) == [b"one", b"raw one", b"raw two", b"two"]


def test_a_full_disk_leaves_everything_where_it_is(card: Path, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    photo = found(card, "a.jpg", b"x" * 100_000)
    raw = found(card, "a.cr2", b"raw")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    is_copied = target.stat().st_dev != card.stat().st_dev
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, hard))
    try:
        outcome = act(photo, moving(target), b"x" * 100_000, raw)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    if is_copied:
        assert (outcome.action, outcome.reason) == ("kept", "failed")
        assert "File too large" in (outcome.message or "")
        assert files_in(card) == {"DCIM/a.jpg": b"x" * 100_000, "DCIM/a.cr2": b"raw"}
        assert files_in(target) in ({"DCIM/a.cr2": b"raw"}, {})
    else:
        assert outcome == AfterOutcome("moved")


def test_a_target_that_is_not_there_is_not_created(card: Path, tmp_path: Path) -> None:
    """It may be a disk that is not mounted."""
    outcome = act(found(card, "a.jpg", b"one"), moving(tmp_path / "not-mounted"), b"one")
    assert (outcome.action, outcome.reason) == ("kept", "failed")
    assert "not-mounted" in (outcome.message or "")
    assert files_in(card) == {"DCIM/a.jpg": b"one"}
    assert not (tmp_path / "not-mounted").exists()


def test_a_disk_that_gives_back_other_bytes_keeps_the_photo(
    card: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verified_copy, "_hash_on_disk", lambda _path: "0" * 64)
    outcome = act(found(card, "a.jpg", b"one"), moving(target), b"one")
    if target.stat().st_dev == card.stat().st_dev:
        assert outcome == AfterOutcome("moved")
        return
    assert "other bytes" in (outcome.message or "")
    assert (files_in(card), files_in(target)) == ({"DCIM/a.jpg": b"one"}, {})
