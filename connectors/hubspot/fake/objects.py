"""CRM objects of the simulated account: one behaviour for every kind.

List by id, read by id or unique value, create, upsert, update, archive, merge, and associations. Every property keeps the
history of its values. Answers of writes hold what was written and little more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from connectors.hubspot.fake.core import API, HISTORY, Core, Failure, Record, invalid, iso, missing, number_of
from connectors.hubspot.fake.definitions import SHOWN, TOP, Definitions
from connectors.hubspot.fake.search import Search
from hub.model.values import Doc

MOST: Final = 100
MOST_WITH_HISTORY: Final = 50


class Objects:
    """All CRM objects of the account."""

    def __init__(self, core: Core, definitions: Definitions, search_lag_s: float, search_most: int) -> None:
        self.core = core
        self.definitions = definitions
        self.searching = Search(core, definitions, search_lag_s, search_most)
        self._said: set[str] = set()
        """Every value that any property ever had, so that looking for one that is taken need not go through all records."""

    def records(self, path: str) -> dict[str, Record]:
        """Return the records of a kind, archived ones too."""
        self.definitions.of(path)
        return self.core.state.records.setdefault(path, {})

    def live(self, path: str, record_id: str) -> Record | None:
        """Return a record that is not archived; one that was merged answers as the one it went into."""
        record = self.records(path).get(self.core.state.merged.get(record_id, record_id))
        return record if record is not None and record.archived_at is None else None

    def expect(self, path: str, record_id: str) -> Record:
        """Return a live record. Raises Failure 404."""
        record = self.live(path, record_id)
        if record is None:
            raise missing()
        return record

    # ---- changes

    def create(self, path: str, values: Doc, actor: str) -> Record:
        """Make a record. Raises Failure where a value is not valid or must be unique and is taken."""
        kept = {name: value for name, value in self.definitions.check(path, values).items() if value}
        self._unique(path, kept, None)
        now = self.core.now()
        record = Record(str(self.core.draw("object", 501)), path, now, now)
        self.records(path)[record.id] = record
        self._set(record, {"hs_object_id": record.id}, actor)
        self.core.emit(path, "creation", record.id, actor, changeFlag="NEW")
        self._apply(record, kept, actor, "created")
        return record

    def update(self, path: str, record_id: str, values: Doc, actor: str) -> Record:
        """Change what `values` name; "" takes a value away. The same value again changes nothing."""
        record = self.expect(path, record_id)
        kept = self.definitions.check(path, values)
        self._unique(path, kept, record.id)
        return self.set(record, kept, actor)

    def set(self, record: Record, values: dict[str, str], actor: str) -> Record:
        """Change values without any check: also those that HubSpot sets itself."""
        now = record.values()
        changed = {name: value for name, value in values.items() if now.get(name, "") != value}
        if changed:
            self._apply(record, changed, actor, "updated")
        return record

    def archive(self, path: str, record_id: str, actor: str) -> None:
        """Delete a record; nothing happens where there is none."""
        record = self.live(path, record_id)
        if record is None:
            return
        record.archived_at = self.core.now()
        record.seen.append((self.core.now(), None))
        self.core.account.note(actor, "archived", path, record.id)
        self.core.emit(path, "deletion", record.id, actor, changeFlag="DELETED")

    def restore(self, path: str, record_id: str, actor: str) -> None:
        """Take a deletion back."""
        record = self.records(path)[record_id]
        record.archived_at = None
        record.updated_at = self.core.now()
        record.seen.append((self.core.now(), self._visible(record)))
        self.core.account.note(actor, "restored", path, record.id)
        self.core.emit(path, "restore", record.id, actor)

    def merge(self, path: str, primary_id: str, other_id: str, actor: str) -> Record:
        """Merge two records into a new one, which has the primary's values and what only the other had."""
        primary, other = self.expect(path, primary_id), self.expect(path, other_id)
        values = {**other.values(), **primary.values()}
        emails = [one.values().get("email") for one in (primary, other)]
        now = self.core.now()
        for one in (primary, other):
            one.archived_at = now
            one.seen.append((now, None))
        record = Record(str(self.core.draw("object", 501)), path, now, now)
        self.records(path)[record.id] = record
        for old in (primary.id, other.id):
            self.core.state.merged |= {each: record.id for each, into in self.core.state.merged.items() if into == old}
            self.core.state.merged[old] = record.id
        extra = {"hs_additional_emails": emails[1]} if path == "contacts" and all(emails) and emails[1] else {}
        self._set(record, {**values, **extra, "hs_object_id": record.id}, actor)
        record.seen.append((now, self._visible(record)))
        self.core.account.note(actor, "merged", path, record.id, primary=primary.id, other=other.id, **record.values())
        more = {"primaryObjectId": int(primary.id), "mergedObjectIds": [int(other.id)], "newObjectId": int(record.id)}
        self.core.emit(path, "merge", record.id, actor, numberOfPropertiesMoved=len(values), **more)
        return record

    def _apply(self, record: Record, values: dict[str, str], actor: str, action: str) -> None:
        record.updated_at = self.core.now()
        self._set(record, values, actor)
        record.seen.append((self.core.now(), self._visible(record)))
        self.core.account.note(actor, action, record.path, record.id, **values)
        for name, value in values.items():
            self.core.emit(record.path, "propertyChange", record.id, actor, propertyName=name, propertyValue=value)

    def _set(self, record: Record, values: dict[str, str], actor: str) -> None:
        at, source = iso(self.core.now()), "INTEGRATION" if actor == API else "CRM_UI"
        for name, value in values.items():
            entries = record.history.setdefault(name, [])
            self._said.update((value, *value.split(";")))
            entries.insert(0, {"value": value, "timestamp": at, "sourceType": source})
            del entries[HISTORY:]

    def _visible(self, record: Record) -> dict[str, str]:
        return record.values() | self._set_by_hubspot(record)

    def _set_by_hubspot(self, record: Record) -> dict[str, str]:
        known = self.definitions.of(record.path)
        times = {"createdAt": iso(record.created_at), "updatedAt": iso(record.updated_at)}
        return {name: times[top] for top, names in TOP.items() for name in names if name in known}

    def _unique(self, path: str, values: dict[str, str], own_id: str | None) -> None:
        unique = [name for name in values if values[name] and self.definitions.of(path)[name]["hasUniqueValue"]]
        email = values.get("email") if path == "contacts" else None
        if self._said.isdisjoint([values[name] for name in unique] + ([email] if email else [])):
            return
        for record in self.records(path).values():
            if record.archived_at is not None or record.id == own_id:
                continue
            if email and (record.value("email") == email or email in (record.value("hs_additional_emails") or "").split(";")):
                raise Failure(409, "CONFLICT", f"Contact already exists. Existing ID: {record.id}")
            for name in unique:
                if record.value(name) == values[name]:
                    error = {"message": f"{record.id} already has that value.", "context": {"propertyName": [name]}}
                    raise invalid(f"Cannot set PropertyValueCoordinates. {record.id} already has that value.", error)

    # ---- requests

    def route(self, method: str, path: str, parts: list[str], body: Doc, params: dict[str, str]) -> tuple[int, Doc | None]:
        """Answer a request under /crm/v3/objects/{path}."""
        match method, parts:
            case "GET", []:
                return 200, self._list(path, params)
            case "POST", []:
                return 201, self.shown(self.create(path, body["properties"], API), body["properties"])
            case "POST", ["search"]:
                return 200, self.searching.answer(path, body)
            case "POST", ["batch", verb]:
                return self._route_batch(path, verb, body)
            case _, [record_id]:
                return self._route_one(method, path, record_id, body, params)
            case _:
                raise missing()

    def _route_batch(self, path: str, verb: str, body: Doc) -> tuple[int, Doc | None]:
        match verb:
            case "read":
                return self._read_batch(path, body)
            case "upsert":
                return 200, self._batch([self._upsert(path, one) for one in body["inputs"]])
            case _:
                raise missing()

    def _route_one(self, method: str, path: str, record_id: str, body: Doc, params: dict[str, str]) -> tuple[int, Doc | None]:
        match method:
            case "GET":
                return 200, self.shown(self.expect(path, record_id), _names(params, "properties"))
            case "PATCH":
                return 200, self.shown(self.update(path, record_id, body["properties"], API), body["properties"])
            case "DELETE":
                self.archive(path, record_id, API)
                return 204, None
            case _:
                raise missing()

    def shown(self, record: Record, names: Iterable[str], histories: Iterable[str] = ()) -> Doc:
        """Return a record as an answer shows it: these properties and a few that are always there."""
        values = record.values() | self._set_by_hubspot(record)
        known = self.definitions.of(record.path)
        wanted = list(dict.fromkeys([*(names or SHOWN.get(record.path, ())), "hs_object_id"]))
        out: Doc = {"id": record.id, "createdAt": iso(record.created_at), "updatedAt": iso(record.updated_at)}
        out |= {"archived": record.archived_at is not None, "properties": {n: values.get(n) for n in wanted if n in known}}
        if record.archived_at is not None:
            out["archivedAt"] = iso(record.archived_at)
        if histories:
            out["propertiesWithHistory"] = {name: record.history[name] for name in histories if name in record.history}
        return out

    def _list(self, path: str, params: dict[str, str]) -> Doc:
        histories = _names(params, "propertiesWithHistory")
        limit = number_of(params, "limit", 10, MOST_WITH_HISTORY if histories else MOST)
        archived = params.get("archived") == "true"
        merged = self.core.state.merged
        rows = [r for r in self.records(path).values() if (r.archived_at is not None) == archived and r.id not in merged]
        after = int(params.get("after", "0"))
        left = sorted((r for r in rows if int(r.id) > after), key=lambda r: int(r.id))
        page = left[:limit]
        answer: Doc = {"results": [self.shown(r, _names(params, "properties"), histories) for r in page]}
        if len(left) > limit:
            answer["paging"] = {"next": {"after": page[-1].id, "link": f"?after={page[-1].id}"}}
        return answer

    def _read_batch(self, path: str, body: Doc) -> tuple[int, Doc]:
        names, histories, unique = body["properties"], body["propertiesWithHistory"], body.get("idProperty")
        inputs = [str(one["id"]) for one in body["inputs"]]
        if len(inputs) > (MOST_WITH_HISTORY if histories else MOST):
            kind = " for property histories" if histories else ""
            raise invalid(f"The maximum number of inputs supported in a batch request{kind} is {MOST_WITH_HISTORY}.")
        if unique:
            self._expect_unique(path, unique)
        found: dict[str, Record] = {}
        lost: list[str] = []
        for each in inputs:
            record = self._by_value(path, unique, each) if unique else self.live(path, each)
            if record is None:
                lost.append(each)
            else:
                found[record.id] = record
        answer = self._batch([self.shown(record, names, histories) for record in found.values()])
        if not lost:
            return 200, answer
        failure = Failure(404, "OBJECT_NOT_FOUND", f"Could not get some {path} objects, they may be deleted or not exist.")
        failure.more = {"context": {"ids": lost}}
        return 207, answer | {"numErrors": 1, "errors": [failure.in_batch()]}

    def _upsert(self, path: str, one: Doc) -> Doc:
        unique = one.get("idProperty") or "hs_object_id"
        self._expect_unique(path, unique)
        record = self._by_value(path, unique, one["id"])
        values = one["properties"] | {unique: one["id"]}
        if record is None:
            return self.shown(self.create(path, values, API), values) | {"new": True}
        return self.shown(self.update(path, record.id, values, API), values) | {"new": False}

    def _expect_unique(self, path: str, name: str) -> None:
        definition = self.definitions.of(path).get(name)
        if definition is None or not (definition["hasUniqueValue"] or (path, name) == ("contacts", "email")):
            raise invalid(f"Unable to perform the operation by non-unique property {name}")

    def _by_value(self, path: str, name: str, value: str) -> Record | None:
        wanted = value.lower() if name == "email" else value
        if wanted not in self._said:
            return None
        live = (record for record in self.records(path).values() if record.archived_at is None)
        return next((record for record in live if record.value(name) == wanted), None)

    def _batch(self, rows: Sequence[Doc]) -> Doc:
        now = iso(self.core.now())
        return {"status": "COMPLETE", "results": list(rows), "startedAt": now, "completedAt": now}


def _names(params: dict[str, str], name: str) -> list[str]:
    return [each for each in params.get(name, "").split(",") if each]
