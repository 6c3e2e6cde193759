"""What is wrapped around the plain functions: recording, putting back, telling twins apart."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.journals import delivery_of
from support.photos import found
from support.pictures import make_jpeg

from photopipe.download.download import download
from photopipe.errors import GalleryUnreachable, LoginRefused, NotAPhoto, PhotoChanged, PhotoVanished, UsageError
from photopipe.found_photo import FoundPhoto
from photopipe.journal import Journal
from photopipe.photo import DownloadedPhoto, RenderedPhoto, ResizedPhoto, SetAsidePhoto, Target
from photopipe.pipeline import Finished
from photopipe.settings import DownloadSettings, ResizeSettings, Settings, UploadSettings
from photopipe.stages import DeliveryLog, FailedGalleries, download_stage, resize_stage
from photopipe.stop_token import StopToken

STOP = StopToken()
TARGET = Target("recipe", "gallery")


@pytest.fixture
def delivery_log(tmp_path: Path) -> Iterator[DeliveryLog]:
    journal = Journal(str(tmp_path / "journal.sqlite"), [TARGET])
    yield DeliveryLog(journal, {"recipe": ("default", ResizeSettings(100, 100))})
    journal.close()


def hashed(delivery_log: DeliveryLog, photo: FoundPhoto) -> DownloadedPhoto:
    with download_stage(DownloadSettings(()), delivery_log).make_work() as work:
        result = work(photo, STOP)
    assert isinstance(result, DownloadedPhoto)
    return result


def resized(delivery_log: DeliveryLog, photo: DownloadedPhoto) -> ResizedPhoto | Finished:
    with resize_stage(1, delivery_log).make_work() as work:
        result = work(photo, STOP)
    if isinstance(result, Finished):
        return result
    assert isinstance(result, RenderedPhoto)
    (rendition,) = result.renditions
    assert isinstance(rendition, ResizedPhoto)
    return rendition


def state(delivery_log: DeliveryLog, source_sha256: str) -> str:
    return delivery_of(delivery_log.journal, source_sha256, TARGET).state


def test_a_photo_that_changes_while_it_is_read_is_put_back_and_gives_up_its_claim(
    delivery_log: DeliveryLog, tmp_path: Path
) -> None:
    path = make_jpeg(tmp_path / "a.jpg", seed=1)
    photo = found(path)
    before = hashed(delivery_log, photo)
    make_jpeg(path, seed=2)
    assert resized(delivery_log, before) == Finished(SetAsidePhoto(photo))
    (again,) = delivery_log.settling.settled()
    assert again == found(path)
    assert isinstance(resized(delivery_log, hashed(delivery_log, again)), ResizedPhoto)
    assert delivery_log.claims.take(before, STOP)


def test_a_photo_that_keeps_changing_fails(delivery_log: DeliveryLog, tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg", seed=1)
    stale = found(path)
    make_jpeg(path, seed=2)
    with download_stage(DownloadSettings(()), delivery_log).make_work() as work:
        assert [work(stale, STOP) for _ in range(2)] == [Finished(SetAsidePhoto(stale))] * 2
        with pytest.raises(PhotoChanged):
            work(stale, STOP)


def test_a_failure_is_recorded_and_lets_the_twin_go_on(delivery_log: DeliveryLog, tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg", seed=1)
    photo = hashed(delivery_log, found(path))
    path.unlink()
    with pytest.raises(PhotoVanished):
        resized(delivery_log, photo)
    assert state(delivery_log, photo.source_sha256) == "failed"
    assert delivery_log.claims.take(photo, STOP)


def test_what_is_not_a_photo_is_recorded_as_such(delivery_log: DeliveryLog, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_text("hello")
    note = found(tmp_path / "a.jpg")
    with pytest.raises(NotAPhoto):
        hashed(delivery_log, note)
    assert state(delivery_log, download(note).source_sha256) == "failed"


def test_the_recipe_is_what_changes_pixels_and_nothing_else() -> None:
    plain = ResizeSettings()
    same = [ResizeSettings(workers=1), ResizeSettings(memory_bytes=1), ResizeSettings(max_pixels=1)]
    other = [ResizeSettings(quality=84), ResizeSettings(max_width_px=1), ResizeSettings(metadata="keep")]
    assert {settings.recipe_id for settings in same} == {plain.recipe_id}
    assert plain.recipe_id not in {settings.recipe_id for settings in other}
    assert len({settings.recipe_id for settings in other}) == 3


def test_two_renditions_need_two_names_and_two_looks() -> None:
    def settings_of(*renditions: tuple[str, ResizeSettings]) -> Settings:
        return Settings(DownloadSettings(()), renditions, (UploadSettings(),), "gallery", "journal")

    plain = ResizeSettings()
    settings_of(("web", plain), ("thumb", ResizeSettings(99)))
    for wrong in ([], [("a", plain), ("a", ResizeSettings(99))], [("a", plain), ("b", plain)]):
        with pytest.raises(UsageError):
            settings_of(*wrong)


def test_the_recipe_of_the_defaults_never_changes_by_accident() -> None:
    """A changed recipe uploads every archive again: change this only together with the version, on purpose."""
    assert ResizeSettings().recipe_id == "c3aa9744214caf6e"


def test_the_last_gallery_that_is_given_up_takes_the_line_down() -> None:
    failed_galleries = FailedGalleries(2)
    first, second = GalleryUnreachable("one"), LoginRefused("other")
    failed_galleries.give_up("one", first)
    failed_galleries.give_up("one", LoginRefused("again"))
    assert (failed_galleries.why("one"), failed_galleries.why("other"), failed_galleries.first) == (first, None, first)
    with pytest.raises(LoginRefused, match="other"):
        failed_galleries.give_up("other", second)
