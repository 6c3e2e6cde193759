"""A form endpoint as its options describe it: what arrives there, and what its answers mean."""

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.fault_gallery import TAKE_AND_DROP, FaultGallery
from support.scripted_gallery import Plan, Reply, Request, ScriptedGallery
from support.uploading import Time, make_photo, open_client

from photopipe.errors import GalleryRefused, GalleryUnreachable, LoginRefused, UsageError
from photopipe.photo import Receipt
from photopipe.upload.galleries.address import endpoint_address
from photopipe.upload.galleries.contract import OutgoingPhoto
from photopipe.upload.galleries.form.answer import read_rule, values_at
from photopipe.upload.galleries.form.options import OPTIONS, read_options
from photopipe.upload.galleries.template import FIELDS
from photopipe.upload.http.answer import Answer

KEY = "abcdefgh" * 8


class Endpoint(ScriptedGallery):
    """Answers each request as it is told, and remembers what was sent."""

    def __init__(self, answer: Callable[[Request], Reply] | Reply, plan: Plan | None = None) -> None:
        super().__init__(plan)
        self._answer = answer

    def name_of(self, method: str, path: str, body: bytes) -> str:
        return method

    def reply(self, request: Request) -> Reply:
        return self._answer(request) if callable(self._answer) else self._answer

    @property
    def parts(self) -> dict[str, str]:
        return {part.name: part.data.decode() for part in self.requests[-1].parts()}


def by_method(replies: dict[str, Reply]) -> Callable[[Request], Reply]:
    return lambda request: replies[request.method]


def upload(gallery: Endpoint, options: dict[str, Any], *, album: str | None = None, **settings: Any) -> Receipt:
    photo = make_photo(b"the bytes", title="Sea & sand", taken_at="2024-05-01T12:33:10+02:00")
    time = Time()
    with open_client(endpoint_address(settings.pop("url", gallery.site)), time, options=options, **settings) as client:
        return client.upload(photo, KEY, time, album=album).receipt


def test_each_option_has_a_line_of_help() -> None:
    assert all(OPTIONS.values())


def test_fields_names_and_headers_are_filled_from_the_photo() -> None:
    options = {
        "file_field": "upload",
        "file_name": "{taken_at:%Y%m%d}-{key:.8}.{ext}",
        "fields": {
            "name": "{stem}",
            "day": "{taken_at:%Y-%m-%d}",
            "hash": "{sha256}",
            "n": 7,
            "public": True,
            "no": "",
        },
        "headers": {"X-Day": "{taken_at:%A}", "X-Title": "{title} é"},
    }
    with Endpoint(Reply(201, {"id": 7})) as gallery:
        receipt = upload(gallery, options)
    request = gallery.requests[0]
    *_, file = request.parts()
    assert (file.name, file.file_name, file.data) == ("upload", "20240501-abcdefgh.jpg", b"the bytes")
    assert {name: value for name, value in gallery.parts.items() if name != "upload"} == {
        "name": "IMG_0001",
        "day": "2024-05-01",
        "hash": make_photo(b"the bytes").rendition.sha256,
        "n": "7",
        "public": "true",
        "no": "",
    }
    assert (request.headers["x-day"], request.headers["x-title"]) == ("Wednesday", "Sea & sand %C3%A9")
    assert receipt == Receipt("7", f"{gallery.site}/api/photos")


def test_the_address_is_made_from_the_gallery_s_own_and_stays_there() -> None:
    options = {"url": "{endpoint}/up/{album}/{title}?name={title}", "method": "PUT"}
    with Endpoint(Reply(200)) as gallery:
        upload(gallery, options, album="a/../ü")
        upload(gallery, options)
        upload(gallery, options, url=f"{gallery.site}/sub/")
    first, second, third = gallery.requests
    assert (first.method, first.path) == ("PUT", "/up/a/_/%C3%BC/Sea%20%26%20sand")
    assert first.query == {"name": "Sea & sand"}
    assert second.path == "/up/Sea%20%26%20sand"
    assert third.path == "/sub/up/Sea%20%26%20sand"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.2:9/{stem}", "{endpoint}.example.org/", "http://[", "/up", "{stem}", "{endpoint}{stem}"]
)
@pytest.mark.parametrize("option", ["url", "lookup"])
def test_the_login_goes_nowhere_but_to_the_gallery(option: str, url: str) -> None:
    options = {option: url} | ({"found": 200, "ask_first": True} if option == "lookup" else {})
    with Endpoint(Reply(200)) as gallery, pytest.raises(UsageError, match="same host"):
        upload(gallery, options, token="t0ken")
    assert gallery.requests == []


def test_check_looks_at_the_gallery_and_says_what_it_cannot_know() -> None:
    with Endpoint(Reply(200)) as gallery, open_client(gallery.site, options={"preset": "chevereto"}) as client:
        health = client.check(Time())
    assert "200 OK" in health.summary
    assert health.warnings
    assert gallery.requests == []


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ("bearer", "authorization", "Bearer t0ken"),
        ("header:X-API-Key", "x-api-key", "t0ken"),
        ("header:Authorization", "authorization", "t0ken"),
        ("basic", "authorization", "Basic " + base64.b64encode("Ünal:t0ken".encode()).decode()),
        ("none", "authorization", None),
    ],
)
def test_the_token_is_said_as_the_option_auth_wants_it(auth: str, header: str, value: str | None) -> None:
    with Endpoint(Reply(200)) as gallery:
        upload(gallery, {"auth": auth}, token="t0ken", username="Ünal" if auth == "basic" else None)
    assert gallery.requests[0].headers.get(header) == value
    assert value is not None or "t0ken" not in str(gallery.requests)


def test_a_token_in_a_field_is_never_shown() -> None:
    words = Reply(200, {"message": "no such key: t0ken"})
    with Endpoint(words) as gallery, pytest.raises(GalleryRefused, match=r"no such key: \[token\]"):
        upload(gallery, {"auth": "field:key", "success": {"ok": True}}, token="t0ken")
    assert gallery.parts["key"] == "t0ken"
    assert "authorization" not in gallery.requests[0].headers


def test_auth_and_headers_alone_leave_photopipe_s_own_protocol_as_it_is() -> None:
    options = {"auth": "header:X-Key", "headers": {"X-Extra": "{stem}"}}
    with FaultGallery([TAKE_AND_DROP]) as gallery, open_client(gallery.url, Time(), options=options) as client:
        client.upload(make_photo(), "key", Time())
    assert gallery.stored[0].fields["sha256"] == make_photo().rendition.sha256
    assert gallery.stored[0].headers["x-extra"] == "IMG_0001"
    assert gallery.finds == ["key"]


def test_success_is_what_the_rule_says_whatever_the_status() -> None:
    rule = {"success": {"http": [200, 299], "result.state": ["ok", "fine"]}}
    for status, state in ((200, "ok"), (299, "FINE")):
        with Endpoint(Reply(status, {"result": {"state": state}})) as gallery:
            upload(gallery, rule)
    for reply in (Reply(200, {"result": {"state": "bad"}}), Reply(201, {"result": {"state": "ok"}}), Reply(200, [])):
        with Endpoint(reply) as gallery, pytest.raises(GalleryRefused):
            upload(gallery, rule)


def test_an_odd_status_can_be_a_success() -> None:
    with Endpoint(Reply(302, headers={"Location": "/photos/7"})) as gallery:
        receipt = upload(gallery, {"success": [200, 302]})
    assert receipt.url == f"{gallery.site}/photos/7"


def test_statuses_keep_their_meaning_where_no_rule_says_otherwise() -> None:
    for status, error in ((401, LoginRefused), (403, LoginRefused), (400, GalleryRefused), (301, UsageError)):
        with Endpoint(Reply(status, {"ok": True})) as gallery, pytest.raises(error):
            upload(gallery, {"success": {"ok": True}})
    with Endpoint(Reply(503)) as gallery, pytest.raises(GalleryUnreachable):
        upload(gallery, {"success": {"http": 200, "ok": True}})


def test_id_and_address_are_where_the_options_say() -> None:
    content = {"files": [{"name": 12, "href": "p/12.jpg"}]}
    with Endpoint(Reply(200, content)) as gallery:
        receipt = upload(gallery, {"id_path": "files.0.name", "url_path": "files.0.href"}, url=f"{gallery.site}/a/up")
    assert receipt == Receipt("12", f"{gallery.site}/a/p/12.jpg")


def test_a_duplicate_is_told_by_status_or_content() -> None:
    rule = {"duplicate": [{"http": 409}, {"http": 200, "code": [101, "old"]}]}
    for reply in (Reply(409), Reply(200, {"code": 101}), Reply(200, {"code": "101"}), Reply(200, {"code": "old"})):
        with Endpoint(reply) as gallery:
            assert upload(gallery, rule).already_there
    with Endpoint(Reply(200, {"code": 1})) as gallery:
        assert not upload(gallery, rule).already_there


def test_a_login_refused_under_200_ends_the_run() -> None:
    rule = {"login_refused": {"error.code": 100}, "error_path": "error.why"}
    reply = Reply(200, {"error": {"code": 100, "why": "who are you?"}})
    with Endpoint(reply) as gallery, pytest.raises(LoginRefused, match=r"who are you\?"):
        upload(gallery, rule)


def test_what_should_be_sent_again_is_sent_again() -> None:
    replies = iter([Reply(200, {"busy": True}), Reply(200, {"id": 1})])
    with Endpoint(lambda _request: next(replies)) as gallery:
        assert upload(gallery, {"retry": {"busy": True}}).remote_id == "1"
    assert gallery.calls == ["POST", "POST"]


LOOKUP = {"lookup": "{endpoint}/have?md5={md5}", "found": {"photos.*.md5": "{md5}"}, "found_id_path": "photos.0.id"}


def test_after_a_lost_answer_the_lookup_tells_whether_the_photo_is_there() -> None:
    md5 = make_photo(b"the bytes").rendition.md5

    def answer(request: Request) -> Reply:
        return Reply(200, {"photos": [{"id": 5, "md5": md5.upper()}]} if request.method == "GET" else {"id": 6})

    with Endpoint(answer, {"POST": [TAKE_AND_DROP]}) as gallery:
        receipt = upload(gallery, LOOKUP)
    assert gallery.calls == ["POST", "GET"]
    assert gallery.requests[-1].query == {"md5": md5}
    assert (receipt.remote_id, receipt.already_there) == ("5", False)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, {"photos": []}),
        Reply(200, {"photos": [{"md5": "0"}]}),
        Reply(404),
        Reply(200, body=b"<html>"),
        Reply(403),
    ],
    ids=["none", "another", "404", "no JSON", "403"],
)
def test_an_answer_that_names_no_such_photo_means_it_is_sent_again(reply: Reply) -> None:
    replies = {"GET": reply, "POST": Reply(200, {"id": 6})}
    with Endpoint(lambda request: replies[request.method], {"POST": [TAKE_AND_DROP]}) as gallery:
        assert upload(gallery, LOOKUP).remote_id == "6"
    assert gallery.calls == ["POST", "GET", "POST"]


def test_found_path_wants_something_to_stand_there() -> None:
    options = {"lookup": "{endpoint}/{md5}", "found_path": "exists", "ask_first": True}
    for content, sends in (({"exists": True}, 0), ({"exists": False}, 1), ({}, 1), ([], 1), ({"exists": 0}, 0)):
        replies = {"GET": Reply(200, content), "POST": Reply(200, {})}
        with Endpoint(by_method(replies)) as gallery:
            assert upload(gallery, options).already_there == (sends == 0)
        assert gallery.calls == ["GET", "POST"][: 1 + sends]


def test_what_is_looked_for_is_what_was_sent_then() -> None:
    sent = make_photo(b"other bytes", file_name="IMG_0001.webp").rendition
    options = {"lookup": "{endpoint}/{file_name}/{md5}", "found": 200}
    with Endpoint(Reply(200)) as gallery, open_client(gallery.site, options=options) as client:
        assert client.find(make_photo(), KEY, Time(), earlier=sent) is not None
    assert gallery.requests[0].path == f"/IMG_0001.webp/{sent.md5}"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"method": "PATCH"}, "method must be POST or PUT"),
    ({"method": ["POST"]}, "method must be POST or PUT"),
    ({"file_field": ""}, "file_field"),
    ({"file_field": 'a\r\nb"'}, "file_field"),
    ({"fields": "title"}, "fields must be a table"),
    ({"fields": {"a": 1.5}}, "fields must be a table"),
    ({"fields": {"a": "{nobody}"}}, "there is no {nobody}"),
    ({"fields": {"a": "{"}}, "template"),
    ({"fields": {"a": "{sha256.__class__}"}}, "template"),
    ({"fields": {"a": "{width:%Y}"}}, "template"),
    ({"headers": {"Authorization": "Bearer x"}}, "cannot set Authorization"),
    ({"headers": {"Content-Length": "7"}}, "cannot set Content-Length"),
    ({"headers": {"a b": "c"}}, "cannot be the name of a header"),
    ({"auth": "digest"}, "auth must be"),
    ({"auth": "header:"}, "auth must be"),
    ({"auth": "bearer:x"}, "auth must be"),
    ({"auth": "header:a b"}, "auth names no header"),
    ({"auth": "header:Content-Length"}, "auth names no header"),
    ({"auth": 7}, "auth must be"),
    ({"auth": "basic"}, "needs a user name"),
    ({"success": "ok"}, "success must be a status"),
    ({"success": []}, "success must be a status"),
    ({"success": {}}, "success must be a status"),
    ({"success": True}, "success must be a status"),
    ({"success": {"a": []}}, "success expects one of no values"),
    ({"success": {"a": {"b": 1}}}, "success can expect"),
    ({"success": {"a..b": 1}}, "success needs a path"),
    ({"duplicate": {"": 1}}, "duplicate needs a path"),
    ({"id_path": ""}, "id_path must be text"),
    ({"url_path": "a."}, "url_path needs a path"),
    ({"url": 7}, "url must be text"),
    ({"lookup": "{endpoint}"}, "lookup needs found or found_path"),
    ({"found_path": "a"}, "found_path says something about the answer of lookup"),
    ({"ask_first": True}, "ask_first needs the option lookup"),
    ({"lookup": "{endpoint}", "found": 200, "ask_first": "yes"}, "ask_first must be true or false"),
    ({"lookup": "{endpoint}", "found": 200, "lookup_method": "POST"}, "lookup_method must be GET or HEAD"),
    ({"sucess": 200}, "have no option 'sucess'"),
]


@pytest.mark.parametrize(("options", "words"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_a_wrong_option_is_refused_before_the_first_photo(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as caught, open_client("http://gallery.example/up", options=options):
        pass
    assert words in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "0", "*"]), inner, max_size=3)
    ),
)


@given(JSON, st.lists(st.sampled_from(["a", "b", "0", "1", "*", "-1", "9" * 12]), min_size=1, max_size=4))
def test_no_answer_is_too_odd_to_be_read(content: object, path: list[str]) -> None:
    assert isinstance(values_at(content, ".".join(path)), list)
    rule = read_rule("success", {".".join(path): ["(any)", "(empty)", 1, True, 0.5, "{stem}*"]})
    rule.fits(Answer(200, {}, json.dumps(content).encode()), OutgoingPhoto(make_photo(), KEY))


@given(st.dictionaries(st.sampled_from(sorted(OPTIONS)), JSON, max_size=4))
def test_options_of_any_shape_are_read_or_refused(options: dict[str, Any]) -> None:
    with suppress(UsageError):
        read_options(options)


@pytest.mark.parametrize(
    ("expected", "actual", "fits"),
    [
        ("(any)", 0, True),
        ("(any)", "", False),
        ("(any)", None, False),
        ("(empty)", None, True),
        ("(empty)", [], True),
        ("(empty)", "x", False),
        (True, True, True),
        (True, 1, False),
        (1, True, False),
        (101, "101", True),
        ("7", 7, True),
        ("a*c", "ABBC", True),
        ("a.c", "abc", False),
        ("a*", "b", False),
        ("{stem}", "IMG_0001", True),
    ],
)
def test_what_stands_in_an_answer_is_compared_by_meaning(expected: object, actual: object, fits: bool) -> None:
    answer = Answer(200, {}, json.dumps({"at": actual}).encode())
    assert read_rule("success", {"at": expected}).fits(answer, OutgoingPhoto(make_photo(), KEY)) == fits


def test_a_path_that_leads_nowhere_is_neither_empty_nor_anything() -> None:
    answer = Answer(200, {}, b"{}")
    for expected in ("(any)", "(empty)"):
        assert not read_rule("success", {"at": expected}).fits(answer, OutgoingPhoto(make_photo(), KEY))


def test_templates_know_every_field_of_a_photo() -> None:
    with Endpoint(Reply(200)) as gallery:
        upload(gallery, {"fields": {name: f"{{{name}}}" for name in FIELDS}})
    assert gallery.parts.keys() >= FIELDS.keys()
