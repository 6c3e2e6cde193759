"""The progress line of commands that go through all photos of the gallery."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from photopipe.cli.terminal.console import Console
from photopipe.cli.terminal.progress import UPDATES_PER_S


@contextmanager
def photo_counter(console: Console) -> Iterator[Callable[[int, int], None]]:
    """A tqdm line on stderr while the block runs, if stderr is a terminal.

    Returns:
        A function that shows how many photos are done, and of how many; cheap enough to call after every photo.
    """
    if not console.shows_progress:
        yield lambda _done, _total: None
        return
    from tqdm import tqdm

    tqdm.monitor_interval = 0  # no thread of its own
    bar = tqdm(
        unit=" photos",
        dynamic_ncols=True,
        leave=False,
        mininterval=1 / UPDATES_PER_S,
        bar_format="{n_fmt}/{total_fmt} photos [{elapsed}, {rate_fmt}]",
    )
    console.clear_with(bar.clear)

    def show(done: int, total: int) -> None:
        bar.total = total
        bar.update(done - bar.n)

    with bar:
        yield show
