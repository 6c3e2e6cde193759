"""What the embedded gallery learns from a picture's header: for the grid, the viewer and the search."""

import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational
from support.heif_boxes import clap, irot, with_property
from support.marked_photo import SECRET, full_exif, full_iptc, full_xmp, resources, xmp
from support.pictures import SIDES, camera_exif, orientation_card, picture
from support.raw_files import make_dng

from photopipe.errors import PhotoUnreadable
from photopipe.resize.picture_details import LONGEST_TEXT, MOST_KEYWORDS, PictureDetails, read_picture_details


def details(image: Image.Image, kind: str = "JPEG", **options: Any) -> PictureDetails:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return read_picture_details(buffer)


def with_exposure(exposure: IFDRational, iso: int = 200) -> Image.Exif:
    exif = camera_exif()
    exif.get_ifd(0x8769).update(
        {33434: exposure, 33437: IFDRational(28, 10), 34855: iso, 37386: IFDRational(35), 42036: "35mm f/1.8"}
    )
    return exif


def test_a_camera_s_photo_says_how_it_was_taken() -> None:
    assert details(picture((64, 48)), exif=with_exposure(IFDRational(1, 250))) == PictureDetails(
        width_px=64,
        height_px=48,
        taken_at="2024-05-01T12:33:10",
        camera="Acme Shooter 3",
        lens="35mm f/1.8",
        exposure_s=0.004,
        f_number=2.8,
        iso=200,
        focal_length_mm=35.0,
    )


@pytest.mark.parametrize("exposure", [IFDRational(0, 1), IFDRational(1, 0), IFDRational(0, 0)])
def test_numbers_that_mean_nothing_are_left_out(exposure: IFDRational) -> None:
    found = details(picture((64, 48)), exif=with_exposure(exposure, iso=0))
    assert (found.exposure_s, found.iso, found.f_number) == (None, None, 2.8)


@pytest.mark.parametrize("orientation", SIDES)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_the_size_is_that_of_the_upright_picture(kind: str, orientation: int) -> None:
    found = details(orientation_card(orientation), kind, exif=camera_exif(orientation=orientation))
    assert (found.width_px, found.height_px) == (96, 64)


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
@pytest.mark.parametrize(("box", "size"), [(irot(3), (64, 96)), (clap(60, 30, 0, 0), (60, 30))])
def test_the_size_is_that_of_what_is_shown(kind: str, box: bytes, size: tuple[int, int]) -> None:
    buffer = io.BytesIO()
    orientation_card().save(buffer, kind)
    found = read_picture_details(io.BytesIO(with_property(buffer.getvalue(), box)))
    assert (found.width_px, found.height_px) == size


@pytest.mark.parametrize("kind", ["GIF", "BMP", "JPEG2000"])
def test_formats_without_metadata_say_their_size(kind: str) -> None:
    assert details(picture((64, 48)), kind) == PictureDetails(width_px=64, height_px=48)


def test_a_raw_file_says_what_its_camera_wrote() -> None:
    pytest.importorskip("rawpy", reason="the extra `raw` is not installed")
    found = read_picture_details(io.BytesIO(make_dng(picture((64, 48)), orientation=6)))
    assert (found.width_px, found.height_px, found.taken_at) == (48, 64, "2024-05-01T12:33:10")


def test_what_a_person_wrote_is_read_from_xmp() -> None:
    found = details(picture((64, 48)), xmp=full_xmp())
    assert (found.title, found.caption, found.keywords) == ("Hut", "Eine Hütte", ("alps", "snow"))


def test_or_from_iptc() -> None:
    buffer = io.BytesIO()
    picture((64, 48)).save(buffer, "JPEG")
    segment = b"Photoshop 3.0\0" + resources(full_iptc())
    data = buffer.getvalue()
    found = read_picture_details(
        io.BytesIO(data[:2] + b"\xff\xed" + (len(segment) + 2).to_bytes(2, "big") + segment + data[2:])
    )
    assert (found.caption, found.keywords) == ("A hut, says IPTC", ("wood", "stone"))


def test_or_from_exif() -> None:
    exif = camera_exif()
    exif[270] = "A hut, says EXIF"
    assert details(picture((64, 48)), exif=exif).caption == "A hut, says EXIF"


def test_position_serial_numbers_and_owner_are_not_read() -> None:
    found = details(picture((64, 48)), exif=full_exif(), xmp=full_xmp())
    assert SECRET not in repr(found)


def test_texts_are_cut_and_can_be_stored() -> None:
    keywords = "".join(f"<rdf:li>word {number}</rdf:li>" for number in range(MOST_KEYWORDS + 1))
    title = f"<rdf:li xml:lang='x-default'>{'long ' * LONGEST_TEXT}</rdf:li>"
    packet = xmp(
        elements=f"<dc:title><rdf:Alt>{title}</rdf:Alt></dc:title>"
        f"<dc:subject><rdf:Bag>{keywords}<rdf:li> </rdf:li></rdf:Bag></dc:subject>"
    )
    exif = camera_exif()
    exif[270] = "zero\0byte"
    found = details(picture((64, 48)), xmp=packet, exif=exif)
    assert len(found.title) <= LONGEST_TEXT
    assert len(found.keywords) == MOST_KEYWORDS
    assert "\0" not in found.caption


def test_broken_metadata_costs_only_themselves() -> None:
    found = details(picture((64, 48)), exif=b"Exif\0\0II*\0\xff\xff\xff\xff", xmp=b"<no xml")
    assert replace(found, taken_at=None) == PictureDetails(width_px=64, height_px=48)


@pytest.mark.parametrize("data", [b"", b"no picture", b"\xff\xd8\xff\xe0\0\x10JFIF\0"])
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(PhotoUnreadable):
        read_picture_details(io.BytesIO(data))
