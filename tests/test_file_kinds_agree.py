"""The download stage and the resize stage tell kinds of files each for itself; they must not contradict each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.photos import found

from photopipe.errors import NotAPhoto
from photopipe.files import file_kind
from photopipe.files.kinds import (
    BEGINNINGS,
    GIT_LFS_POINTER,
    HEAD_BYTES,
    HEIF_BRANDS,
    PHOTO_EXTENSIONS,
    RAW_EXTENSIONS,
    require_photo,
)
from photopipe.photo import DownloadedPhoto
from photopipe.resize.decoders import decoders

BRANDS = [*file_kind.HEIF_BRANDS, *file_kind.AVIF_BRANDS, file_kind.CANON_BRAND, b"isom", b"mp42", b"qt  "]
HEADS = [
    *BEGINNINGS,
    *(signature for signature, _ in file_kind.SIGNATURES),
    b"RIFF\x10\0\0\0WEBPVP8 ",
    b"RIFF\x10\0\0\0AVI LIST",
    b"BM\x36\x10\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0",
    b"BMW is a car, and this is a text about it",
    *(b"\0\0\0\x18ftyp" + brand + b"\0\0\0\0" + other + b"abcd" for brand in BRANDS for other in BRANDS),
    b"%!PS-Adobe-3.0",
    b"<html>",
    b"",
    GIT_LFS_POINTER,
    bytes(64),
]


def passes_download(head: bytes) -> bool:
    photo = DownloadedPhoto(found(__file__), "", head[:HEAD_BYTES])
    try:
        require_photo(photo.head)
    except NotAPhoto:
        return False
    return True


@pytest.mark.parametrize("behind", [b"", bytes(60), b"x" * 60])
def test_what_is_decoded_is_what_is_let_in(behind: bytes) -> None:
    for head in HEADS:
        data = head + behind
        assert passes_download(data) == (file_kind.kind_of(data[: file_kind.HEAD_BYTES]) is not None), data


@given(st.sampled_from(sorted(HEADS)), st.binary(max_size=64), st.integers(0, 20))
def test_the_two_never_disagree(head: bytes, behind: bytes, cut: int) -> None:
    data = (head[: len(head) - cut] + behind)[:HEAD_BYTES]
    assert passes_download(data) == (file_kind.kind_of(data) is not None)


def test_they_look_at_the_same_bytes() -> None:
    assert file_kind.HEAD_BYTES == HEAD_BYTES
    assert set(BEGINNINGS) == {signature for signature, _ in file_kind.SIGNATURES}
    assert file_kind.HEIF_BRANDS | file_kind.AVIF_BRANDS | {file_kind.CANON_BRAND} == HEIF_BRANDS


def test_every_extension_of_a_decoder_is_a_photos() -> None:
    assert RAW_EXTENSIONS == decoders.RAW_EXTENSIONS
    assert all(decoder.extensions <= PHOTO_EXTENSIONS for decoder in decoders.DECODERS)


def test_every_kind_has_a_decoder() -> None:
    from photopipe.resize.input.openers import OPENERS

    kinds = {kind for _, kind in file_kind.SIGNATURES} | {"WEBP", "HEIF", "AVIF", "BMP"}
    assert kinds == OPENERS.keys() | {"RAW"}
