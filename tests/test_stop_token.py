"""The stop token: set once, heard by every wait."""

import threading

from support.deadline import DEADLINE_S

from photopipe.stop_token import StopToken


def test_waiting_ends_when_the_token_is_set() -> None:
    stop = StopToken()
    ended = threading.Thread(target=stop.wait, args=(DEADLINE_S,))
    ended.start()
    stop.set()
    ended.join(DEADLINE_S)
    assert not ended.is_alive()
    assert stop.is_set()


def test_each_callback_is_called_once_however_often_the_token_is_set() -> None:
    stop, called = StopToken(), list[str]()
    stop.on_set(lambda: called.append("first"))
    stop.on_set(lambda: called.append("second"))
    stop.set()
    stop.set()
    assert called == ["first", "second"]


def test_a_callback_that_comes_late_is_called_at_once() -> None:
    stop, called = StopToken(), list[str]()
    stop.set()
    stop.on_set(lambda: called.append("late"))
    assert called == ["late"]


def test_a_registration_that_is_taken_back_is_not_called() -> None:
    stop, called = StopToken(), list[str]()
    forget = stop.on_set(lambda: called.append("gone"))
    forget()
    forget()
    stop.set()
    assert called == []


def test_no_callback_is_lost_or_called_twice_when_tokens_are_set_meanwhile() -> None:
    for _ in range(200):
        stop, called, start = StopToken(), list[int](), threading.Barrier(2)

        def register(stop: StopToken = stop, called: list[int] = called, start: threading.Barrier = start) -> None:
            start.wait(DEADLINE_S)
            for number in range(20):
                stop.on_set(lambda number=number: called.append(number))  # type: ignore[misc]

        thread = threading.Thread(target=register)
        thread.start()
        start.wait(DEADLINE_S)
        stop.set()
        thread.join(DEADLINE_S)
        assert sorted(called) == list(range(20))
