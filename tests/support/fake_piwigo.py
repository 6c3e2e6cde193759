"""A scripted Piwigo, 14 to 17, lies included.

Source: notes on galleries, section 2 (Piwigo): as seen on Piwigo 17.0.0beta1, and read in the sources of 14.5 to 16.4.
"""

import hashlib
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from support.fault_gallery import TAKE_AND_CUT, TAKE_AND_DROP, TAKE_AND_HANG, Fault
from support.scripted_gallery import Part, Plan, Reply, Request, ScriptedGallery

KEY = "pkid-20261101-abcdefghij0123456789:s3cretpart0123456789s3cretpart0123456789"
PASSWORD = "s3cret password"
TAKE_LATER = Fault("take later")
"""The connection breaks while the server is still at work; the photo is there two seconds later."""
WORK_S = 2.0
METHOD = re.compile(rb'(?:^|&)method=([\w.]+)|name="method"\r\n\r\n([\w.]+)\r\n')
ADMIN_ONLY = {
    "pwg.images.addSimple",
    "pwg.images.exist",
    "pwg.images.setInfo",
    "pwg.images.uploadCompleted",
    "pwg.categories.add",
    "pwg.categories.getAdminList",
}
TYPES = ("jpg", "jpeg", "png", "gif", "webp")
WARNING = "<br />\n<b>Warning</b>:  Undefined array key {x} in <b>/piwigo/functions.php</b> on line <b>7</b><br />\n"


@dataclass
class Photo:
    """A row of the table of photos; its MD5 need not be the only one."""

    id: int
    md5: str
    data: bytes
    fields: dict[str, str]
    albums: set[int] = field(default_factory=set)
    lounge: set[int] = field(default_factory=set)
    tags: list[str] = field(default_factory=list)


class FakePiwigo(ScriptedGallery):
    """A Piwigo, below the path `/piwigo`.

    Args:
        plan: what goes wrong, by method; `TAKE_LATER` as well.
        version: decides which header of an API key is read.
        user_status: of the user anna and of the owner of the key.
        detects_duplicates: the setting `upload_detect_duplicate`.
        has_warnings: PHP warns before each answer.
        clock: seconds, for what is taken later.
        work_s: how long an upload takes between looking for the MD5 and storing it.
        upload_max_bytes: PHP's `upload_max_filesize`.
        post_max_bytes: PHP's `post_max_size`.
    """

    def __init__(
        self,
        plan: Plan | None = None,
        *,
        version: tuple[int, int] = (17, 0),
        user_status: str = "webmaster",
        detects_duplicates: bool = True,
        has_warnings: bool = False,
        clock: Callable[[], float] = lambda: 0.0,
        work_s: float = 0.0,
        upload_max_bytes: int = 10**9,
        post_max_bytes: int = 10**9,
    ) -> None:
        super().__init__(plan)
        self.version, self.user_status, self.detects_duplicates = version, user_status, detects_duplicates
        self.has_warnings, self.clock, self.work_s = has_warnings, clock, work_s
        self.upload_max_bytes, self.post_max_bytes = upload_max_bytes, post_max_bytes
        self.photos: list[Photo] = []
        self.categories: list[tuple[int, str]] = [(1, "Public")]
        self.tags: list[str] = []
        self.sessions: set[str] = set()
        self.logins = 0
        self.in_flight: Counter[str] = Counter()
        self.most_in_flight = 0
        self.most_uploads = 0
        self._unfinished: list[tuple[float, Callable[[], Any]]] = []
        self._work = threading.Event()

    @property
    def url(self) -> str:
        return f"{self.site}/piwigo"

    def name_of(self, method: str, path: str, body: bytes) -> str:
        found = METHOD.search(body)
        return (found[1] or found[2]).decode() if found else f"{method} {path}"

    def visible_in(self, category: int) -> list[int]:
        """What visitors see in an album; not what waits in the lounge."""
        return [photo.id for photo in self.photos if category in photo.albums]

    def reply(self, request: Request) -> Reply | None:
        with self.lock:
            self._finish_what_is_due()
        if request.path != "/piwigo/ws.php":
            return Reply(404, headers={"Content-Type": "text/html"}, body=b"<html>not found</html>")
        if request.method != "POST":
            return self._fail(405, "This method requires HTTP POST")
        if len(request.body) > self.post_max_bytes:
            return self._fail(501, 'Missing "method" name')
        parts = request.parts()
        fields = {part.name: part.text for part in parts if part.file_name is None}
        if not self._has_key(request):
            fields = dict(request.query) | fields  # with a key, the address counts for nothing
        return self._call(request, fields, [part for part in parts if part.file_name is not None])

    def _call(self, request: Request, fields: dict[str, str], files: list[Part]) -> Reply | None:
        method = fields.get("method", "")
        if self._bad_key(request):
            return self._fail(401, "Invalid api_key")
        if method in ADMIN_ONLY and not self._is_admin(request):
            return self._fail(401, "Access denied")
        if method == "pwg.images.addSimple":
            return self._upload(request, fields, files)
        with self.lock:
            return self._small_call(request, method, fields)

    def _small_call(self, request: Request, method: str, fields: dict[str, str]) -> Reply:
        calls: dict[str, Callable[[], Reply]] = {
            "pwg.session.login": lambda: self._log_in(fields),
            "pwg.session.getStatus": lambda: self._status(request),
            "pwg.images.exist": lambda: self._exist(fields),
            "pwg.categories.getAdminList": self._admin_list,
            "pwg.categories.add": lambda: self._make_album(fields),
            "pwg.images.setInfo": lambda: self._set_info(fields),
            "pwg.images.uploadCompleted": lambda: self._completed(request, fields),
        }
        return calls[method]() if method in calls else self._fail(501, "Method name is not valid")

    def _exist(self, fields: dict[str, str]) -> Reply:
        return self._ok({md5: self._id_of(md5) for md5 in re.split("[,; |]", fields["md5sum_list"])})

    def _admin_list(self) -> Reply:
        return self._ok({"categories": [{"id": str(number), "name": name} for number, name in self.categories]})

    def _make_album(self, fields: dict[str, str]) -> Reply:
        """Another album of the same name is made as well."""
        self.categories.append((len(self.categories) + 1, fields["name"]))
        return self._ok({"info": "Album added", "id": len(self.categories)})

    # who is asking

    def _has_key(self, request: Request) -> bool:
        return self._key_in(request) is not None

    def _key_in(self, request: Request) -> str | None:
        """What this version reads: nothing before 16, one header in 16.0, another since."""
        if self.version < (16, 0):
            return None
        return request.headers.get("authorization" if self.version == (16, 0) else "x-piwigo-api")

    def _bad_key(self, request: Request) -> bool:
        return self._key_in(request) not in {None, KEY}

    def _session_of(self, request: Request) -> str:
        found = re.search(r"pwg_id=(\w+)", request.headers.get("cookie", ""))
        return found[1] if found and found[1] in self.sessions else ""

    def _user(self, request: Request) -> str:
        return "anna" if self._has_key(request) or self._session_of(request) else "guest"

    def _is_admin(self, request: Request) -> bool:
        return self._user(request) == "anna" and self.user_status in {"admin", "webmaster"}

    def _token_of(self, request: Request) -> str:
        return f"token-{self._session_of(request)}"

    def _log_in(self, fields: dict[str, str]) -> Reply:
        """A bad login is told under 200."""
        if (fields.get("username"), fields.get("password")) != ("anna", PASSWORD):
            return self._fail(999, "Invalid username/password")
        self.logins += 1
        session = f"session{self.logins}"
        self.sessions.add(session)
        return self._ok(True, {"Set-Cookie": f"pwg_id={session}; path=/piwigo/; HttpOnly"})

    def _status(self, request: Request) -> Reply:
        user = self._user(request)
        status = self.user_status if user == "anna" else "guest"
        version = f"{self.version[0]}.{self.version[1]}.0"
        known = {"username": user, "status": status, "version": version, "pwg_token": self._token_of(request)}
        return self._ok(known | {"upload_file_types": ",".join(TYPES), "upload_form_chunk_size": 500})

    # what is done

    def _upload(self, request: Request, fields: dict[str, str], files: list[Part]) -> Reply | None:
        if [part.name for part in files] != ["image"]:
            return self._fail(405, "The image (file) is missing")
        data, name = files[0].data, str(files[0].file_name)
        if len(data) > self.upload_max_bytes:
            return self._fail(500, "The uploaded file exceeds the upload_max_filesize directive in php.ini")
        if name.rpartition(".")[2].lower() not in TYPES or data.startswith(b"text"):
            return self._fail(415, "forbidden file type")
        if self._crashes_on(data):
            return self._fail(500, "Duplicate entry '1-2' for key 'PRIMARY'")
        store = self._begin(hashlib.md5(data, usedforsecurity=False).hexdigest(), data, fields)
        if request.fault == TAKE_LATER:
            with self.lock:
                self._unfinished.append((self.clock() + WORK_S, store))
            return None
        if request.fault not in {TAKE_AND_DROP, TAKE_AND_HANG, TAKE_AND_CUT}:
            self._work.wait(self.work_s)
        with self.lock:
            return self._ok(store())

    def _crashes_on(self, data: bytes) -> bool:
        """Up to 14.2, a photo that is still in the lounge cannot come again."""
        return self.version < (14, 3) and any(photo.lounge for photo in self.photos if photo.data == data)

    def _begin(self, md5: str, data: bytes, fields: dict[str, str]) -> Callable[[], dict[str, Any]]:
        """Look for the MD5 and the tags now; what is returned stores what was not there then."""
        with self.lock:
            known = self._id_of(md5) if self.detects_duplicates else None
            tags = [tag for tag in re.split(r"(?<!\\),", fields.get("tags", "")) if tag]
            new_tags = [tag for tag in tags if tag not in self.tags]
            self.in_flight[md5] += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight[md5])
            self.most_uploads = max(self.most_uploads, self.in_flight.total())

        def store() -> dict[str, Any]:
            self.in_flight[md5] -= 1
            self.tags += new_tags
            return self._stored(known, md5, data, fields, tags)

        return store

    def _stored(
        self, known: str | None, md5: str, data: bytes, fields: dict[str, str], tags: list[str]
    ) -> dict[str, Any]:
        """An old photo's number comes as text, a new one's as a number, and nothing else tells them apart."""
        if known is None:
            self.photos.append(Photo(len(self.photos) + 1, md5, data, fields, tags=tags))
        photo = self.photos[int(known) - 1 if known else -1]
        category = int(fields.get("category", "0"))
        if category in dict(self.categories):  # else the photo is stored, and lost
            photo.lounge.add(category)
        return {"image_id": known or photo.id, "url": f"{self.url}/picture.php?/{photo.id}/category/{category}"}

    def _finish_what_is_due(self) -> None:
        due = [store for at, store in self._unfinished if at <= self.clock()]
        self._unfinished = [(at, store) for at, store in self._unfinished if at > self.clock()]
        for store in due:
            store()

    def _id_of(self, md5: str) -> str | None:
        return next((str(photo.id) for photo in self.photos if photo.md5 == md5), None)

    def _set_info(self, fields: dict[str, str]) -> Reply:
        photo = self._photo(fields["image_id"])
        if photo is None:
            return self._fail(404, "image_id not found")
        assert fields["multiple_value_mode"] == "append", "it would be taken out of its other albums"
        photo.albums.add(int(fields["categories"]))
        return self._ok(None)

    def _completed(self, request: Request, fields: dict[str, str]) -> Reply:
        """Empties the whole lounge, whoever's photos are in it."""
        if not self._has_key(request) and fields.get("pwg_token") != self._token_of(request):
            return self._fail(403, "Invalid security token")
        if "category_id" not in fields:
            return self._fail(1002, "Missing parameters: category_id")
        for photo in self.photos:
            photo.albums |= photo.lounge
            photo.lounge.clear()
        return self._ok({"moved_from_lounge": []})

    def _photo(self, image_id: str) -> Photo | None:
        return next((photo for photo in self.photos if str(photo.id) == image_id), None)

    # how it is said

    def _ok(self, result: Any, headers: Mapping[str, str] | None = None) -> Reply:
        return self._say(200, {"stat": "ok", "result": result}, headers)

    def _fail(self, code: int, message: str) -> Reply:
        """The number is the status only where a status can be."""
        status = code if 400 <= code < 600 else 200
        return self._say(status, {"stat": "fail", "err": code, "message": message})

    def _say(self, status: int, content: dict[str, Any], headers: Mapping[str, str] | None = None) -> Reply:
        body = (WARNING if self.has_warnings else "") + json.dumps(content)
        return Reply(
            status, headers={"Content-Type": "text/plain; charset=utf-8", **(headers or {})}, body=body.encode()
        )
