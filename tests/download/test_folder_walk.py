"""Folders on servers, listed page by page: the same photos wherever a page ends, and few names in memory."""

import tracemalloc
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import count, islice

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from support.bucket_listing import PAGE_KEYS, ListedBucket

from photopipe.download.fetching import remote_system
from photopipe.download.sources.pages import LookAt
from photopipe.download.sources.selection import Selection
from photopipe.download.sources.servers.folder_walk import FolderWalk
from photopipe.download.sources.servers.listing import Entry, ListingPage
from photopipe.download.sources.servers.remote_source import RemoteSource
from photopipe.download.sources.source import Finding, FolderPage
from photopipe.errors import SourceMissing
from photopipe.found_photo import FoundPhoto
from photopipe.photo import OtherFiles, UnclearPairs, UnreadablePath
from photopipe.settings import DownloadSettings
from photopipe.wakeup import Wakeup


class Paths:
    """A listing of these paths, some names on each page; a folder in `unreadable` cannot be listed."""

    def __init__(self, paths: set[str], page_names: int, unreadable: frozenset[str] = frozenset()) -> None:
        self.paths = paths
        self.page_names = page_names
        self.unreadable = unreadable
        self.asked = list[str]()
        self.is_lost = False

    def shown(self, below: str) -> str:
        return f"s3://bucket/{below}".rstrip("/")

    def pages(self, below: str) -> Iterator[ListingPage]:
        if below in self.unreadable:
            raise SourceMissing("no")
        inside = {path.removeprefix(below) for path in self.paths if path.startswith(below)}
        names = {name.partition("/")[0]: "/" in name for name in inside}
        entries = [Entry(name, names[name]) for name in sorted(names)]
        while entries:
            page, entries = entries[: self.page_names], entries[self.page_names :]
            yield ListingPage(page, bool(entries))

    def check(self) -> None:
        if self.is_lost:
            raise SourceMissing("lost")

    def has(self, below: str, name: str) -> bool:
        self.asked.append(below + name)
        return any(path == below + name or path.startswith(f"{below}{name}/") for path in self.paths)

    def look_at(self, below: str, files: Mapping[str, Entry]) -> LookAt:
        return lambda name: FoundPhoto(f"s3://bucket/{below}{files[name].name}", 0, 0, 0, 0, 0)


def walked(listing: Paths, selection: Selection | None = None) -> list[Finding]:
    return list(FolderWalk(listing, selection or Selection()).find())


def photos_in(findings: list[Finding]) -> list[FoundPhoto]:
    return [photo for finding in findings if isinstance(finding, FolderPage) for photo in finding.photos]


def told(findings: list[Finding]) -> tuple[set[FoundPhoto], int, Counter[str], int]:
    others = [finding for finding in findings if isinstance(finding, OtherFiles)]
    counts = Counter[str]()
    for finding in others:
        counts.update(dict(finding.counts))
    unclear = sum(finding.count for finding in findings if isinstance(finding, UnclearPairs))
    return set(photos_in(findings)), sum(finding.other_shards for finding in others), counts, unclear


ENDINGS = st.sampled_from(
    [".jpg", ".JPG", ".cr2", ".dng", ".xmp", ".jpg.xmp", ".mov", ".txt", "", "/c.jpg", "/d/e.cr2"]
)
PATHS = st.builds("".join, st.tuples(st.text("ab.-", min_size=1, max_size=4), ENDINGS))


@given(st.sets(PATHS, max_size=30), st.integers(1, 5), st.sampled_from([None, (1, 2), (2, 2)]))
@settings(max_examples=300, deadline=None)
def test_where_pages_end_changes_nothing(paths: set[str], page_names: int, shard: tuple[int, int] | None) -> None:
    selection = Selection.of(DownloadSettings(shard=shard))
    findings = walked(Paths(paths, page_names), selection)
    assert told(findings) == told(walked(Paths(paths, 1000), selection))
    found = [photo.path for photo in photos_in(findings)]
    assert len(found) == len(set(found))


def test_what_belongs_together_is_found_together_across_a_page_border() -> None:
    paths = {"IMG_1-2.jpg", "IMG_1.CR2", "IMG_1.JPG", "IMG_1.JPG.xmp", "IMG_1.MOV", "IMG_1.xmp", "IMG_2.JPG"}
    (shown, by) = [photo for photo in photos_in(walked(Paths(paths, 2))) if photo.companions]
    assert (shown.name, by.name, shown.shown_by) == ("IMG_1.CR2", "IMG_1.JPG", by.path)
    assert {one.name for one in by.companions} == {"IMG_1.CR2", "IMG_1.JPG.xmp", "IMG_1.MOV", "IMG_1.xmp"}


def test_files_of_a_page_come_before_its_sub_folders_and_these_before_the_next_page() -> None:
    paths = {"a.jpg", "b/1.jpg", "c/d/2.jpg", "c/3.jpg", "e.jpg"}
    found = [photo.path.removeprefix("s3://bucket/") for photo in photos_in(walked(Paths(paths, 2)))]
    assert found == ["a.jpg", "b/1.jpg", "e.jpg", "c/3.jpg", "c/d/2.jpg"]


def test_a_gallery_is_left_out_even_if_its_marker_is_on_a_later_page() -> None:
    early = {f"({number}).jpg" for number in range(5)}
    marked = Paths({*(f"site/{name}" for name in early), "site/.photopipe/state", "a.jpg"}, 3)
    assert [photo.name for photo in photos_in(walked(marked))] == ["a.jpg"]
    unmarked = Paths({*early, "a.jpg"}, 3)
    assert len(photos_in(walked(unmarked))) == 6
    assert unmarked.asked == [".photopipe"]
    usual = Paths({"IMG_1.jpg", "IMG_2.jpg", ".photopipe"}, 2)
    assert (photos_in(walked(usual)), usual.asked) == ([], [])


def test_a_sub_folder_that_cannot_be_read_is_passed_over_and_the_folder_itself_is_the_source() -> None:
    paths = {"a/1.jpg", "b/2.jpg", "c.jpg"}
    findings = walked(Paths(paths, 1, frozenset({"a/"})))
    assert [photo.name for photo in photos_in(findings)] == ["2.jpg", "c.jpg"]
    assert [finding.path for finding in findings if isinstance(finding, UnreadablePath)] == ["s3://bucket/a"]
    with pytest.raises(SourceMissing, match="no"):
        walked(Paths(paths, 1, frozenset({""})))
    lost = Paths(paths, 1, frozenset({"a/"}))
    lost.is_lost = True
    with pytest.raises(SourceMissing, match="lost"):
        walked(lost)


def test_folders_may_be_as_deep_as_a_key_is_long() -> None:
    deep = "a/" * 2000
    assert [photo.name for photo in photos_in(walked(Paths({f"{deep}1.jpg"}, 2)))] == ["1.jpg"]


def names() -> Iterator[str]:
    """Photos without an end, each hundredth with a sidecar, and each thousandth with a folder beside it."""
    for number in count():
        yield f"IMG_{number:09}.jpg"
        if number % 100 == 0:
            yield f"IMG_{number:09}.xmp"
        if number % 1000 == 0:
            yield f"IMG_{number:09}.d/"


def one() -> list[str]:
    return ["1.jpg"]


def endless(monkeypatch: pytest.MonkeyPatch) -> ListedBucket:
    folders = {f"all/IMG_{number:09}.d/": one for number in range(0, 10_000_000, 1000)}
    bucket = ListedBucket({"all/": names, **folders})
    monkeypatch.setattr(remote_system, "open_buckets", bucket.system)
    return bucket


def test_a_bucket_whose_listing_never_ends_is_worked_on_from_the_first_page_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bucket = endless(monkeypatch)
    wakeup = Wakeup()
    findings = RemoteSource("s3://bucket/all", DownloadSettings()).find(Selection(), wakeup)
    while not isinstance(page := next(findings), FolderPage):
        wakeup.wait(10)
    assert page.photos[0].path == "s3://bucket/all/IMG_000000000.jpg"
    assert page.photos[0].companions[0].name == "IMG_000000000.xmp"
    findings.close()  # type: ignore[attr-defined]
    assert bucket.pages < 20, "no more is listed than may wait"


@pytest.mark.campaign
def test_memory_does_not_grow_with_a_listing(monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = endless(monkeypatch)
    wakeup = Wakeup()
    findings = RemoteSource("s3://bucket/all", DownloadSettings()).find(Selection(), wakeup)
    tracemalloc.start()
    try:
        sizes = list[int]()
        for _ in range(3):
            for finding in islice((one for one in findings if one is not None), 30):
                assert not isinstance(finding, UnreadablePath)
            sizes.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.reset_peak()
    finally:
        tracemalloc.stop()
        findings.close()  # type: ignore[attr-defined]
    assert bucket.pages > 40
    assert sizes[2] < sizes[0] + PAGE_KEYS * 500, "a page more or less"
