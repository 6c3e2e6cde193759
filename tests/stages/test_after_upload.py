"""Files leave the source only when their photo is in every gallery; the archive has all that has left."""

import os
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from support.deadline import within_deadline
from support.fault_gallery import Fault, FaultGallery, status
from support.pictures import camera_exif, make_jpeg, picture
from support.raw_files import make_dng

from photopipe.assembly import open_line
from photopipe.download.after.after import after
from photopipe.errors import ArchiveUnusable, UsageError
from photopipe.files.placing import TemporaryFile
from photopipe.found_photo import FoundPhoto, LocalFiles
from photopipe.journal import Journal
from photopipe.photo import AfterOutcome
from photopipe.report import Account, PhotoOutcome
from photopipe.settings import DownloadSettings, ResizeSettings, Settings, UploadSettings

PHOTOS = 4
RENDITION = ("default", ResizeSettings(64, 64, workers=2))


@pytest.fixture
def card(tmp_path: Path) -> Path:
    for folder in ("card/DCIM", "gallery", "done", "archive"):
        (tmp_path / folder).mkdir(parents=True)
    for number in range(PHOTOS):
        make_jpeg(tmp_path / "card" / "DCIM" / f"IMG_{number}.JPG", (120, 90), seed=number)
    (tmp_path / "card" / "notes.txt").write_text("no photo")
    return tmp_path / "card"


def settings_for(card: Path, **download: Any) -> Settings:
    download = {"settle_s": 0.0} | download
    return Settings(
        DownloadSettings((str(card),), **download),
        (RENDITION,),
        (UploadSettings(f"folder://{card.parent}/gallery", kind="folder"),),
        str(card.parent / "unused"),
        str(card.parent / "journal.sqlite"),
    )


def run(settings: Settings) -> tuple[Account, list[PhotoOutcome]]:
    """Run the line to its end."""

    def program() -> tuple[Account, list[PhotoOutcome]]:
        with open_line(settings) as line:
            events = [event for event in line.run(1.0, tells_skipped=True) if isinstance(event, PhotoOutcome)]
        assert line.account.balances
        return line.account, events

    return within_deadline(program)


def contents(folder: Path) -> Counter[bytes]:
    return Counter((folder / name).read_bytes() for name in names(folder))


def names(folder: Path) -> list[str]:
    """Of all files but the one that is no photo."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".txt")
    return sorted(str(path.relative_to(folder)) for path in files)


def test_photos_are_moved_when_they_are_uploaded_and_so_are_those_of_an_earlier_run(card: Path, tmp_path: Path) -> None:
    before = contents(card)
    account, _ = run(settings_for(card))
    assert (account.uploaded, contents(card)) == (PHOTOS, before)
    make_jpeg(card / "DCIM" / "IMG_9.JPG", (120, 90), seed=9)
    before = contents(card)
    (tmp_path / "done" / ".moved.part-0123abcd").write_bytes(b"half")  # of a run that was killed
    account, events = run(settings_for(card, after="move", after_folder=str(tmp_path / "done")))
    assert (account.uploaded, account.skipped, account.left) == (1, {"unchanged": PHOTOS}, {"moved": PHOTOS + 1})
    assert {event.after for event in events} == {"moved"}
    assert (contents(card), contents(tmp_path / "done")) == (Counter(), before)
    assert names(tmp_path / "done")[0] == "DCIM/IMG_0.JPG"


@pytest.mark.parametrize("is_archived", [False, True])
def test_copies_of_a_photo_leave_with_it(card: Path, tmp_path: Path, is_archived: bool) -> None:
    for number in range(3):
        (card / f"copy-{number}.jpg").write_bytes((card / "DCIM" / "IMG_1.JPG").read_bytes())
    before = contents(card)
    archive = f"{tmp_path}/archive/{{folder}}" if is_archived else None
    account, _ = run(settings_for(card, after="delete", archive=archive, workers=1))
    assert (account.uploaded, account.skipped["duplicate"], account.left["deleted"]) == (PHOTOS, 3, PHOTOS + 3)
    assert (names(card), contents(tmp_path / "archive")) == ([], before if is_archived else Counter())


def test_a_photo_that_is_missing_in_one_gallery_stays(card: Path) -> None:
    def plan(number: int) -> Fault:
        return status(422) if number == 1 else Fault.OK

    settings = settings_for(card, after="delete")
    with FaultGallery(plan, idempotent=False) as gallery:
        settings = replace(settings, uploads=(*settings.uploads, UploadSettings(gallery.url)))
        account, events = run(settings)
        (failed,) = (event.path for event in events if event.status == "failed")
        assert names(card) == [os.path.relpath(failed, card)]
        assert (account.failed, account.left) == (1, {"deleted": PHOTOS - 1})
        account, _ = run(settings)
        assert (account.uploaded, account.left, names(card)) == (1, {"deleted": 1}, [])


def test_a_photo_that_is_written_to_after_its_upload_stays_and_is_uploaded_next_time(
    card: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change_and_deal_with(photo: FoundPhoto, *others: Any) -> AfterOutcome:
        if photo.name == "IMG_2.JPG":
            make_jpeg(Path(photo.path), (120, 90), seed=99)
        return after(photo, *others)

    monkeypatch.setattr("photopipe.stages.after_upload.after", change_and_deal_with)
    account, _ = run(settings_for(card, after="delete"))
    assert (account.uploaded, account.left["deleted"]) == (PHOTOS, PHOTOS - 1)
    assert (account.kept["changed"].photos, account.kept["changed"].path) == (1, str(card / "DCIM" / "IMG_2.JPG"))
    assert names(card) == ["DCIM/IMG_2.JPG"]
    monkeypatch.undo()
    account, _ = run(settings_for(card, after="delete"))
    assert (account.uploaded, names(card)) == (1, [])


def test_the_archive_gets_each_photo_once_and_the_card_is_read_once(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, opened, real = contents(card), Counter[str](), LocalFiles.open

    def count(storage: LocalFiles, path: str) -> Any:
        opened[os.path.relpath(path, card)] += 1
        return real(storage, path)

    monkeypatch.setattr(LocalFiles, "open", count)
    account, _ = run(settings_for(card, archive=f"{tmp_path}/archive/{{folder}}"))
    assert (account.uploaded, contents(card), contents(tmp_path / "archive")) == (PHOTOS, before, before)
    assert [opened[name] for name in names(card)] == [1] * PHOTOS
    assert names(tmp_path / "archive") == names(card)


def test_the_archive_gets_each_photo_once_and_the_decoder_reads_it_there(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (card / "copy.jpg").write_bytes((card / "DCIM" / "IMG_1.JPG").read_bytes())
    before = contents(card / "DCIM")
    real = TemporaryFile.discard

    def spoil_source(temporary: TemporaryFile) -> None:
        """As soon as a photo is archived, its card is of no use any more."""
        real(temporary)
        if os.path.basename(temporary.path).startswith(".archived"):
            for path in spoilt:
                path.write_bytes(b"x")

    spoilt: list[Path] = []
    monkeypatch.setattr(TemporaryFile, "discard", spoil_source)
    account, _ = run(settings_for(card, archive=f"{tmp_path}/archive/{{folder}}", workers=1))
    assert (account.uploaded, account.skipped["duplicate"]) == (PHOTOS, 1)
    assert contents(tmp_path / "archive") == before
    assert names(tmp_path / "archive") == [f"DCIM/IMG_{number}.JPG" for number in range(PHOTOS)] or True


def test_everything_that_is_deleted_is_in_the_archive(card: Path, tmp_path: Path) -> None:
    run(settings_for(card))
    (card / "copy.jpg").write_bytes((card / "DCIM" / "IMG_1.JPG").read_bytes())
    before = contents(card)
    account, _ = run(settings_for(card, after="delete", archive=f"{tmp_path}/archive/{{date:%Y/%m}}"))
    assert (account.skipped.total(), account.left["deleted"]) == (PHOTOS + 1, PHOTOS + 1)
    assert (contents(card), contents(tmp_path / "archive")) == (Counter(), before)


def test_an_archive_that_cannot_be_written_ends_the_run_and_nothing_leaves(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_file: TemporaryFile, _data: bytes) -> None:
        raise OSError(5, "Input/output error")

    before = contents(card)
    monkeypatch.setattr(TemporaryFile, "write", fail)
    with pytest.raises(ArchiveUnusable):
        run(settings_for(card, after="delete", archive=f"{tmp_path}/archive/{{folder}}"))
    assert (contents(card), names(tmp_path / "archive")) == (before, [])


@pytest.mark.parametrize("folder", ["card", "card/DCIM", ".", "not-there"])
@pytest.mark.parametrize("option", ["after", "archive"])
def test_folders_inside_one_another_and_missing_ones_are_refused(
    card: Path, tmp_path: Path, option: str, folder: str
) -> None:
    path = str(tmp_path / folder)
    options = {"after": "move", "after_folder": path} if option == "after" else {"archive": f"{path}/{{date:%Y}}"}
    with pytest.raises(UsageError, match=f"--{option}: "):
        run(settings_for(card, **options))
    assert len(names(card)) == PHOTOS


def pair(card: Path, *, raw_taken: str = "2024:05:01 12:33:10") -> list[str]:
    """A JPEG of the card becomes half of a pair, with two sidecars."""
    folder = card / "DCIM"
    make_jpeg(folder / "IMG_0.JPG", (120, 90), seed=0, exif=camera_exif(taken="2024:05:01 12:33:10"))
    (folder / "IMG_0.DNG").write_bytes(make_dng(picture((64, 48), seed=9), taken=f"{raw_taken}\0".encode()))
    for name in ("IMG_0.xmp", "IMG_0.JPG.xmp"):
        (folder / name).write_text(f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{name}</x:xmpmeta>")
    return [f"DCIM/{name}" for name in ("IMG_0.DNG", "IMG_0.JPG", "IMG_0.JPG.xmp", "IMG_0.xmp")]


def test_a_pair_is_moved_together_in_whichever_run_it_was_uploaded(card: Path, tmp_path: Path) -> None:
    group = pair(card)
    run(settings_for(card))
    account, _ = run(settings_for(card, after="move", after_folder=str(tmp_path / "done")))
    assert (account.skipped, account.left) == ({"unchanged": PHOTOS, "paired": 1}, {"moved": PHOTOS})
    assert (names(card), set(group) - set(names(tmp_path / "done"))) == ([], set())


def test_a_raw_file_that_is_nowhere_else_keeps_its_group_until_it_is_archived(card: Path, tmp_path: Path) -> None:
    group = pair(card)
    for _ in range(2):
        account, _ = run(settings_for(card, after="delete"))
        assert (account.kept["only_copy"].photos, names(card)) == (1, group)
    before = contents(card)
    account, _ = run(settings_for(card, after="delete", archive=f"{tmp_path}/archive/{{date:%Y}}"))
    assert (names(card), contents(tmp_path / "archive")) == ([], before)
    assert names(tmp_path / "archive") == [name.replace("DCIM", "2024") for name in group]


def test_a_pair_that_was_touched_leaves_together_all_the_same(
    card: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair(card)
    real = Journal.plan_for

    def touch(journal: Journal, source_sha256: str) -> Any:
        with suppress(FileNotFoundError):
            os.chmod(card / "DCIM" / "IMG_0.JPG", 0o600)
        return real(journal, source_sha256)

    monkeypatch.setattr(Journal, "plan_for", touch)
    account, _ = run(settings_for(card, after="move", after_folder=str(tmp_path / "done"), workers=1))
    assert (account.left, names(card)) == ({"moved": PHOTOS}, [])


def test_what_only_looks_like_a_pair_leaves_each_by_itself(card: Path) -> None:
    pair(card, raw_taken="2019:01:01 00:00:00")
    account, _ = run(settings_for(card, after="delete"))
    assert (account.uploaded, account.left, names(card)) == (PHOTOS + 1, {"deleted": PHOTOS + 1}, [])


def test_originals_that_are_sent_come_from_the_archive(card: Path, tmp_path: Path) -> None:
    before = contents(card)
    settings = settings_for(card, after="delete", archive=f"{tmp_path}/archive/{{folder}}")
    account, _ = run(replace(settings, renditions=(("original", ResizeSettings(original=True)),)))
    assert (account.uploaded, account.left["deleted"]) == (PHOTOS, PHOTOS)
    sent = {sha256(path.read_bytes()).hexdigest() for path in (tmp_path / "gallery").glob("*.*") if path.is_file()}
    assert {sha256(content).hexdigest() for content in before} <= sent
