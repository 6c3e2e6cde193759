"""Who may do what: the one place that decides it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from photopipe.errors import GalleryBroken
from photopipe.gallery.access.access_file import AccessFile
from photopipe.gallery.access.asked import Asked
from photopipe.gallery.access.attempt_limit import AttemptLimit
from photopipe.gallery.access.credentials import Credentials
from photopipe.gallery.access.own_site import OwnSite
from photopipe.gallery.access.sessions import is_session, new_session
from photopipe.gallery.store.request_refused import RequestRefused

_PASSWORDS_AT_ONCE: Final = 2
"""Each takes a quarter of a second and one of the server's few threads."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What somebody may do.

    Attributes:
        may_view: look at photos.
        may_write: add photos, and delete them.
        is_logged_in: True for a browser that has logged in.
    """

    may_view: bool
    may_write: bool
    is_logged_in: bool = False


class AccessPolicy:
    """Decides about each request, before anything of it but its header is looked at.

    A token gives every right, and so does the session of a browser that has logged in with one. The password gives the
    right to view. What nobody needs a token or password for depends on who can reach the gallery:

    - on this machine alone: viewing, unless there is a password; whoever may view may write, unless there are tokens;
    - from elsewhere: nothing; viewing if it is public.

    Args:
        site: the names of the gallery.
        access: its tokens and its password.
        is_local: True if only this machine can reach it.
        is_public: True if anybody may view.
        is_private: True if every request needs a token: for a program's own gallery, which no browser logs in to.
        failed_tokens: how often a wrong token may be sent.
        failed_logins: how often a wrong password may be typed.
        now: seconds since 1970.
    """

    def __init__(
        self,
        site: OwnSite,
        access: AccessFile,
        *,
        is_local: bool,
        is_public: bool = False,
        is_private: bool = False,
        failed_tokens: AttemptLimit | None = None,
        failed_logins: AttemptLimit | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.site = site
        self._access = access
        self._is_local = is_local and not is_private
        self._is_public = is_public and not is_private
        self.has_login = not is_private
        self._failed_tokens = failed_tokens or AttemptLimit()
        self._failed_logins = failed_logins or AttemptLimit()
        self._checking = threading.BoundedSemaphore(_PASSWORDS_AT_ONCE)
        self._now = now

    def check(self, asked: Asked) -> Rights:
        """Let a request pass, or refuse it.

        Returns:
            What whoever sent it may do.

        Raises:
            RequestRefused: 421 or 403 if it is not meant for this gallery or comes from another site; 401 if it needs
                a right that whoever sent it does not have, 403 if that is one who has logged in; 429 after too many
                wrong tokens.
        """
        self.site.check_host(asked)
        self.site.check_origin(asked)
        credentials = self._credentials()
        if asked.needs_no_rights:
            return self._rights_without_token(asked, credentials)
        if asked.bearer and credentials.tokens:
            self._check_token(asked, credentials)
            return Rights(may_view=True, may_write=True)
        rights = self._rights_without_token(asked, credentials)
        if asked.changes_something and not rights.may_write:
            raise _not_allowed_to_write(rights)
        if not rights.may_view:
            raise _unauthorized("this gallery shows its photos only to those who log in or bring a token")
        return rights

    def log_in(self, secret: str, asked: Asked) -> str:
        """Start the session of somebody who has typed a password or a token.

        Args:
            secret: what was typed.
            asked: the request it came with.

        Returns:
            The value of the session cookie.

        Raises:
            RequestRefused: 401 if it is wrong; 429 after too many failures, or while others are being checked.
        """
        credentials, address = self._credentials(), self.site.client_address(asked)
        token = credentials.token_of(secret)
        if token is None or token.is_guessable:
            self._failed_logins.check(address)
        credential = token.sha256 if token is not None else self._checked_password(secret, credentials, address)
        return new_session(credentials.session_key, credential, self._now())

    def _credentials(self) -> Credentials:
        try:
            return self._access.read()
        except GalleryBroken as error:
            raise RequestRefused(500, str(error), "access_unreadable") from error

    def _rights_without_token(self, asked: Asked, credentials: Credentials) -> Rights:
        now_s = self._now()
        password, key = credentials.password, credentials.session_key
        by_token = any(is_session(asked.session, key, token.sha256, now_s) for token in credentials.tokens)
        by_password = password is not None and is_session(asked.session, key, password.hash, now_s)
        # A reverse proxy on this machine passes on what comes from elsewhere, even if nobody has said --public-url.
        is_open = self._is_local and not asked.forwarded_for and (password is None or by_password)
        return Rights(
            may_view=by_token or by_password or is_open or self._is_public,
            may_write=by_token or (is_open and not credentials.tokens),
            is_logged_in=by_token or by_password,
        )

    def _check_token(self, asked: Asked, credentials: Credentials) -> None:
        # A random token cannot be guessed, so one who brings it need not suffer for others at the same address.
        token = credentials.token_of(asked.bearer)
        address = self.site.client_address(asked)
        if token is None or token.is_guessable:
            self._failed_tokens.check(address)
        if token is None:
            self._failed_tokens.record_failure(address)
            raise _unauthorized("this is not a token of this gallery")

    def _checked_password(self, typed: str, credentials: Credentials, address: str) -> str:
        if not self._checking.acquire(blocking=False):
            raise RequestRefused(429, "somebody else is just logging in; try again", "busy", {"Retry-After": "1"})
        try:
            self._failed_logins.check(address)
            password = credentials.password
            if password is not None and password.is_of(typed):
                return password.hash
            self._failed_logins.record_failure(address)
        finally:
            self._checking.release()
        raise RequestRefused(401, "this is neither the password nor a token of this gallery", "wrong_password")


def _unauthorized(message: str) -> RequestRefused:
    return RequestRefused(401, message, "unauthorized", {"WWW-Authenticate": "Bearer"})


def _not_allowed_to_write(rights: Rights) -> RequestRefused:
    if rights.is_logged_in:
        return RequestRefused(403, "the password is for viewing; log in with a token to change something", "forbidden")
    return _unauthorized("this gallery needs a token: Authorization: Bearer TOKEN")
