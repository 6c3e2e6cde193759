"""XMP sidecars: what a person said about a photo in another program joins it."""

import io
from pathlib import Path

import pytest
from PIL import Image
from support.deadline import within_deadline
from support.marked_photo import SECRET, full_exif, full_xmp, said_by_exiftool, save_with, xmp
from support.photos import downloaded, found, sent
from support.pictures import camera_exif, make_jpeg, picture

from photopipe.photo import DownloadedPhoto, ResizedPhoto
from photopipe.resize.facts import read_facts
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings

PERSON = (
    "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Über allem</rdf:li></rdf:Alt></dc:title>"
    "<dc:description><rdf:Alt><rdf:li xml:lang='x-default'>Said beside</rdf:li></rdf:Alt></dc:description>"
    "<dc:subject><rdf:Bag><rdf:li>sea</rdf:li><rdf:li>wind</rdf:li></rdf:Bag></dc:subject>"
    "<dc:creator><rdf:Seq><rdf:li>Yara</rdf:li></rdf:Seq></dc:creator>"
    "<dc:rights><rdf:Alt><rdf:li xml:lang='x-default'>Yara 2024</rdf:li></rdf:Alt></dc:rights>"
)


def with_beside(path: Path, **sidecars: bytes) -> DownloadedPhoto:
    """The photo with sidecars as its source would have found them: `full` is named `a.jpg.xmp`, `stem` is `a.xmp`."""
    places = {"full": path.with_name(path.name + ".xmp"), "stem": path.with_suffix(".xmp")}
    for name, content in sidecars.items():
        places[name].write_bytes(content)
    photo = downloaded(path)
    companions = tuple(found(places[name]) for name in sorted(sidecars, reverse=True))
    return DownloadedPhoto(photo.found._replace(companions=companions), photo.source_sha256)


def rendered(photo: DownloadedPhoto, **settings: object) -> ResizedPhoto:
    return resize(photo, ResizeSettings(**settings))  # type: ignore[arg-type]  # by name


def said(result: ResizedPhoto, folder: Path) -> dict[str, object]:
    (folder / "out.jpg").write_bytes(sent(result))
    return said_by_exiftool(folder / "out.jpg")


@pytest.mark.parametrize("name", ["full", "stem"])
def test_what_a_sidecar_says_counts_before_what_the_file_says(tmp_path: Path, name: str) -> None:
    exif = full_exif()
    exif.update({270: "Said inside", 315: "Xenia", 33432: "Xenia 2020", 40091: "Old".encode("utf-16-le")})
    path = save_with(tmp_path / "a.jpg", exif=exif.tobytes(), xmp=full_xmp())
    photo = with_beside(path, **{name: xmp("xmp:Rating='2'", PERSON)})
    result = rendered(photo)
    rendition, tags = result.rendition, said(result, tmp_path)
    assert (rendition.title, rendition.caption, rendition.keywords) == ("Über allem", "Said beside", ("sea", "wind"))
    assert rendition.warnings == ()
    assert tags["XMP-xmp:Rating"] == 2
    assert "IFD0:Rating" not in tags
    assert "IFD0:XPTitle" not in tags
    assert (tags["IFD0:ImageDescription"], tags["IFD0:Artist"], tags["IFD0:Copyright"]) == (
        "Said beside",
        "Yara",
        "Yara 2024",
    )
    assert tags["XMP-photoshop:Headline"] == "News", "what the sidecar does not say stays"
    assert read_facts(photo.found).rating == 2


def test_the_sidecar_with_the_full_name_counts_before_the_other(tmp_path: Path) -> None:
    path = make_jpeg(tmp_path / "a.jpg", (32, 32))
    only_stem = PERSON.replace("Über allem", "Of all a.*")
    photo = with_beside(path, full=xmp("xmp:Rating='5'"), stem=xmp("xmp:Rating='1'", only_stem))
    assert read_facts(photo.found).rating == 5
    assert rendered(photo).rendition.title == "Of all a.*"


def test_what_an_empty_sidecar_does_not_say_stays(tmp_path: Path) -> None:
    path = save_with(tmp_path / "a.jpg", xmp=full_xmp())
    empty = xmp("xmp:Label=''", "<dc:subject><rdf:Bag/></dc:subject><dc:title><rdf:Alt/></dc:title>")
    rendition = rendered(with_beside(path, full=empty), metadata="keep").rendition
    assert (rendition.title, rendition.keywords) == ("Hut", ("alps", "snow"))


def test_the_policy_holds_for_sidecars_too(tmp_path: Path) -> None:
    for policy in ("public", "none"):
        path = make_jpeg(tmp_path / "a.jpg", (32, 32), exif=camera_exif())
        result = rendered(with_beside(path, full=full_xmp()), metadata=policy)
        assert SECRET.encode() not in sent(result)
        assert b"48,12" not in sent(result)
        assert (result.rendition.title is None) == (policy == "none")


def test_position_orientation_and_develop_settings_of_a_sidecar_are_ignored(tmp_path: Path) -> None:
    packet = xmp("tiff:Orientation='6' crs:Exposure2012='+2' exif:GPSLatitude='48,12.5236N'")
    path = make_jpeg(tmp_path / "a.jpg", (32, 16))
    result = rendered(with_beside(path, full=packet), metadata="keep")
    assert (result.rendition.width_px, result.rendition.height_px) == (32, 16)
    assert sent(result) == sent(rendered(downloaded(path), metadata="keep"))


@pytest.mark.parametrize(
    ("attributes", "wanted"),
    [
        ("exif:DateTimeOriginal='2023-01-02T03:04:05'", "2023-01-02T03:04:05"),
        ("photoshop:DateCreated='2023-01-02T03:04:05+01:00'", "2023-01-02T03:04:05+01:00"),
        ("exif:DateTimeOriginal='2023:01:02 03:04:05.000'", "2023-01-02T03:04:05.000"),  # darktable's way
        ("exif:DateTimeOriginal='2024-05-01T12:33:10'", "2024-05-01T12:33:10.250+02:00"),  # a copy of the camera's
        ("photoshop:DateCreated='2023-01-02'", "2024-05-01T12:33:10.250+02:00"),  # less than the camera says
        ("xmp:CreateDate='2023-01-02T03:04:05'", "2024-05-01T12:33:10.250+02:00"),  # may be the sidecar's own
        ("exif:DateTimeOriginal='soon'", "2024-05-01T12:33:10.250+02:00"),
    ],
)
def test_a_time_that_a_person_corrected_counts_before_the_cameras(tmp_path: Path, attributes: str, wanted: str) -> None:
    path = save_with(tmp_path / "a.jpg", exif=full_exif().tobytes())
    photo = with_beside(path, full=xmp(attributes))
    result = rendered(photo)
    assert result.rendition.taken_at == wanted
    with Image.open(io.BytesIO(sent(result))) as image:
        assert image.getexif().get_ifd(0x8769)[36867] == wanted[:19].replace("-", ":").replace("T", " ")
    facts = read_facts(photo.found)
    assert facts.taken_at is not None
    assert facts.taken_at.isoformat()[:19] == wanted[:19]


def test_a_corrected_time_is_not_shifted_again_and_a_copy_of_the_cameras_is(tmp_path: Path) -> None:
    path = save_with(tmp_path / "a.jpg", exif=camera_exif().tobytes())
    for date, wanted in (
        ("2023-01-02T03:04:05", "2023-01-02T03:04:05"),
        ("2024-05-01T12:33:10", "2024-05-01T12:34:10"),
    ):
        photo = with_beside(path, full=xmp(f"exif:DateTimeOriginal='{date}'"))
        assert rendered(photo, time_shift=(("*", 60),)).rendition.taken_at == wanted


def test_a_sidecar_tells_the_time_that_the_file_does_not(tmp_path: Path) -> None:
    path = save_with(tmp_path / "a.jpg", xmp=xmp("exif:DateTimeOriginal='2020-01-01T00:00:00'"))
    photo = with_beside(path, stem=xmp("xmp:CreateDate='2023-01-02T03:04:05'"))
    rendition = rendered(photo).rendition
    assert (rendition.taken_at, rendition.taken_at_from) == ("2023-01-02T03:04:05", "xmp")
    original = rendered(photo, original=True)
    assert (original.rendition.taken_at, sent(original)) == ("2023-01-02T03:04:05", path.read_bytes())


BOMB = (
    b"<!DOCTYPE x [<!ENTITY a 'ha'>"
    + b"".join(b"<!ENTITY %c '&%c;&%c;'>" % (98 + n, 97 + n, 97 + n) for n in range(20))
    + b"]><x:xmpmeta xmlns:x='adobe:ns:meta/'>&u;</x:xmpmeta>"
)


@pytest.mark.parametrize(
    "content",
    [
        b"<x:xmpmeta",
        b"\xff" * 100,
        BOMB,
        b"<a>" * 500_000,
        xmp(elements=PERSON) + b" " * 3_000_000,
        xmp(elements=PERSON)[:700],
    ],
    ids=["cut", "bytes", "bomb", "deep", "long", "half"],
)
def test_a_broken_sidecar_is_a_warning_and_the_photo_goes_on(tmp_path: Path, content: bytes) -> None:
    path = save_with(tmp_path / "a.jpg", exif=camera_exif().tobytes(), xmp=full_xmp())
    photo = with_beside(path, full=content)
    result = within_deadline(lambda: rendered(photo), 20)
    (warning,) = result.rendition.warnings
    assert warning.startswith("the metadata could not be kept: sidecar a.jpg.xmp (")
    assert result.rendition.title == "Hut"
    assert read_facts(photo.found).taken_at_from == "exif"


def test_a_sidecar_that_is_gone_is_a_warning(tmp_path: Path) -> None:
    photo = with_beside(make_jpeg(tmp_path / "a.jpg", (32, 32)), full=xmp(elements=PERSON))
    (tmp_path / "a.jpg.xmp").unlink()
    (warning,) = rendered(photo).rendition.warnings
    assert warning.startswith("the metadata could not be kept: sidecar a.jpg.xmp (is gone")


def test_companions_that_are_no_sidecars_are_not_opened(tmp_path: Path) -> None:
    photo = downloaded(make_jpeg(tmp_path / "a.jpg", (32, 32)))
    movie = photo.found._replace(path=str(tmp_path / "not there.mov"))
    result = rendered(DownloadedPhoto(photo.found._replace(companions=(movie,)), photo.source_sha256))
    assert result.rendition.warnings == ()


def test_an_animation_has_its_sidecar_too(tmp_path: Path) -> None:
    frames = [picture((32, 32), seed=seed) for seed in range(2)]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], duration=50)
    result = rendered(with_beside(tmp_path / "a.webp", full=xmp(elements=PERSON)), animation="keep", format="webp")
    assert (result.rendition.content_type, result.rendition.title) == ("image/webp", "Über allem")
