"""The token goes into one header and nowhere else, and no other secret of this machine is sent."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from support.fault_gallery import Fault, FaultGallery, status
from support.uploading import Time, make_photo, open_client

from photopipe.errors import PhotopipeError, UsageError
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.kinds import check_gallery_settings

TOKEN = "s3cret-t0ken"
ECHO = f'{{"error": "your token {TOKEN} is bad"}}'.encode()
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("places", ["home", "NETRC"])
def test_a_login_in_netrc_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, places: str) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login anna password private\ndefault login anna password private\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("NETRC", raising=False)
    if places == "NETRC":
        monkeypatch.setenv("NETRC", str(netrc))
    with FaultGallery() as gallery, open_client(gallery.url) as client:
        client.upload(make_photo(), "key", Time())
    assert "authorization" not in gallery.stored[0].headers


def whole_text(error: BaseException) -> Iterator[str]:
    """What a traceback would show of an error and of all behind it."""
    while True:
        yield f"{error} {error!r} {getattr(error, '__notes__', '')}"
        behind = error.__cause__ or error.__context__
        if behind is None:
            return
        error = behind


@pytest.mark.parametrize(
    "fault",
    [
        *(status(code, JSON, ECHO) for code in (400, 401, 403, 407, 413, 429, 500, 503, 507)),
        status(302, {"Location": f"/login?token={TOKEN}"}),
        status(413, {"Content-Type": "text/plain"}, b"x" * 195 + TOKEN.encode()),
        Fault.CUT_BODY,
        Fault.TAKE_AND_DROP,
    ],
    ids=str,
)
def test_no_error_shows_the_token(fault: Fault) -> None:
    time = Time()
    with ExitStack() as stack:
        gallery = stack.enter_context(FaultGallery(lambda _: fault, findable=False, token=TOKEN))
        client = stack.enter_context(open_client(gallery.url, time, token=TOKEN))
        with pytest.raises(PhotopipeError) as raised:
            client.upload(make_photo(b"x" * 100_000), "key", time)
    text = "\n".join(whole_text(raised.value))
    assert TOKEN not in text
    assert "s3cr" not in text


@pytest.mark.parametrize("token", ["t0k en", "t0ken\n", "t0ken\u00df", "t0ken\x00", "t0ken\udcff"])
def test_a_token_that_cannot_be_sent_is_a_usage_error_that_does_not_show_it(token: str) -> None:
    with pytest.raises(UsageError) as raised:
        check_gallery_settings(UploadSettings("http://h/x", token=token))
    assert "t0k" not in str(raised.value)


def test_an_empty_token_is_no_token() -> None:
    with FaultGallery() as gallery, open_client(gallery.url, token="") as client:
        client.upload(make_photo(), "key", Time())
    assert "authorization" not in gallery.stored[0].headers


def test_the_token_does_not_follow_a_redirect() -> None:
    with (
        FaultGallery() as other,
        FaultGallery([status(307, {"Location": other.url})]) as gallery,
        open_client(gallery.url, token=TOKEN) as client,
        pytest.raises(UsageError, match=other.url),
    ):
        client.upload(make_photo(), "key", Time())
    assert (other.posts, other.heads) == ([], 0)
