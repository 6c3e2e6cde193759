import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from photopipe.files.characters import printable
from photopipe.http.retry_after import retry_after_s
from photopipe.photo import Receipt
from photopipe.upload.galleries.receipt import found_in, receipt_in, stored_other_bytes
from photopipe.upload.http.answer import Answer
from photopipe.upload.http.server_message import one_line, server_message

ENDPOINT = "http://h/api/photos?key=s3cret"
SHA256 = "ab" * 32


def answer(content: Any = None, status: int = 201, body: bytes | None = None, **headers: str) -> Answer:
    named = CaseInsensitiveDict({name.replace("_", "-"): value for name, value in headers.items()})
    return Answer(status, named, json.dumps(content).encode() if body is None else body)


@pytest.mark.parametrize(
    ("given_answer", "receipt"),
    [
        (answer({"id": "7", "url": "http://h/p/7"}), Receipt("7", "http://h/p/7")),
        (answer({"id": 7, "url": "file:///pictures/7.jpg"}), Receipt("7", "file:///pictures/7.jpg")),
        (answer({"id": "7", "duplicate": True}, location="/p/7"), Receipt("7", "http://h/p/7", True)),
        (answer({"id": True, "url": "javascript:alert(1)", "duplicate": 1}), Receipt(None, "http://h/api/photos")),
        (answer({"id": "a\x1b[2J", "url": "http://h/\x1b[2J"}), Receipt(None, "http://h/api/photos")),
        (answer({"id": "", "url": "/p/7"}, location="http://other/p/7"), Receipt(None, "http://other/p/7")),
        (answer({"id": ["7"], "url": 7}), Receipt(None, "http://h/api/photos")),
        (answer({"url": "http://[h"}, location="http://[h"), Receipt(None, "http://h/api/photos")),
        (answer({"url": "http:"}, location="data:x"), Receipt(None, "http://h/api/photos")),
        (answer(["7"]), Receipt(None, "http://h/api/photos")),
        (answer(body=b"<html>"), Receipt(None, "http://h/api/photos")),
        (answer(body=b""), Receipt(None, "http://h/api/photos")),
        (answer(body=b"\xff\xfe\xfd"), Receipt(None, "http://h/api/photos")),
        (answer(body=b"[" * 200_000), Receipt(None, "http://h/api/photos")),
    ],
)
def test_a_receipt_holds_what_can_be_believed(given_answer: Answer, receipt: Receipt) -> None:
    assert receipt_in(given_answer, ENDPOINT) == receipt


@pytest.mark.parametrize(
    ("content", "other"),
    [
        ({"sha256": SHA256}, False),
        ({"sha256": SHA256.upper()}, False),
        ({"sha256": "cd" * 32}, True),
        ({"sha256": "cd" * 32, "duplicate": True}, False),
        ({"sha256": None}, False),
        ({}, False),
        ([], False),
    ],
)
def test_another_hash_means_other_bytes_unless_the_photo_was_there_before(content: Any, other: bool) -> None:
    assert stored_other_bytes(answer(content), SHA256) is other


@pytest.mark.parametrize(
    ("photos", "receipt"),
    [
        ([{"id": "1", "url": "http://h/1", "idempotency_key": "key"}], Receipt("1", "http://h/1", False)),
        ([{"id": "1", "url": "http://h/1", "sha256": SHA256}], Receipt("1", "http://h/1", True)),
        (
            [{"id": "1", "sha256": SHA256}, {"id": "2", "idempotency_key": "key"}],
            Receipt("2", "http://h/api/photos", False),
        ),
        ([{"id": "1", "url": "http://h/1", "sha256": "cd" * 32, "idempotency_key": "other"}], None),
        ([{"id": "1"}, "key", None, 7], None),
        ([], None),
        (None, None),
        ({"idempotency_key": "key"}, None),
    ],
)
def test_only_an_entry_with_this_key_or_hash_is_the_photo(photos: Any, receipt: Receipt | None) -> None:
    assert found_in(answer({"photos": photos}), ENDPOINT, "key", SHA256) == receipt


def test_without_a_hash_only_the_key_counts() -> None:
    assert found_in(answer({"photos": [{"id": "1", "sha256": None}]}), ENDPOINT, "key", None) is None


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"null", b'{"photos":'])
def test_what_is_no_list_finds_nothing(body: bytes) -> None:
    assert found_in(answer(body=body), ENDPOINT, "key", SHA256) is None


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "url", "photos", "sha256", "error", "message", "duplicate"]), inner, max_size=4
        )
    ),
    max_leaves=8,
)


@given(JSON_VALUES, st.text(max_size=20))
def test_no_answer_can_break_the_reader(content: Any, location: str) -> None:
    given_answer = answer(content, Location=location, Content_Type="application/json")
    receipt = receipt_in(given_answer, ENDPOINT)
    assert receipt.url.startswith(("http://", "https://", "file:"))
    assert receipt.url.isprintable()
    assert found_in(answer({"photos": content}), ENDPOINT, "key", SHA256) is None
    assert printable(server_message(given_answer)) == server_message(given_answer)
    assert stored_other_bytes(given_answer, SHA256) in {True, False}


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("application/json", b'{"error": "too large", "message": "no"}', "too large"),
        ("application/problem+json; charset=utf-8", b'{"message": "too large"}', "too large"),
        ("application/json", b'{"error": {"message": "too large"}}', "too large"),
        ("application/json", b'{"error": 7}', ""),
        ("application/json", b'{"error": [], "message": "no"}', "no"),
        ("application/json", b'{"details": "x"}', ""),
        ("application/problem+json", b'{"title": "Forbidden", "detail": "not yours", "error": "x"}', "not yours"),
        ("application/problem+json", b'{"title": "Forbidden", "detail": ""}', "Forbidden"),
        ("text/plain; charset=utf-8", " zu groß\n".encode(), "zu groß"),
        ("text/plain", b"a\nb\x1b[2J\x07", "a\\nb\\x1b[2J\\x07"),
        ("text/plain", "a\u202eb".encode(), "a\\u202eb"),
        ("text/html", b"<h1>too large</h1>", ""),
        ("", b"too large", ""),
    ],
)
def test_the_servers_words_are_shown_on_one_harmless_line(kind: str, body: bytes, words: str) -> None:
    assert server_message(answer(body=body, Content_Type=kind)) == words


def test_long_words_are_cut_and_the_token_is_taken_out_before() -> None:
    said = one_line("s3cret " + "\x00" * 500, ["s3cret"])
    assert len(said) == 200
    assert said.startswith("[token] \\x00")
    assert "s3cret" not in one_line("x" * 197 + "s3cret", ["s3cret"])
    assert "s3" not in one_line("x" * 197 + "s3cret", ["s3cret"])


NOW = datetime(2030, 1, 1, tzinfo=UTC)


def http_date(seconds: float) -> str:
    return format_datetime(NOW + timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry_After": "7"}, 7),
        ({"Retry_After": " 7 "}, 7),
        ({"Retry_After": http_date(90), "Date": http_date(0)}, 90),
        ({"Retry_After": http_date(-90), "Date": http_date(0)}, None),
        ({"Retry_After": "0"}, None),
        ({"Retry_After": "-7"}, None),
        ({"Retry_After": "7.5"}, None),
        ({"Retry_After": "soon"}, None),
        ({"Retry_After": "\u0667"}, None),
        ({"Retry_After": "9" * 400}, None),
        ({"Retry_After": "Mon, 99 Jan 2030 00:00:00 GMT"}, None),
        ({}, None),
    ],
)
def test_how_long_the_gallery_asks_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(answer(None, 503, None, **headers).headers) == seconds


def test_a_date_without_the_servers_own_is_compared_with_our_clock() -> None:
    asked = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    seconds = retry_after_s(answer(Retry_After=asked, Date="nonsense").headers)
    assert seconds is not None
    assert 90 < seconds <= 100


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_retry_after_can_break_the_reader(value: str, date: str) -> None:
    seconds = retry_after_s(answer(Retry_After=value, Date=date).headers)
    assert seconds is None or seconds > 0
