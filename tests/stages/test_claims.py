"""Copies of a photo on the line: one goes first, the others wait without occupying a worker."""

import threading

import pytest
from support.deadline import within_deadline

from photopipe.errors import RunStopped
from photopipe.found_photo import FoundPhoto
from photopipe.photo import DownloadedPhoto
from photopipe.stages import claims as module
from photopipe.stages.claims import Claims
from photopipe.stop_token import StopToken

NEVER = StopToken()


def photo(name: str, content: str = "content") -> DownloadedPhoto:
    return DownloadedPhoto(FoundPhoto(f"/card/{name}", 1, 2, 3, 4, 5), content)


def take(claims: Claims, copy: DownloadedPhoto, stop: StopToken = NEVER) -> bool:
    return claims.take(copy, stop)


def test_a_copy_of_claimed_content_is_set_aside_and_comes_round_when_that_is_free() -> None:
    claims = Claims()
    assert take(claims, photo("a"))
    assert take(claims, photo("other", "other content"))
    assert not take(claims, photo("b"))
    assert not take(claims, photo("c"))
    assert list(claims.released()) == []
    assert len(claims.set_aside()) == 2
    claims.release("content")
    assert list(claims.released()) == [photo("b"), photo("c")]
    assert claims.take(photo("b"), NEVER)
    assert not claims.take(photo("c"), NEVER)
    claims.release("content")
    assert list(claims.released()) == [photo("c")]
    assert claims.set_aside() == []


def test_whoever_waits_for_copies_is_told_when_content_is_released() -> None:
    told = list[int]()
    claims = Claims(lambda: told.append(len(list(claims.released()))))
    assert take(claims, photo("a"))
    assert not take(claims, photo("b"))
    assert told == []
    claims.release("content")
    assert told == [1]


def test_more_copies_than_may_be_set_aside_occupy_their_worker_until_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_SET_ASIDE", 1)
    claims, taken = Claims(), list[bool]()
    assert take(claims, photo("a"))
    assert not take(claims, photo("b"))
    waiting = threading.Thread(target=lambda: taken.append(take(claims, photo("c"))))
    waiting.start()
    claims.release("content")
    within_deadline(waiting.join)
    assert taken == [True]


def test_a_worker_that_waits_for_room_is_woken_when_the_line_is_aborted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_SET_ASIDE", 0)
    claims, stop, seen = Claims(), StopToken(), list[BaseException]()
    assert take(claims, photo("a"))

    def second() -> None:
        try:
            take(claims, photo("b"), stop)
        except RunStopped as error:
            seen.append(error)

    waiting = threading.Thread(target=second)
    waiting.start()
    stop.set()
    within_deadline(waiting.join)
    assert len(seen) == 1
