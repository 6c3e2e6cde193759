"""Frozen settings, one class per stage, units in the names.

`cli/` fills them from flags, environment, configuration and defaults (in this order); nothing
else reads any of those four.
"""

import hashlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from photopipe.errors import UsageError

RECIPE_VERSION: Final = 1
"""Raised by hand when the same settings would give visibly different pictures.

A new Pillow is no reason to raise it: an archive must not be uploaded again for a patch release.
"""


Pairs = Literal["jpeg", "raw", "both"]
LAST_RUN: Final = "last-run"
"""In place of a time: when the last run began that ended with exit code 0."""
AfterAction = Literal["keep", "move", "trash", "delete"]


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """How a source is watched.

    Attributes:
        rescan_s: how often everything is looked through again, whatever events have said.
        poll: whether the source is looked through again and again instead of waiting for events; None to choose by
            the file system.
        poll_s: time between two looks, at least.
    """

    rescan_s: float = 3600.0
    poll: bool | None = None
    poll_s: float = 10.0


@dataclass(frozen=True, slots=True)
class DownloadSettings:
    """Where photos come from, which are taken, and what becomes of their files.

    Attributes:
        sources: folders, single photo files, addresses.
        lists: files that name photos, one a line; `-` is stdin.
        null_separated: whether a zero byte, not a line end, separates the names in `lists`.
        workers: threads that hash files.
        left_out: extensions of photos that are left alone, lower case with their dots.
        include: patterns as in a `.gitignore`; only files that match one are taken. Empty for all.
        exclude: likewise; files and folders that match one are left alone.
        ignore_junk: whether files and folders that cameras, systems and NAS devices leave are passed over.
        hidden: whether hidden files and folders are looked at.
        follow: whether links to files and folders are followed.
        pairs: which half of a RAW+JPEG or HEIC+JPEG pair is taken.
        since: earliest capture time, RFC 3339 with a zone, or `LAST_RUN`; None for no limit.
        until: the first moment that is too late, likewise.
        min_rating: lowest rating, 1 to 5; None for no limit.
        shard: which of how many equal parts of all photos is taken, (1, 8) for the first of eight; None for all.
        newest: how many files are taken, those that changed last; None for all.
        settle_s: how long a file must have been unchanged; None to choose by the file system.
        max_file_bytes: larger files are refused before they are read; None for the limits of their kinds.
        require_marker: file that must be in each source folder, or None.
        after: what becomes of the files of a photo that is in every gallery.
        after_folder: where `move` puts them, or None.
        archive: template of the folder that gets a copy of each photo's file, or None.
        spool_folder: where photos from servers and cameras wait; nothing else may be in it.
        spool_bytes: how many bytes may wait there.
        watch: how to go on when everything has been looked through; None to end then.
    """

    sources: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    null_separated: bool = False
    workers: int = 2
    left_out: frozenset[str] = frozenset()
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    ignore_junk: bool = True
    hidden: bool = False
    follow: bool = True
    pairs: Pairs = "jpeg"
    since: str | None = None
    until: str | None = None
    min_rating: int | None = None
    shard: tuple[int, int] | None = None
    newest: int | None = None
    settle_s: float | None = None
    max_file_bytes: int | None = None
    require_marker: str | None = None
    after: AfterAction = "keep"
    after_folder: str | None = None
    archive: str | None = None
    spool_folder: str = ""
    spool_bytes: int = 2_000_000_000
    watch: WatchSettings | None = None

    def __post_init__(self) -> None:
        if self.newest is not None and self.watch is not None:
            raise UsageError("--newest cannot be used while sources are watched: which are the newest never ends")


Fit = Literal["inside", "cover", "exact"]
OutputFormat = str
"""A name in `files.output_formats.OUTPUT_FORMATS`, or `keep`."""
ColorPolicy = Literal["srgb", "keep"]
MetadataPolicy = Literal["public", "keep", "none"]
RawPolicy = Literal["preview", "develop", "skip"]
AnimationPolicy = Literal["first", "keep"]
HdrPolicy = Literal["drop", "original"]
ANY_CAMERA: Final = "*"
WatermarkPosition = Literal["top-left", "top-right", "bottom-left", "bottom-right", "center"]


@dataclass(frozen=True, slots=True)
class ResizeSettings:
    """What a photo becomes.

    Attributes:
        max_width_px: width of the box the upright photo is fitted in.
        max_height_px: height of it.
        fit: `inside` shows all of the photo, `cover` fills the box and cuts, `exact` pads to the box.
        enlarge: whether a smaller photo is made larger.
        format: what is written; `keep` writes what came in, where that can be written.
        quality: 1 to 95, libjpeg's scale; the other lossy formats use the same number.
        max_bytes: largest rendition; the quality is lowered until it fits. None for no limit.
        color: `srgb` converts, `keep` carries the embedded profile along.
        background: what shows through where a format has no transparency, `#rrggbb`.
        metadata: `public` drops position, serial numbers and owner, `keep` keeps them, `none` drops all.
        artist: written over what the photo says, or None.
        copyright: likewise.
        raw: RAW files: `preview` takes the embedded full-size picture if there is one, `develop` never
            does, `skip` leaves RAW files out.
        max_pixels: photos with more pixels are refused before any is allocated.
        memory_bytes: decoded pixels that may be alive at the same time; None for a gigabyte, at most a
            quarter of the machine's memory.
        workers: threads that decode, shrink and encode.
        sharpen: whether photos that were made smaller are sharpened a little for the screen.
        watermark_text: written over every photo, or None.
        watermark_file: a PNG laid over every photo, or None; where it is does not change the recipe.
        watermark_sha256: hash of that PNG, hexadecimal, which does change the recipe; computed by `cli/`.
        watermark_position: where on the upright photo.
        watermark_opacity: 0 for invisible, 1 for as it is.
        watermark_width: share of the photo's width it takes, 0 to 1.
        watermark_margin: distance from the edges as a share of the photo's shorter side, 0 to 0.5.
        animation: `first` takes the first frame of an animated GIF, WebP or PNG, `keep` resizes all of them.
        hdr: `drop` makes an ordinary picture of an HDR photo, `original` takes the file as it is in its place.
        original: whether this is the photo's file as it is; then nothing else here matters.
        camera_tz: camera, or `ANY_CAMERA`, and the name of the time zone its clock shows; each camera once.
        time_shift: likewise, and how many seconds its clock is slow.
    """

    max_width_px: int = 2048
    max_height_px: int = 2048
    fit: Fit = "inside"
    enlarge: bool = False
    format: OutputFormat = "jpeg"
    quality: int = 85
    max_bytes: int | None = None
    color: ColorPolicy = "srgb"
    background: str = "#ffffff"
    metadata: MetadataPolicy = "public"
    artist: str | None = None
    copyright: str | None = None
    raw: RawPolicy = "preview"
    max_pixels: int = 300_000_000
    memory_bytes: int | None = None
    workers: int = field(default_factory=lambda: os.cpu_count() or 1)
    sharpen: bool = False
    watermark_text: str | None = None
    watermark_file: str | None = None
    watermark_sha256: str | None = None
    watermark_position: WatermarkPosition = "bottom-right"
    watermark_opacity: float = 0.5
    watermark_width: float = 0.2
    watermark_margin: float = 0.02
    animation: AnimationPolicy = "first"
    hdr: HdrPolicy = "drop"
    original: bool = False
    camera_tz: tuple[tuple[str, str], ...] = ()
    time_shift: tuple[tuple[str, int], ...] = ()

    @property
    def recipe_id(self) -> str:
        """Hash of every setting that changes pixels or metadata, and of the recipe version.

        Settings at their default are left out: a new option must not upload every archive again. If a
        default is changed, `RECIPE_VERSION` must be raised. An original is the same whatever settings and version are.
        """
        if self.original:
            return _hash_of({"original": True})
        return _hash_of({"version": RECIPE_VERSION} | self._changed())

    @property
    def recipe(self) -> str:
        """What makes the recipe, for people and programs (JSON): the size, and every setting not at its default."""
        size = {"max_width_px": self.max_width_px, "max_height_px": self.max_height_px}
        return json.dumps({"original": True} if self.original else size | self._changed(), sort_keys=True)

    def _changed(self) -> dict[str, object]:
        return {
            name: value for name, value in asdict(self).items() if name not in RESOURCES and value != DEFAULTS[name]
        }


def _hash_of(recipe: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(recipe, sort_keys=True).encode()).hexdigest()[:16]


RESOURCES: Final = frozenset({"max_pixels", "memory_bytes", "workers", "watermark_file"})
"""Resize settings that decide whether, when and from which files a photo is made, never what it looks like."""


DEFAULTS: Final = asdict(ResizeSettings())
"""The default of each resize setting."""


DASK_PORT: Final = ":8786"
On413 = Literal["fail", "shrink"]
FIRST_ANSWER_S: Final = 10.0
"""How long an endpoint that has never answered is tried, at most: most likely its address is wrong."""


@dataclass(frozen=True, slots=True)
class UploadSettings:
    """One gallery that photos go to, and how long it is tried.

    Attributes:
        endpoint_url: the gallery's address; None means the embedded gallery.
        token: bearer token, API key or password, or None for an open gallery; never shown.
        workers: most uploads at the same time; a gallery that cannot cope with them gets fewer.
        connect_timeout_s: longest wait for a connection.
        read_timeout_s: longest wait for the next byte of an answer.
        retry_for_s: how long one photo is tried at an endpoint that has worked.
        first_answer_s: how long an endpoint that has never answered is tried.
        retry_after_cap_s: longest wait a gallery's `Retry-After` can ask for.
        kind: which kind of gallery: a name of the entry point group `photopipe.galleries`, or a preset's; empty for the
            default kind.
        name: what the person calls it; empty for one that has only an address.
        username: user name for which the token is the password, or None.
        options: options that only this kind has, by name.
        album: template of the album each photo is put in, or None.
        on_413: what happens when a photo is too large for the gallery: it fails, or is made smaller.
        ca_bundle: file with the certificates of trusted authorities, or None for the usual ones.
        client_cert: file with our own certificate and perhaps its key, or None.
        client_key: file with the certificate's key, or None if it is in `client_cert`.
        netrc: whether a login is looked up in `~/.netrc`.
        bwlimit: bytes a second all uploads of a run may use together, by time of day; None for no limit.
    """

    endpoint_url: str | None = None
    token: str | None = field(default=None, repr=False)
    workers: int = 4
    connect_timeout_s: float = 5.0
    read_timeout_s: float = 60.0
    retry_for_s: float = 60.0
    first_answer_s: float = FIRST_ANSWER_S
    retry_after_cap_s: float = 60.0
    kind: str = ""
    name: str = ""
    username: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    album: str | None = None
    on_413: On413 = "fail"
    ca_bundle: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    netrc: bool = False
    bwlimit: str | None = None


@dataclass(frozen=True, slots=True)
class LimitSettings:
    """What ends a run before its sources do; photos in progress are finished. None for no limit.

    Attributes:
        max_duration_s: no photo is begun later than this after the beginning of the run.
        max_photos: most photos that are uploaded.
        max_transfer_bytes: no photo is begun when so many bytes were uploaded.
    """

    max_duration_s: float | None = None
    max_photos: int | None = None
    max_transfer_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """Where a run does its work, if not on threads of this process.

    Attributes:
        scheduler: address of a Dask scheduler, as Dask writes it; None for workers that are started here.
        workers: how many processes are started here.
    """

    scheduler: str | None = None
    workers: int = 1

    @classmethod
    def of(cls, text: str) -> "ClusterSettings":
        """What `--on` says.

        Raises:
            UsageError: it is neither `local:N` nor the address of a scheduler.
        """
        if match := re.fullmatch(r"local:([1-9][0-9]{0,2})", text):
            return cls(workers=int(match[1]))
        if match := re.fullmatch(r"dask(\+tls)?://([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?/?", text):
            return cls(f"{'tls' if match[1] else 'tcp'}://{match[2]}{match[3] or DASK_PORT}")
        raise UsageError(
            f"--on {text!r}: write local:N for N processes of this computer, or dask://HOST:8786 for the scheduler of "
            "a Dask cluster (dask+tls:// with encryption)."
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything one run needs to know.

    Attributes:
        download: where photos come from.
        renditions: what they become: a name and its settings for each picture made of a photo.
        uploads: where they go: each photo to each of these galleries.
        gallery_folder: folder of the embedded gallery, used when an `endpoint_url` is None.
        journal_path: the journal's file.
        lock_wait_s: how long to wait for another run to end.
        dry_run: say what would be done, and do nothing.
        only_ask: ask the galleries which photos they have and record that; send nothing.
        limits: what ends the run before its sources do.
        thumbnail_side_px: longest side of the small picture of each photo that a report shows; 0 for none.
        cluster: where the work is done; None for threads of this process.
    """

    download: DownloadSettings
    renditions: tuple[tuple[str, ResizeSettings], ...]
    uploads: tuple[UploadSettings, ...]
    gallery_folder: str
    journal_path: str
    lock_wait_s: float = 0.0
    dry_run: bool = False
    only_ask: bool = False
    limits: LimitSettings = LimitSettings()
    thumbnail_side_px: int = 0
    cluster: ClusterSettings | None = None

    def __post_init__(self) -> None:
        names = {name for name, _ in self.renditions}
        recipes = {resize.recipe_id for _, resize in self.renditions}
        if not self.renditions or len(names) != len(self.renditions) or len(recipes) != len(self.renditions):
            raise UsageError("every rendition needs a name and a look of its own")

    @property
    def resize_workers(self) -> int:
        """Threads that decode, shrink and encode; all renditions of a photo are made by one."""
        return self.renditions[0][1].workers
