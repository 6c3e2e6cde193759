"""One gallery of each kind, ready to be stood behind a proxy, and a way to see what it holds."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

from support import fake_immich, fake_piwigo, seaweed, webdav_servers
from support.fault_gallery import FaultGallery
from support.real_servers import MakeCommand, RealServer, require_script, started


@dataclass(frozen=True)
class Stand:
    """A gallery that runs, with nothing in it.

    Attributes:
        port: where it listens on 127.0.0.1; 0 if it is none that listens.
        upload: fields of `UploadSettings`, made from the address it is reached at, without a path.
        held: what it holds, as content hashes; twice what it holds twice.
    """

    port: int
    upload: Callable[[str], Mapping[str, Any]]
    held: Callable[[], list[str]]


class Grounds:
    """Where galleries stand: real servers are started when they are first needed, and end with the block.

    Each stand is a new gallery, or a new folder of one.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._servers: dict[str, RealServer] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @contextmanager
    def stand(self, kind: str, folder: Path) -> Iterator[Stand]:
        """A gallery of a kind; skips the test where its server is not installed.

        Args:
            kind: of gallery.
            folder: a new one, its name never used before.
        """
        with _STANDS[kind](self, folder) as stand:
            yield stand

    @contextmanager
    def form(self, _folder: Path) -> Iterator[Stand]:
        """A form endpoint that keeps twice what is sent twice."""
        with FaultGallery(idempotent=False) as gallery:
            parts = urlsplit(gallery.url)
            yield Stand(
                parts.port or 0,
                lambda url: {"endpoint_url": url + parts.path},
                lambda: [photo.sha256 for photo in gallery.stored],
            )

    @contextmanager
    def immich(self, _folder: Path) -> Iterator[Stand]:
        """The scripted Immich, with an album."""
        with fake_immich.FakeImmich() as gallery:
            yield Stand(
                urlsplit(gallery.site).port or 0,
                lambda url: {"endpoint_url": url, "token": fake_immich.KEY, "album": "The card"},
                lambda: _hashes(asset.data for asset in gallery.assets if not asset.is_trashed),
            )

    @contextmanager
    def piwigo(self, _folder: Path) -> Iterator[Stand]:
        """The scripted Piwigo with its search for duplicates switched off, with an album."""
        with fake_piwigo.FakePiwigo(detects_duplicates=False) as gallery:
            parts = urlsplit(gallery.url)
            yield Stand(
                parts.port or 0,
                lambda url: {"endpoint_url": url + parts.path, "token": fake_piwigo.KEY, "album": "The card"},
                lambda: _hashes(photo.data for photo in gallery.photos),
            )

    @contextmanager
    def webdav(self, folder: Path) -> Iterator[Stand]:
        """A folder of a wsgidav."""
        program = require_script("wsgidav")
        server = self._server("wsgidav", lambda top, ports: webdav_servers._wsgidav_command(program, top, ports[0]))
        below = f"files/{folder.name}"
        (server.folder / below).mkdir()
        login = {"username": webdav_servers.USERNAME, "token": webdav_servers.PASSWORD}
        yield Stand(
            server.port,
            lambda url: {"endpoint_url": f"{url}/{folder.name}", **login},
            lambda: _hashes(
                data for name, data in webdav_servers.files_of(server, below).items() if ".part-" not in name
            ),
        )

    @contextmanager
    def s3(self, folder: Path) -> Iterator[Stand]:
        """A prefix of a bucket of a SeaweedFS."""
        program = require_script("weed")
        is_new = "seaweed" not in self._servers
        server = self._server(
            "seaweed",
            lambda top, ports: seaweed._command(program, top, ports),
            port_count=8,
            is_ready=seaweed._is_ready,
        )
        if is_new:
            client = seaweed.boto3_client(server)
            client.create_bucket(Bucket=seaweed.BUCKET)
            client.close()
        login = {"username": seaweed.ACCESS_KEY, "token": seaweed.SECRET}
        yield Stand(
            server.port,
            lambda url: {
                "endpoint_url": f"s3://{seaweed.BUCKET}/{folder.name}",
                "options": {"endpoint": url},
                **login,
            },
            lambda: _hashes(seaweed.objects_in(server, f"{folder.name}/").values()),
        )

    @contextmanager
    def folder(self, folder: Path) -> Iterator[Stand]:
        """A folder on this machine."""
        gallery = folder / "gallery"
        gallery.mkdir()
        yield Stand(
            0,
            lambda _url: {"endpoint_url": f"folder://{gallery}"},
            lambda: _hashes(path.read_bytes() for path in gallery.rglob("[!.]*") if path.is_file()),
        )

    def _server(self, name: str, make_command: MakeCommand, **how: Any) -> RealServer:
        if name not in self._servers:
            self._servers[name] = self._stack.enter_context(started(name, make_command, **how))
        return self._servers[name]


def _hashes(contents: Iterable[bytes]) -> list[str]:
    return [sha256(content).hexdigest() for content in contents]


_STANDS: Final[dict[str, Callable[[Grounds, Path], AbstractContextManager[Stand]]]] = {
    "form": Grounds.form,
    "immich": Grounds.immich,
    "piwigo": Grounds.piwigo,
    "webdav": Grounds.webdav,
    "s3": Grounds.s3,
    "folder": Grounds.folder,
}
KINDS: Final = tuple(_STANDS)
