"""Frozen settings, one class per stage, units in the names.

`cli/` fills them from flags, environment, configuration and defaults (in this order); nothing
else reads any of those four.
"""

import hashlib
import json
import os
from dataclasses import dataclass, field
from typing import Final

RECIPE_VERSION: Final = 1
"""Bumped by hand when the same settings would give visibly different pictures.

A new Pillow does not bump it: an archive must not be uploaded again for a patch release.
"""


@dataclass(frozen=True, slots=True)
class DownloadSettings:
    """Where photos come from.

    Attributes:
        sources: folders or single photo files.
        workers: threads that hash files.
    """

    sources: tuple[str, ...]
    workers: int = 2


@dataclass(frozen=True, slots=True)
class ResizeSettings:
    """What a photo becomes.

    Attributes:
        max_side_px: the box both sides must fit in; a smaller photo keeps its size.
        jpeg_quality: 1 to 95, libjpeg's scale.
        max_pixels: photos with more pixels are refused before any is allocated.
        workers: threads that decode, shrink and encode.
    """

    max_side_px: int = 2048
    jpeg_quality: int = 85
    max_pixels: int = 300_000_000
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)

    @property
    def recipe_id(self) -> str:
        """Hash of every setting that changes pixels or metadata, and of the recipe version."""
        recipe = {"version": RECIPE_VERSION, "max_side_px": self.max_side_px, "jpeg_quality": self.jpeg_quality}
        return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class UploadSettings:
    """Where photos go and how patient we are.

    Attributes:
        endpoint_url: what photos are POSTed to; None means the embedded gallery.
        token: bearer token, or None for an open gallery; never shown.
        workers: uploads at the same time.
        connect_timeout_s: longest wait for a connection.
        read_timeout_s: longest wait for the next byte of an answer.
        retry_for_s: how long one photo is tried at an endpoint that has worked.
        first_answer_s: how long an endpoint that has never answered is tried.
        retry_after_cap_s: longest wait a gallery's `Retry-After` can ask for.
    """

    endpoint_url: str | None = None
    token: str | None = field(default=None, repr=False)
    workers: int = 4
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 60.0
    retry_for_s: float = 60.0
    first_answer_s: float = 10.0
    retry_after_cap_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything one run needs to know.

    Attributes:
        download: where photos come from.
        resize: what they become.
        upload: where they go and how patiently.
        gallery_folder: folder of the embedded gallery, used when `upload.endpoint_url` is None.
        journal_path: the journal's file.
        lock_wait_s: how long to wait for another run to end.
        dry_run: say what would be done, and do nothing.
    """

    download: DownloadSettings
    resize: ResizeSettings
    upload: UploadSettings
    gallery_folder: str
    journal_path: str
    lock_wait_s: float = 0.0
    dry_run: bool = False
