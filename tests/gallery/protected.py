"""Galleries with a password, and passwords that are quick to check."""

from dataclasses import replace
from pathlib import Path
from typing import Final

import requests
from gallery.running_gallery import DEADLINE_S

from photopipe.gallery.access.access_file import change_credentials
from photopipe.gallery.access.credentials import PasswordHash
from photopipe.gallery.store.identity import create_gallery

PASSWORD: Final = "open-sesame, please"


def protect(folder: Path, password: str = PASSWORD) -> None:
    """Give a gallery a password, hashed a thousand times faster than is good."""
    create_gallery(str(folder))
    hashed = PasswordHash.of(password, n=2)
    change_credentials(str(folder), lambda found: replace(found, password=hashed))


def log_in(url: str, password: str = PASSWORD, **form: str) -> requests.Response:
    """What a browser gets that sends the form of the login page."""
    return requests.post(
        f"{url}/login",
        data={"password": password} | form,
        headers={"Origin": url, "Sec-Fetch-Site": "same-origin"},
        allow_redirects=False,
        timeout=DEADLINE_S,
    )


def session_cookie(answer: requests.Response) -> dict[str, str]:
    """The cookie that a login has set."""
    assert answer.status_code == 303, answer.text
    return {"photopipe_session": answer.cookies["photopipe_session"]}
