"""What the journal tells whoever asks it: values without any connection to its file.

They are NamedTuples, because making a dataclass takes every command a millisecond or two at its start.
"""

from collections.abc import Mapping
from typing import NamedTuple


class TargetCounts(NamedTuple):
    """How far the photos are for one target.

    Attributes:
        gallery_id: the gallery's name in the journal.
        recipe_id: hash of the recipe.
        recipe: what makes the recipe (JSON); empty if it was recorded before that was kept.
        states: how many photos are in each state.
    """

    gallery_id: str
    recipe_id: str
    recipe: str
    states: Mapping[str, int]


class RunRecord(NamedTuple):
    """One run, as it was recorded.

    Attributes:
        started_at: RFC 3339, UTC.
        ended_at: likewise; None if it was killed, or goes on.
        exit_code: likewise.
        counts: photos `found`, `uploaded`, `skipped`, `failed` and `left_over`; empty without an end.
    """

    started_at: str
    ended_at: str | None
    exit_code: int | None
    counts: Mapping[str, int]


class Delivery(NamedTuple):
    """What is recorded of one photo for one target.

    Attributes:
        gallery_id: the gallery's name in the journal.
        recipe_id: hash of the recipe.
        recipe: what makes the recipe (JSON); empty if it was recorded before that was kept.
        state: `found`, `rendered`, `sending`, `uploaded`, `failed` or `quarantined`.
        changed_at: when that was recorded, RFC 3339, UTC.
        sha256: hash of the bytes last rendered, if any; `sha1`, `md5` and `size_bytes` likewise.
        sha1: hash of them.
        md5: hash of them.
        size_bytes: their number.
        url: what the gallery answered, if it did; `remote_id` likewise.
        remote_id: what it calls the photo.
        stage: where the last failure was, if there was one; `reason` and `message` likewise.
        reason: a word for scripts.
        message: a sentence for people.
        attempts: runs in which it failed.
        conditions: what the failure depended on beside the photo, and its value then (JSON); empty for nothing.
    """

    gallery_id: str
    recipe_id: str
    recipe: str
    state: str
    changed_at: str
    sha256: str | None
    sha1: str | None
    md5: str | None
    size_bytes: int | None
    url: str | None
    remote_id: str | None
    stage: str | None
    reason: str | None
    message: str | None
    attempts: int
    conditions: str


class FailedDelivery(NamedTuple):
    """A photo that a gallery does not have, or may not have, and why.

    Attributes:
        key: path under which the photo is recorded, see `Storage.key`.
        source_sha256: hash of its content, hexadecimal.
        delivery: what is recorded.
    """

    key: str
    source_sha256: str
    delivery: Delivery


class FileRecord(NamedTuple):
    """A file as it looked when its content was recorded.

    Attributes:
        device: as in `Identity`, like the next three.
        inode: likewise.
        size_bytes: likewise.
        mtime_ns: likewise.
        source_sha256: hash of its content, hexadecimal.
    """

    device: int
    inode: int
    size_bytes: int
    mtime_ns: int
    source_sha256: str


class PairRecord(NamedTuple):
    """A file that is not uploaded, because another one shows the same shot.

    Attributes:
        looked: device, inode, size and time of its last change when that was found out.
        shown_by: name of the other file, in the same folder.
        shown_by_looked: size and time of its last change then.
    """

    looked: tuple[int, int, int, int]
    shown_by: str
    shown_by_looked: tuple[int, int]


class Forgotten(NamedTuple):
    """What was forgotten.

    Attributes:
        files: paths that are not known any more.
        photos: photos that are not known any more, so that a run that finds them sends them again.
        still_known: photos that are, under another path; nothing of what was sent is forgotten.
    """

    files: int = 0
    photos: int = 0
    still_known: int = 0
