"""A scripted PiGallery2 3.6, lies included.

Source: notes on galleries, section 13 (PiGallery2): as seen on PiGallery2 3.6.0-edge.
"""

from urllib.parse import unquote

from support.scripted_gallery import Plan, Reply, Request, ScriptedGallery

COOKIE = "pigallery2-session=s3cret"


class FakePigallery2(ScriptedGallery):
    """PiGallery2, which says almost everything with HTTP 200 and knows photos by their names.

    Args:
        plan: what goes wrong; the one call is `upload`.
        cookie: of the session that may upload, or None if nobody needs to log in.
    """

    def __init__(self, plan: Plan | None = None, *, cookie: str | None = COOKIE) -> None:
        super().__init__(plan)
        self.cookie = cookie
        self.files: dict[str, bytes] = {}

    def name_of(self, method: str, path: str, body: bytes) -> str:
        return "upload" if method == "POST" and path.startswith("/pgapi/upload/") else "other"

    def reply(self, request: Request) -> Reply:
        if self.cookie is not None and self.cookie not in request.headers.get("cookie", ""):
            return Reply(401, {"error": {"code": 1, "message": "Not authenticated"}, "result": None})
        results = []
        for part in request.parts():
            if part.name != "files":
                return Reply(200, {"error": {"code": 80, "message": "Unexpected field"}, "result": None})
            path = unquote(request.path).removeprefix("/pgapi/upload/").strip("/") + "/" + str(part.file_name)
            with self.lock:
                if path in self.files:
                    results.append({"filename": part.file_name, "error": "File already exists in the directory"})
                else:
                    self.files[path] = part.data  # whatever it is: the content is not looked at
        return Reply(200, {"error": None, "result": results})
