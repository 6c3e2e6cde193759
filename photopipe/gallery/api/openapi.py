"""The API as an OpenAPI document, for clients and tools; `docs/gallery-protocol.md` says the same in sentences.

Source: OpenAPI Specification 3.1.
"""

from typing import Any, Final

from photopipe.gallery.api.openapi_schemas import CHECKSUM, DAY, ID, NUMBER, SCHEMAS, TEXT, ref

Description = dict[str, Any]

SESSION_COOKIE: Final = "photopipe_session"
_PROBLEMS: Final = {
    400: "the request is wrong; `reason` says where",
    401: "a token or a login is needed",
    403: "another web site made a browser send this, or whoever logged in may only look",
    404: "there is no such photo",
    413: "the body is too large, or none is taken here",
    415: "neither a picture nor a camera's RAW file",
    421: "the header `Host` names another server",
    429: "too many wrong tokens",
    500: "the folder or the index cannot be used",
    503: "busy; `Retry-After` says when to try again",
    507: "the disk is full",
}
_EVERYWHERE: Final = (421, 500, 503)
_GUARDED: Final = (401, 413, 429)
_CHANGING: Final = (403, 507)
_EMPTY_OR_DAY: Final = {"anyOf": [DAY, {"const": ""}]}


def openapi_document() -> Description:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "photopipe gallery",
            "version": "1",
            "description": "Rules and examples are in docs/gallery-protocol.md of photopipe.",
        },
        "security": [{}, {"token": []}, {"session": []}],
        "paths": {
            "/api/health": {"get": _get("Whether the gallery is there", "Health", 500) | {"security": []}},
            "/api/openapi.json": {"get": _operation("This document", {200: _json({"type": "object"})})},
            "/api/photos": {"post": _upload(), "get": _list()},
            "/api/photos/{id}": {
                "parameters": [_in_path("id", ID)],
                "get": _get("One photo", "Photo", 404),
                "delete": _operation("Move a photo to the trash", {204: {"description": "done"}}, 404, *_CHANGING),
            },
            "/api/photos/{id}/restore": {
                "parameters": [_in_path("id", ID)],
                "post": _operation("Take a photo out of the trash", {200: _json(ref("Photo"))}, 404, *_CHANGING),
            },
            "/api/photos/by-checksum/{sha256}": {
                "parameters": [_in_path("sha256", CHECKSUM)],
                "get": _get("The photo with these bytes", "Photo", 404),
            },
            "/api/albums": {"get": _get("Every album with photos", "Albums")},
            "/api/days": {
                "parameters": _filters(),
                "get": _revalidated(_get("Every day with photos, newest first", "Days", 400)),
            },
            "/api/days/{day}": {
                "parameters": [_in_path("day", DAY), *_filters(), _query("after", NUMBER, "id of the photo before")],
                "get": _revalidated(_get("The photos of a day, newest first", "Day", 400)),
            },
            "/api/events": {"get": _operation("Hear of changes, as server-sent events", {200: _events()})},
        },
        "components": {
            "schemas": SCHEMAS,
            "responses": {str(status): _problem(description) for status, description in _PROBLEMS.items()},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": SESSION_COOKIE},
            },
        },
    }


def _operation(summary: str, answers: dict[int, Description], *problems: int) -> Description:
    statuses = sorted({*problems, *_EVERYWHERE, *_GUARDED})
    responses = {str(status): answer for status, answer in answers.items()}
    responses |= {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}
    return {"summary": summary, "responses": responses}


def _get(summary: str, schema: str, *problems: int) -> Description:
    return _operation(summary, {200: _json(ref(schema))}, *problems)


def _upload() -> Description:
    created = _json(ref("Uploaded"), "stored")
    created["headers"] = {"Location": {"required": True, "description": "where the photo is", "schema": TEXT}}
    answers = {200: _json(ref("Uploaded"), "the gallery had the photo already"), 201: created}
    key = {"type": "string", "pattern": "^[!-~]{1,200}$"}
    form = {"schema": ref("Upload"), "encoding": {"file": {"contentType": "image/*, application/octet-stream"}}}
    return _operation("Store a photo, once", answers, 400, 415, *_CHANGING) | {
        "parameters": [{"name": "Idempotency-Key", "in": "header", "description": "names this upload", "schema": key}],
        "requestBody": {"required": True, "content": {"multipart/form-data": form}},
    }


def _list() -> Description:
    return _get("Photos by key or hash, or a page of all, newest first", "Photos", 400) | {
        "parameters": [
            _query("idempotency_key", TEXT, "the photo that this key identifies"),
            _query("sha256", TEXT, "the photo with these bytes"),
            *_filters(),
            _query("deleted", {"enum": ["true", "false"]}, "true for those in the trash"),
            _query("limit", NUMBER | {"default": 100}, "more than 1000 count as 1000"),
            _query("after", NUMBER, "`next` of the page before"),
        ]
    }


def _filters() -> list[Description]:
    return [
        _query("q", TEXT, "words in captions, keywords, cameras, names and albums"),
        _query("from", _EMPTY_OR_DAY, "first day"),
        _query("to", _EMPTY_OR_DAY, "last day"),
        _query("album", NUMBER, "id of an album"),
    ]


def _query(name: str, schema: Description, description: str) -> Description:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _in_path(name: str, schema: Description) -> Description:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _json(schema: Description, description: str = "found") -> Description:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _revalidated(operation: Description) -> Description:
    """An operation whose answer a client may keep, if it asks each time whether it is still right."""
    operation["responses"]["200"]["headers"] = {"ETag": {"required": True, "schema": TEXT}}
    operation["responses"]["304"] = {"description": "unchanged since the answer with the ETag in `If-None-Match`"}
    return operation


def _events() -> Description:
    example = 'event: photos\ndata: {"photos": 12}\n\n'
    content = {"text/event-stream": {"schema": TEXT, "example": example}}
    return {"description": "an event `photos` now and whenever photos come or go", "content": content}


def _problem(description: str) -> Description:
    return {"description": description, "content": {"application/problem+json": {"schema": ref("Problem")}}}
