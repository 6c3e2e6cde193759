"""The words that photos are found by: kept in a full-text index beside the photos."""

import sqlite3

from photopipe.gallery.index.albums import albums_of_photo
from photopipe.gallery.index.stored_photo import StoredPhoto


def index_words(connection: sqlite3.Connection, photo: StoredPhoto) -> None:
    """Write the words of a photo anew: title, caption, keywords, camera, lens, names and albums."""
    forget_words(connection, photo.id)
    albums = "\n".join(name for _, name in albums_of_photo(connection, photo.id))
    connection.execute(
        "INSERT INTO photo_words (rowid, title, caption, keywords, camera, lens, file_name, original_name, albums) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            photo.id,
            photo.title,
            photo.caption,
            photo.keywords,
            photo.camera,
            photo.lens,
            photo.file_name,
            photo.original_name,
            albums,
        ),
    )


def forget_words(connection: sqlite3.Connection, photo_id: int) -> None:
    """Remove a photo's words."""
    connection.execute("DELETE FROM photo_words WHERE rowid = ?", (photo_id,))
