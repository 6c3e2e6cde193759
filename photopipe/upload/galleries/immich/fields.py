"""The fields of Immich's upload form."""

from datetime import datetime
from typing import Final

from photopipe.files.names import header_file_name
from photopipe.photo import ResizedPhoto
from photopipe.upload.galleries.contract import OutgoingPhoto
from photopipe.upload.galleries.form.fields import rfc3339

DEVICE: Final = "photopipe"
UNKNOWN_TIME: Final = "1970-01-01T00:00:00.000Z"


def immich_fields(photo: OutgoingPhoto) -> dict[str, str]:
    """The form's fields; the file comes after them, because `filename` counts only before it.

    `deviceAssetId` and `deviceId` are required up to v2 and ignored from v3 on.

    Source: immich-app/immich v3.0.3 `server/src/dtos/asset-media.dto.ts`; pull request 27818 (v3.0.0).
    """
    return {
        "deviceAssetId": photo.key,
        "deviceId": DEVICE,
        "fileCreatedAt": created_at(photo.photo),
        "fileModifiedAt": modified_at(photo.photo),
        "filename": header_file_name(photo.rendition.file_name),
    }


def created_at(photo: ResizedPhoto) -> str:
    """When the photo was taken, with a zone, which v3 insists on.

    If the camera wrote no zone, its clock is assumed to have shown this machine's local time on that date,
    summer time included; a photo of which nothing tells the time is as old as its file.
    """
    if photo.rendition.taken_at is None or photo.rendition.taken_at_from == "file_date":
        return modified_at(photo)
    try:
        time = datetime.fromisoformat(photo.rendition.taken_at)
        return (time if time.tzinfo else time.astimezone()).isoformat(timespec="milliseconds")
    except (ValueError, OverflowError, OSError):  # a year the local calendar does not reach
        return modified_at(photo)


def modified_at(photo: ResizedPhoto) -> str:
    """When the photo's file was last written."""
    return rfc3339(photo.source.found.mtime_ns) or UNKNOWN_TIME
