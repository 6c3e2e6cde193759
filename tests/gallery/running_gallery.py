"""A real gallery on a free port, served by a thread, and the words tests speak to it with."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import requests

from photopipe.gallery.api.photo_url import OWN_ADDRESS
from photopipe.gallery.server.pace import USUAL_PATIENCE, Patience
from photopipe.gallery.server.serve import Openness, serve

DEADLINE_S: Final = 20.0
PROBLEM: Final = {"type", "title", "status", "detail", "reason"}
"""The members of every error."""


def jpeg(content: str) -> bytes:
    """Bytes that begin like a JPEG and differ for each content."""
    return b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + content.encode() * 50


def sha256_of(data: bytes) -> str:
    """Hash of some bytes, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def stored_files(folder: Path) -> list[str]:
    """Every file in a gallery's folder that is not its own state, relative."""
    files = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(str(path) for path in files if path.parts[0] != ".photopipe")


def arriving_files(folder: Path) -> list[Path]:
    """Every temporary file."""
    return list((folder / ".photopipe" / "incoming").iterdir())


@dataclass
class GalleryClient:
    """Speaks the protocol to one gallery."""

    url: str
    folder: Path
    token: str | None = None
    session: requests.Session = field(default_factory=requests.Session)

    def __post_init__(self) -> None:
        self.session.trust_env = False

    def headers(self, key: str | None = None) -> dict[str, str]:
        token = {"Authorization": f"Bearer {self.token}"} if self.token is not None else {}
        return token | ({"Idempotency-Key": key} if key is not None else {})

    def post(self, data: bytes, key: str | None = None, name: str = "IMG_0042.jpg", **fields: str) -> requests.Response:
        """Send a photo, with its right hash unless `fields` has another."""
        return self.session.post(
            f"{self.url}/api/photos",
            files={"file": (name, data, "image/jpeg")},
            data={"sha256": sha256_of(data), "taken_at": "2025-10-03T12:33:10"} | fields,
            headers=self.headers(key),
            timeout=DEADLINE_S,
        )

    def get(self, path: str, **query: str) -> requests.Response:
        """Ask for anything."""
        return self.session.get(self.url + path, params=query, headers=self.headers(), timeout=DEADLINE_S)

    def send(self, method: str, path: str) -> requests.Response:
        """Send a request without a body."""
        return self.session.request(method, self.url + path, headers=self.headers(), timeout=DEADLINE_S)

    def photos(self, **query: str) -> list[dict[str, Any]]:
        """The photos that `GET /api/photos` lists."""
        answer = self.get("/api/photos", **query)
        assert answer.status_code == 200, answer.text
        photos: list[dict[str, Any]] = answer.json()["photos"]
        return photos


@contextmanager
def running_gallery(
    folder: Path,
    token: str | None = None,
    public_url: str | None = OWN_ADDRESS,
    *,
    openness: Openness | None = None,
    host: str = "127.0.0.1",
    patience: Patience = USUAL_PATIENCE,
) -> Iterator[GalleryClient]:
    """Serve a folder until the block is left; then the server's thread is gone too.

    With a token and no `openness`, everything needs the token.
    """
    stop, started, addresses, failures = threading.Event(), threading.Event(), list[str](), list[BaseException]()

    def ready(address: str) -> None:
        addresses.append(address)
        started.set()

    def run() -> None:
        try:
            serve(
                str(folder),
                host=host,
                port=0,
                token=token,
                public_url=public_url,
                ready=ready,
                stop=stop,
                openness=openness or Openness(is_private=token is not None),
                patience=patience,
            )
        except BaseException as error:
            failures.append(error)
        finally:
            started.set()

    thread = threading.Thread(target=run, name="gallery-under-test")
    thread.start()
    try:
        assert started.wait(DEADLINE_S)
        if failures:
            raise failures[0]
        client = GalleryClient(addresses[0], folder, token)
        with client.session:
            yield client
    finally:
        stop.set()
        thread.join(DEADLINE_S)
        assert not thread.is_alive()
    assert failures == []
