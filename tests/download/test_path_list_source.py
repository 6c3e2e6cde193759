"""A list of photos: taken name by name while it is being written, byte for byte, with flat memory and no waiting."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.deadline import until, within_deadline

from photopipe.download.sources import list_reader
from photopipe.download.sources.list_reader import ListReader
from photopipe.download.sources.path_list_source import PathListSource
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.source import Finding, FolderPage
from photopipe.errors import PhotoVanished, SourceMissing, UsageError
from photopipe.photo import OtherFiles, UnreadablePath
from photopipe.settings import DownloadSettings
from photopipe.wakeup import Wakeup


def found_in(
    source: PathListSource, wakeup: Wakeup | None = None, selection: Selection | None = None
) -> Iterator[Finding]:
    """What it finds, waiting as the source's thread does."""
    wakeup = wakeup or Wakeup()
    with closing(source.find(selection or Selection(), wakeup)) as findings:  # type: ignore[type-var]
        for finding in findings:
            if finding is None:
                wakeup.wait(10)
            else:
                yield finding


def paths_in(content: bytes, tmp_path: Path, *, null: bool = False) -> list[str]:
    """The photos a list names, there or not, below `tmp_path`."""
    (tmp_path / "list").write_bytes(content)
    findings = within_deadline(lambda: list(found_in(source_of(tmp_path / "list", null))))
    pages = [finding for finding in findings if isinstance(finding, FolderPage)]
    return [os.path.relpath(photo.path, tmp_path) for page in pages for photo in page.photos]


def source_of(path: Path | str, null: bool = False) -> PathListSource:
    return PathListSource(str(path), DownloadSettings(lists=(str(path),), null_separated=null))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("a.jpg", "b.jpg", "trip/c.jpg"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"1")
    return tmp_path


@pytest.mark.parametrize(
    ("content", "paths"),
    [
        (b"a.jpg\nb.jpg\n", ["a.jpg", "b.jpg"]),
        (b"b.jpg\na.jpg", ["b.jpg", "a.jpg"]),  # its own order; the last line end may be missing
        (b"\n\na.jpg\n\n\n", ["a.jpg"]),
        (b"./a.jpg\ntrip/../b.jpg\n", ["a.jpg", "b.jpg"]),
        (b"a.jpg\ntrip\ntrip/c.jpg\na.jpg\n", ["a.jpg", "trip/c.jpg", "a.jpg"]),
        (b"a.jpg\n./a.jpg\na.jpg\n", ["a.jpg"]),
        (b"a.jpg\r\n", ["a.jpg\r"]),  # which is not there, and so fails
        (b" a.jpg\n", [" a.jpg"]),
        (b"", []),
        (b"\n", []),
    ],
)
def test_names_are_taken_line_by_line_exactly_as_they_are(folder: Path, content: bytes, paths: list[str]) -> None:
    assert paths_in(content, folder) == paths


def test_a_name_with_dots_leads_where_the_system_says_it_does(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "below").mkdir()
    (elsewhere / "a.jpg").write_bytes(b"2")
    (folder / "link").symlink_to(elsewhere / "below")
    (path,) = paths_in(b"link/../a.jpg\n", folder)
    assert (folder / path).read_bytes() == b"2"


def test_with_zero_bytes_between_them_line_ends_and_other_bytes_are_parts_of_names(folder: Path) -> None:
    names = [b"two\nlines.jpg", b"caf\xe9.jpg", b"\r.jpg", b" .jpg "]
    for name in names:
        (folder / os.fsdecode(name)).write_bytes(b"1")
    taken = paths_in(b"\0".join([*names, b"trip", b""]), folder, null=True)
    assert [os.fsencode(name) for name in taken] == names[:3]


def test_a_photo_that_is_not_there_is_found_and_vanishes_when_it_is_opened(folder: Path) -> None:
    (folder / "list").write_text("gone.jpg\na.jpg/x.jpg\nnothing\n")
    pages = [finding for finding in found_in(source_of("list")) if isinstance(finding, FolderPage)]
    photos = [photo for page in pages for photo in page.photos]
    assert [photo.name for photo in photos] == ["gone.jpg", "x.jpg", "nothing"]
    for photo in photos:
        with pytest.raises(PhotoVanished):
            photo.open()


def test_other_files_are_counted_and_folders_and_devices_passed_over(folder: Path) -> None:
    (folder / "film.mov").write_bytes(b"1")
    (folder / "note").write_bytes(b"1")
    os.mkfifo(folder / "fifo.jpg")
    (folder / "list").write_text("film.mov\ntrip\nnote\nfifo.jpg\n/dev/null\n.\n")
    findings = list(found_in(source_of("list")))
    assert [finding for finding in findings if isinstance(finding, OtherFiles)] == [
        OtherFiles((("", 1), (".mov", 1))),
        OtherFiles((("", 1),)),
    ]
    assert len(findings) == 2


def test_what_cannot_be_looked_at_is_reported_and_the_rest_is_taken(folder: Path) -> None:
    (folder / "loop.jpg").symlink_to("loop.jpg")
    (folder / "list").write_text(f"loop.jpg\n{'x' * 300}.jpg\na.jpg\n")
    findings = list(found_in(source_of("list")))
    unreadable = [finding for finding in findings if isinstance(finding, UnreadablePath)]
    assert [os.path.basename(finding.path)[:8] for finding in unreadable] == ["loop.jpg", "xxxxxxxx"]
    assert any(isinstance(finding, FolderPage) for finding in findings)


def test_what_a_gallery_has_stored_is_not_taken_again(folder: Path) -> None:
    (folder / "trip" / ".photopipe").mkdir()
    (folder / "trip" / "web").mkdir()
    (folder / "trip" / "web" / "d.jpg").write_bytes(b"1")
    assert paths_in(b"trip/c.jpg\ntrip/web/d.jpg\na.jpg\n", folder) == ["a.jpg"]


def in_background(source: PathListSource, wakeup: Wakeup) -> tuple[list[str], threading.Thread]:
    """The names found so far, and the thread that finds them."""
    taken: list[str] = []

    def run() -> None:
        for finding in found_in(source, wakeup):
            assert isinstance(finding, FolderPage)
            taken.extend(photo.name for photo in finding.photos)

    thread = threading.Thread(target=run)
    thread.start()
    return taken, thread


def test_each_name_is_taken_as_soon_as_its_line_has_ended(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    taken, thread = in_background(source_of("pipe"), Wakeup())
    with open("pipe", "wb", buffering=0) as pipe:
        for name in ("a.jpg", "b.jpg"):
            pipe.write(f"{name}\n".encode())
            until(lambda name=name: name in taken)  # type: ignore[misc]
        pipe.write(b"trip/c")
        pipe.write(b".jpg\ngone")
    thread.join(5)
    assert taken == ["a.jpg", "b.jpg", "c.jpg", "gone"]


def test_it_says_that_there_is_nothing_instead_of_waiting_and_ends_its_thread_when_closed(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    for _ in range(3):
        findings = source_of("pipe").find(Selection(), Wakeup())
        assert within_deadline(lambda: [next(findings) for _ in range(3)]) == [None] * 3  # noqa: B023
        within_deadline(findings.close)  # type: ignore[attr-defined]
    assert [thread.name for thread in threading.enumerate() if thread.name == "list-reader"] == []


def test_no_more_names_are_read_ahead_than_may_wait(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_reader, "NAMES_WAITING", 10)
    monkeypatch.setattr(list_reader, "BLOCK_BYTES", 60)
    (folder / "list").write_bytes(b"a.jpg\n" * 10_000)
    with open("list", "rb", buffering=0) as file, ListReader("list", file.fileno(), b"\n", Wakeup()) as reader:
        until(lambda: reader.take(5) == [b"a.jpg"] * 5)
        until(lambda: reader.take(0) == [] and file.tell() >= 90)
        assert file.tell() <= (5 + 10 + 2 * 10) * 6, "what was taken, what may wait, and two blocks"
        taken = iter(lambda: within_deadline(lambda: reader.take(1000)), None)
        assert sum(len(names or ()) for names in taken) == 9_995


@pytest.mark.parametrize(
    ("content", "null", "hint"),
    [
        (b"a.jpg\0b.jpg\0", False, "Add --null"),
        (b"a.jpg\n" * 20_000, True, "leave out --null"),
        (b"x" * 70_000 + b"\n", False, "no list of names"),
        (b"x" * 700_000, False, "no list of names"),
    ],
)
def test_a_list_that_is_separated_in_the_other_way_or_none_is_refused_with_a_hint(
    folder: Path, content: bytes, null: bool, hint: str
) -> None:
    with pytest.raises(UsageError, match=hint):
        paths_in(content, folder, null=null)


@pytest.mark.parametrize(
    ("argument", "error"), [("missing", SourceMissing), ("trip", UsageError), ("-", UsageError), ("list", None)]
)
def test_what_can_be_refused_is_refused_at_the_start(
    folder: Path, monkeypatch: pytest.MonkeyPatch, argument: str, error: type[Exception] | None
) -> None:
    (folder / "list").write_text("")
    monkeypatch.setattr(os, "isatty", lambda _descriptor: True)
    check: Callable[..., Any] = source_of(argument).check
    if error is None:
        check([])
    else:
        with pytest.raises(error):
            check([])


def test_standard_input_is_one_list_only(folder: Path) -> None:
    with pytest.raises(UsageError, match="only once"):
        PathListSource("-", DownloadSettings(lists=("-", "-"))).check([])


def test_a_list_that_cannot_be_read_to_its_end_is_told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "list").write_text("a.jpg\n")

    def read(_descriptor: int, _size: int) -> bytes:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "read", read)
    with pytest.raises(SourceMissing, match="Input/output error"):
        list(found_in(source_of("list")))


def test_photos_of_a_list_are_those_a_scan_finds(folder: Path) -> None:
    from photopipe.download.sources.folder_source import FolderSource

    scanned = [f for f in FolderSource(str(folder)).find() if isinstance(f, FolderPage)]
    (folder / "list").write_text("a.jpg\nb.jpg\ntrip/c.jpg\n")
    listed = [f for f in found_in(source_of("list")) if isinstance(f, FolderPage)]
    strip = [[photo._replace(storage=scanned[0].photos[0].storage) for photo in page.photos] for page in listed]
    assert strip == [page.photos for page in scanned]
    assert [page.folder for page in listed] == [page.folder for page in scanned]


def test_sidecars_beside_a_photo_belong_to_it_and_both_halves_of_a_pair_are_taken(folder: Path) -> None:
    for name in ("a.jpg.xmp", "a.xmp", "a.nef", "b.nef"):
        (folder / name).write_bytes(b"1")
    (folder / "list").write_text("a.jpg\na.nef\nb.jpg\n")
    (page,) = (finding for finding in found_in(source_of("list")) if isinstance(finding, FolderPage))
    companions = {photo.name: [one.name for one in photo.companions] for photo in page.photos}
    assert companions == {"a.jpg": ["a.jpg.xmp", "a.xmp"], "a.nef": ["a.xmp"], "b.jpg": []}
    assert all(photo.shown_by is None for photo in page.photos)


def test_patterns_count_from_the_working_directory_and_junk_is_no_photo(folder: Path) -> None:
    for name in (".hidden/d.jpg", "trip/old/e.jpg", "._f.jpg", "trip/@eaDir/g.jpg"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"1")
    names = ["a.jpg", "b.jpg", ".hidden/d.jpg", "trip/c.jpg", "trip/old/e.jpg", "._f.jpg", "trip/@eaDir/g.jpg"]
    (folder / "list").write_text("\n".join(names))
    selection = Selection.of(DownloadSettings(exclude=("/a.jpg", "old/")))
    pages = [finding for finding in found_in(source_of("list"), selection=selection) if isinstance(finding, FolderPage)]
    assert [photo.name for page in pages for photo in page.photos] == ["b.jpg", "d.jpg", "c.jpg"]
