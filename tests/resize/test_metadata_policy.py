"""One policy for EXIF, XMP and IPTC: what `public`, `keep` and `none` keep, whatever the source format."""

import re
import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from support.deadline import within_deadline
from support.marked_photo import SECONDS, SECRET, full_exif, full_iptc, full_xmp, marked, said_by_exiftool, save_with
from support.photos import downloaded, sent
from support.pictures import make_jpeg, picture
from support.profiles import ADOBE_RGB, rgb_profile

from photopipe.photo import ResizedPhoto
from photopipe.resize.metadata.metadata import kept_metadata
from photopipe.resize.metadata.source_metadata import read_source_metadata
from photopipe.resize.resize import resize
from photopipe.settings import MetadataPolicy, OutputFormat, ResizeSettings

DIGIKAM = "http://www.digikam.org/ns/1.0/"
SOURCES = ["a.jpg", "a.png", "a.webp", "a.tif", "a.heic", "a.avif"]
OUTPUTS: list[OutputFormat] = ["jpeg", "webp", "avif", "png"]
PAIRS: list[tuple[str, OutputFormat]] = [
    *((name, "jpeg") for name in SOURCES),
    *(("a.jpg", output) for output in OUTPUTS if output != "jpeg"),
]
SUFFIXES = {"jpeg": ".jpg", "webp": ".webp", "avif": ".avif", "png": ".png"}
PRIVATE = re.compile(
    r"GPS|Serial|Owner|City|State|Country|Location|Place|UniqueID|DocumentID|Thumbnail|MakerNote|Comment|Software", re.I
)


def rendered(source: Path, policy: MetadataPolicy, output: OutputFormat = "jpeg", **more: Any) -> ResizedPhoto:
    settings = ResizeSettings(max_width_px=64, max_height_px=64, metadata=policy, format=output, **more)
    return resize(downloaded(source), settings)


def tags_of(result: ResizedPhoto, folder: Path, output: OutputFormat = "jpeg") -> dict[str, Any]:
    path = folder / f"out{SUFFIXES[output]}"
    path.write_bytes(sent(result))
    return said_by_exiftool(path)


def secrets_in(data: bytes) -> list[bytes]:
    texts = [SECRET.encode(), SECRET.encode("utf-16-le"), SECRET.encode("utf-16-be"), b"48,12.5236N", b"16,22.4242E"]
    return [secret for secret in (*texts, struct.pack("<I", SECONDS), struct.pack(">I", SECONDS)) if secret in data]


@pytest.mark.parametrize(("name", "output"), PAIRS)
def test_public_drops_position_serial_numbers_and_owner(tmp_path: Path, name: str, output: OutputFormat) -> None:
    source = marked(tmp_path / name)
    assert secrets_in(source.read_bytes()), "the test must be able to fail"
    result = rendered(source, "public", output)
    assert secrets_in(sent(result)) == []
    assert result.rendition.warnings == ()
    tags = tags_of(result, tmp_path, output)
    assert [tag for tag in tags if PRIVATE.search(tag.partition(":")[2]) and not tag.startswith("ICC")] == []
    assert SECRET not in str(tags)


@pytest.mark.parametrize(("name", "output"), PAIRS)
def test_public_keeps_camera_dates_caption_keywords_and_rating(tmp_path: Path, name: str, output: OutputFormat) -> None:
    tags = tags_of(rendered(marked(tmp_path / name), "public", output), tmp_path, output)
    assert tags["IFD0:Make"] == "Acme"
    assert tags["ExifIFD:LensModel"] == "50mm f/1.8"
    assert tags["ExifIFD:DateTimeOriginal"] == "2024:05:01 12:33:10"
    assert tags["ExifIFD:OffsetTimeOriginal"] == "+02:00"
    assert str(tags["ExifIFD:SubSecTimeOriginal"]) == "25"
    assert tags["IFD0:Rating"] == tags["XMP-xmp:Rating"] == 4
    assert tags["XMP-dc:Title"] == "Hut"
    assert tags["XMP-dc:Description"] == tags["IFD0:ImageDescription"] == "Eine Hütte"
    assert tags["XMP-dc:Description-en"] == "A hut"
    assert tags["XMP-dc:Subject"] == ["alps", "snow"]
    assert tags["XMP-dc:Creator"] == tags["IFD0:Artist"] == "Xenia"
    assert tags["XMP-photoshop:Headline"] == "News"
    assert str(tags["XMP-photoshop:DateCreated"]).startswith("2024:05:01 12:33:10")


@pytest.mark.parametrize(("name", "output"), PAIRS)
def test_keep_keeps_what_is_still_true(tmp_path: Path, name: str, output: OutputFormat) -> None:
    result = rendered(marked(tmp_path / name), "keep", output)
    assert result.rendition.warnings == ()
    tags = tags_of(result, tmp_path, output)
    assert tags["GPS:GPSLatitude"] == pytest.approx(48.2087266, abs=1e-6)
    assert tags["GPS:GPSLatitudeRef"] == "N"
    assert tags["XMP-exif:GPSLatitude"] == pytest.approx(48.2087266, abs=1e-5)
    for tag in ("ExifIFD:OwnerName", "XMP-aux:OwnerName"):
        assert tags[tag] == f"Owner {SECRET}"
    assert tags["ExifIFD:SerialNumber"] == tags["XMP-aux:SerialNumber"] == f"Body {SECRET}"
    assert tags["ExifIFD:LensSerialNumber"] == f"Lens {SECRET}"
    assert tags["ExifIFD:ImageUniqueID"] == f"Unique {SECRET}"
    assert tags["XMP-photoshop:City"] == f"City {SECRET}"
    assert tags["XMP-iptcCore:Location"] == f"Street {SECRET}"
    assert tags["XMP-iptcExt:LocationCreatedCity"] == f"Created {SECRET}"
    assert tags["XMP-lr:HierarchicalSubject"] == f"Places|{SECRET}"
    assert tags["IFD0:Software"] == f"Software {SECRET}"


@pytest.mark.parametrize(("name", "output"), PAIRS)
def test_keep_drops_what_is_no_longer_true(tmp_path: Path, name: str, output: OutputFormat) -> None:
    result = rendered(marked(tmp_path / name), "keep", output)
    tags = tags_of(result, tmp_path, output)
    lies = re.compile(r"Orientation|Thumbnail|MakerNote|DocumentID|RawFileName|CreatorTool|ExifImage|IFD0:ImageWidth")
    assert [tag for tag in tags if lies.search(tag)] == []
    assert tags["ExifIFD:ColorSpace"] == 1
    assert b"thumbnail" not in sent(result)


@pytest.mark.parametrize("name", ["a.jpg", "a.png"])
def test_keep_carries_a_comment_into_the_user_comment(tmp_path: Path, name: str) -> None:
    assert tags_of(rendered(marked(tmp_path / name), "keep"), tmp_path)["ExifIFD:UserComment"] == f"Comment {SECRET}"


@pytest.mark.parametrize("name", ["a.jpg", "a.tif", "a.png"])
def test_what_only_iptc_has_becomes_xmp_by_the_same_rule(tmp_path: Path, name: str) -> None:
    source = save_with(tmp_path / name, iptc=full_iptc())
    public = tags_of(rendered(source, "public"), tmp_path)
    assert public["XMP-dc:Description"] == public["IFD0:ImageDescription"] == "A hut, says IPTC"
    assert public["XMP-dc:Subject"] == ["wood", "stone"]
    assert SECRET not in str(public)
    keep = tags_of(rendered(source, "keep"), tmp_path)
    assert keep["XMP-photoshop:City"] == keep["XMP-iptcCore:Location"] == f"Place {SECRET}"
    assert not [tag for tag in (*public, *keep) if tag.startswith("IPTC")]


@pytest.mark.parametrize(("name", "output"), PAIRS)
def test_none_leaves_nothing(tmp_path: Path, name: str, output: OutputFormat) -> None:
    result = rendered(marked(tmp_path / name), "none", output)
    tags = tags_of(result, tmp_path, output)
    groups = {tag.partition(":")[0] for tag in tags} - {"SourceFile"}
    structure = {"ExifTool", "System", "File", "Composite", "JFIF", "PNG", "PNG-pHYs", "RIFF", "Meta", "QuickTime"}
    assert groups <= structure | {group for group in groups if group.startswith(("ICC", "Track"))}
    assert not [tag for tag in tags if re.search(r"Comment|Exif|XMP|IPTC", tag) and "ExifTool" not in tag]
    assert [word for word in (b"Exif\0", b"xpacket", b"Photoshop", b"Acme") if word in sent(result)] == []
    assert result.rendition.taken_at == "2024-05-01T12:33:10.250+02:00", (
        "the gallery sorts by it; it is not in the file"
    )


def test_none_says_nothing_about_what_nobody_wanted(tmp_path: Path) -> None:
    source = save_with(tmp_path / "a.jpg", exif=b"Exif\0\0garbage", xmp=b"<broken")
    assert rendered(source, "none").rendition.warnings == ()


@pytest.mark.parametrize("output", OUTPUTS)
@pytest.mark.parametrize("policy", ["public", "keep", "none"])
def test_artist_and_copyright_replace_what_the_photo_says(
    tmp_path: Path, policy: MetadataPolicy, output: OutputFormat
) -> None:
    exif = full_exif()
    exif.update({315: "Old artist", 33432: "Old rights", 40093: "Old author".encode("utf-16-le")})
    source = save_with(tmp_path / "a.jpg", exif=exif.tobytes(), xmp=full_xmp(), iptc=full_iptc())
    result = rendered(source, policy, output, artist="José 写真家", copyright="© 2024 José <all & more>")
    tags = tags_of(result, tmp_path, output)
    assert tags["IFD0:Artist"] == tags["XMP-dc:Creator"] == "José 写真家"
    assert tags["IFD0:Copyright"] == tags["XMP-dc:Rights"] == "© 2024 José <all & more>"
    assert b"Old" not in sent(result)
    assert b"O\0l\0d\0" not in sent(result)
    if policy == "none":
        assert {tag for tag in tags if tag.startswith(("IFD0", "ExifIFD", "XMP"))} - {"XMP-x:XMPToolkit"} == {
            "IFD0:Artist",
            "IFD0:Copyright",
            "XMP-dc:Creator",
            "XMP-dc:Rights",
        }


@pytest.mark.parametrize("name", SOURCES)
def test_artist_and_copyright_go_into_a_photo_without_any_metadata(tmp_path: Path, name: str) -> None:
    source = save_with(tmp_path / name)
    tags = tags_of(rendered(source, "public", artist="Ann", copyright="(c) Ann"), tmp_path)
    assert (tags["IFD0:Artist"], tags["XMP-dc:Rights"]) == ("Ann", "(c) Ann")


def test_an_empty_artist_removes_the_name(tmp_path: Path) -> None:
    result = rendered(marked(tmp_path / "a.jpg"), "public", artist="")
    assert b"Xenia" not in sent(result)


def test_an_artist_of_odd_bytes_or_endless_length_fails_no_photo(tmp_path: Path) -> None:
    source = save_with(tmp_path / "a.jpg", exif=full_exif().tobytes())
    tags = tags_of(rendered(source, "public", artist="A\0\udce4\n", copyright="x" * 200_000), tmp_path)
    assert tags["IFD0:Artist"] == "A ?"
    assert tags["IFD0:Copyright"] == "x" * 1000
    assert tags["IFD0:Make"] == "Acme"


def test_a_photo_without_metadata_goes_out_without(tmp_path: Path) -> None:
    for policy in ("public", "keep", "none"):
        data = sent(rendered(make_jpeg(tmp_path / "a.jpg"), policy))
        assert b"Exif" not in data
        assert b"xpacket" not in data


def test_camera_exif_alone_needs_no_xmp(tmp_path: Path) -> None:
    source = save_with(tmp_path / "a.jpg", exif=full_exif().tobytes())
    assert b"xpacket" not in sent(rendered(source, "public"))


def test_a_packet_too_long_for_a_jpeg_loses_its_longest_property(tmp_path: Path) -> None:
    long = full_xmp().replace("Eine Hütte".encode(), b"long " * 20_000)
    source = save_with(tmp_path / "a.png", xmp=long)
    result = rendered(source, "public")
    assert result.rendition.warnings == ("the metadata could not be kept: description, because it is too long",)
    assert tags_of(result, tmp_path)["XMP-dc:Title"] == "Hut"


def test_thousands_of_properties_are_fitted_in_the_time_of_a_few(tmp_path: Path) -> None:
    """Writing the packet anew for each that was left out took minutes."""
    many = " ".join(f'd:P{number}="{number}"' for number in range(9000))
    head = full_xmp().replace(b"<rdf:Description", f'<rdf:Description xmlns:d="{DIGIKAM}" {many}'.encode(), 1)
    source = save_with(tmp_path / "a.png", xmp=head)
    result = within_deadline(lambda: rendered(source, "keep"))
    assert "because it is too long" in result.rendition.warnings[0]
    assert b"digiKam:P1>" in sent(result)


@pytest.mark.parametrize("output", OUTPUTS)
def test_the_colour_space_is_said_as_it_is(tmp_path: Path, output: OutputFormat) -> None:
    picture((96, 64)).save(tmp_path / "a.jpg", exif=full_exif().tobytes(), icc_profile=rgb_profile(ADOBE_RGB, 2.2))
    converted = tags_of(rendered(tmp_path / "a.jpg", "public", output), tmp_path, output)
    kept = tags_of(rendered(tmp_path / "a.jpg", "public", output, color="keep"), tmp_path, output)
    assert (converted["ExifIFD:ColorSpace"], kept["ExifIFD:ColorSpace"]) == (1, 65535)
    assert kept["ExifIFD:DateTimeOriginal"] == converted["ExifIFD:DateTimeOriginal"]


def test_title_caption_and_keywords_are_known_to_galleries(tmp_path: Path) -> None:
    for policy, known in (("public", ("Hut", "Eine H\u00fctte", ("alps", "snow"))), ("none", ("", "", ()))):
        with Image.open(marked(tmp_path / "a.jpg")) as image:
            image.load()
            metadata = kept_metadata(read_source_metadata(image), ResizeSettings(metadata=policy))  # type: ignore[arg-type]  # two literals
        assert (metadata.title, metadata.caption, metadata.keywords) == known


def test_a_pngs_own_texts_become_properties(tmp_path: Path) -> None:
    info = PngInfo()
    for name in ("Title", "Author", "Description", "Copyright", "Source"):
        info.add_text(name, f"{name} {SECRET if name == 'Source' else 'said'}")
    picture((96, 64)).save(tmp_path / "a.png", pnginfo=info)
    tags = tags_of(rendered(tmp_path / "a.png", "public"), tmp_path)
    assert (tags["XMP-dc:Title"], tags["XMP-dc:Creator"]) == ("Title said", "Author said")
    assert (tags["IFD0:ImageDescription"], tags["IFD0:Copyright"]) == ("Description said", "Copyright said")
    assert SECRET not in str(tags)
    assert "said" not in str(tags_of(rendered(tmp_path / "a.png", "none"), tmp_path))
