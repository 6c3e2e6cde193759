"""The gallery a run starts for itself: a child process that ends with the run."""

import json
import os
import secrets
import selectors
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import IO, Final, Self

from photopipe.errors import GalleryBroken, RunStopped
from photopipe.stop_token import NEVER, StopToken

START_LIMIT_S: Final = 15.0
END_LIMIT_S: Final = 10.0
_STDERR_TAIL_BYTES: Final = 2000


class EmbeddedGallery:
    """A gallery in a child process, started when it is first needed and ended with the `with` block.

    Args:
        folder: the gallery's folder.

    Attributes:
        folder: the same, absolute.
        token: what requests must bring; known before the gallery runs.
    """

    def __init__(self, folder: str) -> None:
        self.folder = os.path.abspath(folder)
        self.token = secrets.token_urlsafe(32)
        self._lock = threading.Lock()
        self._resources = ExitStack()
        self._url: str | None = None
        self._failure: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Address of the running gallery, `http://127.0.0.1:PORT`.

        Raises:
            GalleryBroken: it has not been started.
        """
        if self._url is None:
            raise GalleryBroken("the gallery has not been started")
        return self._url

    def start(self, stop: StopToken = NEVER) -> str:
        """Start the gallery unless it runs already; from any thread.

        Args:
            stop: ends the wait until it is up.

        Returns:
            Its address.

        Raises:
            GalleryBroken: it does not come up; every later call says the same.
            RunStopped: the run was stopped meanwhile, and the gallery with it.
        """
        with self._lock:
            if self._failure is not None:
                raise GalleryBroken(self._failure)
            if self._url is None:
                try:
                    self._url = self._start_child(stop)
                except GalleryBroken as error:
                    self._failure = str(error)
                    self._resources.close()
                    raise
                except RunStopped:
                    self._resources.close()
                    raise
            return self._url

    def close(self) -> None:
        """End the gallery: requests in progress are finished, then the process is gone."""
        with self._lock:
            self._failure = self._failure or "the gallery has been closed"
            self._url = None
            self._resources.close()

    def _start_child(self, stop: StopToken) -> str:
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - the stack below closes it
        self._resources.callback(errors.close)
        try:
            child = subprocess.Popen(
                child_command(self.folder),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                bufsize=0,
                start_new_session=True,  # Ctrl-C at the terminal goes to the parent alone
            )
        except OSError as error:
            raise GalleryBroken(f"the gallery cannot be started: {error.strerror}") from error
        self._resources.callback(_end, child)
        assert child.stdin is not None  # noqa: S101 - both were asked for above
        assert child.stdout is not None  # noqa: S101
        with suppress(BrokenPipeError):  # it is gone already: its answer says why
            child.stdin.write(f"{self.token}\n".encode())
        try:
            return self._address_in(_first_line(child.stdout, stop), errors)
        except RunStopped:
            child.kill()  # it has taken nothing that it would have to finish
            raise

    def _address_in(self, line: bytes | None, errors: IO[bytes]) -> str:
        answer = json.loads(line) if line else {}
        if "url" in answer:
            return str(answer["url"])
        if "error" in answer:
            raise GalleryBroken(str(answer["error"]))
        why = f"no answer within {START_LIMIT_S:.0f} s" if line is None else "it ended at once"
        raise GalleryBroken(f"the gallery in {self.folder} did not start: {why}.{_tail(errors)}")


def child_command(folder: str) -> list[str]:
    """The command that runs the gallery of a folder, for as long as its standard input is open."""
    # Python would look for modules in the working directory first, and that may be a camera's card.
    # Only where photopipe itself was found there does it have to.
    package_parent = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    isolation = [] if package_parent == os.getcwd() else ["-P"]
    return [sys.executable, *isolation, "-m", "photopipe.gallery", "--folder", folder]


def _first_line(stdout: IO[bytes], stop: StopToken) -> bytes | None:
    """The first line, what there is of it if the child ends, or None if the time is up.

    Raises:
        RunStopped: the run was stopped meanwhile.
    """
    deadline = time.monotonic() + START_LIMIT_S
    line = b""
    with selectors.DefaultSelector() as selector, _woken_by(stop) as woken:
        selector.register(stdout, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while not line.endswith(b"\n"):
            if not selector.select(max(0.0, deadline - time.monotonic())):
                return None
            if stop.is_set():
                raise RunStopped("stopped while the gallery was being started")
            chunk = os.read(stdout.fileno(), 4096)
            if not chunk:
                break
            line += chunk
    return line


@contextmanager
def _woken_by(stop: StopToken) -> Iterator[socket.socket]:
    """A socket that can be read from as soon as the run is stopped."""
    reader, writer = socket.socketpair()

    def wake() -> None:
        with suppress(OSError):  # closed meanwhile: no thread waits any more
            writer.send(b"x")

    with reader, writer:
        forget = stop.on_set(wake)
        try:
            yield reader
        finally:
            forget()


def _end(child: "subprocess.Popen[bytes]") -> None:
    """Close the child's input, which ends it; kill it if that does not."""
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
    try:
        child.wait(END_LIMIT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _tail(errors: IO[bytes]) -> str:
    size_bytes = errors.seek(0, os.SEEK_END)
    errors.seek(max(0, size_bytes - _STDERR_TAIL_BYTES))
    text = errors.read().decode(errors="replace").strip()
    return f" It said:\n{text}" if text else ""
