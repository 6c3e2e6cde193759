"""A gallery that `photopipe process` has filled with drawn photos, served by `photopipe gallery`."""

import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from browser.drawn_photos import DrawnPhoto, write_card
from gallery.running_gallery import DEADLINE_S, GalleryClient
from support.command import Home


@dataclass(frozen=True)
class FilledGallery:
    """A served gallery and what went into it.

    Attributes:
        client: speaks to it.
        photos: what was uploaded, the newest first.
    """

    client: GalleryClient
    photos: list[DrawnPhoto]

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return self.client.url


@contextmanager
def filled_gallery(folder: Path, count: int = 200) -> Iterator[FilledGallery]:
    """Draw photos, upload them by the real command, and serve what arrived.

    Args:
        folder: an empty one.
        count: how many photos.
    """
    photos = write_card(folder / "card", count)
    home = Home(folder / "home")
    home.folder.mkdir()
    result = home.run("process", str(folder / "card"), "--album", "{folder}", "-q")
    assert (result.code, result.err) == (0, "")
    assert len(result.lines) == count
    with served_gallery(home) as client:
        yield FilledGallery(client, photos)


@contextmanager
def served_gallery(home: Home, *options: str) -> Iterator[GalleryClient]:
    """Run `photopipe gallery` for as long as the block lasts.

    Args:
        home: whose gallery.
        options: of the command.
    """
    with home.start("gallery", "--port", "0", *options, text=True) as process:
        assert process.stderr is not None
        try:
            line = process.stderr.readline()
            found = re.search(r" is at (http://\S+?),? ", line)
            assert found, line
            client = GalleryClient(found[1], home.pictures)
            with client.session:
                yield client
        finally:
            process.terminate()
            _, said = process.communicate(timeout=DEADLINE_S)
    assert (process.returncode, said) == (128 + signal.SIGTERM, "")
