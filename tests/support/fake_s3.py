"""A scripted S3 service, for what SeaweedFS is too good for: conditions it does not know, and every error there is.

Source: notes on galleries, section 7 (S3): as seen on s3rver 3.7.1 and rclone 1.75.2, which take no notice of
`If-None-Match`; Amazon S3 API reference, "Error responses", for the rest.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from support.fault_gallery import Fault, status
from support.scripted_gallery import Plan, Reply, Request, ScriptedGallery


@dataclass(frozen=True)
class Object:
    """What the bucket holds under a key."""

    data: bytes
    headers: Mapping[str, str]


class FakeS3(ScriptedGallery):
    """One bucket called `photos`; signatures are not looked at.

    Args:
        plan: what goes wrong; calls are `PUT` and `GET`.
        knows_conditions: `If-None-Match` is honoured.
        may_look: HEAD is allowed; otherwise it is answered 403 whatever is there.
    """

    def __init__(self, plan: Plan | None = None, *, knows_conditions: bool = True, may_look: bool = True) -> None:
        super().__init__(plan)
        self.knows_conditions = knows_conditions
        self.may_look = may_look
        self.objects: dict[str, Object] = {}
        self.looks: list[str] = []

    def name_of(self, method: str, path: str, body: bytes) -> str:
        return method

    def head(self, path: str) -> Reply:
        key = unquote(path).removeprefix("/photos/")
        with self.lock:
            self.looks.append(key)
            held = self.objects.get(key)
        if not self.may_look:
            return Reply(403, body=b"")
        if held is None:
            return Reply(404, body=b"")
        headers = {"ETag": f'"{_md5(held.data)}"', "Content-Length": str(len(held.data)), **held.headers}
        return Reply(200, body=b"", headers=headers)

    def reply(self, request: Request) -> Reply:
        key = unquote(request.path).removeprefix("/photos/")
        kept = {name: value for name, value in request.headers.items() if name.startswith("x-amz-meta-")}
        with self.lock:
            if key in self.objects and self.knows_conditions and request.headers.get("if-none-match") == "*":
                return Reply(412, body=error_body("PreconditionFailed"))
            self.objects[key] = Object(request.body, kept)
        return Reply(200, body=b"", headers={"ETag": f'"{_md5(request.body)}"'})


def refusal(code: int, word: str, headers: Mapping[str, str] | None = None) -> Fault:
    """An error of S3's, as a fault for a plan."""
    return status(code, {"Content-Type": "application/xml", **(headers or {})}, error_body(word))


def error_body(word: str) -> bytes:
    """What S3 says of an error."""
    return f'<?xml version="1.0"?><Error><Code>{word}</Code><Message>it is {word}</Message></Error>'.encode()


def _md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
