"""Files that cameras, operating systems and NAS devices leave among photos, and that belong in no gallery."""

JUNK_FOLDERS = frozenset({
    "@eadir",  # Synology's thumbnails
    "#recycle", "#snapshot", "@recycle", "@recently-snapshot",  # Synology, QNAP
    "$recycle.bin", "system volume information", "found.000",  # Windows
    "lost+found", "lost.dir",  # ext4, Android
    "recently deleted",  # exports of phone photo libraries
    "__macosx",  # archives packed on macOS
    "eoscan", "canonmsc",  # Canon's own notes on a card
})  # fmt: skip
"""Lower case."""

JUNK_FILES = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "picasa.ini"})
"""Lower case."""

JUNK_BEGINNINGS = (".", "synofile_thumb_", "~$")
"""Lower case. The dot covers `._IMG_1.JPG`, `.DS_Store`, `.trashed-...`, `.photostructure` and every hidden file."""


def is_junk(name: str, *, is_folder: bool) -> bool:
    """True if a file or folder of this name is to be passed over."""
    lowered = name.lower()
    return lowered.startswith(JUNK_BEGINNINGS) or lowered in (JUNK_FOLDERS if is_folder else JUNK_FILES)
