"""Associations between CRM objects of the simulated account (API v4)."""

from __future__ import annotations

from typing import Final

from connectors.hubspot.fake.core import API, Core, Failure, iso, missing
from connectors.hubspot.fake.objects import Objects
from hub.model.values import Doc

PRIMARY: Final = {("contacts", "companies"): 1, ("0-3", "companies"): 5, ("tickets", "companies"): 26}
UNLABELED: Final = {
    ("contacts", "companies"): 279,
    ("companies", "contacts"): 280,
    ("0-3", "contacts"): 3,
    ("contacts", "0-3"): 4,
    ("tickets", "contacts"): 16,
    ("contacts", "tickets"): 15,
}
MOST_AT_ONCE: Final = 500
"""How many associations of one record a page holds."""


class Links:
    """Which record belongs to which."""

    def __init__(self, core: Core, objects: Objects) -> None:
        self.core = core
        self.objects = objects

    def add(self, path: str, record_id: str, other: str, other_id: str, actor: str, *, primary: bool = False) -> None:
        """Associate two records, both ways; a new primary one takes the place of the old."""
        self.objects.expect(path, record_id)
        self.objects.expect(other, other_id)
        rows = self.core.state.links.setdefault((path, record_id, other), [])
        if primary:
            for row in rows:
                row["types"] = [one for one in row["types"] if one["label"] != "Primary"]
        if other_id not in [row["id"] for row in rows]:
            rows.append({"id": other_id, "types": [_spec(UNLABELED.get((path, other), 449), None)]})
            back = self.core.state.links.setdefault((other, other_id, path), [])
            back.append({"id": record_id, "types": [_spec(UNLABELED.get((other, path), 449), None)]})
        row = next(row for row in rows if row["id"] == other_id)
        if primary and (path, other) in PRIMARY:
            row["types"].append(_spec(PRIMARY[path, other], "Primary"))
            self._touch(path, record_id, other_id, actor)
        self.core.account.note(actor, "associated", path, record_id, other=other, other_id=other_id)
        more = {"fromObjectId": int(record_id), "toObjectId": int(other_id), "associationRemoved": False}
        self.core.emit(path, "associationChange", record_id, actor, associationType=f"{path}_TO_{other}".upper(), **more)

    def _touch(self, path: str, record_id: str, other_id: str, actor: str) -> None:
        if path == "contacts":
            self.objects.set(self.objects.expect(path, record_id), {"associatedcompanyid": other_id}, actor)

    def route(self, method: str, parts: list[str], body: Doc) -> tuple[int, Doc | None]:
        """Answer a request under /crm/v4."""
        match method, parts:
            case "POST", ["associations", path, other, "batch", "read"]:
                return self._read(path, other, body)
            case "PUT", ["objects", path, record_id, "associations", "default", other, other_id]:
                return 200, self._default(path, record_id, other, other_id)
            case "DELETE", ["objects", path, record_id, "associations", other, other_id]:
                self.remove(path, record_id, other, other_id, API)
                return 204, None
            case _:
                raise missing()

    def remove(self, path: str, record_id: str, other: str, other_id: str, actor: str) -> None:
        """Take an association away, both ways; nothing happens where there is none."""
        for key, gone in (((path, record_id, other), other_id), ((other, other_id, path), record_id)):
            rows = self.core.state.links.get(key, [])
            rows[:] = [row for row in rows if row["id"] != gone]
        self.core.account.note(actor, "parted", path, record_id, other=other, other_id=other_id)

    def _default(self, path: str, record_id: str, other: str, other_id: str) -> Doc:
        self.add(path, record_id, other, other_id, API)
        spec = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": UNLABELED.get((path, other), 449)}
        now = iso(self.core.now())
        row = {"from": {"id": record_id}, "to": {"id": other_id}, "associationSpec": spec}
        return {"status": "COMPLETE", "results": [row], "startedAt": now, "completedAt": now}

    def _read(self, path: str, other: str, body: Doc) -> tuple[int, Doc]:
        rows: list[Doc] = []
        errors: list[Doc] = []
        for one in body["inputs"]:
            linked = self._live(path, str(one["id"]), other)
            start = int(one.get("after") or 0)
            if not linked:
                failure = Failure(404, "OBJECT_NOT_FOUND", f"No {other} is associated with {path} {one['id']}.")
                failure.more = {"context": {"fromObjectId": [str(one["id"])]}}
                errors.append(failure.in_batch())
                continue
            shown = [{"toObjectId": row["id"], "associationTypes": row["types"]} for row in linked[start : start + MOST_AT_ONCE]]
            row: Doc = {"from": {"id": str(one["id"])}, "to": shown}
            if start + MOST_AT_ONCE < len(linked):
                row["paging"] = {"next": {"after": str(start + MOST_AT_ONCE)}}
            rows.append(row)
        now = iso(self.core.now())
        answer: Doc = {"status": "COMPLETE", "results": rows, "startedAt": now, "completedAt": now}
        return (207, answer | {"numErrors": len(errors), "errors": errors}) if errors else (200, answer)

    def _live(self, path: str, record_id: str, other: str) -> list[Doc]:
        rows = self.core.state.links.get((path, record_id, other), [])
        return [row for row in rows if self.objects.live(other, row["id"]) is not None]


def _spec(number: int, label: str | None) -> Doc:
    return {"category": "HUBSPOT_DEFINED", "typeId": number, "label": label}
