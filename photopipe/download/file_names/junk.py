"""Files that cameras, operating systems and NAS devices leave among photos, and files that are still being written."""

from typing import Final

JUNK_FOLDERS: Final = frozenset({
    "@eadir",  # Synology's thumbnails
    "#recycle", "#snapshot", "@recycle", "@recently-snapshot", ".@__thumb",  # Synology, QNAP
    "$recycle.bin", "system volume information", "found.000",  # Windows
    "lost+found", "lost.dir", ".thumbnails",  # ext4, Android
    ".trashes", ".spotlight-v100", ".fseventsd", ".documentrevisions-v100", ".temporaryitems",  # macOS
    ".stversions", ".dtrash",  # old versions kept by Syncthing, digiKam's trash
    "recently deleted",  # exports of phone photo libraries
    "__macosx",  # archives packed on macOS
    "eoscan", "canonmsc",  # Canon's own notes on a card
})  # fmt: skip
"""Lower case."""

JUNK_FILES: Final = frozenset({"thumbs.db", "ehthumbs.db", "desktop.ini", "picasa.ini", ".ds_store"})
"""Lower case."""

JUNK_BEGINNINGS: Final = ("._", ".trash-", ".trashed-", "synofile_thumb_")
"""Lower case. `._IMG_1.JPG` is what macOS writes beside a file on a foreign disk; `.trashed-` is Android's trash."""

UNFINISHED_BEGINNINGS: Final = ("~$", ".pending-")
"""Names of files that are still being written although they may end like a photo's: Office's, Android's (MediaStore).

Most programs write into names that end otherwise, and so are never taken: `.part`, `.partial`, `.crdownload`, `.tmp`
(`.syncthing.IMG_1.JPG.tmp`), `.filepart`, `.goutputstream-X`, rsync's `.IMG_1.JPG.X4tQ2a`, `IMG_1.JPG_exiftool_tmp`.
"""

UNFINISHED_FOLDERS: Final = frozenset({
    ".~tmp~", ".rsync-partial",  # rsync, with --delay-updates or --partial-dir
    ".dropbox.cache", ".tmp.drivedownload", ".tmp.driveupload",  # Dropbox, Google Drive
})  # fmt: skip
"""Folders in which such files have their final names already. Lower case."""

UNFINISHED_FOLDER_ENDING: Final = ".download"
"""Safari saves IMG_1.JPG as IMG_1.JPG.download/IMG_1.JPG first."""

HIDDEN_BEGINNING: Final = "."
