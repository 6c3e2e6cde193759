"""XMP from untrusted sources."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from support.marked_photo import full_exif, full_iptc, full_xmp, save_with, xmp
from support.photos import downloaded

from photopipe.resize.metadata.iptc import iptc_of_resources, read_iptc
from photopipe.resize.metadata.metadata import kept_metadata
from photopipe.resize.metadata.source_metadata import read_source_metadata
from photopipe.resize.metadata.xmp_names import CAPTION, KEYWORDS, TITLE, full_name
from photopipe.resize.metadata.xmp_read import read_xmp, texts
from photopipe.resize.metadata.xmp_write import new_property, xmp_packet
from photopipe.resize.resize import resize
from photopipe.settings import ResizeSettings

LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">'
    + b"".join(f'<!ENTITY {b} "{f"&{a};" * 10}">'.encode() for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + b"]><x>&j;</x>"
)
FILE = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>'
HOSTILE = {
    "billion laughs": LAUGHS,
    "the same in UTF-16": LAUGHS.decode().encode("utf-16"),
    "the same in UTF-16 without a mark": LAUGHS.decode().encode("utf-16-le"),
    "a file of ours": FILE,
    "50 MB": xmp("xmp:Rating='4'", "<dc:x>" + "a" * 50_000_000 + "</dc:x>"),
    "nested": b"<x>" * 200_000 + b"</x>" * 200_000,
    "no end": full_xmp()[:-300],
    "no XML": b"\0\1\2 no XML",
    "unbound prefix": b"<x:xmpmeta>text</x:xmpmeta>",
    "unbalanced": b"<a><b></a></b>",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("packet", [LAUGHS, FILE, b'<!DOCTYPE x [<!ENTITY a "one word">]><x>&a;</x>'])
def test_no_declaration_reaches_the_parser(packet: bytes, encoding: str) -> None:
    """Recent versions of expat stop "billion laughs" themselves; older ones do not."""
    text = packet.decode().removeprefix('<?xml version="1.0"?>')
    with pytest.raises(ValueError, match="declares a document type"):
        read_xmp(text.encode(encoding))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_xmp_costs_a_warning_and_no_time(tmp_path: Path, name: str) -> None:
    source = save_with(tmp_path / "a.png", exif=full_exif().tobytes())
    with Image.open(source) as image:
        image.load()
        image.info["xmp"] = HOSTILE[name]
        started = time.process_time()
        metadata = kept_metadata(read_source_metadata(image), ResizeSettings())
        assert time.process_time() - started < 2.0
    (warning,) = metadata.warnings
    assert warning.startswith("the metadata could not be kept: XMP (")
    assert len(warning) < 300
    assert "root:" not in warning
    assert b"Shooter 3" in metadata.exif, "only the XMP is lost"
    assert metadata.taken_at == "2024-05-01T12:33:10.250+02:00"


def test_broken_xmp_in_a_file_costs_a_warning_not_the_photo(tmp_path: Path) -> None:
    result = resize(downloaded(save_with(tmp_path / "a.jpg", xmp=b"<broken")), ResizeSettings())
    (warning,) = result.rendition.warnings
    assert warning.startswith("the metadata could not be kept: XMP (")


def test_letters_that_are_no_utf_8_cost_only_themselves() -> None:
    properties = read_xmp(xmp("photoshop:Headline='caf\u00e9'").replace("\u00e9".encode(), b"\xe9"))
    assert texts(properties[full_name("photoshop:Headline")]) == ("caf\N{REPLACEMENT CHARACTER}",)


def test_cdata_and_comments_are_read_as_xml_says() -> None:
    element = "<photoshop:Headline><![CDATA[<b> & ]]><!-- no --></photoshop:Headline>"
    properties = read_xmp(xmp("", element))
    assert texts(properties[full_name("photoshop:Headline")]) == ("<b> &",)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_encoding_of_xmp_is_read(encoding: str) -> None:
    packet = xmp("photoshop:Headline='Größe 写'").decode().partition("?>")[2].encode(encoding)
    assert texts(read_xmp(packet)[full_name("photoshop:Headline")]) == ("Größe 写",)


def test_attributes_elements_and_several_descriptions_say_the_same() -> None:
    second = "</rdf:Description><rdf:Description rdf:about='' photoshop:Headline='H'><xmp:Rating>3</xmp:Rating>"
    properties = read_xmp(xmp("xmp:Label='Red'", second))
    found = [texts(properties[full_name(name)]) for name in ("xmp:Label", "photoshop:Headline", "xmp:Rating")]
    assert found == [("Red",), ("H",), ("3",)]


def test_the_default_language_comes_first() -> None:
    items = "".join(f"<rdf:li xml:lang='{tag}'>{tag}</rdf:li>" for tag in ("de", "en", "x-default"))
    properties = read_xmp(xmp("", f"<dc:title><rdf:Alt>{items}</rdf:Alt></dc:title>"))
    assert texts(properties[TITLE]) == ("x-default", "de", "en")


def test_a_packet_is_the_same_whatever_the_order() -> None:
    one, other = new_property(TITLE, ["T"]), new_property(KEYWORDS, ["a", "b"])
    assert xmp_packet([one, other]) == xmp_packet([other, one])
    assert texts(read_xmp(xmp_packet([one, other]))[KEYWORDS]) == ("a", "b")


@given(st.text())
def test_any_text_makes_a_packet_that_can_be_read(text: str) -> None:
    packet = xmp_packet([new_property(CAPTION, [text])]) if text else b""
    if packet:
        read_xmp(packet)


def test_iptc_is_read_in_utf_8_and_latin_1() -> None:
    found, _ = read_iptc(b"\x1c\x02\x78\0\x05caf\xe9s\x1c\x02\x19\0\x03\xc3\xa9!")
    assert found == {CAPTION: ["cafés"], KEYWORDS: ["é!"]}


def test_iptc_stops_where_it_makes_no_sense() -> None:
    found, _ = read_iptc(b"\x1c\x02\x78\0\x02ok" + b"\x1c\x02\x78\xff\xff" + b"rest")
    assert found == {CAPTION: ["ok"]}


@settings(max_examples=300)
@given(st.binary(max_size=200), st.integers(0, 400), st.binary(max_size=8))
def test_random_bytes_never_raise(noise: bytes, at: int, patch: bytes) -> None:
    """Noise alone, and EXIF, XMP and IPTC blocks with a few bytes overwritten."""
    image = Image.new("RGB", (8, 8))
    for exif, packet, iptc in (
        (noise, noise, noise),
        (b"Exif\0\0II*\0\x08\0\0\0" + noise, b"<x>" + noise, b"\x1c\x02" + noise),
        tuple(block[:at] + patch + block[at + len(patch) :] for block in (EXIF, XMP, IPTC)),
    ):
        image.info = {"exif": exif, "xmp": packet, "photoshop": {0x0404: iptc}, "comment": noise}
        for policy in ("public", "keep", "none"):
            source = read_source_metadata(image)
            assert b"Ann" in kept_metadata(source, ResizeSettings(metadata=policy, artist="Ann")).exif
            assert 1 <= source.orientation <= 8
    iptc_of_resources(noise)
    iptc_of_resources(b"8BIM\x04\x04" + noise)


EXIF, XMP, IPTC = full_exif().tobytes(), full_xmp(), full_iptc()
