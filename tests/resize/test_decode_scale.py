"""The scale a JPEG is decoded at, computed from sizes alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from photopipe.resize.jpeg.decode_jpeg import FULL, decode_eighths, margins_for, scaled_px

USUAL_PHOTO = 0.15
BUSY_PHOTO = 0.5
DRAWING = 0.02


@pytest.mark.parametrize(
    ("wanted_px", "eighths"), [(2048, 8), (1600, 4), (1080, 4), (620, 2), (160, 1), (4032, 8), (3000, 8), (8000, 8)]
)
def test_a_phone_photo_is_decoded_no_larger_than_its_rendition_needs(wanted_px: int, eighths: int) -> None:
    assert decode_eighths(wanted_px / 4032, USUAL_PHOTO) == eighths


@pytest.mark.parametrize("bytes_per_px", [BUSY_PHOTO, DRAWING])
def test_what_has_much_detail_or_hard_edges_keeps_more_to_resample(bytes_per_px: float) -> None:
    assert decode_eighths(1600 / 4032, USUAL_PHOTO) == 4
    assert decode_eighths(1600 / 4032, bytes_per_px) == 8
    assert decode_eighths(2048 / 6200, bytes_per_px) == 4


@given(st.floats(1e-4, 4.0), st.floats(0.0, 3.0))
def test_the_margin_is_kept_or_all_is_decoded(scale: float, bytes_per_px: float) -> None:
    eighths = decode_eighths(scale, bytes_per_px)
    margins = margins_for(bytes_per_px)
    assert eighths == FULL or eighths / FULL / scale >= margins[eighths] * 0.999


@given(st.floats(1e-4, 4.0), st.floats(1.0, 3.0), st.floats(0.0, 3.0))
def test_a_larger_rendition_is_never_decoded_smaller(scale: float, more: float, bytes_per_px: float) -> None:
    assert decode_eighths(scale * more, bytes_per_px) >= decode_eighths(scale, bytes_per_px)


def test_sides_that_do_not_divide_are_rounded_up() -> None:
    assert [scaled_px(4033, eighths) for eighths in (1, 4, 5, 8)] == [505, 2017, 2521, 4033]
