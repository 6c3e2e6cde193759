"""The page as text: what is in it, what cannot get into it, and how much memory it takes."""

import re
import tracemalloc
from contextlib import closing
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from support.told_run import SETTINGS, ToldRun, ended, uploaded

from photopipe.errors import LoginRefused
from photopipe.report import Account, LeftOver, Notice, PhotoOutcome, Problem, RunEnd
from photopipe.report.html import contact_sheet
from photopipe.report.html.html_report import HtmlReport
from photopipe.settings import Settings

HOSTILE = "<img src=x onerror=alert(1)>\"'&{{ 7*7 }}</script>\u202e\n\udce9.jpg"


class Elements(HTMLParser):
    """Which elements a page has, and their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def page_of(
    path: Path, end: RunEnd, *events: PhotoOutcome | Problem | Notice | LeftOver, settings: Settings = SETTINGS
) -> str:
    report = HtmlReport(str(path), settings, "1.2.3")
    with closing(report):
        tell_all(report, end, *events)
    assert report.lost is None
    return path.read_text("utf-8")


def tell_all(report: HtmlReport, end: RunEnd, *events: PhotoOutcome | Problem | Notice | LeftOver) -> None:
    report.started(ToldRun(end.account))
    tell = {Problem: report.problem, Notice: report.notice, LeftOver: report.left_over, PhotoOutcome: report.photo}
    for event in events:
        tell[type(event)](event)  # type: ignore[operator]
        report.tick()
    report.line_ended()
    report.ended(end)


def test_no_text_from_outside_becomes_part_of_the_page(tmp_path: Path) -> None:
    events = (
        PhotoOutcome(f"/card/{HOSTILE}", "failed", "resize", HOSTILE, HOSTILE),
        PhotoOutcome(f"/card/{HOSTILE}2", "uploaded", url="javascript:alert(1)"),
        PhotoOutcome(f"/card/{HOSTILE}3", "uploaded", url=f"https://gallery/{HOSTILE}"),
        Problem(HOSTILE, HOSTILE),
        Notice(HOSTILE),
        LeftOver(HOSTILE),
    )
    account = Account(found=4, uploaded=2, failed=1, left_over=1)
    page = page_of(tmp_path / "a.html", ended(account, 3, error=ValueError(HOSTILE)), *events)
    elements = Elements(page)
    assert elements.named("img") == []
    assert len(elements.named("script")) == 1
    assert not [attributes for _, attributes in elements.found for name in attributes if name.startswith("on")]
    links = [attributes["href"] for attributes in elements.named("a")]
    assert len(links) == 1
    assert str(links[0]).startswith("https://gallery/")
    assert ">49<" not in page
    assert "\u202e" not in page
    assert page.count("{{ 7*7 }}") > 5


def test_no_login_and_no_query_of_an_address_is_in_the_page(tmp_path: Path) -> None:
    download = replace(SETTINGS.download, sources=("https://anna:hush@example.org/photos/?key=hush", "/card"))
    uploads = (replace(SETTINGS.uploads[0], name="", endpoint_url="https://gallery.example.org/api?token=hush"),)
    settings = replace(SETTINGS, download=download, uploads=uploads)
    page = page_of(tmp_path / "a.html", ended(Account()), settings=settings)
    assert "https://example.org/photos/, /card" in page
    assert "https://gallery.example.org/api" in page
    assert "hush" not in page


def test_the_policy_allows_nothing_from_outside_and_only_this_script(tmp_path: Path) -> None:
    page = page_of(tmp_path / "a.html", ended(Account()))
    (policy,) = (one["content"] for one in Elements(page).named("meta") if "http-equiv" in one)
    assert re.fullmatch(
        r"default-src 'none'; img-src data:; style-src 'sha256-[\w+/=]+'; script-src 'sha256-[\w+/=]+'; "
        r"base-uri 'none'; form-action 'none'",
        policy or "",
    )


@pytest.mark.parametrize(
    ("account", "code", "sentence"),
    [
        (Account(found=2, uploaded=2), 0, "Everything is done: of 2 photos, 2 uploaded."),
        (Account(), 0, "No photos were found."),
        (Account(found=3, uploaded=2, failed=1), 3, "Not everything is done: of 3 photos, 2 uploaded, 1 failed."),
        (Account(found=2, uploaded=1), 1, "The account of this run does not balance."),
    ],
)
def test_the_page_says_first_what_happened(tmp_path: Path, account: Account, code: int, sentence: str) -> None:
    page = page_of(tmp_path / "a.html", ended(account, code))
    assert f"<h1>{sentence}</h1>" in page
    assert f"<dd>{code}</dd>" in page
    assert ("The account balances" in page) == account.balances


def test_the_page_says_what_ended_the_run(tmp_path: Path) -> None:
    account = Account(found=3, uploaded=2, left_over=1)
    stopped = ended(account, 130, stopped_by="signal")
    assert "<h1>The run was stopped: of 3 photos, 2 uploaded, 1 left over.</h1>" in page_of(
        tmp_path / "a.html", stopped
    )
    limit = replace(stopped, exit_code=10, stopped_by="max_photos")
    assert "<h1>--max-photos ended the run: of 3 photos, 2 uploaded" in page_of(tmp_path / "a.html", limit)
    failed = ended(account, 12, error=LoginRefused("The login was refused."), stopped_by="error")
    page = page_of(tmp_path / "a.html", failed)
    assert "<h1>The run failed: of 3 photos, 2 uploaded, 1 left over.</h1>\n<p>The login was refused.</p>" in page


def test_failures_are_grouped_by_their_reason_and_the_largest_group_comes_first(tmp_path: Path) -> None:
    same = "is gone. Put it back."
    events = [PhotoOutcome(f"/card/{number}.jpg", "vanished", "download", "vanished", same) for number in range(120)]
    events.append(PhotoOutcome("/card/x.jpg", "failed", "resize", "unreadable_photo", "is damaged."))
    page = page_of(tmp_path / "a.html", ended(Account(found=121, failed=121), 3), *events)
    assert re.findall(r"<summary><h3>(.*)</h3>", page) == [
        "Gone when they were to be read: 120",
        "Damaged, or of a kind that cannot be read: 1",
    ]
    assert page.count("<p>Is gone. Put it back.</p>") == 1
    assert "20 more; <code>--report FILE.csv</code> names them all." in page


def test_a_photo_has_one_card_with_its_thumbnail_sizes_and_link(tmp_path: Path) -> None:
    page = page_of(tmp_path / "a.html", ended(Account(found=1, uploaded=1)), uploaded(1, b"RIFF"), uploaded(1, b"RIFF"))
    elements = Elements(page)
    assert [one["src"] for one in elements.named("img")] == ["data:image/webp;base64,UklGRg=="]
    assert [one["href"] for one in elements.named("a")] == ["https://photos.example.org/1"]
    assert "4032 &#215; 3024, 5.1 MB<br>" in page
    assert "default: &#8594; 2048 &#215; 1536, 410.0 kB" in page


def test_more_photos_than_a_page_can_show_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    group = contact_sheet.Group
    monkeypatch.setattr(
        contact_sheet, "Group", lambda name, title, most, spool: group(name, title, min(most, 3), spool)
    )
    page = page_of(tmp_path / "a.html", ended(Account(found=5, uploaded=5)), *map(uploaded, range(5)))
    assert '<h3 id="group-uploaded">Uploaded: 5</h3>\n<p>The first 3 are shown; ' in page
    assert len(Elements(page).named("a")) == 3


def test_nothing_is_kept_in_memory_for_each_photo(tmp_path: Path) -> None:
    report = HtmlReport(str(tmp_path / "a.html"), SETTINGS, "1")
    run = ToldRun(Account(found=3000, uploaded=3000))
    report.started(run)
    thumbnail = bytes(3000)

    def tell(photos: range) -> None:
        for number in photos:
            report.photo(uploaded(number, thumbnail))
            run.add_span("resize", 0.0, 1.0 + number)
            report.tick()

    tell(range(500))
    tracemalloc.start()
    tell(range(500, 2500))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 300_000, "2,000 thumbnails have 6,000,000 bytes"
    report.close()
