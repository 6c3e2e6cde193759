"""Texts too long for Pillow give a warning and never fail the PNG."""

import io
import random
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin
from PIL.PngImagePlugin import MAX_TEXT_CHUNK, PngInfo
from support.photos import downloaded
from support.pictures import BLOCKS, card_colours, differ_by, orientation_card, picture
from support.profiles import ADOBE_RGB, rgb_profile

from photopipe.errors import PhotoUnreadable
from photopipe.photo import ResizedPhoto
from photopipe.resize.input.png_texts import MOST_TEXT, without_long_texts
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings

LONG = "a long text " * (MAX_TEXT_CHUNK // 10)
END_BYTES = 12
"""Length of the chunk IEND."""


def card_with(*chunks: bytes, at_end: bool = False) -> bytes:
    buffer = io.BytesIO()
    texts = PngInfo()
    texts.add_text("Title", "A hut")
    orientation_card().save(buffer, "PNG", pnginfo=texts)
    data = buffer.getvalue()
    place = len(data) - END_BYTES if at_end else 8 + 25  # after IHDR
    return data[:place] + b"".join(chunks) + data[place:]


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


TOO_LONG = {
    "tEXt": chunk(b"tEXt", b"Comment\0" + LONG.encode()),
    "zTXt": chunk(b"zTXt", b"Comment\0\0" + zlib.compress(LONG.encode())),
    "iTXt": chunk(b"iTXt", b"Comment\0\1\0de\0Kommentar\0" + zlib.compress(LONG.encode())),
    "XMP": chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(LONG.encode())),
    "packed in an unknown way": chunk(b"zTXt", b"Comment\0\7" + b"secret"),
}


def written(folder: Path, data: bytes) -> ResizedPhoto:
    (folder / "a.png").write_bytes(data)
    return resize(downloaded(folder / "a.png"), ResizeSettings(quality=95))


def assert_card(result: ResizedPhoto) -> None:
    assert result.data is not None
    with Image.open(io.BytesIO(result.data)) as image:
        for row, wanted in zip(card_colours(image), BLOCKS, strict=True):
            assert all(differ_by(one, other) <= 12 for one, other in zip(row, wanted, strict=True))
        assert image.getexif().get(270) is None or "long" not in image.getexif()[270]


@pytest.mark.parametrize("at_end", [False, True])
@pytest.mark.parametrize("name", TOO_LONG)
def test_a_text_too_long_for_pillow_costs_a_warning_and_not_the_photo(tmp_path: Path, name: str, at_end: bool) -> None:
    data = card_with(TOO_LONG[name], at_end=at_end)
    if name != "tEXt":  # which Pillow takes up to 64 MB
        with pytest.raises((ValueError, SyntaxError)), PngImagePlugin.PngImageFile(io.BytesIO(data)) as image:
            image.load()
    result = written(tmp_path, data)
    assert_card(result)
    assert result.rendition.warnings == ("the metadata could not be kept: 1 of its texts, too long to be read",)


def test_the_other_texts_are_kept(tmp_path: Path) -> None:
    result = written(tmp_path, card_with(*TOO_LONG.values()))
    assert result.data is not None
    assert b"A hut" in result.data
    assert result.rendition.warnings == ("the metadata could not be kept: 5 of its texts, too long to be read",)


def test_many_texts_that_are_too_long_together_are_left_out(tmp_path: Path) -> None:
    one = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"x" * (MAX_TEXT_CHUNK - 1)))
    result = written(tmp_path, card_with(*[one] * 70))
    assert_card(result)
    assert f"{70 - MOST_TEXT // MAX_TEXT_CHUNK} of its texts" in result.rendition.warnings[0]


def test_a_profile_too_long_for_pillow_still_counts(tmp_path: Path) -> None:
    short = rgb_profile(ADOBE_RGB, 2.2)
    long = struct.pack(">I", len(short) + MAX_TEXT_CHUNK) + short[4:] + bytes(MAX_TEXT_CHUNK)
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), (60, 200, 80)).save(buffer, "PNG")
    data = buffer.getvalue()
    as_usual, too_long = (
        written(tmp_path, data[:33] + chunk(b"iCCP", b"Adobe\0\0" + zlib.compress(profile)) + data[33:])
        for profile in (short, long)
    )
    assert (too_long.data, too_long.rendition.warnings) == (as_usual.data, ())
    assert as_usual.data != written(tmp_path, data).data


def test_a_png_without_such_texts_is_read_as_it_is() -> None:
    file = io.BytesIO(card_with())
    assert without_long_texts(file).file is file
    assert file.tell() == 0


def test_pillows_limit_stays_as_it_is(tmp_path: Path) -> None:
    written(tmp_path, card_with(TOO_LONG["zTXt"]))
    assert PngImagePlugin.MAX_TEXT_CHUNK == MAX_TEXT_CHUNK == 1 << 20


@given(st.integers(0, 2**32 - 1))
def test_the_rest_is_read_as_if_the_text_had_never_been_there(seed: int) -> None:
    chance = random.Random(seed)
    long, plain = TOO_LONG["zTXt"], card_with()
    trimmed = without_long_texts(io.BytesIO(card_with(long))).file
    for _ in range(20):
        offset, size = chance.randrange(len(plain) + 10), chance.randrange(200)
        assert trimmed.seek(offset) == offset
        assert trimmed.read(size) == plain[offset : offset + size]
    assert trimmed.seek(0, io.SEEK_END) == len(plain)


def test_a_truncated_png_with_a_long_text_is_still_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    picture((200, 150)).save(buffer, "PNG")
    data = buffer.getvalue()
    for cut in (40, len(data) // 2, len(data) - 30):
        broken = data[:33] + TOO_LONG["zTXt"] + data[33:cut] if cut > 33 else data[:cut]
        with pytest.raises(PhotoUnreadable):
            written(tmp_path, broken)
