"""The presets of `form`, against galleries that answer as the real ones do, and copyparty really started."""

import sys
import tempfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from support import webdav_servers
from support.cutting_proxy import cutting_proxy
from support.fake_chevereto import KEY, FakeChevereto
from support.fake_lychee import TOKEN, FakeLychee
from support.fake_pigallery2 import COOKIE, FakePigallery2
from support.fault_gallery import CUT_BODY, TAKE_AND_CUT, TAKE_AND_DROP, status
from support.real_servers import RealServer, require_script, started
from support.uploading import Time, make_photo, open_client
from support.webdav_servers import files_of

from photopipe.errors import GalleryRefused, LoginRefused, UsageError
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.address import endpoint_address
from photopipe.upload.galleries.form.gallery import FormGallery
from photopipe.upload.galleries.form.options import NAMES, read_options
from photopipe.upload.galleries.identity import gallery_id
from photopipe.upload.galleries.presets import presets
from photopipe.upload.galleries.s3.gallery import S3Gallery
from photopipe.upload.galleries.template import FIELDS

PASSWORD = "party-s3cret"


@pytest.fixture(scope="module")
def party() -> Iterator[RealServer]:
    """copyparty with one account that may read and write in `/`, known by its password alone."""
    require_script("copyparty")

    def command(folder: Path, ports: tuple[int, ...]) -> list[str]:
        (folder / "files").mkdir(exist_ok=True)
        options = ["-i", "127.0.0.1", "-p", str(ports[0]), "-q", "-a", f"pipe:{PASSWORD}"]
        return [sys.executable, "-m", "copyparty", *options, "-v", f"{folder / 'files'}:/:rw,pipe"]

    with (
        tempfile.TemporaryDirectory() as home,
        started("copyparty-form", command, environment={"XDG_CONFIG_HOME": home}) as server,
    ):
        yield server


def test_the_presets_are_data_that_the_options_accept() -> None:
    assert set(presets()) == {"chevereto", "copyparty", "lychee", "pigallery2"}
    for name in presets():
        assert not read_options({"preset": name}).is_own
    assert files("photopipe.upload.galleries").joinpath("presets.toml").is_file()


def test_a_preset_nobody_knows_is_refused_with_the_known_ones() -> None:
    with (
        pytest.raises(UsageError, match="chevereto, lychee, copyparty, pigallery2"),
        open_client("http://gallery.example/", options={"preset": "picasa"}),
    ):
        pass
    with pytest.raises(UsageError, match="chevereto"):
        read_options({"preset": 7})


def test_a_preset_changes_nothing_in_the_name_of_the_gallery() -> None:
    settings = UploadSettings("http://gallery.example/api/photos")
    assert gallery_id(settings) == gallery_id(UploadSettings(settings.endpoint_url, options={"preset": "chevereto"}))


def test_what_the_table_says_itself_goes_before_the_preset() -> None:
    options = read_options({"preset": "chevereto", "fields": {"album_id": "aB3"}, "file_field": "other"})
    assert options.file_field == "other"
    assert set(options.fields) == {"album_id", "title", "description", "tags", "format"}


# Chevereto


def test_chevereto_gets_the_photo_with_what_is_known_of_it() -> None:
    photo = make_photo(b"\xff\xd8 whole", title="Sea", caption="The sea, grey", keywords=("sea", "grey"))
    with (
        FakeChevereto() as gallery,
        open_client(endpoint_address(gallery.site), token=KEY, options={"preset": "chevereto"}) as client,
    ):
        receipt = client.upload(photo, "key", Time()).receipt
    assert [image.data for image in gallery.images] == [photo.data]
    assert gallery.images[0].fields == {
        "title": "Sea",
        "description": "The sea, grey",
        "tags": "sea,grey",
        "format": "json",
    }
    assert (receipt.remote_id, receipt.url, receipt.already_there) == ("x1Z", f"{gallery.site}/image/x1Z", False)


def test_chevereto_calls_a_duplicate_an_error_and_it_is_none() -> None:
    with (
        FakeChevereto() as gallery,
        open_client(endpoint_address(gallery.site), token=KEY, options={"preset": "chevereto"}) as client,
    ):
        client.upload(make_photo(), "key", Time())
        receipt = client.upload(make_photo(), "key", Time()).receipt
    assert (receipt.remote_id, receipt.url, receipt.already_there) == (None, gallery.site, True)
    assert len(gallery.images) == 1


def test_chevereto_says_400_to_a_wrong_key_and_the_run_ends() -> None:
    with (
        FakeChevereto() as gallery,
        open_client(endpoint_address(gallery.site), token="wrong", options={"preset": "chevereto"}) as client,
        pytest.raises(LoginRefused, match="Invalid API key"),
    ):
        client.upload(make_photo(), "key", Time())
    assert gallery.calls == ["upload"]


def test_chevereto_refuses_a_photo_in_its_own_words() -> None:
    answer = b'{"status_code": 400, "error": {"message": "Image too small", "code": 105}, "status_txt": "Bad Request"}'
    plan = {"upload": [status(400, {"Content-Type": "application/json"}, answer)]}
    with (
        FakeChevereto(plan) as gallery,
        open_client(endpoint_address(gallery.site), token=KEY, options={"preset": "chevereto"}) as client,
        pytest.raises(GalleryRefused, match="Image too small"),
    ):
        client.upload(make_photo(), "key", Time())


@pytest.mark.parametrize("answer", [b"<html>welcome</html>", b'{"status_code": 500}', b"[]", b"", b'"text"', b"{"])
def test_a_200_that_is_no_success_is_none(answer: bytes) -> None:
    plan = {"upload": [status(200, {"Content-Type": "application/json"}, answer)]}
    with (
        FakeChevereto(plan) as gallery,
        open_client(endpoint_address(gallery.site), token=KEY, options={"preset": "chevereto"}) as client,
        pytest.raises(GalleryRefused),
    ):
        client.upload(make_photo(), "key", Time())


def test_an_image_without_address_that_waits_for_a_moderator_is_taken() -> None:
    with (
        FakeChevereto(moderated=True) as gallery,
        open_client(endpoint_address(gallery.site), token=KEY, options={"preset": "chevereto"}) as client,
    ):
        receipt = client.upload(make_photo(), "key", Time()).receipt
    assert (receipt.remote_id, receipt.url) == ("x1Z", gallery.site)


# Lychee


def test_lychee_gets_the_whole_file_as_its_one_chunk() -> None:
    photo = make_photo(b"\xff\xd8 whole", title="Sea")
    with (
        FakeLychee() as gallery,
        open_client(endpoint_address(gallery.site), token=TOKEN, options={"preset": "lychee"}) as client,
    ):
        receipt = client.upload(photo, "key", Time()).receipt
    assert gallery.photos == [photo.data]
    assert gallery.fields[0] == {
        "album_id": "",
        "file_name": "IMG_0001.jpg",
        "uuid_name": "",
        "extension": "",
        "chunk_number": "1",
        "total_chunks": "1",
        "title": "Sea",
        "description": "",
    }
    assert (receipt.remote_id, receipt.already_there) == (f"{1:024d}", False)


@pytest.mark.parametrize(("skip_duplicates", "queues"), [(True, False), (False, False), (True, True)])
def test_lychee_keeps_a_photo_once_whatever_it_answers(skip_duplicates: bool, queues: bool) -> None:
    with (
        FakeLychee(skip_duplicates=skip_duplicates, queues=queues) as gallery,
        open_client(endpoint_address(gallery.site), token=TOKEN, options={"preset": "lychee"}) as client,
    ):
        client.upload(make_photo(), "key", Time())
        again = client.upload(make_photo(), "key", Time()).receipt
    assert len(gallery.photos) == 1
    assert again.already_there == (skip_duplicates and not queues)


def test_lychee_says_400_to_a_wrong_token_and_the_run_ends() -> None:
    with (
        FakeLychee() as gallery,
        open_client(endpoint_address(gallery.site), token="wrong", options={"preset": "lychee"}) as client,
        pytest.raises(LoginRefused, match="Invalid token"),
    ):
        client.upload(make_photo(), "key", Time())


def test_lychee_s_409_for_anything_but_a_duplicate_is_a_refusal() -> None:
    fields = {"uuid_name": "aaaaaaaaaaaaaaaa.jpg"}
    with (
        FakeLychee() as gallery,
        open_client(
            endpoint_address(gallery.site), token=TOKEN, options={"preset": "lychee", "fields": fields}
        ) as client,
        pytest.raises(GalleryRefused, match="Chunk was sent before"),
    ):
        client.upload(make_photo(), "key", Time())


# PiGallery2


def test_pigallery2_gets_the_photo_into_the_album_s_folder() -> None:
    with (
        FakePigallery2() as gallery,
        open_client(endpoint_address(gallery.site), token=COOKIE, options={"preset": "pigallery2"}) as client,
    ):
        client.upload(make_photo(b"one"), "abcdefgh" * 8, Time(), album="Trips/2024 Ü")
    assert gallery.files == {"Trips/2024 Ü/IMG_0001-abcdefgh.jpg": b"one"}


def test_pigallery2_takes_a_name_for_a_photo_so_names_are_made_different() -> None:
    with (
        FakePigallery2(cookie=None) as gallery,
        open_client(endpoint_address(gallery.site), options={"preset": "pigallery2"}) as client,
    ):
        client.upload(make_photo(b"one"), "1" * 64, Time())
        client.upload(make_photo(b"two"), "2" * 64, Time())
        again = client.upload(make_photo(b"two"), "2" * 64, Time()).receipt
    assert sorted(gallery.files.values()) == [b"one", b"two"]
    assert again.already_there


def test_pigallery2_s_error_under_200_is_a_refusal() -> None:
    options = {"preset": "pigallery2", "file_field": "file"}
    with (
        FakePigallery2() as gallery,
        open_client(endpoint_address(gallery.site), token=COOKIE, options=options) as client,
        pytest.raises(GalleryRefused, match="Unexpected field"),
    ):
        client.upload(make_photo(), "key", Time())


def test_pigallery2_wants_a_login() -> None:
    with (
        FakePigallery2() as gallery,
        open_client(endpoint_address(gallery.site), token="session=wrong", options={"preset": "pigallery2"}) as client,
        pytest.raises(LoginRefused),
    ):
        client.upload(make_photo(), "key", Time())


@pytest.mark.parametrize("fault", [TAKE_AND_DROP, TAKE_AND_CUT, CUT_BODY, status(503), status(500)], ids=str)
def test_a_photo_whose_answer_was_lost_is_there_once(fault: object) -> None:
    plan = {"upload": [fault, fault]}
    chevereto, lychee, pigallery2 = FakeChevereto(plan), FakeLychee(plan), FakePigallery2(plan)  # type: ignore[arg-type]  # ids=str made it an object
    logins = {"chevereto": KEY, "lychee": TOKEN, "pigallery2": COOKIE}
    for (preset, token), gallery in zip(logins.items(), (chevereto, lychee, pigallery2), strict=True):
        with (
            gallery,
            open_client(endpoint_address(gallery.site), Time(), token=token, options={"preset": preset}) as client,
        ):
            receipt = client.upload(make_photo(b"x" * 9000), "key", Time()).receipt
            assert not receipt.already_there
    held = [len(chevereto.images), len(lychee.photos), len(pigallery2.files)]
    assert held == [1, 1, 1]


# copyparty, the real one


def test_copyparty_gets_the_very_bytes(party: RealServer) -> None:
    data = bytes(range(256)) * 1000
    with open_client(endpoint_address(party.url), token=PASSWORD, options={"preset": "copyparty"}) as client:
        receipt = client.upload(make_photo(data), "abcdefgh" * 8, Time()).receipt
        in_album = client.upload(make_photo(b"two"), "b" * 64, Time(), album="Trip").receipt
    held = files_of(party)
    assert held["IMG_0001-abcdefgh.jpg"] == data
    assert held["Trip/IMG_0001-bbbbbbbb.jpg"] == b"two"
    assert receipt.url.startswith(f"{party.url}/IMG_0001-abcdefgh.jpg")
    assert in_album.url.startswith(f"{party.url}/Trip/")
    assert not receipt.already_there


def test_a_copyparty_with_user_names_takes_a_basic_login(copyparty: RealServer) -> None:
    options = {"preset": "copyparty", "auth": "basic"}
    url = endpoint_address(f"{copyparty.url}/rw")
    with open_client(url, username=webdav_servers.USERNAME, token=webdav_servers.PASSWORD, options=options) as client:
        client.upload(make_photo(b"basic"), "f" * 64, Time())
    assert files_of(copyparty, "rw")["IMG_0001-ffffffff.jpg"] == b"basic"


def test_copyparty_makes_the_folder_of_an_album(party: RealServer) -> None:
    with open_client(endpoint_address(party.url), token=PASSWORD, options={"preset": "copyparty"}) as client:
        client.upload(make_photo(b"new folder"), "a" * 64, Time(), album="Trips/Über 2024")
    assert files_of(party)["Trips/Über 2024/IMG_0001-aaaaaaaa.jpg"] == b"new folder"


def test_copyparty_s_wrong_password_ends_the_run(party: RealServer) -> None:
    for token in ("wrong", None):
        with (
            open_client(endpoint_address(party.url), token=token, options={"preset": "copyparty"}) as client,
            pytest.raises(LoginRefused),
        ):
            client.upload(make_photo(b"nobody's"), "c" * 64, Time())


def test_copyparty_keeps_a_photo_once_in_a_second_run_without_a_journal(party: RealServer) -> None:
    for run in range(2):
        with open_client(endpoint_address(party.url), token=PASSWORD, options={"preset": "copyparty"}) as client:
            receipt = client.upload(make_photo(b"again"), "d" * 64, Time()).receipt
        assert receipt.already_there == (run == 1)
    assert [name for name, data in files_of(party).items() if data == b"again"] == ["IMG_0001-dddddddd.jpg"]


def test_copyparty_keeps_a_photo_once_whose_answer_was_lost(party: RealServer) -> None:
    posts: list[str] = []

    def loses_the_first(request: str) -> bool:
        if request.startswith("POST"):
            posts.append(request)
        return posts == [request]

    with (
        cutting_proxy(party.port, loses_the_first) as proxy,
        open_client(endpoint_address(proxy.url), Time(), token=PASSWORD, options={"preset": "copyparty"}) as client,
    ):
        receipt = client.upload(make_photo(b"lost answer"), "e" * 64, Time()).receipt
    assert len(posts) == 1
    assert receipt.url == f"{proxy.url}/IMG_0001-eeeeeeee.jpg"
    assert [name for name, data in files_of(party).items() if data == b"lost answer"] == ["IMG_0001-eeeeeeee.jpg"]


def test_the_page_about_galleries_names_every_option_and_preset() -> None:
    page = (Path(__file__).parents[2] / "docs" / "galleries.md").read_text("utf-8")
    for name in (*FormGallery.OPTIONS, *S3Gallery.OPTIONS, *presets()):
        assert f"`{name}`" in page, name
    for name in (*FIELDS, *NAMES):
        assert f"`{{{name}" in page, name
