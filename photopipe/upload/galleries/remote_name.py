"""Where a photo goes in a gallery whose photos have names: a path from a template, and a second one if it is taken.

Pure: the same photo, key and settings give the same names in every run, so a gallery can be asked
later whether an upload has arrived. Paths here have `/` between their parts and none at either end.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from photopipe.errors import UsageError
from photopipe.files.names import clean_path
from photopipe.upload.galleries.contract import OutgoingPhoto
from photopipe.upload.galleries.template import FIELDS, Template

PATH_OPTION: Final = (
    f"where a photo goes, made from {', '.join(f'{{{name}}}' for name in FIELDS)}; {{file_name}} if unset"
)
"""The line of help for the option `path`, for the kinds that have it."""


def path_template(options: Mapping[str, Any]) -> Template:
    """The option `path` of a gallery, or what it is by default.

    Raises:
        UsageError: it is no text, or no template.
    """
    text = options.get("path", "{file_name}")
    if not isinstance(text, str) or not text.strip():
        raise UsageError('the option path must be text, such as "{taken_at:%Y/%m}/{file_name}"')
    return Template(text)


def candidates(photo: OutgoingPhoto, template: Template) -> tuple[str, str]:
    """The paths a photo may get, the better one first.

    Args:
        photo: what is sent, with its album; the names are those of its own rendition.
        template: gives the path; its parts become clean names.

    Returns:
        The path as the template says, and the same with `-` and eight digits of the key before the
        extension, for when the first is taken by other bytes.
    """
    folders, stem, extension = clean_path(f"{photo.album or ''}/{template.fill(photo.photo)}")
    paths = ["/".join([*folders, f"{name}{extension}"]) for name in (stem, f"{stem}-{short_key(photo.key)}")]
    return paths[0], paths[1]


def candidates_sought(photo: OutgoingPhoto, template: Template) -> tuple[str, str]:
    """`candidates` of what an earlier run may have sent."""
    return candidates(replace(photo, photo=replace(photo.photo, rendition=photo.sought)), template)


def part_path(path: str, key: str) -> str:
    """The name a file has while it is being written; the same for each attempt, which overwrites what others left."""
    return f"{path}.part-{short_key(key)}"


def short_key(key: str) -> str:
    """Eight hexadecimal digits that stand for an upload's key."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def folders_above(path: str) -> list[str]:
    """Every folder a path lies in, the outermost first: `a/b/c.jpg` gives `a` and `a/b`."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]


def encoded(path: str) -> str:
    """The path as it is written in an address, each part percent-encoded.

    Source: RFC 3986 section 2.3: all but its unreserved characters.
    """
    return "/".join(quote(part, safe="") for part in path.split("/"))
