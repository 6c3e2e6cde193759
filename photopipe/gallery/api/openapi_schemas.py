"""What the API answers, member by member, in the words of JSON Schema; `openapi.py` says where."""

from typing import Any, Final

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
DAY: Final[Schema] = {"type": "string", "format": "date"}
HASH: Final[Schema] = {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "SHA-256, hexadecimal"}
CHECKSUM: Final[Schema] = {"type": "string", "pattern": "^[0-9a-fA-F]{64}$"}
ID: Final[Schema] = {"type": "string", "pattern": "^[1-9][0-9]{0,18}$"}
NUMBER: Final[Schema] = {"type": "integer", "minimum": 1, "maximum": 2**63 - 1}
_COUNT: Final[Schema] = {"type": "integer", "minimum": 0}
_TIME: Final[Schema] = {"type": "string", "format": "date-time"}
_LOCAL_TIME: Final[Schema] = {"type": "string", "format": "date-time-local"}
_URL: Final[Schema] = {"type": "string", "format": "uri-reference"}


def ref(name: str) -> Schema:
    """What stands for a schema of `SCHEMAS`."""
    return {"$ref": f"#/components/schemas/{name}"}


def _array(items: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": items} | more


def _or_null(schema: Schema, description: str) -> Schema:
    return schema | {"type": [schema["type"], "null"], "description": description}


def _or_empty(schema: Schema, description: str, *others: Schema) -> Schema:
    """A field of a form that counts as absent if nothing stands in it."""
    return {"anyOf": [schema, *others, {"const": ""}], "description": description}


def _object(optional: Schema | None = None, **members: Any) -> Schema:
    return {"type": "object", "required": list(members), "properties": members | (optional or {})}


_ALBUM_OF_PHOTO: Final = _object(id=NUMBER, name=TEXT)
_WIDTH: Final = _object(url=_URL, width=_COUNT)

SCHEMAS: Final[dict[str, Schema]] = {
    "Problem": {"description": "RFC 9457"}
    | _object(
        type=_URL,
        title=TEXT | {"description": "name of the status"},
        status={"type": "integer", "minimum": 400, "maximum": 599},
        detail=TEXT | {"description": "a sentence for a person"},
        reason={"type": "string", "pattern": "^[a-z_]+$", "description": "a stable word for programs"},
    ),
    "Health": _object(name={"const": "photopipe-gallery"}, protocol={"const": 1}, photos=_COUNT),
    "Upload": _object(
        {
            "sha256": _or_empty(CHECKSUM, "hash of the bytes"),
            "original_name": TEXT | {"description": "what the photo was called before"},
            "taken_at": _or_empty(_TIME, "capture time, with a zone only if it is known", _LOCAL_TIME),
            "modified_at": _or_empty(_TIME, "when the source file was last changed"),
            "source_sha256": TEXT | {"description": "hash of the file that the photo was made from"},
            "album": TEXT | {"description": "name of an album that the photo is put into"},
        },
        file={"type": "string", "contentMediaType": "application/octet-stream", "description": "the bytes"},
    ),
    "Uploaded": _object(id=ID, url=_URL, sha256=HASH, duplicate={"type": "boolean"}),
    "Photo": _object(
        id=ID,
        url=_or_null(_URL, "null while it is in the trash"),
        sha256=HASH,
        idempotency_key=_or_null(TEXT, "the one that was asked for, if it identifies this photo"),
        taken_at=_or_null(TEXT, "as the sender wrote it"),
        file_name=TEXT,
        size=_COUNT | {"description": "bytes"},
        width=_or_null(NUMBER, "pixels; null if the header cannot be read"),
        height=_or_null(NUMBER, "pixels"),
        albums=_array(_ALBUM_OF_PHOTO),
        deleted_at=_or_null(_TIME, "since when it is in the trash"),
    ),
    "Photos": _object(
        {"next": _or_null(ID, "the `after` of the next page; null on the last one; absent for a key or a hash")},
        photos=_array(ref("Photo")),
    ),
    "Albums": _object(
        albums=_array(_object(id=NUMBER, name=TEXT, photos=NUMBER, cover_id=ID, first_day=DAY, last_day=DAY))
    ),
    "Days": _object(
        photos=_COUNT,
        days=_array(
            {
                "type": "array",  # `prefixItems` would say more; checkers of answers do not all know it
                "items": {"type": ["string", "number"]},
                "minItems": 3,
                "maxItems": 3,
                "description": "day, number of photos, sum of their width/height ratios",
            }
        ),
    ),
    "Day": _object(photos=_array(ref("Tile"), maxItems=100), next=_or_null(_URL, "address of the next page")),
    "Tile": _object(
        {
            "thumbnails": _array(_WIDTH, description="for the grid, smallest first"),
            "sources": _array(_WIDTH, description="for the whole screen, smallest first"),
            "title": TEXT,
            "caption": TEXT,
            "keywords": _array(TEXT),
            "camera": TEXT,
            "lens": TEXT,
            "exposure": TEXT,
            "albums": _array(_ALBUM_OF_PHOTO),
            "original": _object(name=TEXT, url=_URL, bytes=_COUNT),
        },
        id=ID,
        name=TEXT,
        taken=TEXT | {"description": "wall clock, YYYY-MM-DDTHH:MM:SS"},
        alt=TEXT | {"description": "stands for the picture where it cannot be seen"},
        width=_COUNT,
        height=_COUNT,
        url=_URL,
        bytes=_COUNT,
    ),
}
