"""Every cut-off file lacks its end, every whole one has it."""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support.photos import found

from photopipe.download.file_end import is_complete
from photopipe.found_photo import FoundPhoto

SIDE_PX = 120
BEGINNINGS = [b"II*\0\x08\0\0\0", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]
THUMBNAIL = b"Exif\0\0thumb\xff\xd9"
JPEGS: dict[str, dict[str, Any]] = {"jpeg": {}, "progressive": {"progressive": True}, "with thumb": {"exif": THUMBNAIL}}
FORMATS = {"PNG": ".png", "GIF": ".gif", "WEBP": ".webp", "BMP": ".bmp", "TIFF": ".tif", "AVIF": ".avif"}


def encoded(format_name: str, **options: Any) -> bytes:
    noise = Image.frombytes("RGB", (SIDE_PX, SIDE_PX), os.urandom(SIDE_PX * SIDE_PX * 3))
    output = io.BytesIO()
    noise.save(output, format_name, **options)
    return output.getvalue()


WHOLE = {name: encoded("JPEG", **options) for name, options in JPEGS.items()}
WHOLE |= {name: encoded(name) for name in FORMATS}
WHOLE |= {"tiled TIFF": encoded("TIFF", compression="jpeg"), "motion photo": WHOLE["jpeg"] + b"\0\0\0\x18ftypmp42" * 9}
WHOLE |= {"DNG with a preview": encoded("TIFF", tiffinfo={330: 8})}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("files")


def written(folder: Path, content: bytes) -> FoundPhoto:
    (folder / "file").write_bytes(content)
    return found(folder / "file")


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_file_is_complete(folder: Path, name: str) -> None:
    assert is_complete(written(folder, WHOLE[name]))


@pytest.mark.parametrize("name", [name for name in WHOLE if name != "motion photo"])
@settings(deadline=None)
@given(data=st.data())
def test_a_file_that_is_cut_off_is_not(folder: Path, name: str, data: st.DataObject) -> None:
    content = WHOLE[name]
    length = data.draw(st.integers(0, len(content) - 3))  # two bytes of padding may be missing
    assert not is_complete(written(folder, content[:length]))


def test_a_file_that_got_its_room_beforehand_is_not_complete_before_it_is_filled(folder: Path) -> None:
    for name in ("jpeg", "progressive", "PNG"):
        content = WHOLE[name]
        half = len(content) // 2
        assert not is_complete(written(folder, content[:half].ljust(len(content), b"\0"))), name
    assert not is_complete(written(folder, bytes(1000)))


@given(
    content=st.binary(max_size=300),
    beginning=st.sampled_from([b"II*\0\x08\0\0\0", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]),
)
def test_no_content_keeps_it_from_answering(folder: Path, beginning: bytes, content: bytes) -> None:
    assert is_complete(written(folder, beginning + content)) in {True, False}


def test_directories_that_lead_in_circles_end(folder: Path) -> None:
    entry = b"\x00\x01\x03\x00\x01\x00\x00\x00\x01\x00\x00\x00"
    assert is_complete(written(folder, b"II*\0\x08\0\0\0" + b"\x01\x00" + entry + b"\x08\0\0\0"))


def test_a_file_that_cannot_be_read_is_left_to_the_download(folder: Path) -> None:
    photo = written(folder, WHOLE["PNG"])
    os.unlink(photo.path)
    assert is_complete(photo)
