"""What workers share: done once, one at a time, and no more of it with more photos."""

import threading
from functools import partial
from typing import Any

import pytest
from support import fake_piwigo
from support.deadline import within_deadline
from support.fake_piwigo import FakePiwigo
from support.fake_s3 import FakeS3
from support.fake_webdav import FakeWebdav
from support.fault_gallery import Fault
from support.uploading import Time, make_photo, open_client

from photopipe.upload.galleries.piwigo.exclusive import MAX_LOST
from photopipe.upload.galleries.shared import MAX_RESULTS, Shared


def join_all(threads: list[threading.Thread]) -> None:
    def join() -> None:
        for thread in threads:
            thread.join()

    within_deadline(join)


def test_a_result_is_made_once_however_many_workers_ask() -> None:
    shared, made, together = Shared(), list[int](), threading.Barrier(8)

    def make() -> int:
        made.append(1)
        return len(made)

    def work() -> None:
        together.wait()
        assert shared.once("name", make) == 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    join_all(threads)
    assert made == [1]


def test_a_failure_is_not_remembered() -> None:
    shared = Shared()
    with pytest.raises(ZeroDivisionError):
        shared.once("name", lambda: 1 // 0)
    assert shared.once("name", lambda: 7) == 7


def test_one_worker_at_a_time_is_inside_a_name() -> None:
    shared, inside, most = Shared(), list[int](), list[int]()

    def work() -> None:
        for _ in range(200):
            with shared.exclusive("name"):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    join_all(threads)
    assert max(most) == 1
    assert len(most) == 1200


def test_locks_and_results_do_not_grow_with_their_names() -> None:
    shared, made = Shared(), list[str]()

    def make() -> str:
        made.append("made")
        return "made"

    for number in range(3 * MAX_RESULTS):
        with shared.exclusive(("key", number)):
            assert len(shared._locks) == 1
        assert shared.once(("made", number), partial(str, number)) == str(number)
        shared.once("always used", make)
    assert shared._locks == {}
    assert len(shared._results) == MAX_RESULTS
    assert made == ["made"], "what is used is not forgotten"


def test_nothing_is_kept_for_each_photo_of_a_run() -> None:
    with FakeS3(knows_conditions=False) as service:
        s3 = {"url": "s3://photos", "kind": "s3", "username": "I", "token": "S", "options": {"endpoint": service.site}}
        assert kept_after(20, s3) == kept_after(40, s3)
    with FakePiwigo() as gallery:
        piwigo = {"url": gallery.url, "kind": "piwigo", "token": fake_piwigo.KEY}
        assert kept_after(20, piwigo) == kept_after(40, piwigo)
    with FakeWebdav() as webdav:
        settings = {"url": webdav.url, "kind": "webdav"}
        assert kept_after(20, settings) == kept_after(40, settings)


def kept_after(photos: int, settings: dict[str, Any]) -> int:
    """How many locks and results the workers share after so many photos."""
    with open_client(time=Time(), **settings) as client:
        for number in range(photos):
            photo = make_photo(b"%d of %d" % (number, photos), file_name=f"{photos}-{number}.jpg")
            client.upload(photo, f"{photos}-{number}", Time())
        shared = client._gallery.context.shared
        return len(shared._locks) + len(shared._results)


def test_lost_answers_of_a_piwigo_are_remembered_for_a_while_only() -> None:
    with (
        FakePiwigo(
            lambda name, _number: Fault.TAKE_AND_DROP if name == "pwg.images.addSimple" else Fault.OK
        ) as gallery,
        open_client(gallery.url, Time(), kind="piwigo", token=fake_piwigo.KEY) as client,
    ):
        for number in range(MAX_LOST + 10):
            client.upload(make_photo(b"%d" % number), f"key {number}", Time())
        lost: dict[str, str] = client._gallery.context.shared.once("piwigo: lost answers", dict)
    assert len(lost) == MAX_LOST
