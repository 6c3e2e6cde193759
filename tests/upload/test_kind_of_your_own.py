"""The example of docs/galleries.md is a gallery photos arrive in."""

import re
from pathlib import Path
from typing import Any

import pytest
from support.scripted_gallery import Reply, Request, ScriptedGallery
from support.uploading import Time, make_photo

from photopipe.settings import UploadSettings
from photopipe.upload.galleries.contract import Gallery
from photopipe.upload.uploader import Uploader

DOCUMENT = Path(__file__).parents[2] / "docs" / "galleries.md"


class Shelf(ScriptedGallery):
    """Keeps what is PUT, by its path."""

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[str, bytes] = {}

    def name_of(self, method: str, path: str, body: bytes) -> str:
        return method

    def head(self, path: str) -> Reply:
        return Reply(200 if path in {"/", *self.held} else 404, body=b"")

    def reply(self, request: Request) -> Reply:
        self.held[request.path] = request.body
        return Reply(201)


def example() -> type[Gallery]:
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  # it is our own documentation
    shoebox: type[Gallery] = names["Shoebox"]
    return shoebox


def test_the_example_of_the_documentation_takes_finds_and_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    shoebox, time = example(), Time()
    monkeypatch.setattr("photopipe.upload.uploader.gallery_class", lambda _kind: shoebox)
    with Shelf() as server, Uploader(UploadSettings(server.site, kind="shoebox")).open_client() as client:
        assert client.check(time).summary == "a shoebox"
        assert client.find(make_photo(), "key", time) is None
        receipt = client.upload(make_photo(), "key", time).receipt
        assert client.find(make_photo(), "key", time) == receipt
    assert (receipt.remote_id, receipt.url) == ("key", server.site)
    assert server.held == {"/key": b"picture"}
