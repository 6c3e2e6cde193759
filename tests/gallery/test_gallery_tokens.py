"""Tokens: who may send photos and delete them, and how the gallery remembers that."""

import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from gallery.protected import protect
from gallery.running_gallery import DEADLINE_S, GalleryClient, jpeg, running_gallery
from support.command import Home

from photopipe.errors import GalleryBroken, UsageError
from photopipe.gallery.access.access_file import AccessFile, access_path
from photopipe.gallery.access.credentials import PasswordHash
from photopipe.gallery.access.keys import add_token, list_tokens, remove_token, set_password
from photopipe.gallery.server.serve import Openness


def client_with(gallery: GalleryClient, token: str) -> GalleryClient:
    return GalleryClient(gallery.url, gallery.folder, token, gallery.session)


def test_the_first_token_closes_the_gallery_to_senders_without_one_and_a_running_server_sees_it(
    gallery: GalleryClient,
) -> None:
    assert gallery.post(jpeg("a")).status_code == 201
    token = add_token(str(gallery.folder), "camera-room")
    refused = gallery.post(jpeg("b"))
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert gallery.session.delete(f"{gallery.url}/api/photos/1", timeout=DEADLINE_S).status_code == 401
    assert client_with(gallery, token).post(jpeg("b")).status_code == 201
    assert gallery.get("/api/photos").status_code == 200, "looking is still open on this machine"


def test_each_token_is_removed_by_its_name(gallery: GalleryClient) -> None:
    first, second = (add_token(str(gallery.folder), name) for name in ("first", "second"))
    remove_token(str(gallery.folder), "first")
    assert client_with(gallery, first).post(jpeg("a")).status_code == 401
    assert client_with(gallery, second).post(jpeg("a")).status_code == 201
    assert [token.name for token in list_tokens(str(gallery.folder))] == ["second"]


def test_a_wrong_token_is_refused_even_where_none_is_needed(gallery: GalleryClient) -> None:
    add_token(str(gallery.folder), "camera-room")
    assert client_with(gallery, "t0ken-of-another-gallery").get("/api/photos").status_code == 401


def test_a_gallery_without_tokens_does_not_mind_one(gallery: GalleryClient) -> None:
    assert client_with(gallery, "t0ken-of-another-gallery").post(jpeg("a")).status_code == 201


def test_a_token_given_at_the_start_is_valid_beside_the_others(tmp_path: Path) -> None:
    kept = add_token(str(tmp_path), "camera-room")
    with running_gallery(tmp_path, "s3cret", openness=Openness()) as gallery:
        assert gallery.post(jpeg("a")).status_code == 201
        assert client_with(gallery, kept).post(jpeg("b")).status_code == 201


def test_tokens_and_password_are_kept_hashed_in_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    tokens = [add_token(str(tmp_path), name) for name in ("one", "two")]
    set_password(str(tmp_path), "open-sesame")
    path = Path(access_path(str(tmp_path)))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = path.read_text()
    assert not any(secret in content for secret in (*tokens, "open-sesame"))
    assert len(set(tokens)) == 2
    assert all(len(token) > 40 for token in tokens)


def test_a_password_costs_what_is_recommended_and_is_the_same_on_every_keyboard(tmp_path: Path) -> None:
    hashed = PasswordHash.of("open-sesame päss word", n=2)
    assert (PasswordHash("", "").n, hashed.r, hashed.p) == (2**14, 8, 5)
    assert hashed.is_of("open-sesame pa\N{COMBINING DIAERESIS}ss word")
    assert not hashed.is_of("open-sesame pass word")


@pytest.mark.parametrize("name", ["", "two words", "x" * 65, "line\nend", "\x1b[2J"])
def test_a_name_is_one_word(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="one word"):
        add_token(str(tmp_path), name)


def test_a_name_is_given_once(tmp_path: Path) -> None:
    add_token(str(tmp_path), "camera-room")
    with pytest.raises(UsageError, match="camera-room already"):
        add_token(str(tmp_path), "camera-room")
    with pytest.raises(UsageError, match="no token called attic"):
        remove_token(str(tmp_path), "attic")


def test_a_password_of_a_few_characters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least 8"):
        set_password(str(tmp_path), "sesame")


def test_changes_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    threads = [threading.Thread(target=add_token, args=(str(tmp_path), f"sender-{number}")) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert {token.name for token in list_tokens(str(tmp_path))} == {f"sender-{number}" for number in range(8)}


@pytest.mark.parametrize(
    "content", ["", "{}", '{"version": 2}', "[]", '{"version": 1, "password": null, "tokens": [3]}']
)
def test_a_damaged_file_opens_nothing(gallery: GalleryClient, content: str) -> None:
    add_token(str(gallery.folder), "camera-room")
    Path(access_path(str(gallery.folder))).write_text(content)
    answer = gallery.post(jpeg("a"))
    assert (answer.status_code, answer.json()["reason"]) == (500, "access_unreadable")
    assert gallery.get("/").status_code == 500
    with pytest.raises(GalleryBroken, match=r"access\.json"):
        add_token(str(gallery.folder), "another")


def test_what_has_not_changed_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_token(str(tmp_path), "camera-room")
    file = AccessFile(str(tmp_path))
    before = file.read()
    monkeypatch.setattr("photopipe.gallery.access.access_file._read", pytest.fail)
    assert file.read() is before


PROTECTIONS: dict[str, Callable[[Path], object]] = {
    "nothing": lambda folder: None,
    "a token": lambda folder: add_token(str(folder), "camera-room"),
    "a password": protect,
}


@pytest.mark.parametrize("protection", PROTECTIONS)
def test_other_computers_are_let_in_only_with_a_token_and_a_password(tmp_path: Path, protection: str) -> None:
    PROTECTIONS[protection](tmp_path)
    with pytest.raises(UsageError) as refused, running_gallery(tmp_path, host="0.0.0.0"):  # noqa: S104 - refused
        pass
    assert ("token add NAME" in str(refused.value)) == (protection != "a token")
    assert ("password" in str(refused.value)) == (protection != "a password")


def test_behind_a_public_address_a_gallery_on_loopback_needs_both_too(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="other computers"), running_gallery(tmp_path, public_url="https://a.example"):
        pass
    with running_gallery(tmp_path, public_url="http://localhost:1234/"):
        pass


def test_what_a_reverse_proxy_passes_on_is_not_from_this_machine(gallery: GalleryClient) -> None:
    assert gallery.post(jpeg("a")).status_code == 201
    gallery.session.headers["X-Forwarded-For"] = "192.0.2.1"
    assert gallery.post(jpeg("b")).status_code == 401
    assert gallery.get("/api/photos").status_code == 401


def test_a_public_gallery_needs_a_token_only(tmp_path: Path) -> None:
    token = add_token(str(tmp_path), "camera-room")
    with running_gallery(tmp_path, host="0.0.0.0", openness=Openness(is_public=True)) as everywhere:  # noqa: S104
        gallery = GalleryClient(everywhere.url.replace("0.0.0.0", "127.0.0.1"), tmp_path)  # noqa: S104
        with gallery.session:
            assert gallery.post(jpeg("a")).status_code == 401
            added = client_with(gallery, token).post(jpeg("a")).json()
            assert added["url"].startswith(f"{gallery.url}/photos/"), "it is linked as whoever asks can reach it"
            assert gallery.get("/").status_code == 200
            assert gallery.get("/photos/2025/10/IMG_0042.jpg").status_code == 200


def test_the_commands_make_list_and_remove_tokens(tmp_path: Path) -> None:
    home = Home(tmp_path)
    refused = home.run("gallery", "--host", "0.0.0.0")  # noqa: S104 - refused
    assert (refused.code, "token add NAME" in refused.err, " password" in refused.err) == (2, True, True)
    added = home.run("gallery", "token", "add", "camera-room", "--gallery-dir", str(tmp_path / "g"))
    assert (added.code, len(added.lines), added.out.strip() in added.err) == (0, 1, False)
    listed = home.run("gallery", "--gallery-dir", str(tmp_path / "g"), "token", "list")
    assert (listed.code, [line.split("\t")[0] for line in listed.lines]) == (0, ["camera-room"])
    assert home.run("gallery", "--gallery-dir", str(tmp_path / "g"), "token", "remove", "camera-room").code == 0
    assert list_tokens(str(tmp_path / "g")) == []
