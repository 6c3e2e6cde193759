"""The name a rendition is shown and stored under."""

import os
import unicodedata
from typing import Final

MAX_BYTES: Final = 200
BIDI_CONTROLS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Source: Unicode Standard Annex 9, explicit directional formatting: they make `gpj.exe` look like `exe.jpg`."""


def rendition_name(source_name: str, extension: str = ".jpg") -> str:
    """Name a rendition after its source.

    Args:
        source_name: the source file's name without folder; undecodable bytes as surrogates.
        extension: what the name ends in, with the dot.

    Returns:
        Valid UTF-8 without control or direction characters, ending in the extension, at most 200 bytes.
    """
    stem = os.path.splitext(source_name)[0]
    clean = "".join(_clean(char) for char in stem).strip()
    room = MAX_BYTES - len(extension)
    return (clean.encode()[:room].decode(errors="ignore").strip() or "photo") + extension


def _clean(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    return "" if category in ("Cc", "Zl", "Zp") or char in BIDI_CONTROLS else char
