"""Only the photos that changed last, of all that sources find."""

import heapq
from collections.abc import Iterable, Iterator
from itertools import count, groupby
from typing import NamedTuple

from photopipe.download.sources.source import Finding, FolderPage
from photopipe.found_photo import FoundPhoto


class _Candidate(NamedTuple):
    """A photo that may be one of the newest, with those that it shows; ordered by its age.

    Attributes:
        mtime_ns: when it last changed.
        number: how many were found before it, as a negative number, so that of equals the first found is newest.
        folder: path of its folder.
        photos: those that it shows, and itself.
    """

    mtime_ns: int
    number: int
    folder: str
    photos: tuple[FoundPhoto, ...]


def newest_only(findings: Iterable[Finding | None], wanted: int) -> Iterator[Finding | None]:
    """Of everything that is found, hand on only the newest photos, in the order they were found.

    Only at the end of the findings is it known which these are; until then as many are kept in memory as are wanted.
    What is no photo is handed on at once. A pair counts as one photo.

    Args:
        findings: what sources find.
        wanted: how many photos, at least 1.
    """
    newest: list[_Candidate] = []
    numbers = count(0, -1)
    for finding in findings:
        if not isinstance(finding, FolderPage):
            yield finding
            continue
        for photos in _units(finding.photos):
            candidate = _Candidate(photos[-1].mtime_ns, next(numbers), finding.folder, photos)
            if len(newest) < wanted:
                heapq.heappush(newest, candidate)
            else:
                heapq.heappushpop(newest, candidate)
    newest.sort(key=lambda candidate: -candidate.number)
    for folder, candidates in groupby(newest, key=lambda candidate: candidate.folder):
        yield FolderPage(folder, [photo for candidate in candidates for photo in candidate.photos])


def _units(photos: list[FoundPhoto]) -> Iterator[tuple[FoundPhoto, ...]]:
    """Each photo, with those before it that it may show."""
    shown: list[FoundPhoto] = []
    for photo in photos:
        shown.append(photo)
        if photo.shown_by is None:
            yield tuple(shown)
            shown = []
    if shown:
        yield tuple(shown)
