"""Watching: what is there first, then whatever is added or changes, and nothing falls in between."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from threading import Event

import pytest
from support.deadline import until
from support.mounting import mounted_tmpfs, needs_mount, unmount
from support.watching import watching

from photopipe.download.sources.folder_source import FolderSource
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding
from photopipe.download.watch import watched_file, watched_folder, watchfiles_events
from photopipe.download.watch.watched_folder import WatchedFolder
from photopipe.download.watch.watchfiles_events import WatchfilesEvents
from photopipe.photo import OtherFiles, UnreadablePath
from photopipe.settings import WatchSettings

LOOK_S = 0.02


@pytest.fixture(autouse=True)
def looking_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched_folder, "LOOK_S", LOOK_S)
    monkeypatch.setattr(watched_file, "LOOK_S", LOOK_S)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    """A folder with a photo in it."""
    folder = tmp_path / "card"
    (folder / "old").mkdir(parents=True)
    plant(folder / "old" / "there.jpg")
    return folder


def plant(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\xff\xd8\xff")


@pytest.fixture(params=["inotify", "watchfiles"])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways to hear of changes."""
    if request.param == "watchfiles":
        monkeypatch.setattr(watched_folder, "open_events", WatchfilesEvents)
        monkeypatch.setattr(watchfiles_events, "STEP_MS", 10)
    else:
        pytest.importorskip("inotify_simple", reason="inotify is Linux's")


@pytest.mark.usefixtures("backend")
def test_what_is_there_comes_first_then_what_is_added_anywhere_below(card: Path) -> None:
    with watching(card) as found:
        assert found.names == {"there.jpg"}
        assert not found.pages[0].again
        plant(card / "new.jpg")
        plant(card / "old" / "new2.jpg")
        plant(card / "a" / "b" / "c" / "new3.jpg")
        found.until_found("new.jpg", "new2.jpg", "new3.jpg")
        plant(card / "a" / "b" / "late.jpg")
        found.until_found("late.jpg")
        assert all(page.again for page in found.pages[1:])
        assert found.paths[str(card / "old" / "there.jpg")] == 1
    assert found.notices == []


@pytest.mark.usefixtures("backend")
def test_a_photo_that_is_overwritten_renamed_linked_or_made_readable_is_found(card: Path, tmp_path: Path) -> None:
    plant(tmp_path / "outside.jpg")
    plant(tmp_path / "other.jpg")
    there = card / "old" / "there.jpg"
    with watching(card) as found:
        (tmp_path / "outside.jpg").rename(card / "moved.jpg")
        os.link(tmp_path / "other.jpg", card / "linked.jpg")
        there.write_bytes(b"\xff\xd8\xff\xe0")
        found.until_found("moved.jpg", "linked.jpg")
        until(lambda: found.paths[str(there)] == 2)
        (card / "moved.jpg").rename(card / "old" / "again.jpg")
        found.until_found("again.jpg")
        plant(tmp_path / "new.jpg")
        (tmp_path / "new.jpg").replace(there)
        until(lambda: found.paths[str(there)] >= 3)
        times = found.paths[str(card / "linked.jpg")]
        (card / "linked.jpg").chmod(0o640)
        until(lambda: found.paths[str(card / "linked.jpg")] > times)


@pytest.mark.usefixtures("backend")
def test_a_folder_that_is_moved_in_is_found_with_all_that_is_in_it_and_comes_later(card: Path, tmp_path: Path) -> None:
    plant(tmp_path / "trip" / "day1" / "a.jpg")
    with watching(card) as found:
        (tmp_path / "trip").rename(card / "trip")
        found.until_found("a.jpg")
        plant(card / "trip" / "day1" / "b.jpg")
        found.until_found("b.jpg")
        (card / "trip").rename(card / "holiday")
        until(lambda: found.paths[str(card / "holiday" / "day1" / "b.jpg")] > 0)
        plant(card / "holiday" / "day1" / "c.jpg")
        until(lambda: found.paths[str(card / "holiday" / "day1" / "c.jpg")] > 0)


@pytest.mark.usefixtures("backend")
def test_folders_that_are_made_and_filled_at_once_lose_nothing(card: Path) -> None:
    made = [card / f"{first}" / f"{second}" / f"{first}-{second}.jpg" for first in range(12) for second in range(12)]
    with watching(card) as found:
        for path in made:
            plant(path)
        found.until_found(*(path.name for path in made))


@pytest.mark.usefixtures("backend")
def test_what_a_scan_passes_over_is_passed_over_when_it_comes_later(card: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    with watching(card, exclude=("rejected/",)) as found:
        for name in (
            ".hidden/a.jpg", "@eaDir/b.jpg", "._c.jpg", "d.jpg.part", "rejected/e.jpg", "old/.trashed-f.jpg", "g.txt",
            "site/.photopipe/index", "site/h.jpg",
        ):  # fmt: skip
            plant(card / name)
        found.until_it_rests()
        plant(card / "site" / "2026" / "i.jpg")  # a gallery of ours puts its photos below its own folder
        (card / "old" / "up").symlink_to(card)
        (card / "old" / "gone.jpg").symlink_to(card / "nowhere.jpg")
        plant(card / "last.jpg")
        found.until_found("last.jpg")
        found.until_it_rests()
        assert found.names == {"there.jpg", "last.jpg"}
    assert found.notices == []


def test_links_to_folders_are_followed_as_a_scan_follows_them(card: Path, tmp_path: Path) -> None:
    plant(tmp_path / "elsewhere" / "a.jpg")
    with watching(card) as found:
        (card / "out").symlink_to(tmp_path / "elsewhere")
        found.until_found("a.jpg")
        plant(tmp_path / "elsewhere" / "b.jpg")
        until(lambda: found.paths[str(card / "out" / "b.jpg")] > 0)
    with watching(card, follow=False) as found:
        plant(tmp_path / "elsewhere" / "c.jpg")
        (card / "link.jpg").symlink_to(tmp_path / "elsewhere" / "c.jpg")
        plant(card / "last.jpg")
        found.until_found("last.jpg")
        assert found.names == {"there.jpg", "last.jpg"}


@pytest.mark.usefixtures("backend")
def test_names_that_are_not_text_are_found(card: Path) -> None:
    with watching(card) as found:
        for name in (b"\xff\xfe.jpg", b"new\nline.jpg"):
            with open(os.path.join(os.fsencode(card), name), "wb") as file:
                file.write(b"\xff\xd8\xff")
        found.until_found(os.fsdecode(b"\xff\xfe.jpg"), "new\nline.jpg")
        plant(card / "last.jpg")
        found.until_found("last.jpg")


def test_other_files_are_counted_once_and_an_unreadable_folder_is_told_once(card: Path) -> None:
    plant(card / "clip.mov")
    (card / "broken.jpg").symlink_to(card / "nowhere.jpg")
    with watching(card, watch=WatchSettings(rescan_s=0.01)) as found:
        until(lambda: found.paths[str(card / "old" / "there.jpg")] >= 5)
    assert [finding for finding in found.findings if isinstance(finding, OtherFiles | UnreadablePath)] == [
        UnreadablePath(str(card / "broken.jpg"), "No such file or directory"),
        OtherFiles(((".mov", 1),)),
    ]


def test_everything_is_looked_through_again_whatever_events_say(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched_folder, "find_changed", lambda *_arguments: iter(()))
    with watching(card, watch=WatchSettings(rescan_s=0.05)) as found:
        plant(card / "missed.jpg")
        found.until_found("missed.jpg")


def test_a_folder_may_be_polled(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(watched_folder, "open_events")
    with watching(card, watch=WatchSettings(poll=True, poll_s=0.02)) as found:
        plant(card / "new" / "a.jpg")
        found.until_found("a.jpg")
        pages = len(found.pages)
        until(lambda: len(found.pages) >= pages + 4)
    assert found.notices == []


def test_a_share_is_polled_and_the_reason_is_said_once(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(watched_folder, "open_events")
    monkeypatch.setattr(watched_folder, "is_network", lambda _kind: True)
    with watching(card, watch=WatchSettings(poll_s=0.02)) as found:
        plant(card / "a.jpg")
        found.until_found("a.jpg")
    (notice,) = found.notices
    assert "which sends no events" in notice
    assert f"{card} is looked through every 0.02 s" in notice


def test_polling_takes_at_most_a_tenth_of_the_time(card: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow_scan(*_arguments: object, **_named: object) -> Iterator[Finding]:
        Event().wait(0.03)  # what a scan of a large share takes
        yield OtherFiles(())

    monkeypatch.setattr(watched_folder, "LOOK_S", 1000.0)
    monkeypatch.setattr(watched_folder, "scan_tree", slow_scan)
    with closing(WatchedFolder(FolderSource(str(card)), Selection(), WatchSettings(poll=True, poll_s=0.01))) as folder:
        for _finding in folder.findings():
            Event().wait(0.03)  # what the line takes for a photo does not count
        assert 0.25 < folder.next_look_s() - time.monotonic() < 0.55


def test_a_single_photo_is_watched_too_beside_folders(card: Path, tmp_path: Path) -> None:
    single = tmp_path / "single.jpg"
    plant(single)
    with watching(single, card) as found:
        assert found.names == {"single.jpg", "there.jpg"}
        plant(tmp_path / "next.jpg")
        (tmp_path / "next.jpg").replace(single)
        until(lambda: found.paths[str(single)] == 2)
        single.unlink()
        found.until_it_rests()
        plant(single)
        until(lambda: found.paths[str(single)] == 3)
        plant(card / "a.jpg")
        found.until_found("a.jpg")
    assert found.names == {"single.jpg", "there.jpg", "a.jpg"}


def test_a_list_is_watched_beside_folders_and_read_again_from_time_to_time(card: Path, tmp_path: Path) -> None:
    (tmp_path / "list").write_text(f"{tmp_path}/a.jpg\n")
    plant(tmp_path / "a.jpg")
    plant(tmp_path / "b.jpg")
    with watching(card, lists=(str(tmp_path / "list"),), watch=WatchSettings(rescan_s=0.05)) as found:
        found.until_found("a.jpg", "there.jpg")
        (tmp_path / "list").write_text(f"{tmp_path}/b.jpg\n")
        found.until_found("b.jpg")
        plant(card / "c.jpg")
        found.until_found("c.jpg")
    assert found.notices == []


def test_a_folder_may_go_and_come_back(card: Path, tmp_path: Path) -> None:
    with watching(card) as found:
        card.rename(tmp_path / "away")
        until(lambda: len(found.notices) == 1)
        (tmp_path / "away").rename(card)
        until(lambda: len(found.notices) == 2)
        plant(card / "old" / "new.jpg")
        found.until_found("new.jpg")
        card.rename(tmp_path / "away")
        plant(card / "other.jpg")
        found.until_found("other.jpg")
        plant(card / "later.jpg")
        found.until_found("later.jpg")
    assert found.notices[0] == f"{card}: the folder is gone; waiting for it to come back."
    assert found.notices[1] == f"{card}: the folder is back; looking through it."


@needs_mount
def test_a_folder_may_be_unmounted_and_mounted_again(card: Path) -> None:
    with mounted_tmpfs(card), watching(card) as found:
        plant(card / "a.jpg")
        found.until_found("a.jpg")
        unmount(card)
        until(lambda: "there.jpg" in found.names)
        with mounted_tmpfs(card):
            plant(card / "b.jpg")
            found.until_found("b.jpg")
            until(lambda: len(found.notices) == 2)
            plant(card / "c.jpg")
            found.until_found("c.jpg")


@needs_mount
def test_a_card_that_is_mounted_below_a_watched_folder_is_found(card: Path) -> None:
    with watching(card) as found, mounted_tmpfs(card / "old"):
        plant(card / "old" / "a.jpg")
        found.until_found("a.jpg")
        until(lambda: len(found.notices) == 1)
        plant(card / "old" / "b.jpg")
        found.until_found("b.jpg")


@needs_mount
def test_more_events_than_the_kernel_keeps_lose_nothing(card: Path) -> None:
    with ExitStack() as stack:
        with queue_of(16):
            found = stack.enter_context(watching(card))
        there = str(card / "old" / "there.jpg")
        with found.pulling:
            for number in range(100):
                plant(card / "new" / f"{number}.jpg")
                plant(card / f"{number}.jpg")
        until(lambda: found.paths[there] == 2)  # so events were lost
        until(lambda: len(found.paths) == 201)
        plant(card / "last.jpg")
        found.until_found("last.jpg")


@contextmanager
def queue_of(events: int) -> Iterator[None]:
    """Have the kernel keep few events for those who start watching now."""
    limit = Path("/proc/sys/fs/inotify/max_queued_events")
    with open(Path(tempfile.gettempdir()) / "photopipe-test-inotify.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # or another run of the tests could restore what this one has set
        before = limit.read_text()
        limit.write_text(str(events))
        try:
            yield
        finally:
            limit.write_text(before)


@needs_mount
def test_a_user_who_may_not_watch_anything_more_is_told_and_the_folder_is_polled() -> None:
    from inotify_simple import INotify  # type: ignore[import-untyped]

    user = 100_000 + os.getpid()  # each user has a limit
    with ExitStack() as stack:
        card = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        os.chown(card, user, -1)
        with watching(card):
            pass  # loads everything, which this user could not
        os.seteuid(user)
        stack.callback(os.seteuid, 0)
        with suppress(OSError):
            while True:
                stack.enter_context(closing(INotify()))
        with watching(card) as found:
            plant(card / "a.jpg")
            found.until_found("a.jpg")
    (notice,) = found.notices
    assert "no more programs can watch folders (Too many open files)" in notice
    assert "sudo sysctl fs.inotify.max_user_instances=1024" in notice
    assert f"{card} is looked through every 0.05 s" in notice


WITHOUT_WATCHES = """
import sys
from pathlib import Path
from support.watching import watching

Path("/proc/sys/user/max_inotify_watches").write_text("5")
card = Path(sys.argv[1])
with watching(card) as found:
    (card / "19" / "new.jpg").touch()
    found.until_found("new.jpg")
    (card / "later").mkdir()
    (card / "later" / "newer.jpg").touch()
    found.until_found("newer.jpg")
print(*found.notices, sep="\\n")
"""


@pytest.mark.skipif(
    shutil.which("unshare") is None or subprocess.run(["unshare", "-Ur", "true"], capture_output=True).returncode != 0,
    reason="this system does not let a test have limits of its own (user namespaces)",
)
def test_more_folders_than_may_be_watched_are_polled_with_a_warning(card: Path) -> None:
    for number in range(20):
        (card / str(number)).mkdir()
    command = ["unshare", "-Ur", sys.executable, "-c", WITHOUT_WATCHES, str(card)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True).stdout
    (notice,) = said.splitlines()
    assert "no more folders can be watched (No space left on device)" in notice
    assert "sudo sysctl fs.inotify.max_user_watches=524288" in notice
    assert f"{card} is looked through every 0.05 s" in notice
