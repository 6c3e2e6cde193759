import pytest
from hypothesis import given
from hypothesis import strategies as st

from photopipe.errors import UsageError
from photopipe.settings import UploadSettings
from photopipe.upload.galleries.address import endpoint_address
from photopipe.upload.galleries.identity import gallery_id, idempotency_key


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("http://photos.example.org", "http://photos.example.org/api/photos"),
        ("http://photos.example.org/", "http://photos.example.org/api/photos"),
        ("https://h/upload", "https://h/upload"),
        ("https://h/Upload/", "https://h/Upload/"),
        (" HTTPS://Photos.Example.ORG:443/x\n", "https://photos.example.org/x"),
        ("http://h:80", "http://h/api/photos"),
        ("http://h:443/x", "http://h:443/x"),
        ("http://h:8080/x?album=3", "http://h:8080/x?album=3"),
        ("http://h?album=3", "http://h/api/photos?album=3"),
        ("http://[::1]:8000", "http://[::1]:8000/api/photos"),
        ("http://[2001:DB8::1]/x", "http://[2001:db8::1]/x"),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000/api/photos"),
        ("http://bücher.example/x", "http://bücher.example/x"),
        ("http://host.example.org./x", "http://host.example.org./x"),
    ],
)
def test_an_address_has_one_spelling(typed: str, address: str) -> None:
    assert endpoint_address(typed) == address
    assert endpoint_address(address) == address


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "photos.example.org",
        "localhost:8080/x",
        "/api/photos",
        "ftp://h/x",
        "file:///tmp/x",
        "http://",
        "http:///x",
        "http://h/x#part",
        "http://h:99999/x",
        "http://h:port/x",
        "http://[::1/x",
        "http://h/a b",
        "http://h/a\nb",
        "http://h/a\x00b",
        "http://h/\udcff",
        "http://a..b/x",
        f"http://{'a' * 64}.example/x",
        "http://<host>/x",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(UsageError):
        endpoint_address(typed)


@pytest.mark.parametrize("typed", ["http://anna:s3cret@h/x", "ftp://s3cret@h/x", "http://:s3cret@h:99/x", "s3cret@h"])
def test_a_password_in_the_address_is_refused_and_never_repeated(typed: str) -> None:
    with pytest.raises(UsageError) as refused:
        endpoint_address(typed)
    assert "s3cret" not in str(refused.value)


def test_a_password_in_the_address_points_to_the_token_file() -> None:
    with pytest.raises(UsageError, match="--token-file"):
        endpoint_address("https://anna:s3cret@photos.example.org")


@given(st.text(max_size=30))
def test_any_text_is_an_address_or_a_usage_error(text: str) -> None:
    for typed in (text, f"http://{text}", f"https://h/{text}"):
        try:
            address = endpoint_address(typed)
        except UsageError:
            continue
        assert endpoint_address(address) == address
        assert gallery_id(UploadSettings(address)) == gallery_id(UploadSettings(address))


def test_a_gallery_is_named_by_its_whole_address_without_showing_it() -> None:
    one, other = (
        gallery_id(UploadSettings("https://h.example/x?key=s3cret")),
        gallery_id(UploadSettings("https://h.example/x?key=another")),
    )
    assert one != other
    assert one.startswith("h.example-")
    assert "s3cret" not in one
    assert gallery_id(UploadSettings("http://h/x")) == "h-86ca99740210faa0"  # a change here uploads every archive again


def test_a_key_depends_on_photo_recipe_and_gallery_and_on_their_borders() -> None:
    keys = [
        idempotency_key(*parts) for parts in [("a", "b", "c"), ("x", "b", "c"), ("a", "x", "c"), ("a", "b", "x")]
    ] + [idempotency_key("ab", "", "c"), idempotency_key("a", "b", '","c')]
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 64 and set(key) <= set("0123456789abcdef") for key in keys)


def test_a_key_is_the_same_in_every_run() -> None:
    # A change here makes every gallery take every photo again after a lost journal.
    assert idempotency_key("a", "b", "c") == "0c1462252f7f1eaf2e994f2cff8dcea36081ef8f126c89ad5cf1a4a7c82778da"


def test_who_logs_in_is_part_of_a_gallery_but_not_the_key_of_a_bucket() -> None:
    def name_of(kind: str, user: str | None, url: str = "https://h/x") -> str:
        return gallery_id(UploadSettings(url, kind=kind, username=user))

    assert name_of("webdav", "anna") != name_of("webdav", "ben")
    assert name_of("webdav", "anna") != name_of("piwigo", "anna")
    assert name_of("s3", "AKIA1", "s3://bucket") == name_of("s3", "AKIA2", "s3://bucket")
    assert name_of("form", None) == gallery_id(UploadSettings("https://h/x"))
