"""Version of an Immich, and what our API key may not do."""

from collections.abc import Iterator
from typing import Any, Final

from photopipe.errors import PhotopipeError, UsageError
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.contract import GalleryContext, Health
from photopipe.upload.galleries.immich.api import ImmichApi
from photopipe.upload.galleries.options import read_bool

UPLOAD: Final = "asset.upload"
KNOWN_VERSIONS: Final = {2, 3}


def immich_health(api: ImmichApi, settings: UploadSettings, context: GalleryContext) -> Health:
    """Ask an Immich for its version and what our key may do.

    Raises:
        LoginRefused: the key is not accepted, or may not upload.
        PhotopipeError: no Immich answers there.
    """
    pong = api.call("GET", "/server/ping")
    if _dict_in(pong.json()).get("res") != "pong":
        raise UsageError(f"{api.site}: no Immich answers at this address. Check it.")
    version = _dict_in(api.call("GET", "/server/version").json())
    key = _dict_in(api.call("GET", "/api-keys/me").json())
    permissions = _permissions(key)
    if permissions is not None and UPLOAD not in permissions:
        raise _may_not_upload(context)
    numbers = ".".join(str(version.get(part, "?")) for part in ("major", "minor", "patch"))
    summary = f"Immich {numbers}, by the API key {str(key.get('name', '?'))!r}"
    warnings = [*_about_version(version), *_about_permissions(settings, permissions)]
    return Health(context.errors.shown(summary), tuple(warnings))


def _may_not_upload(context: GalleryContext) -> PhotopipeError:
    return context.errors.of_login(f"the API key lacks the permission {UPLOAD}. Give it this permission")


def _permissions(key: dict[str, Any]) -> set[str] | None:
    """What the key may do; None if it may do all, or does not say."""
    given = key.get("permissions")
    permissions = {str(permission) for permission in given} if isinstance(given, list) else {"all"}
    return None if "all" in permissions else permissions


def _about_version(version: dict[str, Any]) -> Iterator[str]:
    if version.get("major") not in KNOWN_VERSIONS:
        yield "photopipe supports Immich 2 and 3; with this version uploads may fail."


def _about_permissions(settings: UploadSettings, permissions: set[str] | None) -> Iterator[str]:
    """A sentence for each permission that is needed and missing.

    Source: immich-app/immich v3.0.3; the permissions its routes ask for.
    """
    wanted = {
        "--album": ("album.read", "album.create", "albumAsset.create") if settings.album else (),
        "tags": ("tag.create", "tag.asset") if read_bool(settings, "tags", default=True) else (),
        "captions": ("asset.update",) if read_bool(settings, "captions", default=True) else (),
    }
    for what, needed in wanted.items():
        missing = [permission for permission in needed if permissions is not None and permission not in permissions]
        if missing:
            advice = "leave it out" if what == "--album" else f"set {what} = false"
            yield f"{what} will be refused: give the API key {', '.join(missing)}, or {advice}."


def _dict_in(content: Any) -> dict[str, Any]:
    return content if isinstance(content, dict) else {}
