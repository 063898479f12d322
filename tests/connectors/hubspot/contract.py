"""HubSpot's published contracts, as a judge of every request and answer."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
from jsonschema import Draft202012Validator

SHARED = Path(os.environ.get("SYNCLINE_SHARED") or Path(__file__).parents[4] / "shared")
FOLDER = SHARED / "specs" / "hubspot"
VECTORS = SHARED / "specs" / "webhook-signatures.json"
FILES = ("contacts", "companies", "deals", "tickets", "orders", "properties", "pipelines", "associations-v4", "webhooks")
ABSENT = f"the vendor contracts are not here ({SHARED.name}/specs beside the repository, or SYNCLINE_SHARED)"
NOT_HAD = {
    # From the vendor's public API specs, account-info v3; of its answer only what the connector reads.
    "/account-info/v3/details": {
        "get": {
            "operationId": "account-info",
            "responses": {"200": {"content": {"application/json": {"schema": {"required": ["portalId", "uiDomain"]}}}}},
        }
    }
}


def _strict(schema: Any) -> Any:
    """Return a schema in which a property that the contract does not know is an error."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    out = {name: _strict(value) for name, value in schema.items() if name != "example"}
    if out.get("properties") and out.get("type") == "object":
        out.setdefault("additionalProperties", False)
    return out


def _nullable(schemas: Any) -> Any:
    """A property without a value "will be returned as null", though the contract says text.

    Source: the vendor's guide to deals, as quoted in MervinPraison/PraisonAI-Tools#97.
    """
    for name, schema in schemas.items():
        if name.startswith("Simple") and "createdAt" in schema.get("properties", {}):
            schema["properties"]["properties"]["additionalProperties"] = {"type": ["string", "null"]}
        if name == "Error":  # every recorded error has it, such as that of HubSpot/hubspot-api-nodejs#545
            schema["properties"]["status"] = {"const": "error"}
        if name == "AssociationSpecWithLabel":
            schema["properties"]["label"] = {"type": ["string", "null"]}
    return schemas


class Contract:
    """Checks one exchange against the operation it belongs to. `seen` collects the operations used."""

    def __init__(self, specs: list[Any]) -> None:
        self.paths: list[tuple[str, Any, Any]] = [(path, methods, {}) for path, methods in NOT_HAD.items()]
        for spec in specs:
            components = _strict(spec["components"])
            _nullable(components["schemas"])
            self.paths += [(path, methods, components) for path, methods in spec["paths"].items()]
        self.paths.sort(key=lambda row: row[0].count("{"))
        self.seen: set[str] = set()

    def check(self, request: httpx.Request, response: httpx.Response) -> None:
        """Raise AssertionError where request or answer breaks the contract."""
        operation, components = self._operation(request.method, request.url.path)
        self.seen.add(operation["operationId"])
        what = f"{request.method} {request.url.path}"
        body = operation.get("requestBody")
        if body is None:
            assert not request.content, f"{what} has a body"
        else:
            self._validate(_schema(body), json.loads(request.content), f"request {what}", components)
        known = {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}
        assert set(request.url.params) <= known, f"{what}: unknown query parameters: {set(request.url.params) - known}"
        self.check_answer(request.method, request.url.path, response)

    def check_answer(self, method: str, path: str, response: httpx.Response) -> None:
        """Raise AssertionError where an answer breaks the contract."""
        operation, components = self._operation(method, path)
        if response.status_code in (401, 429):
            return  # the limiter in front of the API answers in a shape of its own
        place = operation["responses"].get(str(response.status_code), operation["responses"].get("default"))
        assert place is not None, f"{method} {path} answers {response.status_code}, which the contract does not know"
        if "$ref" in place:
            place = components["responses"][place["$ref"].rpartition("/")[2]]
        if not place.get("content"):
            assert not response.content, f"{method} {path} answers with a body"
            return
        self._validate(_schema(place), response.json(), f"answer {method} {path}", components)

    def _operation(self, method: str, given: str) -> tuple[Any, Any]:
        # Notes have a contract of their own, which is not among these files; its shapes are those of tickets.
        wanted = unquote(given).replace("/notes", "/tickets").split("/")
        for path, methods, components in self.paths:
            parts = path.split("/")
            fits = len(parts) == len(wanted) and all(a == b or a.startswith("{") for a, b in zip(parts, wanted, strict=True))
            if fits and method.lower() in methods:
                return methods[method.lower()], components
        raise AssertionError(f"no contract has {method} {given}")

    def _validate(self, schema: Any, value: Any, what: str, components: Any) -> None:
        errors = list(Draft202012Validator({**schema, "components": components}).iter_errors(value))
        told = [f"{what}: {'/'.join(map(str, error.absolute_path))}: {error.message[:300]}" for error in errors]
        assert not told, told


def _schema(place: Any) -> Any:
    return next(iter(place["content"].values()))["schema"]


@functools.cache
def contract() -> Contract | None:
    """Return the contracts; None where they are not here."""
    files = [FOLDER / f"{name}.json" for name in FILES]
    return Contract([json.loads(file.read_text("utf-8")) for file in files]) if all(file.exists() for file in files) else None
