"""The budget of decoded pixels under threads; every wait has a deadline."""

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PIL import Image, ImageFile
from support.photos import downloaded, sent
from support.pictures import make_jpeg

from photopipe.errors import PhotoTooLarge, PhotoUnreadable, RunStopped
from photopipe.resize.jpeg import decode_jpeg as jpeg
from photopipe.resize.pixels.pixel_budget import SHARE_OF_MEMORY, PixelBudget, default_limit_bytes, shared_budget
from photopipe.resize.resize import resize
from photopipe.settings import OutputFormat, ResizeSettings
from photopipe.stop_token import NEVER, StopToken

DEADLINE_S = 10.0
MOMENT_S = 0.05


@contextmanager
def in_thread(work: Callable[[], None]) -> Iterator[threading.Thread]:
    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield thread
    finally:
        thread.join(DEADLINE_S)
        assert not thread.is_alive()


def taker(budget: PixelBudget, size_bytes: int, has_it: threading.Event) -> Callable[[], None]:
    def take() -> None:
        with budget.take(size_bytes):
            has_it.set()

    return take


def test_what_fits_beside_the_others_passes_at_once() -> None:
    budget, has_it = PixelBudget(100), threading.Event()
    with budget.take(40), in_thread(taker(budget, 60, has_it)):
        assert has_it.wait(DEADLINE_S)


def test_what_does_not_fit_waits_until_bytes_are_given_back() -> None:
    budget, has_it = PixelBudget(100), threading.Event()
    with budget.take(41):
        thread = threading.Thread(target=taker(budget, 60, has_it))
        thread.start()
        assert not has_it.wait(MOMENT_S)
    assert has_it.wait(DEADLINE_S)
    thread.join(DEADLINE_S)


def test_a_picture_larger_than_the_whole_budget_passes_alone() -> None:
    budget, has_it, small_has_it = PixelBudget(100), threading.Event(), threading.Event()
    with budget.take(10_000):
        has_it.set()
        thread = threading.Thread(target=taker(budget, 1, small_has_it))
        thread.start()
        assert not small_has_it.wait(MOMENT_S)
    assert small_has_it.wait(DEADLINE_S)
    thread.join(DEADLINE_S)
    assert has_it.is_set()


def test_small_pictures_do_not_overtake_a_waiting_large_one() -> None:
    budget, large, small = PixelBudget(100), threading.Event(), threading.Event()
    order: list[str] = []

    def noting(name: str, size_bytes: int, done: threading.Event) -> Callable[[], None]:
        def take() -> None:
            with budget.take(size_bytes):
                order.append(name)
            done.set()

        return take

    with budget.take(60):
        first = threading.Thread(target=noting("large", 90, large))
        first.start()
        while len(budget._queue) < 1:
            assert first.is_alive()
        second = threading.Thread(target=noting("small", 10, small))
        second.start()
        assert not small.wait(MOMENT_S)
    assert large.wait(DEADLINE_S)
    assert small.wait(DEADLINE_S)
    first.join(DEADLINE_S)
    second.join(DEADLINE_S)
    assert order == ["large", "small"]


def test_an_error_gives_the_bytes_back() -> None:
    budget, has_it = PixelBudget(100), threading.Event()
    with pytest.raises(ZeroDivisionError), budget.take(100):
        raise ZeroDivisionError
    with in_thread(taker(budget, 100, has_it)):
        assert has_it.wait(DEADLINE_S)


@pytest.mark.parametrize("limit_bytes", [0, 1, 7, 1000])
def test_many_workers_never_hold_more_than_the_limit_unless_one_is_alone(limit_bytes: int) -> None:
    budget, lock = PixelBudget(limit_bytes), threading.Lock()
    held: list[int] = []
    broken: list[list[int]] = []

    def work(sizes: range) -> None:
        for size_bytes in sizes:
            with budget.take(size_bytes):
                with lock:
                    held.append(size_bytes)
                    if len(held) > 1 and sum(held) > limit_bytes:
                        broken.append(held.copy())
                with lock:
                    held.remove(size_bytes)

    threads = [threading.Thread(target=work, args=(range(start, start + 200),)) for start in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert not any(thread.is_alive() for thread in threads)
    assert broken == []


def test_photos_pass_under_a_budget_that_is_smaller_than_any_of_them(tmp_path: Path) -> None:
    paths = [make_jpeg(tmp_path / f"{seed}.jpg", seed=seed) for seed in range(4)]
    settings, done = ResizeSettings(max_width_px=100, max_height_px=100, memory_bytes=1), []
    threads = [
        threading.Thread(target=lambda path=path: done.append(resize(downloaded(path), settings))) for path in paths
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert len(done) == len(paths)


def test_a_refused_photo_gives_its_bytes_back(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg")
    path.write_bytes(path.read_bytes()[:-500])
    budget, has_it = PixelBudget(1), threading.Event()
    with pytest.raises(PhotoUnreadable):
        resize(downloaded(path), ResizeSettings(), budget)
    with in_thread(taker(budget, 1, has_it)):
        assert has_it.wait(DEADLINE_S)


def test_calls_with_the_same_limit_share_one_budget() -> None:
    assert shared_budget(None) is shared_budget(None)
    assert shared_budget(12) is not shared_budget(13)


def test_the_default_is_a_part_of_the_machines_memory() -> None:
    assert default_limit_bytes() > 16_000_000


class NotingBudget(PixelBudget):
    """Records what it was asked for."""

    def __init__(self) -> None:
        super().__init__(1 << 40)
        self.taken: list[int] = []

    @contextmanager
    def take(self, size_bytes: int, stop: StopToken = NEVER) -> Iterator[None]:
        self.taken.append(size_bytes)
        with super().take(size_bytes, stop):
            yield


@pytest.mark.parametrize(("form", "least_bytes_per_px"), [("jpeg", 8), ("png", 8), ("avif", 20)])
def test_encoding_counts_too(tmp_path: Path, form: OutputFormat, least_bytes_per_px: int) -> None:
    settings = ResizeSettings(max_width_px=600, max_height_px=600, enlarge=True, format=form)
    budget = NotingBudget()
    resize(downloaded(make_jpeg(tmp_path / "a.jpg", (60, 60))), settings, budget)
    decoding, encoding = budget.taken
    assert encoding >= 600 * 600 * least_bytes_per_px > decoding


def flat_jpeg(path: Path, width_px: int, height_px: int) -> Path:
    """A JPEG of any size from one row of its blocks, each row with a restart marker, so that no pixels are needed."""
    buffer = io.BytesIO()
    strip = Image.new("RGB", (width_px, 16), (40, 90, 160))
    strip.save(buffer, "JPEG", subsampling="4:2:0", restart_marker_rows=1)
    data = buffer.getvalue()
    frame, scan = data.index(b"\xff\xc0"), data.index(b"\xff\xda")
    entropy = scan + 2 + int.from_bytes(data[scan + 2 : scan + 4])
    head = data[: frame + 5] + height_px.to_bytes(2) + data[frame + 7 : entropy]
    row = data[entropy:-2]
    rows = (row + bytes((0xFF, 0xD0 + number % 8)) for number in range(height_px // 16 - 1))
    path.write_bytes(b"".join((head, *rows, row, data[-2:])))
    return path


def test_two_hundred_megapixels_pass_under_the_default_budget(tmp_path: Path) -> None:
    path = flat_jpeg(tmp_path / "panorama.jpg", 25_600, 8_000)
    made = resize(downloaded(path), ResizeSettings())
    assert (made.rendition.width_px, made.rendition.height_px) == (2048, 640)
    with Image.open(io.BytesIO(sent(made))) as image:
        assert image.convert("RGB").getpixel((2047, 639)) == pytest.approx((40, 90, 160), abs=3)


def test_two_hundred_megapixels_fit_into_a_quarter_of_two_gigabytes(tmp_path: Path) -> None:
    budget = NotingBudget()
    resize(downloaded(flat_jpeg(tmp_path / "panorama.jpg", 25_600, 8_000)), ResizeSettings(), budget)
    assert max(budget.taken) < (2 << 30) // SHARE_OF_MEMORY


def test_a_wait_for_memory_ends_at_once_when_the_run_is_stopped() -> None:
    budget, stop = PixelBudget(100), StopToken()
    ended = list[Exception]()

    def wait() -> None:
        try:
            with budget.take(60, stop):
                pass
        except RunStopped as error:
            ended.append(error)

    with budget.take(100):
        with in_thread(wait):
            while len(budget._queue) < 1:
                pass
            stop.set()
        assert len(ended) == 1
    has_it = threading.Event()
    with in_thread(taker(budget, 100, has_it)):
        assert has_it.wait(DEADLINE_S), "a stopped wait must leave the queue, and hold nothing"


def test_a_stopped_run_leaves_the_photo_over_and_does_not_call_it_damaged(tmp_path: Path) -> None:
    budget, stop, photo = PixelBudget(1), StopToken(), downloaded(make_jpeg(tmp_path / "a.jpg"))
    ended = list[Exception]()

    def wait() -> None:
        try:
            resize(photo, ResizeSettings(), budget, stop)
        except Exception as error:
            ended.append(error)

    with budget.take(1), in_thread(wait):
        while len(budget._queue) < 1:
            pass
        stop.set()
    assert [type(error) for error in ended] == [RunStopped]


def test_what_is_free_is_taken_without_a_wait_even_when_the_run_is_stopped() -> None:
    stop = StopToken()
    stop.set()
    with PixelBudget(1).take(1, stop):
        pass


@pytest.mark.parametrize("where", ["load", "save"])
def test_too_little_memory_fails_the_photo_whether_it_is_decoded_or_encoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def exhausted(*_: object, **__: object) -> None:
        raise MemoryError

    photo = downloaded(make_jpeg(tmp_path / "a.jpg"))
    monkeypatch.setattr(jpeg, "simplejpeg", lambda: None)
    monkeypatch.setattr(ImageFile.ImageFile if where == "load" else Image.Image, where, exhausted)
    with pytest.raises(PhotoTooLarge, match="more memory than there is") as caught:
        resize(photo, ResizeSettings(100, 100))
    assert isinstance(caught.value.__cause__, MemoryError)
