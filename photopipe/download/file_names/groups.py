"""Which files of a folder belong together, by their names: a photo, its sidecars, its other half, its video."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from photopipe.files.kinds import (
    HEIF_EXTENSIONS,
    JPEG_EXTENSIONS,
    PHOTO_EXTENSIONS,
    RAW_EXTENSIONS,
    SIDECAR_EXTENSION,
    VIDEO_EXTENSIONS,
    extension_of,
)
from photopipe.settings import Pairs

COMPANION_EXTENSIONS: Final = VIDEO_EXTENSIONS | {SIDECAR_EXTENSION}
"""Files that are no photos, but may belong to one."""

_HALVES: Final = (JPEG_EXTENSIONS, HEIF_EXTENSIONS, RAW_EXTENSIONS)
"""What may be halves of a pair; of those that are there, the first is what the camera meant to be looked at."""


class Pairing(NamedTuple):
    """Which photos of a group may show the same.

    Attributes:
        taken: the one that is wanted; None if there is no pair.
        shown: those that it shows.
        is_unclear: True if there might be pairs, but it cannot be told which.
    """

    taken: str | None = None
    shown: tuple[str, ...] = ()
    is_unclear: bool = False


def may_belong_together(extensions: Collection[str]) -> bool:
    """Whether there can be pairs or companions among files with these extensions."""
    kinds_there = [not kind.isdisjoint(extensions) for kind in (*_HALVES, COMPANION_EXTENSIONS)]
    return kinds_there[-1] or sum(kinds_there) >= 2


def stem_of(name: str) -> str:
    """What the names of a group have in common: `a` for `a.jpg`, `a.xmp` and `a.jpg.xmp`."""
    stem, extension = _split(name)
    if extension == SIDECAR_EXTENSION and extension_of(stem) in PHOTO_EXTENSIONS:
        stem, _ = _split(stem)
    return stem


def group_names(names: Iterable[str]) -> Iterator[list[str]]:
    """Put names with the same stem together.

    In order, all names that begin with `STEM.` stand side by side; but those of another stem may stand between them,
    as `a.b.jpg` between `a.avif` and `a.jpg`. So a few groups are open at a time, however many names there are.

    Args:
        names: in order.

    Yields:
        The names of a group, in order.
    """
    open_groups: list[tuple[str, list[str]]] = []
    for name in names:
        while open_groups and not name.startswith(open_groups[-1][0]):
            yield open_groups.pop()[1]
        # Nearly all names end otherwise than in `.xmp`, and there may be a million.
        beginning = f"{stem_of(name)}." if name[-1] in "pP" else name[: name.rfind(".") + 1]
        for known, group in reversed(open_groups):
            if known == beginning:
                group.append(name)
                break
        else:
            open_groups.append((beginning, [name]))
    while open_groups:
        yield open_groups.pop()[1]


def sidecars_of(photo: str, others: Sequence[str]) -> list[str]:
    """The sidecars of a photo: first that of this very file, `a.jpg.xmp`, then that of all with its stem, `a.xmp`."""
    own = [name for name in others if _is_sidecar_of(photo.lower(), name.lower())]
    return own + [name for name in others if _is_sidecar_of(stem_of(photo), name) and name not in own]


def _is_sidecar_of(begins: str, name: str) -> bool:
    stem, extension = _split(name)
    return extension == SIDECAR_EXTENSION and stem == begins


def pairing(photos: Sequence[str], pairs: Pairs) -> Pairing:
    """Find out which photos of a group may be a pair; whether they are, only their content can tell.

    Args:
        photos: names of a group's photos.
        pairs: which half is wanted.
    """
    halves = [[name for name in photos if extension_of(name) in extensions] for extensions in _HALVES]
    there = [names for names in (reversed(halves) if pairs == "raw" else halves) if names]
    if pairs == "both" or len(there) < 2:
        return Pairing()
    if any(len(names) > 1 for names in there):
        return Pairing(is_unclear=True)
    (taken,), *shown = there
    return Pairing(taken, tuple(name for (name,) in shown))


def names_beside(photo: str, *, with_photos: bool) -> Iterator[str]:
    """The names that a photo's companions may have, its own spelling of capitals first.

    Args:
        photo: name of the photo.
        with_photos: whether those that halves of a pair may have are among them.
    """
    stem, _extension = _split(photo)
    extensions = [*COMPANION_EXTENSIONS, *(frozenset().union(*_HALVES) if with_photos else ())]
    is_upper = photo[len(stem) :].isupper()
    for beginning, ending in [(photo, SIDECAR_EXTENSION), *((stem, one) for one in sorted(extensions))]:
        spellings = (ending.upper(), ending) if is_upper else (ending, ending.upper())
        yield from (name for name in map(beginning.__add__, spellings) if name != photo)


def _split(name: str) -> tuple[str, str]:
    """The stem, and the extension in lower case with its dot."""
    extension = extension_of(name)
    return name.removesuffix(name[len(name) - len(extension) :]) if extension else name, extension
