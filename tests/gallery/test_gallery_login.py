"""Logging in with a browser: what a password opens, what a token opens, and how a session ends."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from gallery.protected import PASSWORD, log_in, protect, session_cookie
from gallery.running_gallery import DEADLINE_S, GalleryClient, jpeg, running_gallery

from photopipe.gallery.access.access_file import AccessFile, stored_credentials
from photopipe.gallery.access.access_policy import AccessPolicy
from photopipe.gallery.access.asked import Asked
from photopipe.gallery.access.keys import add_token, remove_token, set_password
from photopipe.gallery.access.own_site import OwnSite
from photopipe.gallery.access.sessions import LIFETIME_S, is_session, new_session
from photopipe.gallery.server.login import own_path
from photopipe.gallery.server.serve import Openness

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Site": "none"}
TOKEN = "t0ken-of-the-club"


@pytest.fixture
def club(tmp_path: Path) -> Iterator[GalleryClient]:
    """A gallery with a password and a token, and one photo in it."""
    protect(tmp_path)
    with running_gallery(tmp_path, TOKEN, openness=Openness()) as gallery:
        assert gallery.post(jpeg("a")).status_code == 201
        yield gallery


def ask(gallery: GalleryClient, method: str, path: str, **options: Any) -> requests.Response:
    return requests.request(method, f"{gallery.url}{path}", timeout=DEADLINE_S, allow_redirects=False, **options)


def test_a_browser_is_led_to_the_login_and_back(club: GalleryClient) -> None:
    led = ask(club, "GET", "/albums?x=1&y=%2F", headers=BROWSER)
    assert (led.status_code, led.headers["Location"]) == (303, "/login?next=/albums%3Fx%3D1%26y%3D%252F")
    form = ask(club, "GET", led.headers["Location"], headers=BROWSER)
    assert (form.status_code, form.headers["Cache-Control"]) == (200, "no-store")
    assert 'name="next" value="/albums?x=1&amp;y=%2F"' in form.text
    assert log_in(club.url, next="/albums?x=1&y=%2F").headers["Location"] == "/albums?x=1&y=%2F"


@pytest.mark.parametrize("path", ["/api/photos", "/api/days", "/api/events", "/photos/2025/10/IMG_0042.jpg"])
def test_programs_and_pictures_are_answered_401(club: GalleryClient, path: str) -> None:
    answer = ask(club, "GET", path)
    assert (answer.status_code, answer.json()["reason"]) == (401, "unauthorized")


def test_a_program_that_accepts_pages_is_not_led_to_the_login(club: GalleryClient) -> None:
    assert ask(club, "GET", "/api/photos", headers=BROWSER).status_code == 401
    assert ask(club, "GET", "/", headers=BROWSER | {"Authorization": "Bearer t0ken-that-is-wrong"}).status_code == 401


def test_the_login_page_and_what_it_is_made_of_need_no_login(club: GalleryClient) -> None:
    for path in ("/login", "/static/gallery.css", "/static/icon.svg", "/api/health"):
        assert ask(club, "GET", path).status_code == 200


def test_whoever_knows_the_password_may_look_but_change_nothing(club: GalleryClient) -> None:
    cookie = session_cookie(log_in(club.url))
    for path in ("/", "/api/photos", "/photos/2025/10/IMG_0042.jpg"):
        assert ask(club, "GET", path, cookies=cookie).status_code == 200
    assert ask(club, "DELETE", "/api/photos/1", cookies=cookie).status_code == 403
    sent = ask(club, "POST", "/api/photos", cookies=cookie, files={"file": ("b.jpg", jpeg("b"))})
    assert (sent.status_code, sent.json()["reason"]) == (403, "forbidden")
    page = ask(club, "GET", "/", cookies=cookie).text
    assert "data-write" not in page
    assert 'action="/logout"' in page


def test_whoever_logs_in_with_a_token_may_delete_as_well(club: GalleryClient) -> None:
    cookie = session_cookie(log_in(club.url, TOKEN))
    assert "data-write" in ask(club, "GET", "/", cookies=cookie).text
    assert ask(club, "DELETE", "/api/photos/1", cookies=cookie).status_code == 204
    assert ask(club, "POST", "/api/photos/1/restore", cookies=cookie).status_code == 200


def test_the_cookie_is_kept_from_scripts_and_from_other_sites(club: GalleryClient, tmp_path: Path) -> None:
    attributes = log_in(club.url).headers["Set-Cookie"].split("; ")
    assert {"HttpOnly", "SameSite=Strict", "Path=/", f"Max-Age={LIFETIME_S}"} <= set(attributes)
    assert "Secure" not in attributes


def test_behind_an_https_address_the_cookie_goes_by_https_only(tmp_path: Path) -> None:
    protect(tmp_path)
    with running_gallery(tmp_path, TOKEN, "https://photos.example", openness=Openness()) as gallery:
        answer = ask(
            gallery,
            "POST",
            "/login",
            data={"password": PASSWORD},
            headers={"Host": "photos.example", "Origin": "https://photos.example"},
        )
    assert "Secure" in answer.headers["Set-Cookie"].split("; ")


def test_a_wrong_password_is_said_and_opens_nothing(club: GalleryClient) -> None:
    answer = log_in(club.url, "open-sesame, please!", next="/albums")
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (401, False)
    assert 'role="alert"' in answer.text
    assert 'value="/albums"' in answer.text


def test_logging_out_removes_the_cookie(club: GalleryClient) -> None:
    answer = ask(club, "POST", "/logout", cookies=session_cookie(log_in(club.url)))
    assert answer.status_code == 303
    assert "photopipe_session=;" in answer.headers["Set-Cookie"]
    assert ask(club, "GET", "/logout").status_code == 405


def test_a_new_password_ends_every_session(club: GalleryClient) -> None:
    cookies = [session_cookie(log_in(club.url, secret)) for secret in (PASSWORD, TOKEN)]
    set_password(str(club.folder), "open-sesame, again")
    assert [ask(club, "GET", "/api/photos", cookies=cookie).status_code for cookie in cookies] == [401, 401]


def test_a_session_ends_with_its_token(club: GalleryClient) -> None:
    cookie = session_cookie(log_in(club.url, add_token(str(club.folder), "guest")))
    assert ask(club, "GET", "/api/photos", cookies=cookie).status_code == 200
    remove_token(str(club.folder), "guest")
    assert ask(club, "GET", "/api/photos", cookies=cookie).status_code == 401


def test_without_tokens_whoever_may_look_on_this_machine_may_also_change(tmp_path: Path) -> None:
    protect(tmp_path)
    with running_gallery(tmp_path) as gallery:
        assert gallery.post(jpeg("a")).status_code == 401
        cookie = session_cookie(log_in(gallery.url))
        sent = ask(gallery, "POST", "/api/photos", cookies=cookie, files={"file": ("b.jpg", jpeg("b"))})
        assert sent.status_code == 201


def test_an_open_gallery_shows_no_login(gallery: GalleryClient) -> None:
    led = ask(gallery, "GET", "/login?next=/albums")
    assert (led.status_code, led.headers["Location"]) == (303, "/albums")
    assert log_in(gallery.url, "anything").status_code == 401


def test_a_link_on_another_site_leads_to_the_page_of_one_who_is_logged_in(club: GalleryClient) -> None:
    """Browsers send a strict cookie only along with what a page of ours has asked for."""
    again = ask(club, "GET", "/photo/1?a=<&b", headers=BROWSER | {"Sec-Fetch-Site": "cross-site"})
    assert (again.status_code, "url=/photo/1?a=%3C&amp;b" in again.text) == (200, True)
    cookie = session_cookie(log_in(club.url))
    headers = BROWSER | {"Sec-Fetch-Site": "same-origin"}
    assert ask(club, "GET", "/photo/1", headers=headers, cookies=cookie).status_code == 200
    assert ask(club, "GET", "/photo/1", headers=headers).status_code == 303


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "\n//evil.example",
        "javascript:alert(1)",
        "albums",
        "",
        "/login?next=/",
        "/logout",
    ],
)
def test_a_login_leads_to_no_other_site(wanted: str) -> None:
    assert own_path(wanted) == "/"
    assert own_path("/photo/1?a=//b") == "/photo/1?a=//b"


def test_no_other_site_can_log_a_browser_in_or_out(club: GalleryClient) -> None:
    for path in ("/login", "/logout"):
        for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
            answer = ask(club, "POST", path, data={"password": PASSWORD}, headers=headers)
            assert (answer.status_code, "Set-Cookie" in answer.headers) == (403, False)


def test_a_session_lasts_thirty_days(tmp_path: Path) -> None:
    protect(tmp_path)
    today = 1_700_000_000.0
    policy = AccessPolicy(OwnSite(), AccessFile(str(tmp_path)), is_local=True, now=lambda: today)
    asked = Asked(
        "GET", "/", "127.0.0.1", host="localhost", session=policy.log_in(PASSWORD, Asked("POST", "/login", ""))
    )
    assert policy.check(asked).is_logged_in
    key, password = stored_credentials(str(tmp_path)).session_key, stored_credentials(str(tmp_path)).password
    assert password is not None
    for passed_s, is_valid in ((LIFETIME_S - 1, True), (LIFETIME_S, False)):
        assert is_session(asked.session, key, password.hash, today + passed_s) is is_valid


@pytest.mark.parametrize("change", ["", ".", "1." + "0" * 64, "٣.", "9" * 30 + ".00", "-1.00", "later", "bytes é.ü"])
def test_a_made_up_session_is_none(change: str) -> None:
    assert not is_session(change, b"key", "hash", 0.0)


def test_a_session_of_another_key_time_or_credential_is_none() -> None:
    session = new_session(b"key", "hash", 0.0)
    assert is_session(session, b"key", "hash", 1.0)
    assert not is_session(session, b"other", "hash", 1.0)
    assert not is_session(session, b"key", "other", 1.0)
    assert not is_session(f"9{session}", b"key", "hash", 1.0)
