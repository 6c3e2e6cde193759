"""Every request is checked before anything else is looked at; what is answered is made safe for browsers."""

from collections.abc import Collection
from typing import Final
from urllib.parse import quote

from flask import Flask, Request, Response, g, redirect, request
from markupsafe import escape
from werkzeug.wrappers import Response as AnyResponse

from photopipe.gallery.access.access_policy import AccessPolicy, Rights
from photopipe.gallery.access.asked import LOGIN_PATH, SESSION_COOKIE, Asked
from photopipe.gallery.store.request_refused import RequestRefused

PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FILE_POLICY: Final = "sandbox; default-src 'none'"
"""For what senders sent: whatever it is, it runs nothing and loads nothing."""
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    # Nothing to other sites; with `no-referrer`, browsers would send `Origin: null` with our own forms, too.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
}


def guard(app: Flask, access: AccessPolicy, shown_by_browsers: Collection[str]) -> None:
    """Let an application answer only what the policy allows.

    Views find what their visitor may do in `visitor_rights()`.

    Args:
        app: the application.
        access: decides.
        shown_by_browsers: media types of files that browsers show; they save the others.
    """

    @app.before_request
    def check() -> AnyResponse | None:
        try:
            g.rights = access.check(asked_by(request))
        except RequestRefused as error:
            if error.status == 401 and access.has_login and is_for_a_page(request):
                return _ask_again() if _comes_from_another_site(request) else _to_login()
            raise
        return None

    @app.after_request
    def harden(answer: Response) -> Response:
        is_file = request.path.startswith(("/photos/", "/thumbs/"))
        answer.headers["Content-Security-Policy"] = FILE_POLICY if is_file else PAGE_POLICY
        answer.headers.update(HEADERS)
        answer.headers.setdefault("Cache-Control", "private, no-cache")
        if request.path.startswith("/photos/") and answer.status_code < 300:
            # Without a name: browsers take the address's last part, and no header can be forged by a file's name.
            how = "inline" if answer.mimetype in shown_by_browsers else "attachment"
            answer.headers["Content-Disposition"] = how
        return answer


def visitor_rights() -> Rights:
    """What the visitor may do whose request is being answered."""
    rights: Rights = g.get("rights", Rights(may_view=False, may_write=False))
    return rights


def asked_by(asking: Request) -> Asked:
    """A request as the policy looks at it."""
    headers = asking.headers
    return Asked(
        method=asking.method,
        path=asking.path,
        address=asking.remote_addr or "",
        forwarded_for=headers.get("X-Forwarded-For", ""),
        host=headers.get("Host", ""),
        origin=headers.get("Origin", ""),
        fetch_site=headers.get("Sec-Fetch-Site", ""),
        authorization=headers.get("Authorization", ""),
        session=asking.cookies.get(SESSION_COOKIE, ""),
    )


def _to_login() -> AnyResponse:
    return redirect(f"{LOGIN_PATH}?next={quote(_own_address())}", 303)


def _ask_again() -> AnyResponse:
    """Have the browser ask again from a page of ours: a link on another site does not bring a strict cookie along."""
    return Response(f'<!doctype html><meta http-equiv="refresh" content="0; url={escape(_own_address())}">')


def _own_address() -> str:
    query = request.query_string.decode("latin-1")
    return quote(request.path) + (f"?{query}" if query else "")


def _comes_from_another_site(asking: Request) -> bool:
    return asking.headers.get("Sec-Fetch-Site") in {"cross-site", "same-site"}


def is_for_a_page(asking: Request) -> bool:
    """True if a person's browser asks for something to show as a page."""
    is_looking = asking.method in {"GET", "HEAD"} and not asking.path.startswith("/api/")
    return is_looking and "text/html" in asking.headers.get("Accept", "") and "Authorization" not in asking.headers
