"""A scripted Lychee 7, API v2, lies included.

Source: notes on galleries, section 3 (Lychee): read in LycheeOrg/Lychee 7.7.4; not seen running.
"""

from support.scripted_gallery import Plan, Reply, Request, ScriptedGallery

TOKEN = "lychee-s3cret"
PRESENT = ("album_id", "file_name", "uuid_name", "extension", "chunk_number", "total_chunks")


class FakeLychee(ScriptedGallery):
    """Lychee, which answers `done` if it works at once and `ready` if it puts photos into a queue.

    Args:
        plan: what goes wrong; the one call is `upload`.
        skip_duplicates: the server's setting of this name; otherwise the old photo is linked into the album too.
        queues: photos are worked on later; what goes wrong then is never said.
    """

    def __init__(self, plan: Plan | None = None, *, skip_duplicates: bool = True, queues: bool = False) -> None:
        super().__init__(plan)
        self.skip_duplicates = skip_duplicates
        self.queues = queues
        self.photos: list[bytes] = []
        self.fields: list[dict[str, str]] = []

    def name_of(self, method: str, path: str, body: bytes) -> str:
        return "upload" if (method, path) == ("POST", "/api/v2/Photo") else "other"

    def reply(self, request: Request) -> Reply:
        if request.headers.get("authorization") not in (TOKEN, f"Bearer {TOKEN}"):
            return Reply(400, {"message": "Invalid token", "exception": "BadRequestHeaderException"})
        if "application/json" not in request.headers.get("accept", ""):
            return Reply(415, {"message": "Accept must be JSON"})
        parts = {part.name: part for part in request.parts()}
        missing = [name for name in (*PRESENT, "file") if name not in parts]
        if missing:
            return Reply(422, {"message": f"The {missing[0]} field must be present.", "errors": {}})
        fields = {name: part.text for name, part in parts.items() if name != "file"}
        if (fields["chunk_number"], fields["total_chunks"], fields["uuid_name"]) != ("1", "1", ""):
            return Reply(409, {"message": "Chunk was sent before"})
        return self._take(parts["file"].data, fields)

    def _take(self, data: bytes, fields: dict[str, str]) -> Reply:
        with self.lock:
            is_there = data in self.photos
            if is_there and self.skip_duplicates and not self.queues:
                return Reply(409, {"message": "The photo has been skipped", "exception": "PhotoSkippedException"})
            if not is_there:
                self.photos.append(data)
                self.fields.append(fields)
            number = self.photos.index(data) + 1
        meta: dict[str, object] = {
            "file_name": fields["file_name"],
            "extension": ".jpg",
            "uuid_name": "aaaaaaaaaaaaaaaa.jpg",
        }
        meta |= {"stage": "ready" if self.queues else "done", "chunk_number": 1, "total_chunks": 1}
        return Reply(201, meta | {"expected_id": f"{number:024d}", "title": fields.get("title")})
