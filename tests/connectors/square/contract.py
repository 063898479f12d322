"""Square's published contract, as a judge of every request and answer."""

from __future__ import annotations

import functools
import json
import os
from pathlib import Path
from typing import Any

import httpx
from jsonschema import Draft202012Validator

SHARED = Path(os.environ.get("SYNCLINE_SHARED") or Path(__file__).parents[4] / "shared")
FILE = SHARED / "specs" / "square" / "openapi-2025-08-20.json"
EVENTS = SHARED / "specs" / "square" / "webhook-events.json"
VECTORS = SHARED / "specs" / "webhook-signatures.json"
ABSENT = f"the vendor contracts are not here ({SHARED.name}/specs beside the repository, or SYNCLINE_SHARED)"


def _strict(schema: Any) -> Any:
    """Turn OpenAPI 3.0 into JSON Schema; a property the contract does not know is an error."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    out = {name: _strict(value) for name, value in schema.items() if name != "example"}
    if isinstance(out.get("properties"), dict) and out.get("type") == "object" and "(trimmed)" not in str(out.get("description")):
        out.setdefault("additionalProperties", False)
    return {"anyOf": [out, {"type": "null"}]} if out.get("nullable") is True else out


class Contract:
    """Checks one exchange against the operation it belongs to. `seen` collects the operations used."""

    def __init__(self, spec: Any) -> None:
        self.paths = spec["paths"]
        self.components = _strict(spec["components"])
        # The contract names this code for other endpoints and leaves it out of its own list (payments, `x-endpoint-errors`).
        self.components["schemas"]["ErrorCode"]["enum"].append("VERSION_MISMATCH")
        self.seen: set[str] = set()

    def check(self, request: httpx.Request, response: httpx.Response) -> None:
        """Raise AssertionError where request or answer breaks the contract."""
        operation = self._operation(request.method, request.url.path)
        self.seen.add(operation["operationId"])
        self._check(operation.get("requestBody"), request.content or b"null", f"request {operation['operationId']}")
        known = {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}
        assert set(request.url.params) <= known, f"unknown query parameters: {set(request.url.params) - known}"
        self.check_answer(request.method, request.url.path, response)

    def check_answer(self, method: str, path: str, response: httpx.Response) -> None:
        """Raise AssertionError where an answer breaks the contract."""
        operation = self._operation(method, path)
        self._check(operation["responses"]["200"], response.content, f"answer {operation['operationId']}")

    def schema(self, name: str, value: Any) -> None:
        """Check a value against a schema by name."""
        self._validate({"$ref": f"#/components/schemas/{name}"}, value, name)

    def _operation(self, method: str, path_given: str) -> Any:
        given = path_given.split("/")
        for path, methods in sorted(self.paths.items(), key=lambda row: row[0].count("{")):
            parts = path.split("/")
            fits = len(parts) == len(given) and all(a == b or a.startswith("{") for a, b in zip(parts, given, strict=True))
            if fits and method.lower() in methods:
                return methods[method.lower()]
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


@functools.cache
def contract() -> Contract | None:
    """Return the contract; None where it is not here."""
    return Contract(json.loads(FILE.read_text("utf-8"))) if FILE.exists() else None
