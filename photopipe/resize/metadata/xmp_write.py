"""Write a small XMP packet."""

import copy
import re
from collections.abc import Iterable, Sequence
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from photopipe.resize.metadata.xmp_names import KINDS, NAMESPACES, full_name
from photopipe.resize.metadata.xmp_read import ITEM, LANGUAGE, items

HEAD: Final = '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
TAIL: Final = '<?xpacket end="r"?>'
"""Source: ISO 16684-1, 7.3.2."""
NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML cannot hold. Source: XML 1.0, 2.2."""

for prefix, namespace in NAMESPACES.items():
    ElementTree.register_namespace(prefix, namespace)


def xmp_packet(properties: Iterable[Element]) -> bytes:
    """Serialise properties.

    Args:
        properties: as `read_xmp`, `plain_property` or `new_property` give them.

    Returns:
        A packet in UTF-8, the same bytes for the same properties in any order; empty for none.
    """
    ordered = sorted(properties, key=lambda element: element.tag)
    if not ordered:
        return b""
    root = Element(full_name("x:xmpmeta"))
    description = SubElement(SubElement(root, full_name("rdf:RDF")), full_name("rdf:Description"))
    description.set(full_name("rdf:about"), "")
    for element in ordered:
        alone = copy.deepcopy(element)
        alone.tail = None
        description.append(alone)
    # Pillow looks for this name anywhere in a packet and would turn the rendition; we have it in captions only.
    text = ElementTree.tostring(root, encoding="unicode").replace("tiff:Orientation", "tiff:&#79;rientation")
    return (HEAD + text + TAIL).encode()


def new_property(name: str, texts: Sequence[str]) -> Element:
    """Make a property.

    Args:
        name: its full name.
        texts: any texts; a property that is one text takes the first.
    """
    kind = KINDS.get(name)
    if kind is None:
        return _property(name, "", [("", texts[0])])
    language = "x-default" if kind == "Alt" else ""
    return _property(name, full_name(f"rdf:{kind}"), [(language, text) for text in texts])


def plain_property(element: Element) -> Element | None:
    """Reduce a property to its texts and their languages, so that nothing hides in a structure.

    Args:
        element: as `read_xmp` gives it.

    Returns:
        The property, or None if it has no text.
    """
    container, pairs = items(element)
    return _property(element.tag, container, pairs) if pairs else None


def _property(name: str, container: str, pairs: Iterable[tuple[str, str]]) -> Element:
    element = Element(name)
    if not container:
        element.text = NOT_XML.sub("", next(iter(pairs))[1])
        return element
    parent = SubElement(element, container)
    for language, text in pairs:
        item = SubElement(parent, ITEM, {LANGUAGE: language} if language else {})
        item.text = NOT_XML.sub("", text)
    return element
