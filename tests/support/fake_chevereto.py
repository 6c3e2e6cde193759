"""A scripted Chevereto, API 1.1, lies included.

Source: notes on galleries, section 5 (Chevereto): read in chevereto/v4-docs api/1 and in chevereto-free's
class.image.php; not seen running.
"""

import hashlib
from dataclasses import dataclass

from support.scripted_gallery import Plan, Reply, Request, ScriptedGallery

KEY = "chv_s3cret"


@dataclass(frozen=True)
class Image:
    """A photo Chevereto holds."""

    id: str
    data: bytes
    fields: dict[str, str]


class FakeChevereto(ScriptedGallery):
    """Chevereto 4.

    Args:
        plan: what goes wrong; the one call is `upload`.
        moderated: images come back without addresses until somebody approves them.
    """

    def __init__(self, plan: Plan | None = None, *, moderated: bool = False) -> None:
        super().__init__(plan)
        self.moderated = moderated
        self.images: list[Image] = []

    def name_of(self, method: str, path: str, body: bytes) -> str:
        return "upload" if (method, path) == ("POST", "/api/1/upload") else "other"

    def reply(self, request: Request) -> Reply:
        if request.path != "/api/1/upload":
            return Reply(404, body=b"<html>not here</html>")
        parts = {part.name: part for part in request.parts()}
        if KEY not in (request.headers.get("x-api-key"), parts["key"].text if "key" in parts else None):
            return _error(100, "Invalid API key.")
        if "source" not in parts or parts["source"].file_name is None:
            return _error(130, "Empty upload source.")
        return self._take(parts["source"].data, {name: part.text for name, part in parts.items() if name != "source"})

    def _take(self, data: bytes, fields: dict[str, str]) -> Reply:
        with self.lock:
            if any(image.data == data for image in self.images):
                return _error(101, "Duplicated upload")  # neither id nor address of the one that is there
            image = Image(f"x{len(self.images) + 1}Z", data, fields)
            self.images.append(image)
        md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
        content = {"id_encoded": image.id, "md5": md5, "source_md5": None, "size": len(data), "is_approved": 1}
        if self.moderated:
            content["is_approved"] = 0
        else:
            content |= {"url": f"{self.site}/images/{image.id}.jpg", "url_viewer": f"{self.site}/image/{image.id}"}
        success = {"message": "image uploaded", "code": 200}
        return Reply(200, {"status_code": 200, "success": success, "image": content, "status_txt": "OK"})


def _error(code: int, message: str) -> Reply:
    """Every refusal is HTTP 400, a wrong key too."""
    error = {"message": message, "code": code, "context": "Exception"}
    return Reply(400, {"status_code": 400, "error": error, "status_txt": "Bad Request"})
