"""Piwigo keeps one of each photo although it would make two, and its lies are seen through."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.deadline import within_deadline
from support.fake_piwigo import KEY, PASSWORD, TAKE_LATER, FakePiwigo
from support.fault_gallery import Fault, status
from support.uploading import Time, make_photo, open_client, original_photo

from photopipe.errors import (
    GalleryRefused,
    GalleryUnreachable,
    LoginRefused,
    PhotopipeError,
    TooLargeForGallery,
    UsageError,
)
from photopipe.settings import UploadSettings
from photopipe.stop_token import StopToken
from photopipe.upload.client import UploadClient
from photopipe.upload.galleries.piwigo.gallery import PiwigoGallery
from photopipe.upload.uploader import Uploader

ADD = "pwg.images.addSimple"
EXIST = "pwg.images.exist"
SHOW = "pwg.images.uploadCompleted"
FOREIGN = status(200, {"Content-Type": "text/html"}, b"<html>please wait</html>")
LOST_ANSWERS = [Fault.TAKE_AND_DROP, Fault.TAKE_AND_CUT, Fault.TAKE_AND_HANG]
TEXT = {"Content-Type": "text/plain"}
BY_KEY = {"token": KEY}
BY_NAME = {"username": "anna", "token": PASSWORD}


def timeout_s_for(fault: Fault) -> float:
    """How long an answer is waited for: shortly only if none will come [seconds]."""
    return 0.15 if fault in {Fault.HANG, Fault.TAKE_AND_HANG} else 5.0


@contextmanager
def client_of(gallery: FakePiwigo, time: Time, path: str = "", **settings: Any) -> Iterator[UploadClient]:
    login = {} if "token" in settings or "username" in settings else BY_KEY
    known: dict[str, Any] = {"kind": "piwigo", "read_timeout_s": 5.0} | login | settings
    with open_client(gallery.url + path, time, **known) as client:
        yield client


@pytest.mark.parametrize("login", [BY_KEY, BY_NAME], ids=["key", "name"])
@pytest.mark.parametrize("version", [(16, 0), (16, 1), (17, 0)], ids=str)
def test_the_gallery_gets_the_bytes_and_shows_them_in_the_album(
    version: tuple[int, int], login: dict[str, str]
) -> None:
    photo, time = make_photo(b"\r\n--bytes", title="Sea", caption="Anna", keywords=("a, b", "c")), Time()
    with FakePiwigo(version=version) as gallery, client_of(gallery, time, **login) as client:
        receipt = client.upload(photo, "key", time, album="Trip").receipt
    (stored,) = gallery.photos
    assert stored.data == photo.data
    told = {name: stored.fields[name] for name in ("name", "comment", "tags", "category")}
    assert told == {"name": "Sea", "comment": "Anna", "tags": "a\\, b,c", "category": "2"}
    assert gallery.visible_in(2) == [1], "it is not left in the lounge"
    assert (receipt.remote_id, receipt.already_there) == ("1", False)
    assert receipt.url == f"{gallery.url}/picture.php?/1/category/2"


@pytest.mark.parametrize("version", [(14, 5), (15, 0)], ids=str)
def test_older_versions_take_a_name_and_do_not_know_keys(version: tuple[int, int]) -> None:
    time = Time()
    with FakePiwigo(version=version) as gallery:
        with client_of(gallery, time, **BY_NAME) as client:
            client.upload(make_photo(), "key", time)
        with client_of(gallery, time) as client:
            for act in (lambda: client.upload(make_photo(), "key", time), lambda: client.check(time)):
                with pytest.raises(LoginRefused, match="API keys need Piwigo 16"):
                    act()
    assert len(gallery.photos) == 1


@pytest.mark.parametrize("path", ["", "/", "/ws.php", "/ws.php?format=json"])
def test_the_service_is_found_from_whatever_people_type(path: str) -> None:
    time = Time()
    with FakePiwigo() as gallery, client_of(gallery, time, path) as client:
        assert client.upload(make_photo(), "key", time).receipt.url.startswith(gallery.url + "/picture.php?/1")


def test_a_photo_still_in_the_lounge_is_not_sent_again_which_14_2_would_not_survive() -> None:
    time = Time()
    with (
        FakePiwigo({ADD: [Fault.TAKE_AND_DROP]}, version=(14, 2)) as gallery,
        client_of(gallery, time, **BY_NAME) as client,
    ):
        client.upload(make_photo(), "key", time, album="Trip")
    assert (len(gallery.photos), gallery.visible_in(2), gallery.calls.count(ADD)) == (1, [1], 1)


def test_an_old_photo_is_told_by_its_number_as_text_where_it_cannot_be_asked_for() -> None:
    time, nothing = Time(), status(200, TEXT, b'{"stat": "ok", "result": []}')
    with (
        FakePiwigo(lambda name, _n: nothing if name == EXIST else Fault.OK) as gallery,
        client_of(gallery, time) as client,
    ):
        receipts = [client.upload(make_photo(), key, time, album="Trip").receipt for key in ("one", "two")]
    assert [(receipt.remote_id, receipt.already_there) for receipt in receipts] == [("1", False), ("1", True)]
    assert gallery.visible_in(2) == [1]


def test_every_call_is_a_post_with_its_method_in_the_body() -> None:
    time = Time()
    with FakePiwigo() as gallery, client_of(gallery, time) as client:
        client.upload(make_photo(), "key", time, album="Trip")
    assert {(request.method, *request.query.items()) for request in gallery.requests} == {("POST", ("format", "json"))}


def test_warnings_of_php_before_the_answer_do_not_matter() -> None:
    time = Time()
    with FakePiwigo(has_warnings=True) as gallery, client_of(gallery, time, **BY_NAME) as client:
        client.upload(make_photo(), "key", time, album="Trip")
        with pytest.raises(GalleryRefused, match="forbidden file type"):
            client.upload(make_photo(b"text"), "key", time)
    assert gallery.visible_in(2) == [1]


@pytest.mark.parametrize("detects", [True, False], ids=["detects duplicates", "does not"])
@pytest.mark.parametrize("fault", LOST_ANSWERS, ids=str)
def test_a_lost_answer_leaves_one_photo_in_its_album_and_is_reported_as_ours(fault: Fault, detects: bool) -> None:
    time = Time()
    with (
        FakePiwigo({ADD: [fault]}, detects_duplicates=detects) as gallery,
        client_of(gallery, time, read_timeout_s=timeout_s_for(fault)) as client,
    ):
        receipt = client.upload(make_photo(), "key", time, album="Trip").receipt
    assert (len(gallery.photos), gallery.calls.count(ADD), gallery.visible_in(2)) == (1, 1, [1])
    assert (receipt.remote_id, receipt.already_there) == ("1", False)
    assert receipt.url == f"{gallery.url}/picture.php?/1"


@pytest.mark.parametrize("settle_s", [PiwigoGallery.SETTLE_S, 0.0])
def test_what_the_server_is_still_at_work_on_is_waited_for(settle_s: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PiwigoGallery, "SETTLE_S", settle_s)
    time = Time()
    with FakePiwigo({ADD: [TAKE_LATER]}, clock=time.clock) as gallery, client_of(gallery, time) as client:
        client.upload(make_photo(), "key", time)
        time.now += 10
        client.find(make_photo(), "key", time)
    assert len(gallery.photos) == (1 if settle_s else 2), "without the wait this server makes two"


@pytest.mark.parametrize("fault", [Fault.CUT_BODY, Fault.HANG, status(500), status(502), status(504)], ids=str)
def test_a_photo_that_did_not_arrive_is_asked_for_and_sent_again(fault: Fault) -> None:
    time = Time()
    with FakePiwigo({ADD: [fault]}) as gallery, client_of(gallery, time, read_timeout_s=timeout_s_for(fault)) as client:
        client.upload(make_photo(b"x" * 1_000_000), "key", time)
    assert len(gallery.photos) == 1
    assert gallery.calls[-4:] == [ADD, EXIST, EXIST, ADD]
    assert time.waits[0] >= 2


BEFORE = ["pwg.categories.getAdminList", "pwg.categories.add", EXIST]
LOGIN = ["pwg.session.login", "pwg.session.getStatus"]


@pytest.mark.parametrize(
    "fault", [*LOST_ANSWERS[:2], Fault.CUT_BODY, Fault.HANG, status(500), status(503), FOREIGN], ids=str
)
@pytest.mark.parametrize("call", [*LOGIN, *BEFORE, SHOW])
def test_a_failure_around_the_photo_neither_loses_nor_doubles_anything(call: str, fault: Fault) -> None:
    time = Time()
    with (
        FakePiwigo({call: [fault]}, detects_duplicates=False) as gallery,
        client_of(gallery, time, read_timeout_s=timeout_s_for(fault), **BY_NAME) as client,
    ):
        receipt = client.upload(make_photo(), "key", time, album="Trip").receipt
    assert (len(gallery.photos), gallery.visible_in(2), receipt.already_there) == (1, [1], False)
    assert gallery.categories == [(1, "Public"), (2, "Trip")]
    assert gallery.calls.count(ADD) == 1, "the photo itself is sent once"


@pytest.mark.parametrize("call", BEFORE)
def test_after_a_failure_before_the_photo_was_sent_it_counts_as_already_there(call: str) -> None:
    time = Time()
    with FakePiwigo() as gallery, client_of(gallery, time) as client:
        client.upload(make_photo(), "another", time)
        gallery._plan = lambda name, n: (
            Fault.TAKE_AND_DROP if name == call and gallery.calls.count(name) < 3 else Fault.OK
        )
        assert client.upload(make_photo(), "key", time, album="Trip").receipt.already_there


@pytest.mark.parametrize("detects", [True, False], ids=["detects duplicates", "does not"])
def test_bytes_the_gallery_had_before_are_already_there_and_get_into_the_album(detects: bool) -> None:
    time = Time()
    with FakePiwigo(detects_duplicates=detects) as gallery, client_of(gallery, time) as client:
        client.upload(make_photo(caption="first"), "one", time, album="One")
        receipt = client.upload(make_photo(caption="second"), "two", time, album="Two").receipt
    assert (receipt.already_there, receipt.remote_id, len(gallery.photos)) == (True, "1", 1)
    assert (gallery.visible_in(2), gallery.visible_in(3)) == ([1], [1])
    assert gallery.photos[0].fields["comment"] == "first"


def test_the_same_bytes_are_never_twice_on_their_way() -> None:
    with FakePiwigo(work_s=0.05) as gallery:
        receipts = upload_in_threads(gallery, [make_photo()] * 4, workers=4)
    assert (gallery.most_in_flight, len(gallery.photos)) == (1, 1)
    assert sorted(receipt.already_there for receipt in receipts) == [False, True, True, True]


def test_another_worker_with_the_same_bytes_waits_for_what_was_lost() -> None:
    """The first worker's request is still at work when the second comes with the same bytes."""
    time = Time()
    settings = UploadSettings("", kind="piwigo", token=KEY, read_timeout_s=0.2)
    with FakePiwigo({ADD: [TAKE_LATER]}, clock=time.clock) as gallery, ExitStack() as stack:
        uploader = Uploader(replace(settings, endpoint_url=gallery.url), clock=time.clock, random=lambda: 0.5)
        first, second = (stack.enter_context(uploader.open_client()) for _ in range(2))
        with pytest.raises(PhotopipeError):
            first.upload(make_photo(), "first", Time(stop_at_wait=1))
        receipt = second.upload(make_photo(), "second", time).receipt
        time.now += 10
        second.find(make_photo(), "second", time)
    assert (len(gallery.photos), receipt.remote_id) == (1, "1")


def test_no_more_than_two_uploads_run_at_a_time() -> None:
    with FakePiwigo(work_s=0.02) as gallery:
        upload_in_threads(gallery, [make_photo(bytes([n])) for n in range(12)], workers=6)
    assert (gallery.most_uploads, len(gallery.photos)) == (2, 12)


def test_many_workers_make_one_album_and_each_tag_once() -> None:
    photos = [make_photo(bytes([n]), keywords=("a", f"k{n % 3}")) for n in range(12)]
    plan = {"pwg.categories.add": [Fault.TAKE_AND_DROP], "pwg.categories.getAdminList": [status(503)]}
    with FakePiwigo(plan, work_s=0.005) as gallery:
        upload_in_threads(gallery, photos, workers=4, album="Trip")
    assert gallery.categories == [(1, "Public"), (2, "Trip")]
    assert sorted(gallery.visible_in(2)) == sorted(photo.id for photo in gallery.photos)
    assert (len(gallery.photos), sorted(gallery.tags)) == (12, ["a", "k0", "k1", "k2"])


def upload_in_threads(gallery: FakePiwigo, photos: list[Any], workers: int, album: str | None = None) -> list[Any]:
    """The receipts of photos that several workers upload; waits take no time."""

    class QuickStop(StopToken):
        def wait(self, timeout: float | None = None) -> bool:
            return False

    settings = UploadSettings(gallery.url, kind="piwigo", token=KEY, workers=workers)
    uploader, stop = Uploader(settings, random=lambda: 0.01), QuickStop()
    receipts: list[Any] = []

    def work(worker: int) -> None:
        with uploader.open_client() as client:
            numbers = range(worker, len(photos), workers)
            receipts.extend(client.upload(photos[n], str(n), stop, album=album).receipt for n in numbers)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        within_deadline(thread.join)
    assert len(receipts) == len(photos)
    return receipts


@pytest.mark.parametrize("call", [EXIST, "pwg.categories.getAdminList", "pwg.categories.add", ADD, SHOW])
def test_a_login_that_runs_out_half_way_is_made_again(call: str) -> None:
    time, valid = Time(), [True]

    def run_out(name: str, _n: int) -> Fault:
        if name == call and not valid[-1]:
            gallery.sessions.clear()
            valid.append(True)
        return Fault.OK

    with FakePiwigo(run_out, detects_duplicates=False) as gallery, client_of(gallery, time, **BY_NAME) as client:
        client.upload(make_photo(b"before"), "before", time)
        valid.append(False)
        receipt = client.upload(make_photo(), "key", time, album="Trip").receipt
    assert (len(gallery.photos), gallery.visible_in(2), receipt.already_there) == (2, [2], False)
    assert (gallery.logins, gallery.categories) == (2, [(1, "Public"), (2, "Trip")])


def test_a_login_that_never_holds_is_not_tried_for_ever() -> None:
    time = Time()

    def run_out(name: str, n: int) -> Fault:
        if name == ADD:
            gallery.sessions.clear()
        return Fault.OK

    with (
        FakePiwigo(run_out) as gallery,
        client_of(gallery, time, **BY_NAME) as client,
        pytest.raises((LoginRefused, GalleryUnreachable)),
    ):
        client.upload(make_photo(), "key", time)
    assert gallery.photos == []


@pytest.mark.parametrize("login", [{"token": "pkid-1:no"}, {"username": "anna", "token": "no"}], ids=["key", "name"])
def test_a_bad_login_stops_the_run_although_it_may_come_as_200(login: dict[str, str]) -> None:
    time = Time()
    with FakePiwigo() as gallery, client_of(gallery, time, **login) as client:
        for act in (lambda: client.upload(make_photo(), "key", time), lambda: client.check(time)):
            with pytest.raises(LoginRefused, match="Invalid"):
                act()
    assert gallery.photos == []


@pytest.mark.parametrize("login", [BY_KEY, BY_NAME], ids=["key", "name"])
def test_a_user_who_may_not_upload_stops_the_run(login: dict[str, str]) -> None:
    time = Time()
    with (
        FakePiwigo(user_status="normal") as gallery,
        client_of(gallery, time, **login) as client,
        pytest.raises(LoginRefused, match="administrator"),
    ):
        client.upload(make_photo(), "key", time)
    assert gallery.photos == []


@pytest.mark.parametrize("code", [401, 403])
def test_a_proxy_that_wants_a_login_stops_the_run(code: int) -> None:
    time = Time()
    with (
        FakePiwigo(lambda _name, _n: status(code, {"Content-Type": "text/html"})) as gallery,
        client_of(gallery, time) as client,
        pytest.raises(LoginRefused),
    ):
        client.upload(make_photo(), "key", time)


def test_a_login_that_comes_too_often_is_waited_for() -> None:
    time, busy = Time(), status(429, TEXT, b'{"stat": "fail", "err": 429, "message": "slow down"}')
    with FakePiwigo({"pwg.session.login": [busy]}) as gallery, client_of(gallery, time, **BY_NAME) as client:
        client.upload(make_photo(), "key", time)
    assert len(gallery.photos) == 1


@pytest.mark.parametrize("login", [{"token": None}, {"token": "nonsense"}, {"username": "anna", "token": None}])
def test_half_a_login_is_a_usage_error(login: dict[str, Any]) -> None:
    with FakePiwigo() as gallery, pytest.raises(UsageError, match="login"), client_of(gallery, Time(), **login):
        pass


@pytest.mark.parametrize("limit", ["upload_max_bytes", "post_max_bytes"])
def test_a_photo_beyond_phps_limits_is_too_large_whatever_the_status_says(limit: str) -> None:
    time, settings = Time(), {limit: 1000}
    with FakePiwigo(**settings) as gallery, client_of(gallery, time) as client, pytest.raises(TooLargeForGallery):  # type: ignore[arg-type]  # see limit
        client.upload(make_photo(b"x" * 2000), "key", time)
    assert gallery.calls.count(ADD) == 1


def test_the_page_of_a_proxy_under_413_is_a_photo_too_large() -> None:
    time, page = Time(), status(413, {"Content-Type": "text/html"}, b"<html>413</html>")
    with FakePiwigo({ADD: [page]}) as gallery, client_of(gallery, time) as client, pytest.raises(TooLargeForGallery):
        client.upload(make_photo(), "key", time)


@pytest.mark.parametrize(("code", "message"), [(415, "forbidden file type"), (1003, "Invalid param"), (404, "gone")])
def test_a_refusal_is_told_in_the_gallerys_own_words_and_not_repeated(code: int, message: str) -> None:
    time, body = Time(), f'{{"stat": "fail", "err": {code}, "message": "{message}"}}'.encode()
    with (
        FakePiwigo({ADD: [status(code if code < 600 else 200, TEXT, body)]}) as gallery,
        client_of(gallery, time) as client,
        pytest.raises(GalleryRefused, match=message),
    ):
        client.upload(make_photo(), "key", time)
    assert gallery.calls.count(ADD) == 1


@pytest.mark.parametrize("body", [b"<html>log in</html>", b"[]", b"{}", b"{" * 5000, b'{"stat":"ok","result":true}'])
def test_a_200_that_is_not_piwigos_is_no_success(body: bytes) -> None:
    time = Time()
    with FakePiwigo({ADD: [status(200, TEXT, body)]}) as gallery, client_of(gallery, time) as client:
        assert client.upload(make_photo(), "key", time).receipt.remote_id == "1"
    with (
        FakePiwigo(lambda name, _n: status(200, TEXT, body) if name == ADD else Fault.OK) as gallery,
        client_of(gallery, time) as client,
        pytest.raises(GalleryUnreachable, match="not as Piwigo does"),
    ):
        client.upload(make_photo(), "key", time)


def test_a_redirect_is_an_error_that_names_an_address_to_use() -> None:
    time, target = Time(), "https://photos.example/piwigo/ws.php?format=json"
    with (
        FakePiwigo(lambda _name, _n: status(301, {"Location": target})) as gallery,
        client_of(gallery, time) as client,
        pytest.raises(UsageError, match=r"https://photos\.example/piwigo"),
    ):
        client.upload(make_photo(), "key", time)


@pytest.mark.parametrize(("number", "words"), [(1, ""), (7, "no album number 7")])
def test_an_album_by_number_must_be_there_or_the_photo_would_be_lost(number: int, words: str) -> None:
    time = Time()
    with FakePiwigo() as gallery, client_of(gallery, time, options={"category": number}) as client:
        if words:
            with pytest.raises(UsageError, match=words):
                client.upload(make_photo(), "key", time)
        else:
            client.upload(make_photo(), "key", time)
            client.upload(make_photo(b"another"), "key2", time)
    assert gallery.visible_in(1) == ([] if words else [1, 2])
    assert gallery.calls.count("pwg.categories.getAdminList") == 1


def test_the_first_album_of_a_name_is_used_also_in_a_list_of_megabytes() -> None:
    time = Time()
    with FakePiwigo() as gallery, client_of(gallery, time, read_timeout_s=5.0) as client:
        gallery.categories += [(n, "x" * 1000) for n in range(2, 1500)] + [(1501, "A &amp; B"), (1500, "A &amp; B")]
        client.upload(make_photo(), "key", time, album="A & B")
    assert gallery.visible_in(1500) == [1]


def test_an_original_is_sent_from_its_file_and_found_again(tmp_path: Path) -> None:
    photo, time = original_photo(tmp_path / "IMG_1.JPG"), Time()
    with FakePiwigo({ADD: [TAKE_LATER]}, clock=time.clock) as gallery, client_of(gallery, time) as client:
        client.upload(photo, "key", time)
    assert [stored.data for stored in gallery.photos] == [(tmp_path / "IMG_1.JPG").read_bytes()]


def test_find_asks_for_the_bytes_an_earlier_run_sent() -> None:
    earlier, now, time = make_photo(b"earlier"), make_photo(b"now"), Time()
    with FakePiwigo() as gallery, client_of(gallery, time) as client:
        assert client.find(now, "key", time) is None
        client.upload(earlier, "key", time)
        found = client.find(now, "key", time, earlier=earlier.rendition, album="Trip")
        assert client.find(now, "key", time) is None
    assert found is not None
    assert (found.remote_id, found.url) == ("1", f"{gallery.url}/picture.php?/1")
    assert gallery.visible_in(2) == [1], "what the earlier run did not get to is finished"


@pytest.mark.parametrize("login", [BY_KEY, BY_NAME], ids=["key", "name"])
def test_a_check_says_who_answers_and_warns_of_what_will_not_work(login: dict[str, str]) -> None:
    time = Time()
    with FakePiwigo() as gallery:
        with client_of(gallery, time, album="Trip", **login) as client:
            health = client.check(time)
        gallery.version = (18, 0)
        with client_of(gallery, time, **login) as client:
            warnings = client.check(time).warnings
    assert (health.summary, health.warnings) == ("Piwigo 17.0.0, as anna (webmaster)", ())
    assert len(warnings) == 2
    assert "14 to 17" in warnings[0]
    assert "no album" in warnings[1]


@pytest.mark.parametrize("options", [{"level": 3}, {"level": "x"}, {"category": -1}, {"tags": "no"}, {"album": "x"}])
def test_an_option_nobody_understands_is_a_usage_error(options: dict[str, Any]) -> None:
    with FakePiwigo() as gallery, pytest.raises(UsageError), client_of(gallery, Time(), options=options):
        pass


@pytest.mark.parametrize("login", [BY_KEY, BY_NAME], ids=["key", "name"])
@pytest.mark.parametrize("code", [400, 401, 413, 500, 507, 999])
def test_no_error_shows_the_login(code: int, login: dict[str, str]) -> None:
    time, secrets = Time(), (login["token"], login["token"].rpartition(":")[2])
    body = f'{{"stat": "fail", "err": {code}, "message": "bad {secrets[0]} and {secrets[1]}"}}'.encode()
    fault = status(code if code < 600 else 200, TEXT, body)
    with ExitStack() as stack:
        gallery = stack.enter_context(FakePiwigo(lambda name, _n: fault if name == ADD else Fault.OK))
        client = stack.enter_context(client_of(gallery, time, **login))
        with pytest.raises(PhotopipeError) as raised:
            client.upload(make_photo(), "key", time)
    error: BaseException | None = raised.value
    while error is not None:
        assert not [secret for secret in secrets if secret in f"{error} {error!r}"]
        error = error.__cause__ or error.__context__
