"""What goes on the line: the sources' findings, sorted by what the journal knows; no file is opened."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from photopipe.download.sources.source import Finding, FolderPage
from photopipe.journal import Journal
from photopipe.photo import SkippedPhotos
from photopipe.pipeline import Settled
from photopipe.stages.claims import Claims
from photopipe.stop_token import StopToken


def sort_findings(
    findings: Iterable[Finding | None],
    journal: Journal,
    claims: Claims,
    *,
    draining: StopToken,
    count: Callable[[object], None],
) -> Iterator[Any]:
    """Yield each photo that is to be worked on and, as `Settled`, everything else.

    Args:
        findings: what the sources give, as they find it.
        journal: asked a page at a time.
        claims: yields the copies that were set aside, between the others and at the end.
        draining: set when no more photos are wanted.
        count: called with each photo, or with those that are skipped, as they are found.
    """
    for finding in findings:
        if isinstance(finding, FolderPage):
            for photo in _sorted_page(finding, journal, claims):
                yield from claims.released()
                count(photo.value if isinstance(photo, Settled) else photo)
                yield photo
        elif finding is not None:
            yield Settled(finding)
    yield from claims.all_released(draining)


def _sorted_page(page: FolderPage, journal: Journal, claims: Claims) -> Iterator[Any]:
    sorted_page = journal.sort_page(page.folder, page.photos)
    for reason, photos in (("unchanged", sorted_page.unchanged), ("quarantined", sorted_page.quarantined)):
        if photos:
            yield Settled(SkippedPhotos(tuple(photos), reason))
    for photo in sorted_page.undone:
        claims.expect()
        yield photo
