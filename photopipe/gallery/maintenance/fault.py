"""Something in a gallery that is not as it should be."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "index_damaged",
    "missing",
    "damaged",
    "edited",
    "unreadable",
    "not_indexed",
    "duplicate",
    "bad_name",
    "left_over",
]
"""
- `index_damaged`: SQLite, or the index of words, is not consistent.
- `missing`: a photo has no file.
- `damaged`: a file has other bytes than the photo that was stored, and was not changed since: the disk is failing.
- `edited`: likewise, but it was changed since.
- `unreadable`: the operating system cannot read a file.
- `not_indexed`: a picture that the index does not know.
- `duplicate`: likewise, and another photo has the same bytes.
- `bad_name`: likewise, and its name is not UTF-8, so that no index could have it.
- `left_over`: a process was killed while it wrote this file.
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        kind: what it is, for programs.
        path: the file, relative to the gallery's folder.
        message: what is wrong and what to do, without the path.
    """

    kind: Kind
    path: str
    message: str
