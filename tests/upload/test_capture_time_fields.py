"""What galleries are told about when a photo was taken, above all where that is a guess."""

import os
from datetime import UTC, datetime
from pathlib import Path

from support.photos import downloaded
from support.pictures import make_jpeg

from photopipe.photo import ResizedPhoto
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings
from photopipe.upload.galleries.form.fields import upload_fields
from photopipe.upload.galleries.immich.fields import created_at
from photopipe.upload.galleries.template import Template

CHANGED_S = 1_600_000_000.123456


def photo(path: Path) -> ResizedPhoto:
    make_jpeg(path, (32, 32))
    os.utime(path, (CHANGED_S, CHANGED_S))
    return resize(downloaded(path), ResizeSettings())


def test_a_files_name_tells_galleries_and_templates_the_time(tmp_path: Path) -> None:
    named = photo(tmp_path / "IMG_20240501_123310.jpg")
    assert upload_fields(named)["taken_at"] == "2024-05-01T12:33:10"
    assert Template("{taken_at:%Y/%m}").fill(named) == "2024/05"
    assert created_at(named).startswith("2024-05-01T12:33:10.000")


def test_a_files_date_is_sent_as_nothing_but_that(tmp_path: Path) -> None:
    """As before there were guesses, so that the names and fields of photos that were sent then are the same now."""
    dated = photo(tmp_path / "a.jpg")
    changed = datetime.fromtimestamp(CHANGED_S).astimezone()
    fields = upload_fields(dated)
    assert "taken_at" not in fields
    assert fields["modified_at"] == created_at(dated) == changed.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.123Z")
    assert Template("{taken_at}").fill(dated) == changed.isoformat()
