"""What is asked for, and what may be shown: no login and no secret of a query reaches a message or the journal."""

import pytest

from photopipe.download.fetching.web_address import WebAddress
from photopipe.errors import UsageError


@pytest.mark.parametrize(
    ("text", "url", "path"),
    [
        ("https://host/a.jpg", "https://host/a.jpg", "https://host/a.jpg"),
        ("HTTPS://HOST:443/Trip/A.JPG#top", "https://host/Trip/A.JPG", "https://host/Trip/A.JPG"),
        ("http://host:8080/a.jpg", "http://host:8080/a.jpg", "http://host:8080/a.jpg"),
        ("http://[::1]:80/a.jpg", "http://[::1]/a.jpg", "http://[::1]/a.jpg"),
        (
            "https://host/My%20Trip/IMG%201.jpg",
            "https://host/My%20Trip/IMG%201.jpg",
            "https://host/My%20Trip/IMG 1.jpg",
        ),
        ("https://host/My Trip/IMG 1.jpg", "https://host/My%20Trip/IMG%201.jpg", "https://host/My%20Trip/IMG 1.jpg"),
        ("https://host/caf%C3%A9.jpg", "https://host/caf%C3%A9.jpg", "https://host/café.jpg"),
        ("https://host/caf\udce9.jpg", "https://host/caf%E9.jpg", "https://host/caf\udce9.jpg"),
        ("https://host/a%2Fb.jpg", "https://host/a%2Fb.jpg", "https://host/a%2Fb.jpg"),
        ("https://host/a%00.jpg", "https://host/a%00.jpg", "https://host/a%00.jpg"),
        ("https://host/x/%2e%2e", "https://host/x/%2e%2e", "https://host/x/%2e%2e"),
        ("https://host/", "https://host/", "https://host/photo"),
        ("https://host", "https://host/", "https://host/photo"),
    ],
)
def test_an_address_has_one_spelling_to_ask_for_and_one_to_show(text: str, url: str, path: str) -> None:
    address = WebAddress.of(text)
    assert (address.url, address.path) == (url, path)


def test_a_login_is_used_and_never_shown() -> None:
    address = WebAddress.of("https://anna:t0ken%40x@host/a.jpg")
    assert address.login == ("anna", "t0ken@x")
    assert address.url == address.path == "https://host/a.jpg"
    assert "t0ken" not in repr(address)


def test_a_query_is_sent_and_shown_only_as_a_mark() -> None:
    one, other = (WebAddress.of(f"https://host/photo.php?id={number}&key=s3cret") for number in (1, 2))
    assert one.url == "https://host/photo.php?id=1&key=s3cret"
    assert one.path.startswith("https://host/photo.php?")
    assert len(one.path) == len("https://host/photo.php?") + 12
    assert one.path != other.path
    assert "s3cret" not in repr(one)


@pytest.mark.parametrize(
    "query",
    [
        "X-Amz-Date={0}&X-Amz-Signature=s3cret{0}&X-Amz-Expires=60",
        "X-Goog-Signature=s3cret{0}",
        "AWSAccessKeyId=A&Expires={0}&Signature=s3cret{0}",
        "Expires={0}&Signature=s3cret{0}&Key-Pair-Id=K&Policy=p{0}",
        "sv=2024-01-01&se={0}&sr=b&sp=r&sig=s3cret{0}",
    ],
)
def test_a_signature_that_changes_each_time_does_not_change_the_photo(query: str) -> None:
    one, other = (WebAddress.of(f"https://host/a.jpg?{query.format(number)}") for number in (1, 2))
    assert one.path == other.path == "https://host/a.jpg"
    version = WebAddress.of(f"https://host/a.jpg?versionId=7&{query.format(1)}")
    assert version.path == WebAddress.of("https://host/a.jpg?versionId=7").path != one.path


@pytest.mark.parametrize("query", ["sv=1", "expires=1", "signature=1", "sig=1&id=2"])
def test_what_is_no_whole_signature_tells_photos_apart(query: str) -> None:
    assert WebAddress.of(f"https://host/a.jpg?{query}").path != "https://host/a.jpg"


@pytest.mark.parametrize(
    "text", ["http://", "https:///a.jpg", "http://host:t0ken/a.jpg", "http://[::1/a.jpg", "ftp://host/a.jpg", "a.jpg"]
)
def test_what_is_no_address_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        WebAddress.of(text)
    assert "t0ken" not in str(refused.value)
