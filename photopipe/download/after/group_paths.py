"""The names that a photo's files get in another folder: their own, or all of them with the same addition."""

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from photopipe.files.placing import Placed, holds

HASH_DIGITS: Final = (8, 16, 32, 64)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file that is to get a name.

    Attributes:
        folder: where.
        name: the name it should have.
        sha256: hash of its content.
        size_bytes: length of its content.
    """

    folder: str
    name: str
    sha256: str
    size_bytes: int


def place_group(group: Sequence[Wanted], put: Callable[[int, str], Placed]) -> list[str]:
    """Give the files of a group names that are free, or taken by the very same content.

    Where a name is taken by something else, all of them get a part of the photo's hash behind the photo's name, so
    that they are still seen to belong together: `IMG_1-1a2b3c4d.JPG`, `IMG_1-1a2b3c4d.JPG.xmp`.

    Args:
        group: the photo's companions, and the photo itself as the last one.
        put: puts the file with this number in the group to a path; called for the photo first.

    Returns:
        Where they are, in the order of the group.

    Raises:
        OSError: they cannot be put there.
    """
    while True:
        paths = _possible_paths(group)
        if all(put(number, paths[number]) is not Placed.TAKEN for number in reversed(range(len(group)))):
            return paths


def _possible_paths(group: Sequence[Wanted]) -> list[str]:
    possible = [paths for paths in _paths(group) if all(map(_can_have, paths, group))]
    if not possible:
        raise FileExistsError(errno.EEXIST, "other files have all names that it could get", group[-1].folder)
    # A run that was killed may have placed it; its companions, which leave first, may be gone since.
    return next((paths for paths in possible if os.path.lexists(paths[-1])), possible[0])


def _paths(group: Sequence[Wanted]) -> Iterator[list[str]]:
    photo = group[-1]
    stem = os.path.splitext(photo.name)[0]
    for addition in ("", *(f"-{photo.sha256[:digits]}" for digits in HASH_DIGITS)):
        yield [os.path.join(one.folder, _with_addition(one.name, stem, addition)) for one in group]


def _with_addition(name: str, stem: str, addition: str) -> str:
    at = len(stem) if name[: len(stem)].lower() == stem.lower() else len(os.path.splitext(name)[0])
    return name[:at] + addition + name[at:]


def _can_have(path: str, wanted: Wanted) -> bool:
    return not os.path.lexists(path) or holds(path, wanted.sha256, wanted.size_bytes)
