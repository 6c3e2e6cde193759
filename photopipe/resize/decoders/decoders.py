"""The libraries that decode: their releases, what those that come with an extra read, and what to say without them."""

import importlib
import importlib.util
from collections.abc import Iterable
from functools import cache
from types import ModuleType
from typing import Final, NamedTuple

from photopipe.errors import DecoderMissing
from photopipe.files.kinds import RAW_EXTENSIONS, kind_named


class Decoder(NamedTuple):
    """A library that comes with an extra of photopipe.

    Attributes:
        kind: what it decodes, as `kinds.kind_of` names it.
        module: what is imported.
        extra: what is installed.
        words: the kind of file, in words.
        extensions: lower case, of files that are of this kind for certain.
    """

    kind: str
    module: str
    extra: str
    words: str
    extensions: frozenset[str]


DECODERS: Final = (
    Decoder("RAW", "rawpy", "raw", "camera RAW files", RAW_EXTENSIONS),
    Decoder("JXL", "pillow_jxl", "jxl", "JPEG XL files", frozenset(kind_named("JXL").extensions)),
)
LIBRARIES: Final = ("Pillow", "pillow-heif", "pillow-jxl-plugin", "rawpy", "simplejpeg")


@cache
def decoder_versions() -> str:
    """The versions of all libraries that decode, as far as they are installed; none is imported to find out."""
    return ", ".join(f"{name} {version}" for name in LIBRARIES if (version := _version(name)))


def _version(library: str) -> str | None:
    from importlib import metadata

    try:
        return metadata.version(library)
    except metadata.PackageNotFoundError:
        return None


def missing_decoders() -> list[Decoder]:
    """The decoders that are not installed; nothing is imported to find out."""
    return [decoder for decoder in DECODERS if _is_missing(decoder)]


def advice(extensions: Iterable[str]) -> list[str]:
    """Explain which files cannot be decoded here.

    Args:
        extensions: of the files there are, lower case with their dots.

    Returns:
        One sentence for each decoder that is needed and not installed.
    """
    there = frozenset(extensions)
    return [
        f"{decoder.words} ({', '.join(sorted(there & decoder.extensions))}) are left alone: "
        f"they need `{decoder.module}`. {_remedy(decoder)}"
        for decoder in DECODERS
        if there & decoder.extensions and _is_missing(decoder)  # in this order, because looking for a module is slow
    ]


def load_decoder(kind: str) -> ModuleType:
    """Import the library that decodes a kind of file.

    Args:
        kind: RAW or JXL.

    Raises:
        DecoderMissing: it is not installed, or does not start.
    """
    decoder = next(decoder for decoder in DECODERS if decoder.kind == kind)
    try:
        return importlib.import_module(decoder.module)
    except ImportError as error:
        raise DecoderMissing(
            f"cannot be resized: {decoder.words} need `{decoder.module}`, which is not installed. {_remedy(decoder)}",
            depends_on=("decoders",),
        ) from error


def _is_missing(decoder: Decoder) -> bool:
    return importlib.util.find_spec(decoder.module) is None


def _remedy(decoder: Decoder) -> str:
    return f"Install `photopipe[{decoder.extra}]`."
