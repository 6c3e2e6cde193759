"""What a sender says of a photo, and what became of it."""

from dataclasses import dataclass

from photopipe.gallery.index.stored_photo import StoredPhoto


@dataclass(frozen=True, slots=True)
class Upload:
    """What the sender says about a photo; its times have been checked.

    Attributes:
        key: the sender's name for this upload, or None.
        sha256: the hash the bytes must have, or None if the sender gave none.
        file_name: what the file should be called.
        original_name: what the photo was called before; any text.
        taken_at: capture time, or None.
        modified_at: the source file's change time, or None.
        source_sha256: hash of the file the photo was made from, or None.
        album: name of the album the photo is put in, or None.
    """

    key: str | None
    sha256: str | None
    file_name: str
    original_name: str
    taken_at: str | None = None
    modified_at: str | None = None
    source_sha256: str | None = None
    album: str | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """What became of an upload: the gallery has the photo now.

    Attributes:
        photo: the photo; the first one if the sender's key was known.
        duplicate: True if the gallery had it before.
        was_in_trash: True if it had been deleted, and is restored now.
    """

    photo: StoredPhoto
    duplicate: bool
    was_in_trash: bool = False
