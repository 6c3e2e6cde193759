"""How we log in to a Piwigo: with an API key in each request, or once by name for a cookie.

Source: Piwigo/Piwigo 17.0.0beta1, `include/user.inc.php`, `include/ws_functions/pwg.users.php`; commit 3da45eaba.
"""

from typing import TYPE_CHECKING, Any, Final

from photopipe.errors import UsageError
from photopipe.settings import UploadSettings
from photopipe.upload.http.auth import Auth

if TYPE_CHECKING:
    import requests

ADMINISTRATORS: Final = {"admin", "webmaster"}
"""Who may upload through the API."""


def api_key_auth(key: str) -> Auth:
    """An API key, `pkid-...:secret`: 16.0 reads one header, 16.1 and later only the other.

    Args:
        key: id and secret.
    """

    def authenticate(request: "requests.PreparedRequest") -> "requests.PreparedRequest":
        request.headers["X-PIWIGO-API"] = key
        request.headers["Authorization"] = key
        return request

    return authenticate


class Login:
    """The state of one worker's login.

    Args:
        settings: who we are.

    Attributes:
        username: who logs in, or None with an API key.
        password: their password, or the key.
        pwg_token: what Piwigo wants to see with changes made on a cookie.
        is_open: whether we have logged in; always true with a key.
        is_proven: whether it has worked for a request that only administrators may make.
    """

    def __init__(self, settings: UploadSettings) -> None:
        self.username = settings.username
        self.password = settings.token or ""
        if not self.password or (self.username is None and ":" not in self.password):
            raise UsageError(
                "a Piwigo wants a login: an API key (ID:SECRET) as the token, or a user name with the password as token"
            )
        self.pwg_token = ""
        self.is_open = self.username is None
        self.is_proven = False

    def hide_in(self, text: str) -> str:
        """The text without what we log in with, and without the secret half of a key."""
        secret = self.password.partition(":")[2] if self.username is None else ""
        for shown in filter(None, (self.password, secret)):
            text = text.replace(shown, "[token]")
        return text

    def opened(self, status: dict[str, Any]) -> None:
        """Note a login that worked, with what `pwg.session.getStatus` says after it."""
        self.pwg_token = str(status.get("pwg_token") or "")
        self.is_open, self.is_proven = True, False

    def has_run_out(self) -> bool:
        """After a refusal: whether a login that worked has expired, so that we log in again.

        A login that never worked is refused for good, and an API key cannot be renewed.
        """
        if self.username is None or not self.is_proven:
            return False
        self.is_open = self.is_proven = False
        return True
