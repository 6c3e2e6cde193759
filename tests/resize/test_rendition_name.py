"""Names that can be shown, stored and sent anywhere."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photopipe.files.names import rendition_name


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("IMG_0042.JPG", "IMG_0042.jpg"),
        ("IMG_0042.heic", "IMG_0042.jpg"),
        ("holiday.2024.png", "holiday.2024.jpg"),
        ("Küste ☀.tif", "Küste ☀.jpg"),
        ("a\nb\tc\x1b[31m.jpg", "abc[31m.jpg"),
        ("exe\u202egpj.jpg", "exegpj.jpg"),
        ("a\u2028b.jpg", "ab.jpg"),
        (os.fsdecode(b"caf\xe9.jpg"), "caf\ufffd.jpg"),
        ("\n\u202e.jpg", "photo.jpg"),
        ("   .jpg", "photo.jpg"),
        ("", "photo.jpg"),
    ],
)
def test_a_rendition_is_named_after_its_source(source: str, wanted: str) -> None:
    assert rendition_name(source) == wanted


@given(st.text(st.characters(exclude_characters="/\0", exclude_categories=())))
def test_a_name_is_always_short_printable_utf8(source: str) -> None:
    name = rendition_name(source)
    assert name.endswith(".jpg")
    assert len(name) > 4
    assert len(name.encode()) <= 200
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 or char in "\u202e\u2066" for char in name)


def test_a_long_name_is_cut_between_letters() -> None:
    assert rendition_name("ü" * 300 + ".jpg") == "ü" * 98 + ".jpg"


@pytest.mark.parametrize("extension", [".jpg", ".webp", ".avif", ".png"])
def test_a_name_ends_as_its_format_wants(extension: str) -> None:
    assert rendition_name("IMG_0042.JPG", extension) == "IMG_0042" + extension
    assert len(rendition_name("x" * 300, extension).encode()) == 200
