"""Something in a gallery that is not as it should be."""

from dataclasses import dataclass
from typing import Final, Literal

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
- `bad_name`: likewise, and no index could have it: its name is not UTF-8, or differs from another in letter case only.
- `left_over`: a process was killed while it wrote this file.
"""


NOT_UTF8: Final = "its name is not UTF-8, so the gallery cannot show it. Rename it."
SAME_BUT_FOR_CASE: Final = "another photo's name differs from its name in letter case only. Rename one of them."


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
