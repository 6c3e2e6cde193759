"""Which part of the photos a host takes when several share the work."""

import unicodedata
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from photopipe.download.file_names.groups import stem_of

HASH_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several equal parts of all photos; each photo is in exactly one, the same on every host.

    What counts is the photo's path in its source without the extension, so that pairs, sidecars and videos stay
    together, wherever the source is mounted. How a system spells accents does not count: some take them apart.

    Attributes:
        number: which, from 1.
        count: of how many.
    """

    number: int
    count: int

    def has(self, path: str) -> bool:
        """True if a file belongs to this shard; `path` is its path in the source."""
        return shard_number(path, self.count) == self.number


def shard_number(path: str, count: int) -> int:
    """The shard of a file, 1 to `count`; hosts with other versions of photopipe must find the same.

    Args:
        path: of the file in its source.
        count: how many shards there are.
    """
    folder, slash, name = path.rpartition("/")
    path = f"{folder}{slash}{stem_of(name)}"
    if not path.isascii():
        path = unicodedata.normalize("NFC", path)
    digest = blake2b(path.encode("utf-8", "surrogateescape"), digest_size=HASH_BYTES).digest()
    return int.from_bytes(digest, "big") % count + 1
