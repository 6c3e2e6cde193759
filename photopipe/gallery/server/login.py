"""Logging in and out in a browser."""

import unicodedata
from typing import Final

from flask import Blueprint, Response, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from photopipe.gallery.access.access_policy import AccessPolicy
from photopipe.gallery.access.asked import LOGIN_PATH, LOGOUT_PATH, SESSION_COOKIE
from photopipe.gallery.access.sessions import LIFETIME_S
from photopipe.gallery.server.guards import asked_by, visitor_rights
from photopipe.gallery.site.pages import Pages
from photopipe.gallery.store.request_refused import RequestRefused

FIRST_PAGE: Final = "/"


def make_login(access: AccessPolicy, title: str) -> Blueprint:
    """The routes `/login` and `/logout`.

    Args:
        access: decides.
        title: what the pages call the gallery.
    """
    login = Blueprint("login", __name__)
    pages = Pages(title)

    @login.get(LOGIN_PATH)
    def show_form() -> AnyResponse:
        where = own_path(request.args.get("next", FIRST_PAGE))
        return redirect(where, 303) if visitor_rights().may_write else _form(pages, where)

    @login.post(LOGIN_PATH)
    def log_in() -> AnyResponse:
        where = own_path(request.form.get("next", FIRST_PAGE))
        try:
            session = access.log_in(request.form.get("password", "").strip(), asked_by(request))
        except RequestRefused as error:
            return _form(pages, where, error)
        answer = redirect(where, 303)
        answer.set_cookie(
            SESSION_COOKIE, session, LIFETIME_S, secure=access.site.is_secure, httponly=True, samesite="Strict"
        )
        return answer

    @login.post(LOGOUT_PATH)
    def log_out() -> AnyResponse:
        answer = redirect(FIRST_PAGE, 303)
        answer.delete_cookie(SESSION_COOKIE, secure=access.site.is_secure, httponly=True, samesite="Strict")
        return answer

    return login


def own_path(wanted: str) -> str:
    r"""Where to go after the login: a path of this site, whatever was asked for.

    Browsers take `//host` and `/\host` for another site, and drop line ends and tabs before they look.
    """
    is_plain = not any(unicodedata.category(char).startswith("C") for char in wanted) and "\\" not in wanted
    is_path = wanted.startswith("/") and not wanted.startswith("//")
    leads_back = wanted.partition("?")[0] in {LOGIN_PATH, LOGOUT_PATH}
    return wanted if is_plain and is_path and not leads_back else FIRST_PAGE


def _form(pages: Pages, where: str, error: RequestRefused | None = None) -> Response:
    problem = f"{error.message[:1].upper()}{error.message[1:]}." if error is not None else ""
    answer = make_response(pages.login(action=LOGIN_PATH, next_page=where, problem=problem))
    answer.cache_control.no_store = True
    if error is not None:
        answer.status_code = error.status
        answer.headers.update(error.headers)
    return answer
