"""A page of another web site, which tries to make a visitor's browser write to the gallery."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final

from playwright.sync_api import Page

ATTACKS: Final = {
    "a multipart form": """async ({url, photo}) => submitted(`${url}/api/photos`, "multipart/form-data", photo)""",
    "a form of plain text": """async ({url, photo}) => submitted(`${url}/api/photos`, "text/plain", photo)""",
    "an ordinary form": """async ({url, photo}) =>
        submitted(`${url}/api/photos/1/restore`, "application/x-www-form-urlencoded", photo)""",
    "a multipart fetch": """async ({url, photo}) => fetched(`${url}/api/photos`, {
        method: "POST", mode: "no-cors", credentials: "include", body: formData(photo)})""",
    "a fetch of plain text": """async ({url, photo}) => fetched(`${url}/api/photos`, {
        method: "POST", mode: "no-cors", credentials: "include", body: await photoFile(photo).text()})""",
    "a DELETE": """async ({url}) => fetched(`${url}/api/photos/1`, {method: "DELETE", credentials: "include"})""",
    "a DELETE in disguise": """async ({url}) => fetched(`${url}/api/photos/1`, {
        method: "POST", mode: "no-cors", credentials: "include",
        body: new URLSearchParams({_method: "DELETE", "X-HTTP-Method-Override": "DELETE"})})""",
}
"""What is tried, and the script that tries it and waits for its end."""

TOOLS: Final = """
    const photoFile = photo => new File([Uint8Array.from(atob(photo), c => c.charCodeAt(0))], "stolen.jpg");
    const formData = photo => {
        const form = new FormData();
        form.append("file", photoFile(photo));
        return form;
    };
    const fetched = (url, options) => fetch(url, options).then(() => "answered", error => String(error));
    const submitted = (url, enctype, photo) => new Promise(resolve => {
        const frame = document.createElement("iframe");
        frame.name = "hidden";
        document.body.append(frame);
        const form = document.body.appendChild(document.createElement("form"));
        Object.assign(form, {action: url, method: "POST", enctype, target: frame.name});
        const input = form.appendChild(document.createElement("input"));
        Object.assign(input, {type: "file", name: "file"});
        const files = new DataTransfer();
        files.items.add(photoFile(photo));
        input.files = files.files;
        frame.addEventListener("load", () => resolve("answered"));
        form.submit();
    });
"""


def attack(page: Page, script: str, url: str, photo: bytes) -> object:
    """Run one of `ATTACKS` on the page that is open.

    Args:
        page: of another site.
        script: what to do.
        url: the gallery's address.
        photo: a photo that the gallery does not have.

    Returns:
        What came of it, as far as the page can tell.
    """
    body = base64.b64encode(photo).decode()
    return page.evaluate(f"argument => {{ {TOOLS}; return ({script})(argument); }}", {"url": url, "photo": body})


class _OtherSite(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"<!doctype html><title>Another site</title><body>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


@contextmanager
def other_site() -> Iterator[int]:
    """Serve an empty page on loopback, at any path.

    Yields:
        The port.
    """
    with ThreadingHTTPServer(("127.0.0.1", 0), _OtherSite) as server:
        server.daemon_threads = False
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
