"""A source that cannot be read any more drains the line, whatever the reason; a watched one is waited for."""

from typing import Any

import pytest

from photopipe.errors import DownloadError, LineError, LoginRefused, SourceLost, SourceMissing
from photopipe.found_photo import FoundPhoto
from photopipe.stages.lost_source import LostSource
from photopipe.stop_token import StopToken


class Source:
    def __init__(self, error: LineError | None) -> None:
        self.error = error

    def check_source(self) -> None:
        if self.error is not None:
            raise self.error


def photo_in(error: LineError | None) -> FoundPhoto:
    storage: Any = Source(error)
    return FoundPhoto("s3://bucket/a.jpg", 0, 0, 0, 0, 0, storage)


@pytest.mark.parametrize("error", [SourceMissing("gone"), LoginRefused("expired")])
def test_the_line_is_drained_and_the_photo_left_over(error: SourceMissing | LoginRefused) -> None:
    draining = StopToken()
    lost = LostSource(draining)
    with pytest.raises(SourceLost), lost.noticed(photo_in(error)):
        raise DownloadError("no")
    assert lost.why is error
    assert draining.is_set()
    watched = LostSource()
    with pytest.raises(SourceLost), watched.noticed(photo_in(error)):
        raise DownloadError("no")
    assert watched.why is None


def test_a_photo_that_alone_cannot_be_read_fails() -> None:
    lost = LostSource(StopToken())
    with pytest.raises(DownloadError, match="only this one"), lost.noticed(photo_in(None)):
        raise DownloadError("only this one")
    assert lost.why is None
