"""What shows that somebody may do more: tokens and a password. Only what they can be recognised by is kept."""

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass, field
from typing import Final

TOKEN_PREFIX: Final = "photopipe-"  # noqa: S105 - the beginning of every token, not one
_RANDOM_BYTES: Final = 32
_SHORTEST_UNGUESSABLE: Final = 32
"""Characters: 16 random bytes in hexadecimal have as many."""


def new_session_key() -> bytes:
    """A random key that signs sessions."""
    return secrets.token_bytes(_RANDOM_BYTES)


@dataclass(frozen=True, slots=True)
class NamedToken:
    """A token, as it is kept.

    A token has 256 random bits, so its plain SHA-256 cannot be turned back by guessing; a slow hash, as passwords
    need it, would only make every request slow.

    Attributes:
        name: who or what uses it.
        sha256: of the token, hexadecimal.
        added_at: RFC 3339, UTC; empty if it was given at the start and is not kept.
        is_guessable: True if a person chose it, and it is short.
    """

    name: str
    sha256: str
    added_at: str = ""
    is_guessable: bool = False


@dataclass(frozen=True, slots=True)
class PasswordHash:
    """A password, as it is kept: hashed slowly, because people choose what can be guessed.

    Attributes:
        salt: random, hexadecimal.
        hash: of the password with the salt, hexadecimal.
        n: cost: 128 * r * n bytes of memory are used.
        r: block size.
        p: how often all of it is done.

    Source: RFC 7914, scrypt; OWASP Password Storage Cheat Sheet, for the costs; RFC 8265, 4.2, for NFC.
    """

    salt: str
    hash: str
    n: int = 2**14
    r: int = 8
    p: int = 5

    @classmethod
    def of(cls, password: str, *, n: int = 2**14) -> "PasswordHash":
        """Hash a new password; it takes about a quarter of a second."""
        empty = cls(secrets.token_hex(16), "", n)
        return cls(empty.salt, empty.hash_of(password), n)

    def hash_of(self, password: str) -> str:
        """What the hash of this password is, with this salt and these costs."""
        return hashlib.scrypt(
            unicodedata.normalize("NFC", password).encode(errors="surrogatepass"),  # as different keyboards send it
            salt=bytes.fromhex(self.salt),
            n=self.n,
            r=self.r,
            p=self.p,
            maxmem=256 * self.r * (self.n + self.p + 2),
        ).hex()

    def is_of(self, password: str) -> bool:
        """True for the right password."""
        return hmac.compare_digest(self.hash_of(password), self.hash)


@dataclass(frozen=True, slots=True)
class Credentials:
    """All that the gallery recognises.

    Attributes:
        tokens: who brings one may look and change.
        password: who knows it may look; None if there is none.
        session_key: signs the cookies of those who have logged in.
    """

    tokens: tuple[NamedToken, ...] = ()
    password: PasswordHash | None = None
    session_key: bytes = field(default_factory=new_session_key, repr=False)

    def token_of(self, text: str) -> NamedToken | None:
        """The token that this text is, or None; the time it takes does not tell which one, or how much of it fits."""
        sha256 = sha256_of(text)
        fitting = [token for token in self.tokens if hmac.compare_digest(token.sha256, sha256)]
        return fitting[0] if fitting else None


def new_token() -> str:
    """A random token."""
    return TOKEN_PREFIX + secrets.token_urlsafe(_RANDOM_BYTES)


def given_token(text: str) -> NamedToken:
    """A token that is given at the start, and that a person may have made up."""
    return NamedToken("", sha256_of(text), is_guessable=len(text) < _SHORTEST_UNGUESSABLE)


def sha256_of(text: str) -> str:
    """What a token is recognised by, hexadecimal."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
