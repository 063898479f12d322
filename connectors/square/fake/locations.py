"""Locations of the simulated account."""

from __future__ import annotations

import copy
from typing import Any

from connectors.square.fake.core import API, MERCHANT, Core, Failure, bad, iso, missing
from hub.model.values import Doc


class Locations:
    """Listed alphabetically by name, inactive ones too. A location has neither a version nor a time of change."""

    def __init__(self, core: Core) -> None:
        self.core = core

    def create(self, fields: Doc, actor: str) -> Doc:
        """Open a location. Names are unique in an account."""
        self._check_name(fields.get("name"), None)
        doc: Doc = {"id": self.core.new_id("location", 13), "name": fields["name"], "status": "ACTIVE", "type": "PHYSICAL"}
        # the contract allows 25 characters at most here: no fraction digits
        doc |= {"created_at": iso(self.core.now())[:19] + "Z", "merchant_id": MERCHANT}
        doc |= {"country": self.core.country, "currency": self.core.currency, "language_code": "en-US", "timezone": "UTC"}
        doc |= {name: value for name, value in fields.items() if value is not None}
        self.core.state.locations[doc["id"]] = doc
        self._tell(doc, actor, "created")
        return doc

    def update(self, location_id: str, fields: Doc, actor: str) -> Doc:
        """Change what `fields` names; None removes."""
        doc = self.expect(location_id)
        if "name" in fields:
            self._check_name(fields["name"], location_id)
        doc |= fields
        for name in [name for name, value in doc.items() if value is None]:
            del doc[name]
        self._tell(doc, actor, "updated")
        return doc

    def expect(self, location_id: str) -> Doc:
        """Return the stored location. Raises Failure when there is none."""
        if location_id not in self.core.state.locations:
            raise missing("Location", location_id)
        return self.core.state.locations[location_id]

    def route(self, method: str, parts: list[str], body: Doc, _params: Doc) -> Doc:
        """Answer a request under /v2/locations."""
        match method, parts:
            case "GET", []:
                rows = sorted(self.core.state.locations.values(), key=lambda doc: (doc["name"], doc["id"]))
                return {"locations": copy.deepcopy(rows)} if rows else {}
            case "GET", [location_id]:
                return {"location": copy.deepcopy(self.expect(location_id))}
            case "POST", []:
                return {"location": copy.deepcopy(self.create(body.get("location") or {}, API))}
            case "PUT", [location_id]:
                return {"location": copy.deepcopy(self.update(location_id, body.get("location") or {}, API))}
            case _:
                raise Failure(404, "NOT_FOUND", "Resource not found.")

    def _check_name(self, name: Any, own_id: str | None) -> None:
        if not name:
            raise bad("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", "location.name")
        if any(doc["name"] == name and doc["id"] != own_id for doc in self.core.state.locations.values()):
            raise bad("INVALID_VALUE", "A location with this name exists.", "location.name")

    def _tell(self, doc: Doc, actor: str, action: str) -> None:
        self.core.account.note(actor, action, "location", doc["id"], **copy.deepcopy(doc))
        self.core.emit(f"location.{action}", {"type": "Location", "id": doc["id"]}, location_id=doc["id"])
