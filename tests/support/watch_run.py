"""The whole line on watched sources, in this process."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

from support.deadline import DEADLINE_S, until

from photopipe.assembly import open_line
from photopipe.line import Line
from photopipe.report import Account, Notice, PhotoOutcome
from photopipe.settings import DownloadSettings, ResizeSettings, Settings, UploadSettings, WatchSettings

TICK_S = 0.02


class WatchRun:
    """One run that watches a folder and sends what appears there to another.

    Attributes:
        outcomes: what became of each photo so far.
        notices: what was said about the source.
    """

    def __init__(self, card: Path, site: Path, settle_s: float, watch: WatchSettings) -> None:
        site.mkdir(exist_ok=True)
        self._settings = Settings(
            DownloadSettings((str(card),), workers=1, settle_s=settle_s, watch=watch),
            (("default", ResizeSettings(32, 32, workers=1)),),
            (UploadSettings(str(site), kind="folder", workers=1),),
            gallery_folder="",
            journal_path=str(site.parent / "journal.sqlite"),
        )
        self._line: Line | None = None
        self._error: BaseException | None = None
        self.outcomes: list[PhotoOutcome] = []
        self.notices: list[str] = []

    @property
    def account(self) -> Account:
        """The totals of the run."""
        assert self._line is not None, self._error
        return self._line.account

    @property
    def waiting(self) -> int:
        """How many photos are to come again."""
        return 0 if self._line is None else len(self._line._sorting.waiting())

    def names(self, status: str = "uploaded") -> Counter[str]:
        """How often something became of each photo, by its name."""
        return Counter(Path(one.path).name for one in list(self.outcomes) if one.status == status)

    def until_uploaded(self, *names: str) -> None:
        """Wait until photos have arrived."""
        until(lambda: self.names().keys() >= set(names) or self._error is not None)
        assert self._error is None, self._error

    def drain(self) -> None:
        """Do what the first signal does."""
        if self._line is not None:
            self._line.drain()

    def run(self) -> None:
        """Run until it is drained."""
        try:
            with open_line(self._settings) as line:
                self._line = line
                for event in line.run(TICK_S, tells_skipped=True):
                    if isinstance(event, PhotoOutcome):
                        self.outcomes.append(event)
                    elif isinstance(event, Notice):
                        self.notices.append(event.message)
        except BaseException as error:
            self._error = error


@contextmanager
def watch_run(
    card: Path, site: Path, *, settle_s: float = 0.0, watch: WatchSettings | None = None
) -> Iterator[WatchRun]:
    """Watch a folder as long as the block lasts; then finish what is on the line."""
    run = WatchRun(card, site, settle_s, watch or WatchSettings())
    thread = Thread(target=run.run, name="watch-run")
    thread.start()
    try:
        until(lambda: run._line is not None or run._error is not None)
        yield run
    finally:
        run.drain()
        thread.join(DEADLINE_S)
        assert not thread.is_alive(), "the watch does not end"
    assert run._error is None, run._error
    assert run.account.balances


def tiny_jpegs(count: int) -> Iterator[bytes]:
    """Small photos, each with another content; made by adding a comment to one of them."""
    from io import BytesIO

    from support.pictures import picture

    buffer = BytesIO()
    picture((32, 24), seed=random.randrange(1000)).save(buffer, "JPEG")
    content = buffer.getvalue()
    for number in range(count):
        comment = f"number {number:010}".encode()
        yield content[:2] + b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment + content[2:]
