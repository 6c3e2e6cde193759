"""What goes on the line: the sources' findings, sorted by what the journal knows; no file is opened."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, Final

from photopipe.download.settling import Settling
from photopipe.download.sources.source import Finding, FolderPage
from photopipe.found_photo import FoundPhoto
from photopipe.journal import Journal
from photopipe.photo import DownloadedPhoto, SkippedPhotos
from photopipe.pipeline import Finished
from photopipe.stages.claims import Claims
from photopipe.stop_token import StopToken
from photopipe.wakeup import Wakeup

LOOK_AHEAD_AFTER: Final = 20
"""Photos of a page that are put on the line before the next finding is looked for: it has enough to do then."""
MOST_TRIED: Final = 100_000
"""Photos whose failure is remembered, a few megabytes of them; when there are more, all are tried once more."""


@dataclass(slots=True)
class FoundAhead:
    """What the sources have found and is not on the line yet; written by the source's thread only.

    Attributes:
        photos: how many.
        size_bytes: how large they are.
        is_all: whether there is nothing else to find.
    """

    photos: int = 0
    size_bytes: int = 0
    is_all: bool = False

    def add(self, photo: FoundPhoto, sign: int = 1) -> None:
        """Count a photo or, with -1, no longer count it."""
        self.photos += sign
        self.size_bytes += sign * photo.size_bytes


class _Findings:
    """Findings, of which the next may be asked for before it is wanted; an error is kept until then."""

    def __init__(self, findings: Iterable[Finding | None]) -> None:
        self._findings = iter(findings)
        self._next: list[Finding | None] = []
        self._error: Exception | None = None

    def __iter__(self) -> Iterator[Finding | None]:
        while self.has_next():
            yield self._next.pop()
        if self._error is not None:
            raise self._error

    def has_next(self) -> bool:
        """Find out whether there is another one, or an error."""
        if not self._next and self._error is None:
            try:
                self._next += islice(self._findings, 1)
            except Exception as error:  # noqa: BLE001 - raised when it is its turn
                self._error = error
        return bool(self._next)


@dataclass(frozen=True, slots=True)
class Sorting:
    """The source of the line: each photo that is to be worked on, and everything else as `Finished`.

    Attributes:
        journal: asked a page at a time.
        claims: has copies that were set aside, which are put on the line again when their content is released.
        settling: has photos that may still be being written, which go on the line when they have settled.
        wakeup: ends the source's wait; woken by the sources, by `claims`, and when `draining` is set.
        draining: set when no more photos are wanted.
        count: called with each photo, or with those that are skipped, as they are found.
        reads_all: whether photos that are done go on the line, too, because something is to become of their files.
        looks_ahead: whether it is found out early that nothing else is to be found; a watched source has no end.
        ahead: what has been found and is not on the line yet.
        left: paths of photos that were counted, and could not be read because their source went away.
    """

    journal: Journal
    claims: Claims
    settling: Settling
    wakeup: Wakeup
    draining: StopToken
    count: Callable[[object], None]
    reads_all: bool = False
    looks_ahead: bool = False
    ahead: FoundAhead = field(default_factory=FoundAhead)
    left: set[str] = field(default_factory=set)
    _in_progress: set[tuple[object, ...]] = field(default_factory=set)
    _tried: set[int] = field(default_factory=set)

    def sort(self, findings: Iterable[Finding | None]) -> Iterator[Any]:
        """Yield what goes on the line; ends when no photo that was put on it can come back.

        Args:
            findings: what the sources give, as they find it; None if there is nothing at the moment.
        """
        forget = self.draining.on_set(self.wakeup.wake)
        try:
            ahead = _Findings(findings)
            for finding in ahead:
                yield from self._sorted(finding, ahead)
                yield from self._ready()
                if finding is None:
                    yield from self._wait()
                while self.settling.is_full and not self.draining.is_set():
                    yield from self._wait()
                if self.draining.is_set():
                    return
            self.ahead.is_all = True
            while not (self._is_over() or self.draining.is_set()):
                yield from self._wait()
        finally:
            forget()

    def ended(self, photo: FoundPhoto, *, was_tried: bool, is_left: bool) -> None:
        """Say that a photo has come to the end of the line; called in the main thread, like `left_line`.

        Args:
            photo: as it was found.
            was_tried: whether it failed or was not wanted, so that trying it again at once is of no use.
            is_left: whether its source went away.
        """
        if was_tried:
            self._remember(photo)
        if is_left:
            self.left.add(photo.path)
        self.settling.forget(photo)
        for file in (photo, *photo.companions):
            file.storage.release(file.path)
        self.left_line(photo)

    def left_line(self, photo: FoundPhoto) -> None:
        """Say that a photo was put back, and will come again as it will look then."""
        self._in_progress.discard(_key(photo))
        self.wakeup.wake()

    def waiting(self) -> list[str]:
        """Paths of the photos that were on the line before and are to go on it again."""
        return [*self.claims.set_aside(), *self.settling.put_back_waiting(), *self.left]

    def _sorted(self, finding: Finding | None, findings: _Findings) -> Iterator[Any]:
        if not isinstance(finding, FolderPage):
            if finding is not None:
                yield Finished(finding)
            return
        in_progress = self._in_progress.copy()  # before the journal is asked: it knows those that end meanwhile
        page = self.journal.sort_page(finding.folder, finding.photos)
        if self.reads_all and not finding.again:
            page = replace(page, undone=[*page.undone, *page.unchanged], unchanged=[])
        done = {"unchanged": page.unchanged, "quarantined": page.quarantined, "paired": page.paired}
        for reason, photos in done.items():
            if photos and not finding.again:
                skipped = SkippedPhotos(tuple(photos), reason)
                self.count(skipped)
                yield Finished(skipped)
        for photo in self._counted_ahead(page.undone, findings):
            was_tried = not finding.retries and hash(_key(photo)) in self._tried
            if not was_tried and _key(photo) not in in_progress and self.settling.admit(photo):
                yield self._taken(photo)

    def _counted_ahead(self, photos: Sequence[FoundPhoto], findings: _Findings) -> Iterator[FoundPhoto]:
        """The photos, each counted as found until its turn; meanwhile it is found out whether they are the last."""
        for photo in photos:
            self.ahead.add(photo)
        for number, photo in enumerate(photos):
            self.ahead.add(photo, -1)
            if number == LOOK_AHEAD_AFTER and self.looks_ahead:
                self.ahead.is_all = not findings.has_next()
            yield photo

    def _remember(self, photo: FoundPhoto) -> None:
        """Keep in mind what a watched folder would find undone again and again, in a bounded amount of memory."""
        if len(self._tried) >= MOST_TRIED:
            self._tried.clear()
        self._tried.add(hash(_key(photo)))

    def _ready(self) -> Iterator[FoundPhoto | DownloadedPhoto]:
        """What waited and may go on the line now."""
        yield from self.claims.released()
        for photo in self.settling.settled():
            yield self._taken(photo)

    def _taken(self, photo: FoundPhoto) -> FoundPhoto:
        self._in_progress.add(_key(photo))
        if photo.path in self.left:
            self.left.discard(photo.path)
        elif not self.settling.was_read(photo):
            self.count(photo)
        return photo

    def _is_over(self) -> bool:
        return not self._in_progress and not len(self.settling)

    def _wait(self) -> Iterator[FoundPhoto | DownloadedPhoto]:
        self.wakeup.wait(self.settling.next_look_s())
        yield from self._ready()


def _key(photo: FoundPhoto) -> tuple[object, ...]:
    """What tells photos on the line apart: path and identity."""
    return photo[:6]
