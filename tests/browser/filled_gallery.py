"""A gallery that `photopipe process` has filled with drawn photos, served for as long as tests look at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from browser.drawn_photos import DrawnPhoto, write_card
from gallery.running_gallery import GalleryClient, running_gallery
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
    card, gallery = folder / "card", folder / "gallery"
    photos = write_card(card, count)
    home = Home(folder / "home")
    home.folder.mkdir()
    result = home.run("process", str(card), "--gallery-dir", str(gallery), "--album", "{folder}", "-q")
    assert (result.code, result.err) == (0, "")
    assert len(result.lines) == count
    with running_gallery(gallery) as client:
        yield FilledGallery(client, photos)
