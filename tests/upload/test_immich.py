"""Immich keeps one of each photo, whatever happens to the answers, and its lies are seen through."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.deadline import within_deadline
from support.fake_immich import KEY, Album, FakeImmich
from support.fault_gallery import Fault, FaultGallery, status
from support.scripted_gallery import EARLY
from support.uploading import Time, make_photo, open_client, original_photo

from photopipe.errors import (
    DiskFull,
    GalleryRefused,
    GalleryUnreachable,
    LoginRefused,
    PhotopipeError,
    TooLargeForGallery,
    UsageError,
)
from photopipe.photo import Receipt
from photopipe.settings import UploadSettings
from photopipe.stop_token import StopToken
from photopipe.upload.client import UploadClient
from photopipe.upload.uploader import Uploader

FOREIGN = status(200, {"Content-Type": "text/html"}, b"<html>please wait</html>")
LOST_ANSWERS = [Fault.TAKE_AND_DROP, Fault.TAKE_AND_CUT, Fault.TAKE_AND_HANG]
JSON = {"Content-Type": "application/json"}


def read_timeout_of(fault: Fault) -> float:
    """How long an answer is waited for: shortly only if none will come [seconds]."""
    return 0.15 if fault in {Fault.HANG, Fault.TAKE_AND_HANG} else 5.0


@contextmanager
def client_of(gallery: FakeImmich, time: Time | None = None, path: str = "", **settings: Any) -> Iterator[UploadClient]:
    known: dict[str, Any] = {"kind": "immich", "token": KEY, "read_timeout_s": 5.0} | settings
    with open_client(gallery.site + path, time or Time(), **known) as client:
        yield client


@pytest.mark.parametrize("version", [2, 3])
def test_the_gallery_gets_the_bytes_and_all_it_insists_on(version: int) -> None:
    photo = make_photo(b"\r\n--bytes", taken_at="2024-05-01T12:33:10.5+02:00")
    with FakeImmich(version=version) as gallery, client_of(gallery) as client:
        receipt = client.upload(photo, "the-key", Time()).receipt
    (asset,) = gallery.assets
    assert (asset.data, asset.file_name) == (photo.data, "IMG_0001.jpg")
    assert asset.fields == {
        "deviceAssetId": "the-key",
        "deviceId": "photopipe",
        "fileCreatedAt": "2024-05-01T12:33:10.500+02:00",
        "fileModifiedAt": "2023-11-14T22:13:20.250Z",
        "filename": "IMG_0001.jpg",
    }
    assert gallery.requests[-1].headers["x-immich-checksum"] == photo.rendition.sha1
    assert (receipt.remote_id, receipt.url) == ("asset-1", f"{gallery.site}/photos/asset-1")
    assert not receipt.already_there


def test_the_name_comes_before_the_file_or_it_would_not_count() -> None:
    with FakeImmich() as gallery, client_of(gallery) as client:
        client.upload(make_photo(), "key", Time())
    names = [part.name for part in gallery.requests[-1].parts()]
    assert names.index("filename") < names.index("assetData")


@pytest.mark.parametrize(
    ("taken_at", "moment"),
    [
        ("2024-05-01T12:33:10", datetime(2024, 5, 1, 12, 33, 10).astimezone()),
        ("2024-05-01T12:33:10Z", datetime.fromisoformat("2024-05-01T12:33:10+00:00")),
        ("2024-05-01T12:33:10-11:30", datetime.fromisoformat("2024-05-02T00:03:10+00:00")),
        (None, datetime.fromisoformat("2023-11-14T22:13:20.250+00:00")),
        ("0001-01-01T00:00:00", None),
    ],
)
def test_the_capture_time_always_has_a_zone(taken_at: str | None, moment: datetime | None) -> None:
    with FakeImmich() as gallery, client_of(gallery) as client:
        client.upload(make_photo(taken_at=taken_at), "key", Time())
    sent = datetime.fromisoformat(gallery.assets[0].fields["fileCreatedAt"])
    assert sent.tzinfo is not None
    assert moment is None or sent - moment == timedelta(0)


@pytest.mark.parametrize("path", ["", "/", "/api", "/api/"])
@pytest.mark.parametrize("has_well_known", [True, False])
def test_the_api_is_found_from_whatever_people_type(path: str, has_well_known: bool) -> None:
    with FakeImmich(has_well_known=has_well_known) as gallery, client_of(gallery, path=path) as client:
        urls = {client.upload(make_photo(bytes([n])), str(n), Time()).receipt.url for n in range(3)}
    assert urls == {f"{gallery.site}/photos/asset-{n}" for n in (1, 2, 3)}
    assert gallery.calls.count("GET /.well-known/immich") == 1


def test_an_api_on_another_host_is_not_shown_the_key() -> None:
    with (
        FakeImmich({"GET /.well-known/immich": [away("http://other.example/api")]}) as gallery,
        client_of(gallery) as client,
        pytest.raises(UsageError, match=r"http://other\.example/api"),
    ):
        client.upload(make_photo(), "key", Time())
    assert gallery.assets == []


def away(endpoint: str) -> Fault:
    return status(200, JSON, f'{{"api": {{"endpoint": "{endpoint}"}}}}'.encode())


@pytest.mark.parametrize("call", ["GET /.well-known/immich", "POST /assets"])
def test_a_redirect_is_an_error_that_names_the_address_to_use(call: str) -> None:
    path = call.split()[1] if "well" in call else "/api/assets"
    with (
        FakeImmich({call: [status(301, {"Location": f"https://photos.example{path}"})]}) as gallery,
        client_of(gallery) as client,
        pytest.raises(UsageError, match=r"go to https://photos\.example\. Use"),
    ):
        client.upload(make_photo(), "key", Time())
    assert gallery.assets == []


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize("fault", LOST_ANSWERS, ids=str)
def test_a_lost_answer_leaves_one_photo_in_its_album_and_is_reported_as_ours(fault: Fault, version: int) -> None:
    photo = make_photo(caption="Anna", keywords=("a", "b"))
    with (
        FakeImmich({"POST /assets": [fault]}, version=version) as gallery,
        client_of(gallery, read_timeout_s=read_timeout_of(fault)) as client,
    ):
        receipt = client.upload(photo, "key", Time(), album="Trip").receipt
    (asset,) = gallery.assets
    assert (receipt.remote_id, receipt.already_there) == ("asset-1", False)
    assert (gallery.calls.count("POST /assets"), gallery.albums[0].asset_ids) == (1, ["asset-1"])
    assert (asset.description, asset.tags) == ("Anna", ["a", "b"])


@pytest.mark.parametrize("fault", [Fault.CUT_BODY, Fault.HANG, status(500), status(502), status(504)], ids=str)
def test_a_photo_that_did_not_arrive_is_asked_for_and_sent_again(fault: Fault) -> None:
    with (
        FakeImmich({"POST /assets": [fault]}) as gallery,
        client_of(gallery, read_timeout_s=read_timeout_of(fault)) as client,
    ):
        client.upload(make_photo(b"x" * 1_000_000), "key", Time())
    assert len(gallery.assets) == 1
    assert gallery.calls[-3:] == ["POST /assets", "POST /assets/bulk-upload-check", "POST /assets"]


AFTER = ["PUT /albums/{id}/assets", "PUT /tags/assets", "PUT /assets/{id}"]
BEFORE = ["GET /.well-known/immich", "GET /albums", "POST /albums", "PUT /tags"]


@pytest.mark.parametrize(
    "fault", [*LOST_ANSWERS[:2], Fault.CUT_BODY, Fault.HANG, status(500), status(503), FOREIGN], ids=str
)
@pytest.mark.parametrize("call", BEFORE + AFTER)
def test_a_failure_around_the_photo_neither_loses_nor_doubles_anything(call: str, fault: Fault) -> None:
    photo = make_photo(caption="Anna", keywords=("a", "b"))
    with FakeImmich({call: [fault]}) as gallery, client_of(gallery, read_timeout_s=read_timeout_of(fault)) as client:
        receipt = client.upload(photo, "key", Time(), album="Trip").receipt
    (asset,), (album,) = gallery.assets, gallery.albums
    assert (album.name, album.asset_ids, asset.description, asset.tags) == ("Trip", ["asset-1"], "Anna", ["a", "b"])
    assert not receipt.already_there
    assert gallery.calls.count("POST /assets") == 1, "the photo itself is sent once"


@pytest.mark.parametrize("call", BEFORE)
def test_after_a_failure_before_the_photo_was_sent_it_counts_as_already_there(call: str) -> None:
    photo = make_photo(keywords=("a",))
    with FakeImmich({call: [Fault.TAKE_AND_DROP]}) as gallery:
        with client_of(gallery) as client:
            client.upload(make_photo(), "another", Time())
        gallery.albums.clear()
        with client_of(gallery) as client:
            assert client.upload(photo, "key", Time(), album="Trip").receipt.already_there


def test_bytes_the_gallery_had_before_are_already_there_and_keep_their_words() -> None:
    with FakeImmich() as gallery, client_of(gallery) as client:
        client.upload(make_photo(caption="first"), "one", Time())
        receipt = client.upload(make_photo(caption="second"), "two", Time(), album="Trip").receipt
    assert (receipt.already_there, len(gallery.assets), gallery.assets[0].description) == (True, 1, "first")
    assert gallery.albums[0].asset_ids == ["asset-1"], "it gets into the album all the same"


def test_a_photo_in_the_trash_is_refused_although_the_gallery_answers_that_it_is_there() -> None:
    with FakeImmich() as gallery, client_of(gallery) as client:
        client.upload(make_photo(), "one", Time())
        gallery.assets[0].is_trashed = True
        for ask in (client.upload, client.find):
            with pytest.raises(GalleryRefused, match=r"in the gallery's trash\. Restore it there or empty the trash"):
                ask(make_photo(), "two", Time())
    assert len(gallery.assets) == 1


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (status(400, JSON, b'{"message":"Unsupported file type a.txt"}'), "Unsupported file type a.txt"),
        (
            status(400, JSON, b'{"message":"Validation failed","errors":[{"path":["x"],"message":"bad"}]}'),
            "Validation failed; x: bad",
        ),
        (status(400, JSON, b'{"message":["x is empty","y"],"error":"Bad Request"}'), "x is empty; y"),
    ],
    ids=["v3", "v3 fields", "v2"],
)
def test_a_refusal_is_told_in_the_gallerys_own_words(fault: Fault, words: str) -> None:
    with (
        FakeImmich({"POST /assets": [fault]}) as gallery,
        client_of(gallery, read_timeout_s=read_timeout_of(fault)) as client,
        pytest.raises(GalleryRefused, match=words),
    ):
        client.upload(make_photo(), "key", Time())
    assert gallery.calls.count("POST /assets") == 1


@pytest.mark.parametrize("version", [2, 3])
def test_a_full_quota_stops_the_run_although_it_is_a_400(version: int) -> None:
    with (
        FakeImmich(version=version, quota=0) as gallery,
        client_of(gallery) as client,
        pytest.raises(DiskFull, match="Quota has been exceeded"),
    ):
        client.upload(make_photo(), "key", Time())
    assert gallery.calls.count("POST /assets") == 1


def test_the_page_of_a_proxy_under_413_is_a_photo_too_large() -> None:
    fault = status(413, {"Content-Type": "text/html"}, b"<html><h1>413 Request Entity Too Large</h1></html>")
    with (
        FakeImmich({"POST /assets": [fault]}) as gallery,
        client_of(gallery) as client,
        pytest.raises(TooLargeForGallery),
    ):
        client.upload(make_photo(), "key", Time())


@pytest.mark.parametrize(
    "body", [b"<html>log in</html>", b"[]", b"{}", b'{"id":"x"}', b'{"status":"created"}', b'{"id":"x","status":"?"}']
)
def test_a_200_that_is_not_immichs_is_no_success(body: bytes) -> None:
    with FakeImmich({"POST /assets": [status(200, JSON, body)]}) as gallery, client_of(gallery) as client:
        assert client.upload(make_photo(), "key", Time()).receipt.remote_id == "asset-1"
    assert gallery.calls.count("POST /assets") == 2
    with FakeImmich(lambda name, _n: status(200, JSON, body) if name == "POST /assets" else Fault.OK) as gallery:
        time = Time()
        with client_of(gallery, time) as client, pytest.raises(GalleryUnreachable, match="not as Immich does"):
            client.upload(make_photo(), "key", time)


@pytest.mark.parametrize(("token", "words"), [("wrong", "Invalid API key"), (None, "Authentication required")])
def test_a_bad_key_stops_the_run(token: str | None, words: str) -> None:
    with FakeImmich() as gallery, client_of(gallery, token=token) as client:
        for act in (lambda: client.upload(make_photo(), "key", Time()), lambda: client.check(Time())):
            with pytest.raises(LoginRefused, match=words):
                act()
    assert gallery.assets == []


@pytest.mark.parametrize(
    ("missing", "stored"),
    [("asset.upload", 0), ("album.read", 0), ("album.create", 0), ("tag.create", 0), ("albumAsset.create", 1)],
)
def test_a_missing_permission_is_named_before_anything_is_stored_if_possible(missing: str, stored: int) -> None:
    all_of_them = {"asset.upload", "album.read", "album.create", "albumAsset.create", "tag.create", "tag.asset"}
    with FakeImmich(permissions=all_of_them - {missing}) as gallery:
        with client_of(gallery) as client, pytest.raises(LoginRefused, match=missing):
            client.upload(make_photo(keywords=("a",)), "key", Time(), album="Trip")
        assert len(gallery.assets) == stored
        gallery.permissions = all_of_them
        with client_of(gallery) as client:  # the next run
            receipt = client.find(make_photo(keywords=("a",)), "key", Time(), album="Trip")
            if receipt is None:
                client.upload(make_photo(keywords=("a",)), "key", Time(), album="Trip")
    assert (len(gallery.assets), gallery.albums[0].asset_ids) == (1, ["asset-1"])


def test_tags_and_captions_can_be_left_out() -> None:
    options = {"tags": False, "captions": False}
    with FakeImmich(permissions=["asset.upload"]) as gallery, client_of(gallery, options=options) as client:
        client.upload(make_photo(caption="Anna", keywords=("a",)), "key", Time())
    assert (gallery.tags, gallery.assets[0].description) == ({}, "")


@pytest.mark.parametrize("options", [{"tags": "yes"}, {"tags": 1}, {"tag": True}])
def test_an_option_nobody_understands_is_a_usage_error(options: dict[str, Any]) -> None:
    with FakeImmich() as gallery, pytest.raises(UsageError, match="tag"), client_of(gallery, options=options):
        pass


def test_many_workers_make_one_album() -> None:
    photos = [make_photo(bytes([n]), keywords=("a", f"k{n % 3}")) for n in range(16)]
    plan = {"POST /albums": [Fault.TAKE_AND_DROP], "GET /albums": [status(503)]}
    with FakeImmich(plan) as gallery:
        uploader = Uploader(UploadSettings(gallery.site, kind="immich", token=KEY), random=lambda: 0.01)
        stop = _QuickStop()

        def work(worker: int) -> None:
            with uploader.open_client() as client:
                for n in range(worker, 16, 4):
                    client.upload(photos[n], str(n), stop, album="Trip")

        in_threads(work, 4)
    (album,) = gallery.albums
    assert sorted(album.asset_ids) == sorted(asset.id for asset in gallery.assets)
    assert (len(gallery.assets), gallery.calls.count("PUT /tags")) == (16, 4)


def test_the_same_bytes_from_many_workers_are_one_photo() -> None:
    receipts: list[Receipt] = []
    with FakeImmich() as gallery:
        uploader = Uploader(UploadSettings(gallery.site, kind="immich", token=KEY, workers=6))

        def work(worker: int) -> None:
            with uploader.open_client() as client:
                receipts.append(client.upload(make_photo(), str(worker), _QuickStop()).receipt)

        in_threads(work, 6)
    assert (len(gallery.assets), {receipt.remote_id for receipt in receipts}) == (1, {"asset-1"})
    assert sorted(receipt.already_there for receipt in receipts) == [False, True, True, True, True, True]


class _QuickStop(StopToken):
    """Never set; waits take no time."""

    def wait(self, timeout: float | None = None) -> bool:
        return False


def in_threads(work: Any, workers: int) -> None:
    errors: list[BaseException] = []

    def guarded(worker: int) -> None:
        try:
            work(worker)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(worker,)) for worker in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        within_deadline(thread.join)
    assert errors == []


def test_the_oldest_album_of_a_name_is_used() -> None:
    with FakeImmich() as gallery, client_of(gallery) as client:
        gallery.albums += [
            Album("album-7", "Trip", "2026-02-02T00:00:00.000Z"),
            Album("album-8", "Trip", "2025-02-02T00:00:00.000Z"),
            Album("album-9", "Tri", "2020-02-02T00:00:00.000Z"),
        ]
        client.upload(make_photo(), "key", Time(), album="Trip")
    assert [album.asset_ids for album in gallery.albums] == [[], ["asset-1"], []]


def test_albums_are_found_in_a_list_of_many_megabytes() -> None:
    with FakeImmich() as gallery, client_of(gallery, read_timeout_s=5.0) as client:
        gallery.albums += [Album(f"album-{n}", "x" * 1000) for n in range(2000)] + [Album("album-2000", "Trip")]
        client.upload(make_photo(), "key", Time(), album="Trip")
    assert gallery.albums[-1].asset_ids == ["asset-1"]
    assert len(gallery.albums) == 2001


def test_a_photo_that_cannot_be_added_to_its_album_is_reported_so() -> None:
    answer = status(200, JSON, b'[{"id": "asset-1", "success": false, "error": "no_permission"}]')
    with FakeImmich({"PUT /albums/{id}/assets": [answer]}) as gallery, client_of(gallery) as client:
        with pytest.raises(GalleryRefused, match=r"is there, but cannot be added to its album \(no_permission\)"):
            client.upload(make_photo(), "key", Time(), album="Trip")
        client.upload(make_photo(), "key", Time(), album="Trip")
    assert (len(gallery.assets), gallery.albums[0].asset_ids) == (1, ["asset-1"])


def test_a_duplicate_that_is_answered_before_its_bytes_are_read_is_found_all_the_same() -> None:
    photo = make_photo(b"x" * 8_000_000)
    early = Fault(EARLY, 200, JSON, b'{"status":"duplicate","id":"asset-1"}')
    with FakeImmich({"POST /assets": [Fault.OK, early]}) as gallery, client_of(gallery, read_timeout_s=5.0) as client:
        client.upload(photo, "one", Time())
        receipt = client.upload(photo, "two", Time(), album="Trip").receipt
    assert (receipt.remote_id, len(gallery.assets), gallery.albums[0].asset_ids) == ("asset-1", 1, ["asset-1"])


def test_an_original_is_sent_from_its_file_and_found_again(tmp_path: Path) -> None:
    photo = original_photo(tmp_path / "IMG_1.JPG")
    with FakeImmich({"POST /assets": [Fault.TAKE_AND_DROP]}) as gallery, client_of(gallery) as client:
        client.upload(photo, "key", Time())
    assert [asset.data for asset in gallery.assets] == [(tmp_path / "IMG_1.JPG").read_bytes()]


def test_find_asks_for_the_bytes_an_earlier_run_sent() -> None:
    earlier, now = make_photo(b"earlier"), make_photo(b"now")
    with FakeImmich() as gallery, client_of(gallery) as client:
        assert client.find(now, "key", Time()) is None
        client.upload(earlier, "key", Time())
        found = client.find(now, "key", Time(), earlier=earlier.rendition, album="Trip")
        assert client.find(now, "key", Time()) is None
    assert found is not None
    assert (found.remote_id, found.url) == ("asset-1", f"{gallery.site}/photos/asset-1")
    assert gallery.albums[0].asset_ids == ["asset-1"], "what the earlier run did not get to is finished"


def test_a_check_says_who_answers_and_warns_of_what_is_not_allowed() -> None:
    with FakeImmich() as gallery, client_of(gallery, album="Trip") as client:
        assert (client.check(Time()).summary, client.check(Time()).warnings) == (
            "Immich 3.0.3, by the API key 'photopipe'",
            (),
        )
        gallery.permissions, gallery.version = ["asset.upload", "album.read"], 4
        warnings = client.check(Time()).warnings
        gallery.permissions = ["asset.read"]
        with pytest.raises(LoginRefused, match=r"lacks the permission asset\.upload"):
            client.check(Time())
    assert [warning.split()[0] for warning in warnings] == ["photopipe", "--album", "tags", "captions"]
    assert "album.create, albumAsset.create, or leave it out" in warnings[1]


def test_a_check_does_not_take_another_server_for_immich() -> None:
    time = Time()
    with (
        FaultGallery() as gallery,
        open_client(gallery.url, time, kind="immich", token=KEY) as client,
        pytest.raises(UsageError, match="no Immich answers"),
    ):
        client.check(time)


@pytest.mark.parametrize(
    "fault", [status(code, JSON, f'{{"message": "bad {KEY}"}}'.encode()) for code in (400, 401, 403, 413, 500, 507)]
)
def test_no_error_shows_the_key(fault: Fault) -> None:
    time = Time()
    with ExitStack() as stack:
        gallery = stack.enter_context(FakeImmich(lambda name, _n: fault if name == "POST /assets" else Fault.OK))
        client = stack.enter_context(client_of(gallery, time, read_timeout_s=read_timeout_of(fault)))
        with pytest.raises(PhotopipeError) as raised:
            client.upload(make_photo(), "key", time)
    error: BaseException | None = raised.value
    while error is not None:
        assert "s3cret" not in f"{error} {error!r}"
        error = error.__cause__ or error.__context__
