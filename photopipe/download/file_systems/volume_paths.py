"""Where photos on cards are today, which the journal knows by the card's number."""

import os
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from photopipe.download.file_systems.mounts import mounts
from photopipe.download.file_systems.volume_id import volume_id

BEGINNING: Final = "fat:"
"""Of the journal's paths on such cards, see `FatVolume`."""


class VolumePaths:
    """The cards that are in; to be made anew for each look, and asked only once something on a card turns up."""

    def path(self, key: str) -> str | None:
        """Where something is today.

        Args:
            key: its path as the journal has it.

        Returns:
            The same for what is not on a card; None if its card is not in.
        """
        if not key.startswith(BEGINNING):
            return key
        known_by, _, inside = key.removeprefix(BEGINNING).partition(os.sep)
        mount_point = self._mount_points.get(known_by)
        return None if mount_point is None else os.path.join(mount_point, inside) if inside else mount_point

    @cached_property
    def _mount_points(self) -> dict[str, str]:
        return dict(_known_volumes())


def _known_volumes() -> Iterator[tuple[str, str]]:
    for mount in mounts():
        known_by = volume_id(mount)
        if known_by is not None:
            yield known_by, mount.mount_point
