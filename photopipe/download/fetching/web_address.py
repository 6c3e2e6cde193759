"""An http or https address: what is asked for, and the spelling of it that may be shown and recorded."""

import hashlib
import os
import re
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import quote, unquote, unquote_to_bytes, urlsplit, urlunsplit

from photopipe.errors import DownloadError, UsageError

IS_ADDRESS: Final = re.compile("https?://", re.IGNORECASE)
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_PATH_CHARACTERS: Final = "/%:@!$&'()*+,;=~"
"""What stays as it is in a path.

Source: RFC 3986 section 3.3.
"""
_QUERY_CHARACTERS: Final = _PATH_CHARACTERS + "?[]"
_SIGNATURES: Final = (
    frozenset({"awsaccesskeyid", "signature"}),
    frozenset({"googleaccessid", "signature"}),
    frozenset({"key-pair-id", "signature"}),
    frozenset({"sig", "sv"}),
)
"""Parameters that make an address a signed one.

Source: Amazon S3 signature version 2, Google Cloud Storage V2, CloudFront signed URLs, Azure shared access signatures.
"""
_SIGNATURE_PARTS: Final = frozenset().union(*_SIGNATURES) | frozenset(
    {"expires", "policy", "se", "st", "sp", "sr", "spr", "sip", "skoid", "sktid", "skt", "ske", "sks", "skv"}
)
"""Parameters of such signatures, which are new each time."""
_V4_BEGINNINGS: Final = ("x-amz-", "x-goog-")
"""Likewise of Amazon's and Google's signatures version 4."""


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An address that a photo is fetched from.

    Attributes:
        url: what is asked for, without a login; its query may hold secrets.
        path: how the photo is called in messages, records and the journal.
        login: user name and password, or None.
    """

    url: str = field(repr=False)
    path: str
    login: tuple[str, str] | None = field(default=None, repr=False)

    @classmethod
    def of(cls, text: str) -> "WebAddress":
        """Take an address apart.

        The photo is known by the address without login, fragment and query. Of a query, which may hold a secret, a
        part of its hash stands in for it; signatures, which change each time, count for nothing. The name is
        decoded, so that it reads as a file's does.

        Raises:
            UsageError: it is none; the message shows nothing of it.
        """
        try:
            parts = urlsplit(text)
            host, port = parts.hostname, parts.port
        except ValueError as error:
            raise UsageError("is no address that can be understood") from error
        scheme = parts.scheme.lower()
        if scheme not in _DEFAULT_PORTS or not host:
            raise UsageError("is no address that can be understood")
        host = f"[{host}]" if ":" in host else host
        place = host if port in {None, _DEFAULT_PORTS[scheme]} else f"{host}:{port}"
        folder, _, name = quote(os.fsencode(parts.path), safe=_PATH_CHARACTERS).rpartition("/")
        login = (unquote(parts.username or ""), unquote(parts.password or "")) if "@" in parts.netloc else None
        return cls(
            urlunsplit(
                (scheme, place, f"{folder}/{name}", quote(os.fsencode(parts.query), safe=_QUERY_CHARACTERS), "")
            ),
            f"{scheme}://{place}{folder}/{_decoded(name)}{_query_mark(parts.query)}",
            login,
        )

    @property
    def path_in_host(self) -> str:
        """The path without the host's name and without a query, which may be another for each host that asks."""
        return unquote(urlsplit(self.url).path).lstrip("/")

    @property
    def is_folder(self) -> bool:
        """True if the path ends in a slash and nothing comes after it."""
        return self.url.endswith("/") and "?" not in self.url

    @property
    def folder_path(self) -> str:
        """How a folder is called: that of the path of a photo in it."""
        return self.url.rpartition("/")[0]

    def trusts(self, other: "WebAddress") -> bool:
        """True if a login for this address may be sent to the other, too: the same server, and no less secret."""
        here, there = urlsplit(self.url), urlsplit(other.url)
        return here.netloc == there.netloc and there.scheme in {here.scheme, "https"}

    def elsewhere(self, url: str) -> "WebAddress":
        """Another address with the same login; a server sends us there.

        Raises:
            DownloadError: it is none.
        """
        try:
            return replace(WebAddress.of(url), login=self.login)
        except UsageError as error:
            raise DownloadError("cannot be fetched: its server sends us to an address that is none.") from error


def without_secrets(text: str) -> str:
    """What may be shown of something that was meant to be an address."""
    return text.rpartition("@")[2].partition("?")[0]


def _decoded(name: str) -> str:
    """The last part of a path as a file would be called; a part that could not be a name stays as it is."""
    decoded = os.fsdecode(unquote_to_bytes(name))
    if "/" in decoded or "\0" in decoded or decoded in {".", ".."}:
        return name
    return decoded or "photo"


def _query_mark(query: str) -> str:
    """What stands for the query: two photos that differ in it must not be taken for one."""
    parameters = {part: unquote(part.partition("=")[0]).lower() for part in query.split("&")}
    is_signed = any(signature.issubset(parameters.values()) for signature in _SIGNATURES)
    left_out = _SIGNATURE_PARTS if is_signed else frozenset[str]()
    kept = [part for part, name in parameters.items() if name not in left_out and not name.startswith(_V4_BEGINNINGS)]
    text = "&".join(kept)
    return f"?{hashlib.sha256(os.fsencode(text)).hexdigest()[:12]}" if text else ""
