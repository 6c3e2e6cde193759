"""The textbook's closing program, word for word, on our classes."""

from contextlib import suppress
from typing import Any

import pytest
from support.deadline import within_deadline

from photopipe.pipeline import ClosableQueue, QueueAborted, StoppableWorker


def download(item: Any) -> Any:
    return item


resize = upload = download


def test_the_textbook_program_runs_as_it_stands() -> None:
    def program() -> int:
        download_queue: ClosableQueue[object] = ClosableQueue()
        resize_queue: ClosableQueue[object] = ClosableQueue()
        upload_queue: ClosableQueue[object] = ClosableQueue()
        done_queue: ClosableQueue[object] = ClosableQueue()
        threads = [
            StoppableWorker(download, download_queue, resize_queue),
            StoppableWorker(resize, resize_queue, upload_queue),
            StoppableWorker(upload, upload_queue, done_queue),
        ]
        for thread in threads:
            thread.start()
        for _ in range(1000):
            download_queue.put(object())
        download_queue.close()
        download_queue.join()
        resize_queue.close()
        resize_queue.join()
        upload_queue.close()
        upload_queue.join()
        return done_queue.qsize()

    assert within_deadline(program) == 1000


@pytest.mark.parametrize("maxsize", [0, 1])
@pytest.mark.parametrize("workers", [1, 3])
def test_where_the_textbook_hangs_ours_says_so(maxsize: int, workers: int) -> None:
    def fail(_item: Any) -> Any:
        raise ZeroDivisionError

    def program() -> list[StoppableWorker]:
        queues: list[ClosableQueue[int]] = [ClosableQueue(maxsize) for _ in range(3)]
        threads = [StoppableWorker(fail, queues[0], queues[1]) for _ in range(workers)]
        threads += [StoppableWorker(resize, queues[1], queues[2]) for _ in range(workers)]
        for thread in threads:
            thread.start()
        with suppress(QueueAborted):  # how many get in before the crash is anybody's guess
            for number in range(1000):
                queues[0].put(number)
        for thread in threads:
            thread.join()
        for queue in queues:
            with pytest.raises(QueueAborted):
                queue.join()
        return threads

    errors = [thread.error for thread in within_deadline(program)]
    assert any(isinstance(error, ZeroDivisionError) for error in errors)
