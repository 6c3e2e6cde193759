"""How many photos a long command has looked at: one line on stderr that is redrawn."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.progress import UPDATES_PER_S


@contextmanager
def photo_counter(console: Console) -> Iterator[Callable[[int, int | None], None]]:
    """A function that shows how many photos are done, and of how many; it shows something only on a terminal."""
    if not console.shows_progress:
        yield lambda _done, _total: None
        return
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread of its own
    with tqdm(unit=" photos", dynamic_ncols=True, leave=False, mininterval=1 / UPDATES_PER_S) as bar:
        console.clear_with(bar.clear)

        def show(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show
        console.clear_with(lambda: None)
