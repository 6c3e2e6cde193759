"""Rule 34 of the protocol: the OpenAPI document says what the API does, and the API does what it says."""

import hashlib
import io
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from gallery.running_gallery import jpeg
from hypothesis import HealthCheck, Phase, given, settings
from jsonschema import Draft202012Validator, ValidationError
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup

from photopipe.gallery.access.access_file import AccessFile
from photopipe.gallery.access.access_policy import AccessPolicy
from photopipe.gallery.access.asked import SESSION_COOKIE
from photopipe.gallery.access.own_site import OwnSite
from photopipe.gallery.api import openapi
from photopipe.gallery.api.event_stream import EventStream
from photopipe.gallery.server.app import create_app
from photopipe.gallery.store.store import PhotoStore
from photopipe.gallery.store.upload import Upload
from photopipe.gallery.thumbnails.thumbnails import Thumbnails

DOCUMENT = "/api/openapi.json"
SEEDED = 6


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """The application over a real store that has a few photos, one of them in the trash."""
    folder = str(tmp_path / "gallery")
    with PhotoStore(folder) as store, Thumbnails(folder) as thumbnails:
        for number in range(SEEDED):
            upload = Upload(f"k{number}", None, f"{number}.jpg", "", f"2025-10-0{number + 1}T10:00:00", album="Norway")
            store.add(upload, io.BytesIO(jpeg(str(number))))
        store.trash(1)
        access = AccessPolicy(OwnSite(), AccessFile(folder), is_local=True)
        yield create_app(store, thumbnails, EventStream(folder), access=access, public_url="http://localhost")


def closed(schema: Any) -> Any:
    """The same schema, but an object may have no member that it does not name."""
    if isinstance(schema, dict):
        more = {"additionalProperties": False} if "properties" in schema else {}
        return {name: closed(value) for name, value in schema.items()} | more
    return [closed(value) for value in schema] if isinstance(schema, list) else schema


def make_consistent(case: Any) -> None:
    """What no schema can say: the bytes are a picture and have that hash, the time exists, ids are those of photos."""
    if isinstance(case.body, dict):
        case.body["file"] = jpeg(str(case.body["file"]))
        if case.body.get("sha256"):
            case.body["sha256"] = hashlib.sha256(case.body["file"]).hexdigest()
        if case.body.get("taken_at"):
            case.body["taken_at"] = "2025-10-03T12:33:10"
    if "q" not in (case.query or {}):  # otherwise hardly any question would have an answer
        case.query = {}
    if "id" in (case.path_parameters or {}):
        case.path_parameters["id"] = str(int(case.path_parameters["id"]) % SEEDED + 1)


def check_with(operation: Any, mode: GenerationMode, examples: int, document: dict[str, Any]) -> None:
    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    )
    def check(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:
            make_consistent(case)
        answer = case.call_and_validate(headers={"Accept-Encoding": "identity"})  # its WSGI client unpacks nothing
        if answer.status_code == 200 and answer.headers["content-type"][0].startswith("application/json"):
            described = document["paths"][operation.path][operation.method]["responses"]["200"]
            check_members(answer.json(), described["content"]["application/json"]["schema"], document)

    check()


def check_members(content: object, schema: dict[str, Any], document: dict[str, Any]) -> None:
    """Everything that is answered has to be in the document."""
    schemas = {name: closed(described) for name, described in document["components"]["schemas"].items()}
    Draft202012Validator(schema | {"components": {"schemas": schemas}}).validate(content)


def has_input(operation: Any) -> bool:
    """Without any, nothing can be wrong with a request."""
    return bool(operation.query or operation.path_parameters or operation.headers or operation.body)


def check_everything(app: Flask, examples: int, only: str = "") -> None:
    document = app.test_client().get(DOCUMENT).get_json()
    schema = schemathesis.openapi.from_dict(document)
    schema.app = app
    labels = set()
    for found in list[Any](schema.get_all_operations()):
        operation: Any = found.ok()
        labels.add(operation.label)
        if only and operation.label != only:
            continue
        check_with(operation, GenerationMode.POSITIVE, examples, document)
        if has_input(operation):
            check_with(operation, GenerationMode.NEGATIVE, examples, document)
    assert "POST /api/photos" in labels


def test_rule_34_the_api_keeps_to_its_document(app: Flask) -> None:
    check_everything(app, examples=8)


@pytest.mark.campaign
def test_rule_34_the_api_keeps_to_its_document_however_it_is_asked(app: Flask) -> None:
    check_everything(app, examples=int(os.environ.get("PHOTOPIPE_TEST_API_EXAMPLES", "400")))


def test_rule_34_every_route_is_in_the_document(app: Flask) -> None:
    documented = {
        (re.sub(r"{\w+}", "*", path), method.upper())
        for path, operations in openapi.openapi_document()["paths"].items()
        for method in operations
        if method != "parameters"
    }
    routed = {
        (re.sub(r"<[^>]+>", "*", rule.rule), method)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api")
    }
    assert documented == routed


def test_rule_34_the_session_cookie_is_the_one_that_is_set() -> None:
    assert openapi.SESSION_COOKIE == SESSION_COOKIE


@pytest.mark.parametrize(
    ("operation", "spoil"),
    [
        ("GET /api/photos", lambda document: document["components"]["schemas"]["Photo"]["properties"].pop("size")),
        ("GET /api/days", lambda document: document["paths"]["/api/days"]["get"]["responses"].pop("400")),
        ("POST /api/photos", lambda document: document["paths"]["/api/photos"]["post"]["responses"].pop("201")),
    ],
    ids=["member", "refusal", "status"],
)
def test_a_document_that_says_less_than_the_api_does_is_found_out(
    app: Flask, monkeypatch: pytest.MonkeyPatch, operation: str, spoil: Callable[[dict[str, Any]], object]
) -> None:
    document = app.test_client().get(DOCUMENT).get_json()
    spoil(document)
    monkeypatch.setattr("photopipe.gallery.api.openapi.openapi_document", lambda: document)
    with pytest.raises((ValidationError, FailureGroup), match=r"Undocumented status code|Additional properties"):
        check_everything(app, examples=10, only=operation)
