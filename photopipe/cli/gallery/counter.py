"""How many photos a long command has looked at: one line on stderr that is redrawn."""

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.progress import UPDATES_PER_S


@contextmanager
def counter(console: Console) -> Iterator[Callable[[object], None]]:
    """A function to call with each photo; it shows something only if stderr is a terminal."""
    numbers = itertools.count(1)
    with share_counter(console) as show:
        yield lambda _photo: show(next(numbers), None)


@contextmanager
def share_counter(console: Console) -> Iterator[Callable[[int, int | None], None]]:
    """The same where the number of photos is known: a function that shows how many are done, and of how many."""
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
