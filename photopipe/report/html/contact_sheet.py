"""The cards of all photos, kept on the disk until the page is written."""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any, Final

from jinja2 import Environment
from markupsafe import Markup

from photopipe.files.characters import printable
from photopipe.photo import Rendition
from photopipe.report.account_lines import reason_text
from photopipe.report.amounts import size_text
from photopipe.report.outcomes import PhotoOutcome
from photopipe.report.report_file import ReportFile

LONGEST_FOLDER: Final = 24
"""Characters of a folder that a card has room for."""
PIECE_BYTES: Final = 1 << 20
LINKED: Final = ("https://", "http://", "file://")
"""How addresses begin that are made links: a gallery could answer with `javascript:`."""
STATUS_WORDS: Final = {"would_upload": "would be uploaded", "vanished": "gone"}


@dataclass(slots=True)
class Group:
    """Photos that ended alike.

    Attributes:
        name: for the filter.
        title: the heading.
        most: how many cards there may be: a page has to open.
        spool: where the cards wait.
        photos: how many photos there were.
    """

    name: str
    title: str
    most: int
    spool: IO[bytes]
    photos: int = 0

    @property
    def is_cut(self) -> bool:
        """Whether there were more photos than cards."""
        return self.photos > self.most

    def cards(self) -> Iterator[Markup]:
        """The cards, as they are in the page."""
        self.spool.seek(0)
        while piece := self.spool.read(PIECE_BYTES):
            # They are bytes of UTF-8 that may be cut anywhere; the cards are in ASCII, so that this does not matter.
            yield Markup(piece.decode("ascii"))  # noqa: S704  # written by the template, which escapes


class ContactSheet:
    """A card for each photo.

    Args:
        pages: has the template of a card.
        file: the report; its spools are on the same disk.
    """

    def __init__(self, pages: Environment, file: ReportFile) -> None:
        self._card = pages.get_template("card.html")
        self._file = file
        self._groups = {
            "failed": Group("failed", "Not done", 10_000, file.spool()),
            "uploaded": Group("uploaded", "Uploaded", 10_000, file.spool()),
            "would_upload": Group("would_upload", "Would be uploaded", 5_000, file.spool()),
            "skipped": Group("skipped", "Needed no work", 5_000, file.spool()),
        }
        self._outcomes: list[PhotoOutcome] = []

    def add(self, outcome: PhotoOutcome) -> None:
        """Add what became of a photo or one rendition of it; all of one photo comes without a break."""
        if self._outcomes and self._outcomes[0].path != outcome.path:
            self.finish()
        self._outcomes.append(outcome)

    def finish(self) -> None:
        """Write the last card."""
        if self._outcomes:
            self._write(self._outcomes)
            self._outcomes = []

    def groups(self) -> Iterator[Group]:
        """Those that have photos."""
        return (group for group in self._groups.values() if group.photos)

    def _write(self, outcomes: Sequence[PhotoOutcome]) -> None:
        group = self._groups[_group_of(outcomes)]
        group.photos += 1
        if group.is_cut or self._file.problem is not None:
            return
        html = self._card.render(card=card_of(outcomes))
        try:
            group.spool.write(html.encode("ascii", "xmlcharrefreplace"))
        except OSError as error:
            self._file.fail(error)


@dataclass(frozen=True, slots=True)
class Card:
    """What is shown of one photo; every text is safe to show, and none is HTML.

    Attributes:
        name: the file's name.
        folder: where it is.
        status: a word of `PhotoOutcome.status`, for the colour.
        picture: its thumbnail as a `data:` address, or empty.
        link: where a gallery shows it, or empty.
        before: size in pixels and bytes of the file.
        lines: what became of each rendition.
    """

    name: str
    folder: str
    status: str
    picture: str
    link: str
    before: str
    lines: tuple[str, ...] = ()

    @property
    def short_folder(self) -> str:
        """The end of the folder's path, which says more than its beginning."""
        parts = self.folder.rsplit("/", 2)
        if len(parts) < 3 or len(self.folder) <= LONGEST_FOLDER:
            return self.folder
        return f"\N{HORIZONTAL ELLIPSIS}/{parts[1]}/{parts[2]}"


def card_of(outcomes: Sequence[PhotoOutcome]) -> Card:
    """The card of a photo.

    Args:
        outcomes: what became of its renditions, at least one.
    """
    folder, _, name = outcomes[0].path.rpartition("/")
    renditions = [outcome.rendition for outcome in outcomes if outcome.rendition]
    thumbnail = next((rendition.thumbnail for rendition in renditions if rendition.thumbnail), b"")
    links = [outcome.url for outcome in outcomes if outcome.url and outcome.url.startswith(LINKED)]
    return Card(
        name=printable(name),
        folder=printable(folder),
        status=_group_of(outcomes),
        picture=f"data:image/webp;base64,{base64.b64encode(thumbnail).decode()}" if thumbnail else "",
        link=printable(links[0]) if links else "",
        before=_before(outcomes[0], renditions),
        lines=tuple(dict.fromkeys(_line(outcome, len(outcomes) > 1) for outcome in outcomes)),
    )


def _group_of(outcomes: Sequence[PhotoOutcome]) -> str:
    statuses = {outcome.status for outcome in outcomes}
    if statuses & {"failed", "vanished"}:
        return "failed"
    return next((name for name in ("uploaded", "would_upload") if name in statuses), "skipped")


def _before(outcome: PhotoOutcome, renditions: Sequence[Rendition]) -> str:
    sizes = [(one.source_width_px, one.source_height_px) for one in renditions if one.source_width_px]
    parts = [_pixels(*sizes[0])] if sizes else []
    if outcome.source_bytes is not None:
        parts.append(size_text(outcome.source_bytes))
    return ", ".join(parts)


def _line(outcome: PhotoOutcome, is_one_of_several: bool) -> str:
    rendition = outcome.rendition
    parts: list[Any] = []
    if is_one_of_several and rendition:
        parts.append(f"{printable(rendition.name)}:")
    if rendition and outcome.status in {"uploaded", "skipped"}:
        size = f"{_pixels(rendition.width_px, rendition.height_px)}, " if rendition.width_px else ""
        parts.append(f"\N{RIGHTWARDS ARROW} {size}{size_text(rendition.size_bytes)}")
    elif outcome.status in {"failed", "vanished"}:
        parts.append(printable(outcome.message or outcome.reason or outcome.status))
    elif outcome.status != "uploaded":
        parts.append(STATUS_WORDS.get(outcome.status, outcome.status))
    if outcome.status == "skipped" and outcome.reason:
        parts.append(f"({reason_text(outcome.reason)})")
    if outcome.status == "skipped" and outcome.message:
        parts.append(printable(outcome.message))
    return " ".join(parts)


def _pixels(width_px: int, height_px: int) -> str:
    return f"{width_px} \N{MULTIPLICATION SIGN} {height_px}"
