"""A WebDAV server in memory that answers as it is told: what real servers do, and we cannot install.

Source: notes on galleries, section 6 (WebDAV: seven servers, and the manuals of Nextcloud and ownCloud).
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import unquote, urlsplit

Headers = Mapping[str, str]


@dataclass(frozen=True)
class Says:
    """What is answered instead of the truth.

    Attributes:
        status: of the answer.
        headers: of the answer.
        does: whether the server does what was asked all the same.
        keeps: how many bytes of a PUT are kept, or None for all.
        hangs_up: whether the connection is closed instead.
    """

    status: int | None = None
    headers: Headers = field(default_factory=dict)
    does: bool = False
    keeps: int | None = None
    hangs_up: bool = False


@dataclass(frozen=True)
class Asked:
    """One request.

    Attributes:
        method: HTTP method.
        path: decoded, without the slash in front.
        headers: by name in lower case.
    """

    method: str
    path: str
    headers: Headers


class FakeWebdav:
    """Run while the `with` block lasts.

    Args:
        talk: told each request; what it returns is answered, and for None the truth.

    Attributes:
        files: path -> bytes.
        folders: paths.
        asked: every request.
    """

    def __init__(self, talk: Callable[[Asked], Says | None] = lambda _asked: None) -> None:
        self.talk = talk
        self.files: dict[str, bytes] = {}
        self.folders: set[str] = {""}
        self.asked: list[Asked] = []
        self.lock = threading.RLock()

    def methods(self, *names: str) -> list[str]:
        """The requests with one of these methods, in order: `PUT a/b.jpg`."""
        return [f"{asked.method} {asked.path}" for asked in self.asked if asked.method in names]

    def __enter__(self) -> Self:
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = False
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), name="fake-webdav")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def do(self, asked: Asked, body: bytes) -> tuple[int, Headers, bytes]:  # noqa: PLR0911 - one for each method
        """What a good server does."""
        path, parent = asked.path, asked.path.rpartition("/")[0]
        match asked.method:
            case "HEAD" | "GET" if path in self.files:
                return 200, {"Content-Length": str(len(self.files[path]))}, self.files[path]
            case "HEAD" | "GET" | "DELETE" | "MOVE" if path not in self.files:
                return 404, {}, b""
            case "PROPFIND" if path in self.files:
                length = f"<d:getcontentlength>{len(self.files[path])}</d:getcontentlength>"
                return 207, {}, f"<d:multistatus>{length}</d:multistatus>".encode()
            case "PROPFIND":
                return (207 if path in self.folders else 404), {}, b""
            case "MKCOL" if path in self.folders:
                return 405, {}, b""
            case "MKCOL" | "PUT" if parent not in self.folders:
                return 409, {}, b""
            case "MKCOL":
                self.folders.add(path)
                return 201, {}, b""
            case "PUT":
                self.files[path] = body
                return 201, {}, b""
            case "DELETE":
                del self.files[path]
                return 204, {}, b""
            case "MOVE":
                target = unquote(urlsplit(asked.headers["destination"]).path).strip("/")
                if target in self.files and asked.headers["overwrite"] == "F":
                    return 412, {}, b""
                self.files[target] = self.files.pop(path)
                return 201, {}, b""
        return 501, {}, b""


class _Handler(BaseHTTPRequestHandler):
    fake: FakeWebdav
    protocol_version = "HTTP/1.0"  # each connection ends with its answer, so no thread is left

    def log_message(self, *_: object) -> None:
        pass

    def do_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, unquote(urlsplit(self.path).path).strip("/"), headers)
        with self.fake.lock:
            self.fake.asked.append(asked)
            says = self.fake.talk(asked)
            if says is not None and says.hangs_up:
                return
            if says is None or says.does or says.status is None:
                kept = body if says is None or says.keeps is None else body[: says.keeps]
                status, known, answer = self.fake.do(asked, kept)
            else:
                status, known, answer = says.status, {}, b""
        if says is not None:
            status, known = says.status or status, {**known, **says.headers}
        self._answer(status, known, answer)

    do_HEAD = do_GET = do_PUT = do_DELETE = do_MKCOL = do_MOVE = do_PROPFIND = do_OPTIONS = do_any  # noqa: N815 - http.server's names

    def _answer(self, status: int, headers: Headers, body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
