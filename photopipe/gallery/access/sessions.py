"""Sessions of people who have logged in: nothing is kept but the cookie, which is signed."""

import hashlib
import hmac
from typing import Final

LIFETIME_S: Final = 30 * 24 * 3600


def new_session(key: bytes, credential: str, now_s: float) -> str:
    """The value of a cookie.

    Args:
        key: signs it; with another one, all sessions end.
        credential: hash of what was used to log in; the session ends with it.
        now_s: seconds since 1970.
    """
    expires_at_s = int(now_s) + LIFETIME_S
    return f"{expires_at_s}.{_signature(key, credential, expires_at_s)}"


def is_session(value: str, key: bytes, credential: str, now_s: float) -> bool:
    """True if a cookie's value was made by `new_session` for this credential, and has not expired."""
    expiry, _, signature = value.partition(".")
    if not (expiry.isascii() and expiry.isdigit() and len(expiry) < 16 and signature.isascii()):
        return False
    is_right = hmac.compare_digest(signature, _signature(key, credential, int(expiry)))
    return is_right and now_s < int(expiry)


def _signature(key: bytes, credential: str, expires_at_s: int) -> str:
    return hmac.new(key, f"session {expires_at_s} {credential}".encode(), hashlib.sha256).hexdigest()
