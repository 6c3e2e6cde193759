"""Photos with a marker in every family of metadata, for tests of what stays behind."""

import atexit
import functools
import json
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from PIL.TiffImagePlugin import IFDRational
from support.deadline import within_deadline
from support.pictures import picture

SECRET = "MARK-7Q3Z"
SECONDS = 314_159
"""The latitude's seconds in ten-thousandths; as a number of four bytes they are a marker too."""
NAMESPACES = """
 xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns:dc='http://purl.org/dc/elements/1.1/'
 xmlns:xmp='http://ns.adobe.com/xap/1.0/' xmlns:tiff='http://ns.adobe.com/tiff/1.0/'
 xmlns:exif='http://ns.adobe.com/exif/1.0/' xmlns:aux='http://ns.adobe.com/exif/1.0/aux/'
 xmlns:photoshop='http://ns.adobe.com/photoshop/1.0/' xmlns:lr='http://ns.adobe.com/lightroom/1.0/'
 xmlns:xmpMM='http://ns.adobe.com/xap/1.0/mm/' xmlns:Iptc4xmpCore='http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/'
 xmlns:Iptc4xmpExt='http://iptc.org/std/Iptc4xmpExt/2008-02-29/' xmlns:crs='http://ns.adobe.com/camera-raw-settings/1.0/'
 xmlns:xmpGImg='http://ns.adobe.com/xap/1.0/g/img/'"""


def xmp(attributes: str = "", elements: str = "") -> bytes:
    """A packet with one description."""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
        f'{NAMESPACES}><rdf:Description rdf:about="" {attributes}>{elements}</rdf:Description></rdf:RDF></x:xmpmeta>'
        + " " * 50
        + '<?xpacket end="w"?>'
    ).encode()


def full_xmp() -> bytes:
    """A packet with caption, keywords and rating, and with everything that must not go out."""
    private = {
        "exif:GPSLatitude": "48,12.5236N",
        "exif:GPSLongitude": "16,22.4242E",
        "exif:GPSMapDatum": f"Datum {SECRET}",
        "aux:SerialNumber": f"Body {SECRET}",
        "aux:OwnerName": f"Owner {SECRET}",
        "photoshop:City": f"City {SECRET}",
        "photoshop:State": f"State {SECRET}",
        "photoshop:Country": f"Country {SECRET}",
        "Iptc4xmpCore:Location": f"Street {SECRET}",
        "Iptc4xmpCore:CountryCode": "AUT",
        "xmpMM:DocumentID": f"xmp.did:{SECRET}",
        "crs:RawFileName": f"{SECRET}.dng",
        "tiff:Orientation": "6",
        "tiff:ImageWidth": "4000",
        "xmp:CreatorTool": f"Tool {SECRET}",
    }
    return xmp(
        " ".join(f"{name}='{value}'" for name, value in private.items()) + " xmp:Rating='4' photoshop:Headline='News'",
        "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>Hut</rdf:li></rdf:Alt></dc:title>"
        "<dc:description><rdf:Alt><rdf:li xml:lang='x-default'>Eine Hütte</rdf:li>"
        "<rdf:li xml:lang='en'>A hut</rdf:li></rdf:Alt></dc:description>"
        f"<dc:subject><rdf:Bag><rdf:li>alps</rdf:li><rdf:li>snow<x>{SECRET}</x></rdf:li></rdf:Bag></dc:subject>"
        "<dc:creator><rdf:Seq><rdf:li>Xenia</rdf:li></rdf:Seq></dc:creator>"
        f"<lr:hierarchicalSubject><rdf:Bag><rdf:li>Places|{SECRET}</rdf:li></rdf:Bag></lr:hierarchicalSubject>"
        "<Iptc4xmpExt:LocationCreated><rdf:Bag><rdf:li rdf:parseType='Resource'>"
        f"<Iptc4xmpExt:City>Created {SECRET}</Iptc4xmpExt:City></rdf:li></rdf:Bag></Iptc4xmpExt:LocationCreated>"
        "<xmp:Thumbnails><rdf:Alt><rdf:li rdf:parseType='Resource'>"
        f"<xmpGImg:image>{SECRET}</xmpGImg:image></rdf:li></rdf:Alt></xmp:Thumbnails>",
    )


def iptc(*datasets: tuple[int, str], utf_8: bool = True) -> bytes:
    """Datasets of record 2."""
    coded = [(1, 90, b"\x1b%G")] if utf_8 else []
    coded += [(2, number, text.encode("utf-8" if utf_8 else "latin-1")) for number, text in datasets]
    return b"".join(struct.pack(">BBBH", 0x1C, record, number, len(data)) + data for record, number, data in coded)


def full_iptc() -> bytes:
    """Caption and keywords, and every name of a place."""
    places = [(number, f"Place {SECRET}") for number in (26, 27, 90, 92, 95, 101)]
    return iptc((120, "A hut, says IPTC"), (25, "wood"), (25, "stone"), (105, "IPTC news"), *places)


def resources(block: bytes) -> bytes:
    """Photoshop's image resources with one IPTC block."""
    return b"8BIM\x04\x04\0\0" + struct.pack(">I", len(block)) + block + bytes(len(block) % 2)


def full_exif(*, orientation: int | None = 1) -> Image.Exif:
    """EXIF with everything a camera writes that must not go out, and some that may."""
    exif = Image.Exif()
    exif.update({271: "Acme", 272: "Shooter 3", 305: f"Software {SECRET}", 18246: 4, 256: 4000, 257: 3000})
    if orientation is not None:
        exif[274] = orientation
    exif.get_ifd(0x8769).update(
        {
            33434: IFDRational(1, 250),
            36867: "2024:05:01 12:33:10",
            36881: "+02:00",
            37521: "25",
            37500: b"MakerNote " + SECRET.encode(),
            40961: 65535,
            40962: 4000,
            40963: 3000,
            42016: f"Unique {SECRET}",
            42032: f"Owner {SECRET}",
            42033: f"Body {SECRET}",
            42036: "50mm f/1.8",
            42037: f"Lens {SECRET}",
        }
    )
    seconds = IFDRational(SECONDS, 10_000)
    exif.get_ifd(0x8825).update(
        {
            0: b"\2\3\0\0",
            1: "N",
            2: (IFDRational(48), IFDRational(12), seconds),
            18: f"Datum {SECRET}",
            29: "2024:05:01",
        }
        | {3: "E", 4: (IFDRational(16), IFDRational(22), IFDRational(0))}
    )
    return exif


def with_thumbnail(exif: Image.Exif) -> bytes:
    """The block with a thumbnail behind it."""
    thumbnail = b"\xff\xd8 thumbnail " + SECRET.encode()
    exif._ifds[1] = {513: 0, 514: len(thumbnail)}
    return exif.tobytes() + thumbnail


def save_with(
    path: Path,
    *,
    exif: bytes = b"",
    xmp: bytes = b"",
    iptc: bytes = b"",
    comment: str = "",
    image: Image.Image | None = None,
) -> Path:
    """Write a photo with these blocks where its format keeps them; a block it has no place for is left out."""
    image = image or picture((96, 64))
    kind = path.suffix
    if kind == ".png":
        info = PngInfo()
        if xmp:
            info.add_itxt("XML:com.adobe.xmp", xmp.decode("utf-8", "replace"))
        if iptc:
            data = resources(iptc)
            info.add_text("Raw profile type iptc", f"\niptc\n{len(data):8}\n{data.hex()}\n", zip=True)
        if comment:
            info.add_text("Comment", comment)
        image.save(path, exif=exif, pnginfo=info)
    elif kind == ".tif":
        tags = Image.Exif()
        tags.load(exif)
        for size in (256, 257):  # would be taken for the TIFF's own
            tags.pop(size, None)
        tags.update({tag: data for tag, data in ((700, xmp), (33723, iptc)) if data})
        image.save(path, exif=tags)
    else:
        options: dict[str, Any] = {"comment": comment} if kind == ".jpg" else {}
        options.update({name: block for name, block in (("exif", exif), ("xmp", xmp)) if block})
        image.save(path, quality=95, **options)
        if kind == ".jpg" and iptc:
            _insert_app13(path, b"Photoshop 3.0\0" + resources(iptc))
    return path


def _insert_app13(path: Path, data: bytes) -> None:
    jpeg = path.read_bytes()
    path.write_bytes(jpeg[:2] + b"\xff\xed" + struct.pack(">H", len(data) + 2) + data + jpeg[2:])


def marked(path: Path) -> Path:
    """Write a photo with a marker in every family its format knows."""
    block = with_thumbnail(full_exif()) if path.suffix == ".jpg" else full_exif().tobytes()
    return save_with(path, exif=block, xmp=full_xmp(), iptc=full_iptc(), comment=f"Comment {SECRET}")


def said_by_exiftool(path: Path) -> dict[str, Any]:
    """Every tag that exiftool finds, by group and name; skips the test where it is not installed."""
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed")
    answer = within_deadline(lambda: _answer_of_exiftool(["-json", "-G1", "-a", "-u", "-ee", "-n", str(path)]), 60)
    (tags,) = json.loads(answer)
    assert isinstance(tags, dict)
    return tags


def _answer_of_exiftool(arguments: list[str]) -> str:
    exiftool = _running_exiftool()
    assert exiftool.stdin is not None
    assert exiftool.stdout is not None
    exiftool.stdin.write("\n".join([*arguments, "-execute", ""]))
    exiftool.stdin.flush()
    lines: list[str] = []
    for line in exiftool.stdout:
        if line == "{ready}\n":
            return "".join(lines)
        lines.append(line)
    raise AssertionError("exiftool has ended")


@functools.cache
def _running_exiftool() -> "subprocess.Popen[str]":
    """One exiftool for all tests of this process: starting it takes ten times as long as reading a photo."""
    # exiftool does not end with its input: it has to be told, even if this process is killed.
    script = "{ cat; echo -stay_open; echo False; } | exiftool -stay_open True -@ -"
    process = subprocess.Popen(["sh", "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
    atexit.register(process.communicate, timeout=60)
    return process
