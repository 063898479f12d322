"""Zendesk's published contract, as a judge of every request and answer."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import Any, Final

import httpx
from jsonschema import Draft202012Validator

SHARED = Path(os.environ.get("SYNCLINE_SHARED") or Path(__file__).parents[4] / "shared")
FILE = SHARED / "specs" / "zendesk" / "support-openapi.json"
VECTORS = SHARED / "specs" / "webhook-signatures.json"
ABSENT = f"the vendor contracts are not here ({SHARED.name}/specs beside the repository, or SYNCLINE_SHARED)"

NULLABLE: Final = {
    "UserForAdmin": ("email", "last_login_at", "default_group_id"),
    "TicketObject": (
        "external_id",
        "type",
        "priority",
        "subject",
        "raw_subject",
        "recipient",
        "assignee_id",
        "organization_id",
        "group_id",
        "forum_topic_id",
        "problem_id",
        "satisfaction_rating",
    ),
    "TicketMetricObject": ("solved_at",),
}
"""Seen null in the vendor's own samples and clients where there is no value; the contract leaves that out."""
SIDELOADS: Final = {
    "identities": "UserIdentityObject",
    "organizations": "OrganizationObject",
    "users": "UserForAdmin",
    "metric_sets": "TicketMetricObject",
}
"""What `include` lays beside a list; the contract points to a page about it and has no place for it."""
EVERYWHERE: Final = frozenset({"include", "per_page", "page[size]", "page[after]"})
"""Parameters of sideloads and pages: the contract names them for some endpoints only and describes them in words for all."""


def _strict(schema: Any) -> Any:
    """Turn OpenAPI 3.0 into JSON Schema; a property the contract does not know is an error."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    out = {name: _strict(value) for name, value in schema.items() if name != "example"}
    if isinstance(out.get("properties"), dict) and out.get("type") == "object":
        out.setdefault("additionalProperties", False)
    return {"anyOf": [out, {"type": "null"}]} if out.get("nullable") is True else out


class Contract:
    """Checks one exchange against the operation it belongs to. `seen` collects the operations used."""

    def __init__(self, spec: Any) -> None:
        self.paths = spec["paths"]
        self.parameters = spec["components"]["parameters"]
        schemas = spec["components"]["schemas"]
        for name, fields in NULLABLE.items():
            for field in fields:
                schemas[name]["properties"][field]["nullable"] = True
        # a user is one of two shapes or anything at all; the hub asks as an admin, so it must be the one an admin sees
        schemas["UserObject"] = {"$ref": "#/components/schemas/UserForAdmin"}
        schemas["CurrentUserResponse"]["properties"]["user"] = {"$ref": "#/components/schemas/UserForAdmin"}
        # the contract lets a user's input be anything; here it is what a user has and is not read-only, and what a create takes
        own = {name: each for name, each in schemas["UserForAdmin"]["properties"].items() if not each.get("readOnly")}
        taken = own | schemas["UserCreateInput"]["properties"] | {"skip_verify_email": {"type": "boolean"}}
        schemas["UserInput"] = {"type": "object", "properties": taken}
        _amend_tickets(schemas)
        self.components = {"schemas": _strict(schemas)}
        self.seen: set[str] = set()

    def check(self, request: httpx.Request, response: httpx.Response) -> None:
        """Raise AssertionError where request or answer breaks the contract."""
        operation, shared = self._operation(request.method, request.url.path)
        self.seen.add(operation["operationId"])
        self._check(operation.get("requestBody"), request.content or b"null", f"request {operation['operationId']}")
        known = {self._resolve(each)["name"] for each in (*shared, *operation.get("parameters", []))} | EVERYWHERE
        assert set(request.url.params) <= known, f"unknown query parameters: {set(request.url.params) - known}"
        self.check_answer(operation, request, response)

    def check_answer(self, operation: Any, request: httpx.Request, response: httpx.Response) -> None:
        """Raise AssertionError where an answer breaks the contract. Errors of an account have no schema in it."""
        if response.status_code >= 400:
            return
        told = operation["responses"].get(str(response.status_code))
        assert told is not None, f"{operation['operationId']} does not answer {response.status_code}"
        body = response.json() if response.content else None
        for name in str(request.url.params.get("include") or "").split(","):
            for value in body.pop(name, []) if name in SIDELOADS else []:
                self.schema(SIDELOADS[name], value)
        if "page[size]" in request.url.params:
            assert set(body.pop("meta")) == {"has_more", "after_cursor", "before_cursor"}
            assert set(body.pop("links")) == {"next", "prev"}
        self._check(told if told.get("content") else None, json.dumps(body).encode(), f"answer {operation['operationId']}")

    def schema(self, name: str, value: Any) -> None:
        """Check a value against a schema by name."""
        self._validate({"$ref": f"#/components/schemas/{name}"}, value, name)

    def properties(self, name: str) -> list[str]:
        """Return the properties of a schema."""
        return list(self.components["schemas"][name]["properties"])

    def _resolve(self, parameter: Any) -> Any:
        return self.parameters[parameter["$ref"].rpartition("/")[2]] if "$ref" in parameter else parameter

    def _operation(self, method: str, path_given: str) -> tuple[Any, list[Any]]:
        given = path_given.removesuffix(".json").split("/")
        for path, methods in sorted(self.paths.items(), key=lambda row: row[0].count("{")):
            parts = path.split("/")
            fits = len(parts) == len(given) and all(a == b or a.startswith("{") for a, b in zip(parts, given, strict=True))
            if fits and method.lower() in methods:
                return methods[method.lower()], methods.get("parameters", [])
        raise AssertionError(f"the contract has no {method} {path_given}")

    def _check(self, place: Any, content: bytes, what: str) -> None:
        value = json.loads(content)
        if place is None:
            assert value is None, f"{what} has a body"
            return
        self._validate(place["content"]["application/json"]["schema"], value, what)

    def _validate(self, schema: Any, value: Any, what: str) -> None:
        errors = list(Draft202012Validator({**schema, "components": self.components}).iter_errors(value))
        told = [f"{what}: {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in errors]
        assert not told, told


def _amend_tickets(schemas: Any) -> None:
    """Say of tickets what the contract says in words, or elsewhere."""
    ticket = schemas["TicketObject"]["properties"]
    ticket["status"]["enum"].append("deleted")  # in exports (vendor's guide to incremental exports)
    ticket["custom_fields"]["items"]["properties"]["value"] = {}  # text, number, flag, list or null by the kind of field
    update = schemas["TicketUpdateInput"]["properties"]
    update["metadata"] = ticket["metadata"]  # a ticket's write-only property
    schemas["TicketCreateInput"] = {
        "type": "object",
        "properties": update | next(part["properties"] for part in schemas["TicketCreateInput"]["allOf"] if "properties" in part),
    }
    schemas["CustomFieldObject"] = {"type": "object", "properties": {"id": {"type": "integer"}, "value": {}}}


@functools.cache
def contract() -> Contract | None:
    """Return the contract; None where it is not here."""
    return Contract(json.loads(FILE.read_text("utf-8"))) if FILE.exists() else None
