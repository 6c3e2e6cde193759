"""Read an XMP packet from an untrusted source."""

from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from photopipe.resize.metadata.xmp_names import NAMESPACES, full_name

LONGEST_PACKET: Final = 2_000_000
"""A JPEG holds 65 kB, editors write up to a few hundred; longer ones hold more than what is said about a photo."""
DEEPEST: Final = 50
"""Levels of elements; the deepest properties of the standards need about ten."""
WIDE: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
"""How a packet in UTF-16 begins. Source: XML 1.0, appendix F."""
CONTAINERS: Final = tuple(map(full_name, ("rdf:Alt", "rdf:Bag", "rdf:Seq")))
ITEM: Final = full_name("rdf:li")
LANGUAGE: Final = full_name("xml:lang")
SYNTAX: Final = tuple(f"{{{NAMESPACES[prefix]}}}" for prefix in ("rdf", "xml"))
"""Namespaces whose attributes are not properties."""


def read_xmp(packet: bytes) -> dict[str, Element]:
    """Parse a packet.

    Args:
        packet: its bytes, with or without wrapper and padding.

    Returns:
        Its properties by full name; the first one of a name counts.

    Raises:
        ValueError: the packet is too long, declares entities, or is nested too deeply.
        ElementTree.ParseError: it is not XML.
    """
    root = ElementTree.fromstring(_text(packet))  # noqa: S314 - see `_text`
    _check_depth(root)
    properties: dict[str, Element] = {}
    for rdf in root.iter(full_name("rdf:RDF")):
        for description in rdf.findall(full_name("rdf:Description")):
            for element in _properties(description):
                properties.setdefault(element.tag, element)
    return properties


def texts(element: Element | None) -> tuple[str, ...]:
    """The texts of a property, the default language first; structures have none.

    Args:
        element: a property, or None.

    Returns:
        The texts without space around them; none that is empty.
    """
    if element is None:
        return ()
    return tuple(text for _, text in items(element)[1])


def items(element: Element) -> tuple[str, list[tuple[str, str]]]:
    """Take a property apart.

    Args:
        element: a property.

    Returns:
        The full name of its container, empty for a plain text; and pairs of language (may be empty) and text.
    """
    for container in element:
        if container.tag in CONTAINERS:
            pairs = [(item.get(LANGUAGE, ""), (item.text or "").strip()) for item in container.findall(ITEM)]
            default_first = sorted(pairs, key=lambda pair: pair[0] not in ("x-default", ""))
            return container.tag, [pair for pair in default_first if pair[1]]
    text = (element.text or "").strip()
    return "", [("", text)] if text else []


def _text(packet: bytes) -> str:
    """Decode and check a packet before any parser sees it.

    Entities and external files need a document type declaration, which XMP forbids; expat would expand them.
    """
    if len(packet) > LONGEST_PACKET:
        raise ValueError(f"{len(packet)} bytes are too many")
    encoding = next((encoding for mark, encoding in WIDE if packet.startswith(mark)), "utf-8-sig")
    text = packet.decode(encoding, "replace").strip("\0 \t\r\n")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError("it declares a document type")
    return text


def _check_depth(root: Element) -> None:
    level = [root]
    for _ in range(DEEPEST):
        level = [child for element in level for child in element]
        if not level:
            return
    raise ValueError("it is nested too deeply")


def _properties(description: Element) -> Iterator[Element]:
    """Yield a description's properties, which XMP writes as attributes or as elements."""
    for name, value in description.attrib.items():
        if not name.startswith(SYNTAX):
            element = Element(name)
            element.text = value
            yield element
    yield from description
