"""A scripted Immich, v2 or v3, lies included.

Source: notes on galleries, section 1 (Immich): as seen on Immich 3.0.3, and read in the sources of 2.7.5.
"""

import hashlib
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from support.scripted_gallery import Part, Plan, Reply, Request, ScriptedGallery

KEY = "immich-s3cret-key"
TYPES = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".avif", ".gif")
ZONE = re.compile(r"(Z|[+-]\d\d:\d\d)$")
PERMISSIONS = {
    "POST /assets": "asset.upload",
    "POST /assets/bulk-upload-check": "asset.upload",
    "PUT /assets/{id}": "asset.update",
    "GET /albums": "album.read",
    "POST /albums": "album.create",
    "PUT /albums/{id}/assets": "albumAsset.create",
    "PUT /tags": "tag.create",
    "PUT /tags/assets": "tag.asset",
}
IDS = re.compile(r"/(asset|album)-\d+")


@dataclass
class Asset:
    """A photo Immich holds."""

    id: str
    sha1: str
    data: bytes
    file_name: str
    fields: dict[str, str]
    is_trashed: bool = False
    description: str = ""
    tags: list[str] = field(default_factory=list)


@dataclass
class Album:
    """An album; names are not unique."""

    id: str
    name: str
    created_at: str = "2026-11-01T00:00:00.000Z"
    asset_ids: list[str] = field(default_factory=list)


def sha1_of(data: bytes) -> str:
    """By this Immich knows a photo."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


class FakeImmich(ScriptedGallery):
    """Immich behind no proxy.

    Args:
        plan: what goes wrong, by calls such as `POST /assets` and `PUT /albums/{id}/assets`.
        version: 2 or 3.
        permissions: of the API key.
        has_well_known: whether `/.well-known/immich` is answered.
        quota: how many photos there is room for.
    """

    def __init__(
        self,
        plan: Plan | None = None,
        *,
        version: int = 3,
        permissions: Collection[str] = ("all",),
        has_well_known: bool = True,
        quota: int | None = None,
    ) -> None:
        super().__init__(plan)
        self.version, self.permissions, self.has_well_known = version, permissions, has_well_known
        self.quota = quota
        self.assets: list[Asset] = []
        self.albums: list[Album] = []
        self.tags: dict[str, str] = {}

    def name_of(self, method: str, path: str, body: bytes) -> str:
        return f"{method} {IDS.sub('/{id}', path.removeprefix('/api'))}"

    def reply(self, request: Request) -> Reply:
        with self.lock:
            return self._reply(request, self.name_of(request.method, request.path, request.body))

    def _reply(self, request: Request, name: str) -> Reply:
        anybody: dict[str, Callable[[], Reply]] = {
            "GET /.well-known/immich": self._well_known,
            "GET /server/ping": lambda: Reply(200, {"res": "pong"}),
            "GET /server/version": lambda: Reply(200, {"major": self.version, "minor": 0, "patch": 3}),
        }
        if name in anybody:
            return anybody[name]()
        refused = self._login(request) or self._permission(name)
        return refused or self._work(request, name)

    def _well_known(self) -> Reply:
        if self.has_well_known:
            return Reply(200, {"api": {"endpoint": "/api"}})
        return Reply(200, headers={"Content-Type": "text/html"}, body=b"<html>the web page, whatever was asked")

    def _work(self, request: Request, name: str) -> Reply:
        calls: dict[str, Callable[[Request], Reply]] = {
            "GET /api-keys/me": self._key,
            "POST /assets": self._upload,
            "POST /assets/bulk-upload-check": self._bulk_check,
            "GET /albums": lambda _: Reply(200, [self._shown(album) for album in self.albums]),
            "POST /albums": self._make_album,
            "PUT /albums/{id}/assets": self._add,
            "PUT /tags": self._upsert_tags,
            "PUT /tags/assets": self._tag,
            "PUT /assets/{id}": self._describe,
        }
        return calls[name](request) if name in calls else self._error(404, f"Cannot {name}", "Not Found")

    def _key(self, _request: Request) -> Reply:
        return Reply(200, {"id": "key-1", "name": "photopipe", "permissions": list(self.permissions)})

    def _bulk_check(self, request: Request) -> Reply:
        return Reply(200, {"results": [self._checked(asked) for asked in request.json()["assets"]]})

    def _make_album(self, request: Request) -> Reply:
        self.albums.append(Album(f"album-{len(self.albums) + 1}", request.json()["albumName"]))
        return Reply(201, self._shown(self.albums[-1]))

    def _upsert_tags(self, request: Request) -> Reply:
        tags = request.json()["tags"]
        return Reply(200, [{"id": self.tags.setdefault(tag, f"tag-{tag}"), "value": tag} for tag in tags])

    def _describe(self, request: Request) -> Reply:
        asset = self._asset(request.path.rpartition("/")[2])
        asset.description = request.json()["description"]
        return Reply(200, {"id": asset.id})

    def _login(self, request: Request) -> Reply | None:
        key = request.headers.get("x-api-key")
        if key == KEY:
            return None
        if key is None and "authorization" in request.headers:
            return self._error(401, "Invalid user token", "Unauthorized")
        return self._error(401, "Invalid API key" if key else "Authentication required", "Unauthorized")

    def _permission(self, name: str) -> Reply | None:
        needed = PERMISSIONS.get(name)
        if needed is None or "all" in self.permissions or needed in self.permissions:
            return None
        return self._error(403, f"Missing required permission: {needed}", "Forbidden")

    def _error(self, status: int, message: str | list[str], title: str, errors: list[Any] | None = None) -> Reply:
        """v3 says what is wrong with which field; v2 has the status's name in the way."""
        if self.version >= 3:
            content = {"message": message} | ({"errors": errors} if errors else {})
            return Reply(status, content, {"X-Correlation-ID": "abc"})
        return Reply(status, {"message": message, "error": title, "statusCode": status, "correlationId": "abc"})

    def _upload(self, request: Request) -> Reply:
        """A known checksum in the header is believed, and the body not even looked at."""
        known = self._by_sha1(request.headers.get("x-immich-checksum", ""))
        if known:
            return Reply(200, {"status": "duplicate", "id": known.id})
        parts = request.parts()
        files = [part for part in parts if part.file_name is not None]
        fields = {part.name: part.text for part in parts if part.file_name is None}
        wrong = self._wrong_with(files, fields, parts)
        if wrong:
            return wrong
        data = files[0].data
        known = self._by_sha1(sha1_of(data))
        if known:
            return Reply(200, {"status": "duplicate", "id": known.id})
        if self.quota is not None and len(self.assets) >= self.quota:
            return self._error(400, "Quota has been exceeded!", "Bad Request")
        return self._store(data, fields.get("filename") or str(files[0].file_name), fields)

    def _store(self, data: bytes, file_name: str, fields: dict[str, str]) -> Reply:
        """Bytes are not looked into: text named .jpg is stored as well."""
        asset = Asset(f"asset-{len(self.assets) + 1}", sha1_of(data), data, file_name, fields)
        self.assets.append(asset)
        return Reply(201, {"id": asset.id, "status": "created"})

    def _wrong_with(self, files: list[Part], fields: dict[str, str], parts: list[Part]) -> Reply | None:
        if [part.name for part in files] != ["assetData"]:
            message = f"Unexpected field - {files[0].name}" if files else "File is required"
            return self._error(400, message, "Bad Request")
        before = [part.name for part in parts[: parts.index(files[0])]]
        name = fields.get("filename", "") if "filename" in before else str(files[0].file_name)
        if not name.lower().endswith(TYPES):
            return self._error(400, f"Unsupported file type {name}", "Bad Request")
        return self._wrong_v3(fields) if self.version >= 3 else self._wrong_v2(fields)

    def _wrong_v3(self, fields: dict[str, str]) -> Reply | None:
        errors = [
            {"path": [name], "code": "invalid_format", "message": "Invalid ISO datetime"}
            for name in ("fileCreatedAt", "fileModifiedAt")
            if not ZONE.search(fields.get(name, ""))
        ]
        return self._error(400, "Validation failed", "Bad Request", errors) if errors else None

    def _wrong_v2(self, fields: dict[str, str]) -> Reply | None:
        needed = ("deviceAssetId", "deviceId", "fileCreatedAt", "fileModifiedAt")
        missing = [f"{name} should not be empty" for name in needed if not fields.get(name)]
        return self._error(400, missing, "Bad Request") if missing else None

    def _by_sha1(self, sha1: str) -> Asset | None:
        return next((asset for asset in self.assets if asset.sha1 == sha1), None)

    def _asset(self, asset_id: str) -> Asset:
        return next(asset for asset in self.assets if asset.id == asset_id)

    def _checked(self, asked: dict[str, str]) -> dict[str, Any]:
        known = self._by_sha1(asked["checksum"])
        if known is None:
            return {"id": asked["id"], "action": "accept"}
        seen = {"assetId": known.id, "isTrashed": known.is_trashed}
        return {"id": asked["id"], "action": "reject", "reason": "duplicate", **seen}

    def _shown(self, album: Album) -> dict[str, Any]:
        shown = {"id": album.id, "albumName": album.name, "createdAt": album.created_at}
        return shown if self.version >= 3 else shown | {"assets": [], "owner": {}}

    def _add(self, request: Request) -> Reply:
        """200 whatever happens; of a photo that is not there it says `no_permission`."""
        album = next((album for album in self.albums if album.id == request.path.split("/")[3]), None)
        if album is None:
            return self._error(400, "Not found or no albumAsset.create access", "Bad Request")
        return Reply(200, [self._added(album, asset_id) for asset_id in request.json()["ids"]])

    def _added(self, album: Album, asset_id: str) -> dict[str, Any]:
        if asset_id in album.asset_ids:
            return {"id": asset_id, "success": False, "error": "duplicate"}
        if asset_id not in [asset.id for asset in self.assets if not asset.is_trashed]:
            return {"id": asset_id, "success": False, "error": "no_permission"}
        album.asset_ids.append(asset_id)
        return {"id": asset_id, "success": True}

    def _tag(self, request: Request) -> Reply:
        asked = request.json()
        names = {tag_id: name for name, tag_id in self.tags.items()}
        for asset_id in asked["assetIds"]:
            tags = self._asset(asset_id).tags
            tags += [names[tag_id] for tag_id in asked["tagIds"] if names[tag_id] not in tags]
        return Reply(200, {"count": len(asked["tagIds"])})
