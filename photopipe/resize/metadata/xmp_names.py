"""The XMP properties that are kept; what is on no list is left out.

Source of names: ISO 16684-1 (XMP), Adobe's XMP Specification Part 2, IPTC Photo Metadata Standard 2023.2.
"""

from typing import Final, Literal

Kind = Literal["Text", "Alt", "Bag", "Seq"]
"""One text, one text in several languages, a set, a list. Source: XMP Specification Part 1, 7.7."""

NAMESPACES: Final = {
    "aux": "http://ns.adobe.com/exif/1.0/aux/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "exifEX": "http://cipa.jp/exif/1.0/",
    "Iptc4xmpCore": "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "plus": "http://ns.useplus.org/ldf/xmp/1.0/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "x": "adobe:ns:meta/",
    "xml": "http://www.w3.org/XML/1998/namespace",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpRights": "http://ns.adobe.com/xap/1.0/rights/",
}


def full_name(short: str) -> str:
    """The name with its namespace, as ElementTree writes it.

    Args:
        short: such as `dc:title`, with a prefix of `NAMESPACES`.
    """
    prefix, name = short.split(":")
    return f"{{{NAMESPACES[prefix]}}}{name}"


TITLE: Final = full_name("dc:title")
CAPTION: Final = full_name("dc:description")
CREATOR: Final = full_name("dc:creator")
RIGHTS: Final = full_name("dc:rights")
KEYWORDS: Final = full_name("dc:subject")
CREATED: Final = full_name("photoshop:DateCreated")
RATING: Final = full_name("xmp:Rating")
ORIENTATION: Final = full_name("tiff:Orientation")
CAPTURE_DATES: Final = (full_name("exif:DateTimeOriginal"), CREATED)
DATES: Final = (*CAPTURE_DATES, full_name("xmp:CreateDate"))
"""Where the capture time may be found, best first."""

KINDS: Final[dict[str, Kind]] = {TITLE: "Alt", CAPTION: "Alt", RIGHTS: "Alt", CREATOR: "Seq", KEYWORDS: "Bag"}
"""Properties we write that are not one plain text."""

PUBLIC: Final = frozenset(
    map(
        full_name,
        (
            *("dc:title", "dc:description", "dc:creator", "dc:rights", "dc:subject", "xmp:Rating", "xmp:Label"),
            *("photoshop:Headline", "photoshop:Credit", "photoshop:Source", "photoshop:AuthorsPosition"),
            *("xmpRights:Marked", "xmpRights:UsageTerms", "xmpRights:WebStatement"),
            *("Iptc4xmpCore:AltTextAccessibility", "Iptc4xmpCore:ExtDescrAccessibility"),
            "Iptc4xmpExt:DigitalSourceType",  # tells whether the picture is computer-generated
        ),
    )
)
"""What `public` keeps: caption, keywords, rating, author, rights."""

KEPT_NAMESPACES: Final = tuple(
    f"{{{NAMESPACES[prefix]}}}"
    for prefix in ("aux", "dc", "digiKam", "Iptc4xmpCore", "Iptc4xmpExt", "lr", "photoshop", "plus", "xmpRights")
)
"""What `keep` keeps as well: whole namespaces that describe scene, people, author, rights and device."""
KEPT_NAMES: Final = frozenset(
    map(
        full_name,
        [f"exifEX:{name}" for name in ("BodySerialNumber", "LensSerialNumber", "CameraOwnerName")]
        + ["exif:ImageUniqueID"],
    )
)
KEPT_POSITION: Final = full_name("exif:GPS")
"""How every name of a position begins."""
NEVER: Final = frozenset(
    map(
        full_name,
        (
            *("photoshop:ICCProfile", "photoshop:ColorMode", "photoshop:History", "photoshop:DocumentAncestors"),
            *("photoshop:TextLayers", "photoshop:LegacyIPTCDigest", "photoshop:SidecarForExtension"),
            *("photoshop:EmbeddedXMPDigest", "Iptc4xmpExt:ImageRegion", "dc:format"),
        ),
    )
)
"""What describes the source file and is not true of the rendition."""


def is_kept(name: str) -> bool:
    """Whether the policy `keep` keeps a property.

    Args:
        name: a full name.
    """
    if name in NEVER:
        return False
    return name in PUBLIC or name in KEPT_NAMES or name.startswith((*KEPT_NAMESPACES, KEPT_POSITION))
