"""Writing CRM objects: create under our own unique property, sparse updates, archiving.

A create is an upsert by `syncline_id`: sent again, it finds what it made the first time. Another record's unique value (a
contact's e-mail address) is a clash, never an overwrite. HubSpot has neither versions nor idempotency keys. Its answers hold
only what was written, so every write is read back. A record is looked at right before it is written: one that was merged answers
under the id that survived, so a write would hit another person's record, and deleting answers 204 whether there was something to
delete or not (n8n-io/n8n#3219). What is archived can be restored in HubSpot for 90 days (from memory).
Property values travel as text; "" takes a value away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from connectors.hubspot.client import HubSpotClient, made
from connectors.hubspot.documents import find_by, read_documents
from connectors.hubspot.kinds import MARKER, Kind
from connectors.hubspot.refusals import refusal
from hub.model.values import Doc
from hub.sdk import Answer, AnswerKind, BadPayload, Call, Change, Operation, Reply, Safe, Sink, Unavailable

FRONT: Final = "properties."
GONE: Final = "HubSpot has no such record any more."


class ObjectSink(Sink[HubSpotClient]):
    """One kind of CRM object. Subclasses set `name` and `kind`; `blames`: property -> path, where it is read elsewhere."""

    kind: ClassVar[Kind]
    blames: ClassVar[Mapping[str, str]] = {}
    belongs: ClassVar[Mapping[str, str]] = {}
    """Path of the document -> kind of the record whose id stands there: written as an association, a step of its own."""
    create = Safe.MARKER
    update = Safe.PLAIN
    delete = Safe.PLAIN  # by id: done twice, the second time it is gone
    marker: ClassVar[str | None] = FRONT + MARKER
    writes_at_once: ClassVar[int] = 4

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the call with the changed properties only, if there are any, then one per association that is to change."""
        match change.operation:
            case Operation.CREATE:
                values = _texts(self.properties(change.after))
                filled = {name: value for name, value in values.items() if value}
                mark = {MARKER: change.marker} if change.marker else {}
                return [Call("create", {"properties": filled | mark}), *self._moves({}, change.after, tuple(self.belongs))]
            case Operation.UPDATE:
                changed = _texts(self.properties(change.patch()))
                update = [Call("update", {"properties": changed})] if changed else []
                return [*update, *self._moves(change.before or {}, change.after, change.paths)]
            case Operation.DELETE:
                return [Call("delete", {})]
            case Operation.ADJUST | Operation.ACT:
                message = f"{self.name} have no quantities, and nothing is done to them"
                raise ValueError(message)

    def send(self, client: HubSpotClient, call: Call, key: str, external_id: str | None) -> Answer:  # noqa: ARG002 - no idempotency here
        """Send it. No answer holds the whole record."""
        if call.name == "delete":
            return self._archive(client, str(external_id))
        if call.name in ("associate", "part"):
            return self._associate(client, call, str(external_id))
        if call.name == "update":
            if not self._is_there(client, str(external_id)):
                return Answer(AnswerKind.GONE, reason=GONE)
            reply = client.write("PATCH", f"{self.kind.address}/{external_id}", call.body)
        else:
            reply = self._upsert(client, call.body)
        refused = refusal(reply, self.blames)
        return refused or Answer(AnswerKind.DONE, external_id=str(made(reply)["id"]))

    def find(self, client: HubSpotClient, change: Change) -> Sequence[Doc]:
        """Return the record that carries our marker; where there is none, the one whose unique value stands in the way."""
        values = self.properties(change.after)
        natural = self.kind.natural_key
        marked = change.marker and client.has_marker(self.kind)
        found = find_by(client, self.kind, MARKER, str(change.marker)) if marked else []
        if not found and natural and values.get(natural):
            found = find_by(client, self.kind, natural, str(values[natural]))
        return self.documents(client, found) if found else []

    def properties(self, doc: Doc) -> Doc:
        """Return the properties that a document, or the changed part of one, names."""
        return doc.get("properties") or {}

    def documents(self, client: HubSpotClient, ids: Sequence[str]) -> list[Doc]:
        """Return the documents of these records."""
        return read_documents(client, self.kind, ids)

    def _moves(self, before: Doc, after: Doc, paths: Sequence[str]) -> list[Call]:
        out: list[Call] = []
        for path, other in self.belongs.items():
            old, new = before.get(path), after.get(path)
            if path not in paths or old == new:
                continue
            out += [Call("associate", {"path": path, "to": other, "id": str(new)})] if new else []
            out += [Call("part", {"path": path, "to": other, "id": str(old)})] if old else []
        return out

    def _associate(self, client: HubSpotClient, call: Call, external_id: str) -> Answer:
        """Both directions can be repeated. A record that cannot be associated is no fault of the one that is written."""
        default = "default/" if call.name == "associate" else ""
        address = f"/crm/v4/objects/{self.kind.path}/{external_id}/associations/{default}{call.body['to']}/{call.body['id']}"
        refused = refusal(client.write("PUT" if default else "DELETE", address), {})
        if refused:
            return Answer(AnswerKind.REFUSED, blames=call.body["path"], reason=refused.reason)
        return Answer(AnswerKind.DONE, external_id=external_id)

    def _upsert(self, client: HubSpotClient, body: Doc) -> Reply:
        mark = body["properties"].get(MARKER)
        if mark is None:
            return client.write("POST", self.kind.address, body | {"associations": []})
        client.ensure_marker(self.kind)
        one = {"id": mark, "idProperty": MARKER, "properties": body["properties"]}
        return client.write("POST", f"{self.kind.address}/batch/upsert", {"inputs": [one]})

    def _archive(self, client: HubSpotClient, external_id: str) -> Answer:
        if not self._is_there(client, external_id):
            return Answer(AnswerKind.GONE, reason=GONE)
        refused = refusal(client.write("DELETE", f"{self.kind.address}/{external_id}"), self.blames)
        return refused or Answer(AnswerKind.DONE, external_id=external_id)

    def _is_there(self, client: HubSpotClient, external_id: str) -> bool:
        """Say whether a record answers under this very id. Raises Unavailable where two looks cannot tell."""
        for _ in range(2):
            try:
                params = {"properties": "hs_object_id"}
                found = client.read("GET", f"{self.kind.address}/{external_id}", params=params, absent={})
            except BadPayload:
                continue
            return str(found.get("id")) == external_id
        raise Unavailable("HubSpot's record could not be looked at before it was written.")


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Return property values as HubSpot takes them."""
    return {name: _text(value) for name, value in values.items()}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
