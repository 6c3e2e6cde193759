"""The static site: complete, private by default, brought up to date, and never anything of others in danger."""

import errno
import functools
import io
import itertools
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import pytest
import requests
from gallery.running_gallery import sha256_of
from PIL import Image
from support import export_killed_at_every_step
from support.deadline import DEADLINE_S
from support.plain_server import plain_server

from photopipe.cli.commands import run
from photopipe.download.sources.folder_source import FolderSource
from photopipe.download.sources.source import FolderPage
from photopipe.errors import DiskFull, GalleryBroken, LockHeld, RunStopped, UsageError
from photopipe.gallery.export import day_files, html_files
from photopipe.gallery.export.export import Exported, SiteWishes, export_site
from photopipe.gallery.export.manifest import MANIFEST, Manifest
from photopipe.gallery.export.site_folder import FileCounts, write_data
from photopipe.gallery.index.index import index_path, opened_index
from photopipe.gallery.store.store import PhotoStore
from photopipe.gallery.store.upload import Upload

HOSTILE = "<script>alert(1)</script>"
HOSTILE_NAMES = ("100% #1? a&b+c;.jpg", "Häuser — 写真.jpg", "<b onclick=x>'\".jpg", "..%2f..%2fetc%2fpasswd.jpg")


def picture(seed: int, size: tuple[int, int] = (60, 40), caption: str = "") -> bytes:
    exif = Image.Exif()
    exif[270], exif[305] = caption, str(seed)
    file = io.BytesIO()
    Image.new("RGB", size, (seed % 256, seed // 256, 9)).save(file, "JPEG", exif=exif)
    return file.getvalue()


def add(store: PhotoStore, data: bytes, name: str, day: str = "2025-10-03", **said: Any) -> int:
    upload = Upload(key=None, sha256=None, file_name=name, original_name=name, taken_at=f"{day}T12:00:00", **said)
    return store.add(upload, io.BytesIO(data)).photo.id


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PhotoStore]:
    with PhotoStore(str(tmp_path / "gallery")) as store:
        for seed, name in enumerate(HOSTILE_NAMES):
            add(store, picture(seed, caption=HOSTILE), name, f"2025-10-0{seed + 1}", album=f"{HOSTILE} {seed % 2}")
        yield store


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "web" / "family" / "photos"


def export(store: PhotoStore, site: Path, *, is_stopped: Any = lambda: False, **wishes: Any) -> Exported:
    asked = SiteWishes(**{"title": HOSTILE} | wishes)
    return export_site(store.folder, str(site), asked, is_stopped=is_stopped, progress=lambda _done, _total: None)


def contents(site: Path) -> dict[str, bytes]:
    """Every file of a site but the manifest."""
    files = (path for path in site.rglob("*") if path.is_file())
    return {str(path.relative_to(site)): path.read_bytes() for path in files if ".photopipe" not in path.parts}


class _Addresses(HTMLParser):
    """Collects what a page leads to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "data-days") and value:
                self.found.add(value)
            elif name == "srcset" and value:
                self.found.update(source.split(" ")[0] for source in value.split(", "))


def addresses_in(url: str, body: str) -> set[str]:
    """The addresses in a page, a data file, a script or a style sheet."""
    if url.endswith(".json"):
        data = json.loads(body)
        folder = urlsplit(url).path.rpartition("/")[0]
        days = {f"{folder}/days/{day}.json" for day, *_ in data.get("days", [])}
        return days | set(re.findall(r'"(?:url|next)":"([^"]+)"', body))
    if url.endswith(".js"):
        return set(re.findall(r"""(?:from |import\()'(\./[^']+)'""", body))
    if url.endswith(".html"):
        parser = _Addresses()
        parser.feed(body)
        return {address for address in parser.found if not address.startswith("#")}
    return set()


def crawl(start: str) -> dict[str, int]:
    """Status of every address that can be reached from a page, none outside its folder."""
    top, statuses, waiting = urljoin(start, "."), dict[str, int](), [start]
    with requests.Session() as session:
        session.trust_env = False
        while waiting:
            url = waiting.pop()
            assert url.startswith(top), url
            answer = session.get(url, timeout=DEADLINE_S)
            statuses[url] = answer.status_code
            # Scripts name each other from where they are, everything else from the page.
            base = url if url.endswith(".js") else top
            found = {urljoin(base, address).partition("#")[0] for address in addresses_in(url, answer.text)}
            waiting += found - statuses.keys() - set(waiting)
    return statuses


def with_small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html_files, "GRID_PHOTOS", 2)
    monkeypatch.setattr(day_files, "DAY_PHOTOS", 2)


def test_a_plain_server_has_every_address_that_the_site_leads_to(
    store: PhotoStore, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_small_pages(monkeypatch)
    for seed in range(5):
        add(store, picture(1000 + seed), f"{seed}.jpg", "2024-05-01", album="Long day")
    done = export(store, site)
    with plain_server(site.parents[1]) as address:
        top = f"{address}/family/photos/"
        statuses = crawl(f"{top}index.html")
    assert {url for url, status in statuses.items() if status != 200} == set()
    reached = {unquote(url.removeprefix(top)) for url in statuses}
    everything = {path for path in contents(site) if not path.startswith("static/")}
    assert everything == {path for path in reached if not path.startswith("static/")}
    assert {"page-1.html", "album-3-page-1.html", "data/days/2024-05-01-3.json"} <= reached
    assert (done.photos, done.albums, done.left_out) == (9, 3, 0)


def test_names_and_captions_are_text_in_the_pages(store: PhotoStore, site: Path) -> None:
    export(store, site)
    for path, data in contents(site).items():
        if path.endswith(".html"):
            assert b"<script>alert" not in data
            assert b"<b onclick" not in data


def test_pages_without_javascript_show_each_photo_once(
    store: PhotoStore, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_small_pages(monkeypatch)
    for seed in range(5):
        add(store, picture(1000 + seed), f"{seed}.jpg", "2024-05-01")
    export(store, site)
    shown, page = list[str](), "index.html"
    while page:
        text = (site / page).read_text()
        shown += re.findall(r'data-id="(\d+)"', text)
        page = next(iter(re.findall(r'href="(page-\d+.html)" rel="next"', text)), "")
    assert shown == ["4", "3", "2", "1", "9", "8", "7", "6", "5"]


def test_new_photos_change_the_newest_page_and_no_page_behind_it(
    store: PhotoStore, site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_small_pages(monkeypatch)
    for seed in range(5):
        add(store, picture(1000 + seed), f"{seed}.jpg", f"2024-05-0{seed + 1}")
    export(store, site)
    before = contents(site)
    add(store, picture(2000), "new.jpg", "2025-12-24")
    export(store, site)
    after = contents(site)
    pages = {path for path in before if re.match("page|data/days/", path)}
    assert {"page-1.html", "page-2.html", "page-3.html", "data/days/2024-05-01.json"} <= pages
    assert {
        path for path in pages if re.sub(rb"\d+ photos", b"", before[path]) != re.sub(rb"\d+ photos", b"", after[path])
    } == set()


def test_a_second_export_writes_nothing(store: PhotoStore, site: Path) -> None:
    first = export(store, site)
    times = {path: path.stat().st_mtime_ns for path in site.rglob("*.*") if ".photopipe" not in path.parts}
    again = export(store, site)
    assert again.files == FileCounts(written=0, unchanged=first.files.written, removed=0)
    assert times == {path: path.stat().st_mtime_ns for path in times}


def test_what_is_gone_from_the_gallery_is_removed_and_what_others_put_there_stays(
    store: PhotoStore, site: Path, tmp_path: Path
) -> None:
    gone = add(store, picture(77), "private.jpg", "2019-08-07", album="Secret")
    export(store, site)
    (site / "photos/2019/08/notes.txt").write_text("mine")
    (site / "CNAME").write_text("photos.example")
    store.trash(gone)
    export(store, site)
    export(store, tmp_path / "fresh")
    mine = {"photos/2019/08/notes.txt": b"mine", "CNAME": b"photos.example"}
    assert contents(site) == contents(tmp_path / "fresh") | mine
    assert not (site / "data" / "album-3").exists()
    assert not any(b"private" in data for data in contents(site).values())


def test_untouched_originals_stay_at_home_unless_they_are_asked_for(store: PhotoStore, site: Path) -> None:
    original = picture(99, (300, 200))
    said = {"day": "2023-01-01", "source_sha256": sha256_of(original)}
    add(store, original, "original.jpg", **said)
    add(store, picture(98, (30, 20)), "small.jpg", **said)
    export(store, site)
    assert original not in contents(site).values()
    assert "photos/2023/01/small.jpg" in contents(site)
    export(store, site, with_originals=True)
    assert contents(site)["photos/2023/01/original.jpg"] == original
    export(store, site)
    assert original not in contents(site).values()


def test_a_preview_stands_for_a_photo_of_which_there_is_only_the_original(store: PhotoStore, site: Path) -> None:
    original = picture(99, (300, 200))
    add(store, original, "only.jpg", "2023-01-01", source_sha256=sha256_of(original))
    export(store, site)
    assert original not in contents(site).values()
    (shown,) = json.loads((site / "data/days/2023-01-01.json").read_text())["photos"]
    preview = f"thumbs/{sha256_of(original)}/1280.webp"
    assert (shown["url"], shown["sources"], shown["name"]) == (preview, [{"url": preview, "width": 300}], "only.webp")
    assert shown["bytes"] == (site / preview).stat().st_size


def test_a_photo_of_which_no_picture_can_be_made_is_offered_as_a_file(store: PhotoStore, site: Path) -> None:
    broken = picture(5, (600, 400))[:900]
    number = add(store, broken, "broken.jpg", "2023-01-01")
    photo = store.with_id(number)
    assert photo is not None
    assert photo.width_px == 600
    done = export(store, site)
    (shown,) = json.loads((site / "data/days/2023-01-01.json").read_text())["photos"]
    assert (shown["url"], "thumbnails" in shown) == ("photos/2023/01/broken.jpg", False)
    assert (done.left_out, contents(site)["photos/2023/01/broken.jpg"]) == (0, broken)


def test_a_photo_whose_file_is_missing_or_a_link_is_left_out(store: PhotoStore, site: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"root:x")
    for name, month in (("gone.jpg", "01"), ("link.jpg", "02")):
        add(store, picture(int(month) + 70), name, f"2023-{month}-01")
        Path(store.folder, "2023", month, name).unlink()
    Path(store.folder, "2023/02/link.jpg").symlink_to(secret)
    done = export(store, site)
    assert (done.photos, done.left_out) == (4, 2)
    assert not any("2023" in path or data == b"root:x" for path, data in contents(site).items())


def test_only_the_albums_that_are_asked_for(store: PhotoStore, site: Path) -> None:
    for album in ("one", "two"):
        add(store, picture(50), "both.jpg", "2025-10-09", album=album)
    add(store, picture(51), "other.jpg", "2025-10-10", album="three")
    done = export(store, site, album_names=["ONE", "two"])
    assert (done.photos, done.albums) == (1, 2)
    (shown,) = json.loads((site / "data/days/2025-10-09.json").read_text())["photos"]
    assert [album["name"] for album in shown["albums"]] == ["one", "two"]
    assert not (site / "data/days/2025-10-10.json").exists()
    with pytest.raises(UsageError, match=r"no album 'four' with photos\. Albums are: 'three', "):
        export(store, site, album_names=["four"])


def test_a_folder_with_anything_in_it_is_refused_and_stays_as_it_is(store: PhotoStore, site: Path) -> None:
    site.mkdir(parents=True)
    (site / "index.html").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        export(store, site)
    assert [path.name for path in site.iterdir()] == ["index.html"]


@pytest.mark.parametrize("inside", ["", "2025", "new/site", ".photopipe/site"])
def test_the_gallerys_own_folder_is_refused_by_any_name(store: PhotoStore, tmp_path: Path, inside: str) -> None:
    before = contents(Path(store.folder))
    (tmp_path / "link").symlink_to(store.folder)
    for folder in (Path(store.folder) / inside, tmp_path / "link" / inside):
        with pytest.raises(UsageError, match="is in the gallery's own folder"):
            export(store, folder)
    assert contents(Path(store.folder)) == before


def test_another_gallery_is_refused(store: PhotoStore, tmp_path: Path) -> None:
    with PhotoStore(str(tmp_path / "other")), pytest.raises(UsageError, match="is a gallery itself"):
        export(store, tmp_path / "other")


def test_a_folder_without_a_gallery_is_not_made_one(tmp_path: Path) -> None:
    assert run(["gallery", "export", str(tmp_path / "site"), "--gallery-dir", str(tmp_path / "typo")]) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_index_is_said(store: PhotoStore, site: Path) -> None:
    with opened_index(store.folder) as index:
        index.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        ((page, size),) = index.execute(
            "SELECT rootpage, page_size FROM sqlite_schema, pragma_page_size WHERE name = 'album_photos'"
        )
    with open(index_path(store.folder), "r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"x" * size)
    with pytest.raises(GalleryBroken, match="`photopipe gallery rebuild` repairs it"):
        export(store, site)


def test_two_exports_into_one_folder_do_not_meet(store: PhotoStore, site: Path) -> None:
    export(store, site)
    with Manifest.opened(str(site)), pytest.raises(LockHeld, match="another export"):
        export(store, site)


def test_a_damaged_manifest_is_said(store: PhotoStore, site: Path) -> None:
    export(store, site)
    (site / MANIFEST).write_bytes(b"nothing of this is SQLite" * 500)
    with pytest.raises(GalleryBroken, match="Delete the folder and export again"):
        export(store, site)


@pytest.mark.parametrize("files", [0, 1, 5, 20, 40])
def test_an_export_that_was_stopped_is_finished_by_the_next(
    store: PhotoStore, site: Path, tmp_path: Path, files: int
) -> None:
    left = itertools.chain([False] * files, itertools.repeat(True))
    with pytest.raises(RunStopped):
        export(store, site, is_stopped=functools.partial(next, left))
    assert len(contents(site)) <= files
    export(store, site)
    export(store, tmp_path / "fresh")
    assert contents(site) == contents(tmp_path / "fresh")


@pytest.mark.campaign
@pytest.mark.parametrize(("case", "least_steps"), [("new", 100), ("changed", 50), ("gone", 100)])
def test_an_export_that_was_killed_at_any_step_is_put_right_by_the_next(
    tmp_path: Path, case: str, least_steps: int
) -> None:
    command = [sys.executable, export_killed_at_every_step.__file__, case, str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) >= least_steps


def test_a_file_that_was_damaged_in_the_site_is_written_again(store: PhotoStore, site: Path) -> None:
    export(store, site)
    before = contents(site)
    for path in ("index.html", "data/days.json"):
        (site / path).write_bytes(b"")
    next((site / "thumbs").rglob("*.webp")).unlink()
    assert export(store, site).files.written == 3
    assert contents(site) == before


def test_a_full_disk_is_said_and_leaves_only_whole_files(
    store: PhotoStore, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(store, tmp_path / "fresh")
    whole = contents(tmp_path / "fresh")
    room = iter(range(5))

    def write(path: str, data: bytes) -> None:
        if next(room, None) is None:
            write_data(path, data[:10])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write_data(path, data)

    monkeypatch.setattr("photopipe.gallery.export.published.write_data", write)
    with pytest.raises(DiskFull, match="no room is left"):
        export(store, site)
    assert 0 < len(contents(site)) < len(whole)
    assert contents(site).items() <= whole.items()
    assert [path.name for path in (site / ".photopipe").iterdir()] == ["export.sqlite"]
    monkeypatch.undo()
    export(store, site)
    assert contents(site) == whole


def test_photos_are_second_names_of_the_gallerys_files_or_copies(
    store: PhotoStore, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(store, tmp_path / "linked")

    def no_link(*_: object, **_named: object) -> None:
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))

    monkeypatch.setattr(os, "link", no_link)
    export(store, site)
    for photo in Path(store.folder).glob("2025/*/*"):
        path = photo.relative_to(store.folder)
        assert (tmp_path / "linked" / "photos" / path).samefile(photo)
        copy = site / "photos" / path
        assert not copy.samefile(photo)
        assert (copy.read_bytes(), copy.stat().st_mtime_ns) == (photo.read_bytes(), photo.stat().st_mtime_ns)
    assert export(store, site).files.written == 0


def test_a_photo_that_its_owner_has_edited_is_exported_again(store: PhotoStore, site: Path) -> None:
    export(store, site)
    photo = next(Path(store.folder).glob("2025/*/*"))
    edited = picture(200, caption="edited")
    photo.unlink()
    photo.write_bytes(edited)
    assert export(store, site).files.written == 1
    assert (site / "photos" / photo.relative_to(store.folder)).read_bytes() == edited


def test_the_pictures_of_a_site_are_no_new_photos(store: PhotoStore, site: Path) -> None:
    export(store, site)
    (site.parent / "new.jpg").write_bytes(picture(1))
    pages = [found for found in FolderSource(str(site.parents[1])).find() if isinstance(found, FolderPage)]
    assert [photo.path for page in pages for photo in page.photos] == [str(site.parent / "new.jpg")]


def test_the_command_says_what_it_has_done(store: PhotoStore, site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["gallery", "--gallery-dir", store.folder, "export", str(site), "--title", "Our holidays"]
    assert run(command) == 0
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert f"{site}: 4 photos, 2 albums; " in said.err
    assert "<title>Our holidays</title>" in (site / "index.html").read_text()
    assert run([*command, "-q"]) == 0
    assert capsys.readouterr() == ("", "")


def test_ctrl_c_ends_it_with_exit_code_130_and_the_next_export_finishes(
    store: PhotoStore, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @contextmanager
    def interrupting(_console: object) -> Iterator[Callable[[int, int], None]]:
        yield lambda _done, _total: signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("photopipe.cli.gallery.export.photo_counter", interrupting)
    command = ["gallery", "export", str(site), "--gallery-dir", store.folder]
    assert run(command) == 130
    assert "The next export finishes it." in capsys.readouterr().err
    assert not (site / "index.html").exists()
    monkeypatch.undo()
    assert run(command) == 0
    export(store, tmp_path / "fresh", title="Photos")
    assert contents(site) == contents(tmp_path / "fresh")
