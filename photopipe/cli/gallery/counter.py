"""How many photos a long command has looked at: one line on stderr that is redrawn."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from photopipe.cli.terminal.console import Console


@contextmanager
def counter(console: Console) -> Iterator[Callable[[object], None]]:
    """A function to call with each photo; it shows something only if stderr is a terminal."""
    if not console.shows_progress:
        yield lambda _photo: None
        return
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread of its own
    with tqdm(unit=" photos", dynamic_ncols=True, leave=False, mininterval=0.2) as bar:
        console.clear_with(bar.clear)

        def count(_photo: object) -> None:
            bar.update()

        yield count
        console.clear_with(lambda: None)
