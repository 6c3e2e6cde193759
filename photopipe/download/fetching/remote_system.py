"""File systems on servers: which package speaks which protocol, and calls that end when the run is stopped."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import urlsplit

from photopipe.download.fetching.bucket import BucketSystem, open_buckets
from photopipe.errors import RunStopped, UsageError
from photopipe.stop_token import StopToken

NO_ANSWER_S: Final = 60.0
"""How long a server may be silent."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """A row of the table.

    Attributes:
        package: what has to be installed beside fsspec, by the name it is installed by; empty if nothing.
        module: what is imported to find out whether it is there.
        has_host: True if the address begins with a host, False if with a bucket.
        login: what a person can look at if the login is refused.
        options: what fsspec is told beside the address.
    """

    package: str
    module: str
    has_host: bool
    login: str = "Check the login, and what it may read."
    options: Mapping[str, Any] = field(default_factory=dict)


_SFTP: Final = Protocol(
    "sshfs",
    "sshfs",
    has_host=True,
    login="Check the user's name and the key; `ssh -v HOST` shows which keys are offered.",
    options={
        "known_hosts": (),  # those in ~/.ssh/known_hosts; sshfs itself would trust any server
        "connect_timeout": 10,
        "keepalive_interval": NO_ANSWER_S / 4,
        "keepalive_count_max": 3,
        "sftp_client_kwargs": {"path_errors": "surrogateescape"},
    },
)
_IN_ADDRESS: Final = "Check the user's name and the password in the address."
_NO_CACHE: Final = {"use_listings_cache": False}
PROTOCOLS: Final[Mapping[str, Protocol]] = {
    "s3": Protocol(
        "photopipe[remote]",
        "boto3",
        has_host=False,
        login="Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY or ~/.aws, and that this login may list the bucket and"
        " read its objects.",
    ),
    "sftp": _SFTP,
    "ssh": _SFTP,
    "ftp": Protocol("", "ftplib", has_host=True, login=_IN_ADDRESS, options={**_NO_CACHE, "timeout": NO_ANSWER_S}),
    "gs": Protocol("gcsfs", "gcsfs", has_host=False, options=_NO_CACHE),
    "az": Protocol("adlfs", "adlfs", has_host=False, options=_NO_CACHE),
    "smb": Protocol("smbprotocol", "smbprotocol", has_host=True),
}
"""How an address begins -> what it takes to read there; any other of fsspec's can be added."""


@dataclass(frozen=True, slots=True)
class RemoteAddress:
    """A folder or file on a server.

    Attributes:
        url: what was typed; it may hold a password.
        shown: the same without it.
        prefix: what stands in front of a path there.
    """

    url: str = field(repr=False)
    shown: str
    prefix: str

    @classmethod
    def of(cls, text: str) -> "RemoteAddress":
        """Take an address apart.

        Raises:
            UsageError: it is none, or what is needed to read there is not installed.
        """
        scheme = text.partition(":")[0].lower()
        protocol = PROTOCOLS[scheme]
        for module, package in (("fsspec", "photopipe[remote]"), (protocol.module, protocol.package)):
            if find_spec(module) is None:
                raise UsageError(f"{scheme}:// needs a package that is not installed. Type: pip install '{package}'")
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise UsageError(f"{scheme}://...: is no address that can be understood") from error
        if not host:
            place = "HOST" if protocol.has_host else "BUCKET"
            raise UsageError(f"{scheme}://...: names no {place.lower()}. Write {scheme}://{place}/PATH.")
        if not protocol.has_host:
            return cls(text, f"{scheme}://{parts.netloc}{parts.path}", f"{scheme}://")
        user = f"{parts.username}@" if parts.username else ""
        prefix = f"{scheme}://{user}{host}{f':{port}' if port else ''}"
        return cls(text, f"{prefix}{parts.path}", prefix)

    def open(self) -> tuple[Any, str]:
        """The file system, and the path in it. Each is connected to once, however often it is opened."""
        from fsspec.core import url_to_fs  # type: ignore[import-untyped]

        scheme = self.url.partition(":")[0].lower()
        if scheme == "s3":
            return open_buckets(), self.shown.removeprefix(self.prefix).rstrip("/")
        if scheme in {"sftp", "ssh"}:
            return _open_sftp(self.url)
        system, path = url_to_fs(self.url, **PROTOCOLS[scheme].options)
        return system, path.rstrip("/")


def _open_sftp(url: str) -> tuple[Any, str]:
    """Not fsspec's own kind for this protocol, which would trust any server."""
    from sshfs import SSHFileSystem  # type: ignore[import-untyped]

    named = SSHFileSystem._get_kwargs_from_urls(url)  # noqa: SLF001 - what `url_to_fs` calls as well
    path: str = SSHFileSystem._strip_protocol(url)  # noqa: SLF001 - likewise
    return SSHFileSystem(**named, **_SFTP.options), path.rstrip("/")


def call(system: Any, stop: StopToken, name: str, *arguments: Any, **options: Any) -> Any:
    """Call a method of a file system.

    Most of them work asynchronously, and are interrupted when the run is stopped. The others end by their own limits
    of time.

    Raises:
        RunStopped: the run was stopped meanwhile.
    """
    if stop.is_set():
        raise RunStopped("stopped while a server was read")
    if isinstance(system, BucketSystem):
        return getattr(system, name)(*arguments, **options, stop=stop)
    if not system.async_impl:
        return getattr(system, name)(*arguments, **options)
    import asyncio
    from concurrent.futures import CancelledError

    future = asyncio.run_coroutine_threadsafe(getattr(system, f"_{name}")(*arguments, **options), system.loop)

    def cancel() -> None:
        future.cancel()

    forget = stop.on_set(cancel)
    try:
        return future.result()
    except CancelledError as error:
        raise RunStopped("stopped while a server was read") from error
    finally:
        forget()


def reason_of(error: BaseException) -> str:
    """What a library says, on one line of bearable length."""
    if isinstance(error, FileNotFoundError):  # some say only the name then
        return "there is no such file or folder."
    words = " ".join(str(error).split()) or type(error).__name__
    return words if len(words) <= 200 else f"{words[:197]}..."
