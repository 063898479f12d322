"""The connector of the habit remote, written as any would be. One `HabitConnector` per remote: its habits are its manifest."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.errors import BadPayload, Forged
from hub.model.values import SECOND, Doc
from hub.sdk.base import (
    Answer,
    AnswerKind,
    Call,
    Change,
    Connector,
    Cursor,
    Hint,
    Http,
    Operation,
    Page,
    Reply,
    Safe,
    Sink,
    Stream,
    VersionKind,
    WebhookRequest,
)
from tests.simulation.folders import PaperHabits
from tests.simulation.habits import Habits
from tests.simulation.paper_connector import paper_sinks, paper_streams
from tests.simulation.stock_connector import StockSink, stock_streams


@dataclass(frozen=True, slots=True)
class HabitClient:
    """One account."""

    http: Http
    secret: str
    watch: dict[str, set[str]] = field(default_factory=dict)
    """Stream -> documents that were unfinished when last seen."""

    def send(
        self, method: str, path: str, *, safe: bool, json: Any = None, params: Mapping[str, str] | None = None, **headers: str
    ) -> Reply:
        """Send with credentials; header names with underscores."""
        told = {"authorization": f"Bearer {self.secret}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.http.send(method, path, json=json, params=params, headers=told, safe=safe)


class HabitStream(Stream[HabitClient]):
    """Customers."""

    name = "customers"

    def __init__(self, habits: Habits) -> None:
        self.version = habits.version
        self.incremental = habits.shows_time
        self.overlap_s = 2.0 + habits.lag_s + habits.resolution_us / SECOND
        self.visible_after_s = habits.lag_s
        self.fetch_limit = 5

    def page(self, client: HabitClient, cursor: Cursor) -> Page:
        params = {"token": cursor.token} if cursor.token else {}
        if cursor.since is not None and self.incremental:
            params["since"] = str(cursor.since)
        body = client.send("GET", "/customers", params=params, safe=True).body
        return Page(body["customers"], body["next"], body["total"])

    def fetch(self, client: HabitClient, ids: Sequence[str]) -> Sequence[Doc]:
        return client.send("GET", "/customers", params={"ids": ",".join(ids)}, safe=True).body["customers"]


class HabitSink(Sink[HabitClient]):
    """Customers."""

    name = "customers"
    writes_at_once = 4

    def __init__(self, habits: Habits) -> None:
        self.create = habits.create
        self.update = habits.update
        self.delete = Safe.PLAIN
        self.marker = "external_ref" if habits.create is Safe.MARKER else None
        self._answers = habits.answers

    def calls(self, change: Change) -> Sequence[Call]:
        if change.operation is Operation.DELETE:
            return [Call("delete the customer", {"method": "DELETE"})]
        if change.operation is Operation.CREATE:
            marked = {"external_ref": change.marker} if change.marker else {}
            return [Call("add the customer", {"method": "POST", "doc": {**change.patch(), **marked}})]
        body: Doc = {"set": change.patch()}
        if self.update is Safe.COMPARE_AND_SET:
            before = Change(change.operation, change.external_id, None, change.before or {}, change.paths)
            body["expect"] = before.patch()
        version = {"if_match": str(change.version)} if self.update is Safe.VERSION else {}
        return [Call("change the customer", {"method": "PATCH", "doc": body, **version})]

    def send(self, client: HabitClient, call: Call, key: str, external_id: str | None) -> Answer:
        path = "/customers" if call.body["method"] == "POST" else f"/customers/{external_id}"
        headers = {"if_match": call.body["if_match"]} if "if_match" in call.body else {}
        reply = client.send(call.body["method"], path, json=call.body.get("doc"), safe=False, idempotency_key=key, **headers)
        return self._understood(reply, external_id)

    def _understood(self, reply: Reply, external_id: str | None) -> Answer:
        kinds = {404: AnswerKind.GONE, 409: AnswerKind.CLASH, 412: AnswerKind.STALE, 422: AnswerKind.REFUSED}
        if reply.status in kinds:
            return Answer(kinds[reply.status], external_id=external_id, blames=(reply.body or {}).get("field"), reason="said no")
        whole = reply.body if self._answers == "full" else None
        return Answer(AnswerKind.DONE, whole, (reply.body or {}).get("id", external_id))

    def find(self, client: HabitClient, change: Change) -> Sequence[Doc]:
        params = {"marker": change.marker} if change.marker and self.marker else {"email": change.after["email"]}
        return client.send("GET", "/find", params=params, safe=True).body["customers"]


class HabitConnector(Connector[HabitClient]):
    """One habit remote."""

    def __init__(
        self, name: str, habits: Habits, *, stock: bool = False, sets: bool = False, papers: PaperHabits | None = None
    ) -> None:
        self.name = name
        self.streams = {"customers": HabitStream(habits), **(stock_streams(habits) if stock else {})}
        self.sinks = {"customers": HabitSink(habits), **({"inventory": StockSink(sets=sets)} if stock else {})}
        if papers is not None:
            self.streams |= paper_streams(habits, papers)
            self.sinks |= paper_sinks(habits, papers)

    def client(self, settings: Mapping[str, str], http: Http) -> HabitClient:
        return HabitClient(http, settings["secret"])

    def probe(self, client: HabitClient) -> str:
        return str(client.send("GET", "/ping", safe=True).body["name"])

    def receive(self, request: WebhookRequest, settings: Mapping[str, str]) -> Sequence[Hint]:
        signature = hmac.new(settings["secret"].encode(), request.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(signature, request.headers.get("x-signature", "")):
            raise Forged("the signature does not hold")
        try:
            told = json.loads(request.body)
            return [Hint(told.get("stream", "customers"), told["id"], told["event"])]
        except (ValueError, KeyError) as error:
            raise BadPayload("not a webhook of this system") from error


def mapping_text(name: str, habits: Habits, without: Collection[str] = (), reworded: Collection[str] = ()) -> str:
    """Return the mapping file of a habit remote (DESIGN section 9), `without` some lines, some of them written another way."""
    top = ["mapping: 1", f"connector: {name}", "stream: customers", "entity: customer", "identity: id"]
    top += ["version: version"] * (habits.version is VersionKind.COUNTER)
    top += ["changed_at: changed_at"] * habits.shows_time
    empty = 'empty: [null, "", missing]' if habits.empty_as == "missing" else 'empty: [null, ""]'
    cut = habits.declares and habits.normalise.get("note", "").startswith("cut:")
    email = "email: {path: email, as: email, required: true, create_only: true, why: it is the login}"
    fields = [
        _line(habits, "given_name", "first_name"),
        _line(habits, "family_name", "last_name"),
        email,
        _line(habits, "phone", "phone", *([] if "phone" in reworded else ["as: phone"])),
        _line(habits, "note", "note", *(["max_length: 90"] if "note" in reworded and not cut else [])),
        _line(habits, "consent.email_marketing", "consents.email"),
        _line(habits, "consent.sms_marketing", "consents.sms"),
        "tags: {set: tags, silent: true}" if "tags" in habits.silent else "tags: {set: tags}",
    ]
    fields = [row for row in fields if not any(row.startswith(f"{OURS.get(path, path)}:") for path in without)]
    fields += [
        "addresses:",
        "  each: addresses",
        *(["  identity: id"] * habits.element_ids),
        *(["  silent: true"] * ("addresses" in habits.silent)),
        "  match_by: [line1, postal_code, country_code]",
        "  fields: {line1: line1, city: city, postal_code: postal_code, country_code: {path: country, as: country}}",
    ]
    rows = [*top, "created_at: created_at", empty, "fields:", *(f"  {row}" for row in fields), "ignored: [external_ref]"]
    return "\n".join(rows) + "\n"


OURS = {
    "first_name": "given_name",
    "last_name": "family_name",
    "consents.email": "consent.email_marketing",
    "consents.sms": "consent.sms_marketing",
}
"""The world's names of fields that the hub calls otherwise."""


def _line(habits: Habits, ours: str, theirs: str, *extra: str) -> str:
    how = habits.normalise.get(theirs, "") if habits.declares else ""
    more = [*extra, *(["silent: true"] * (theirs in habits.silent))]
    more += ["case: upper"] * (how == "upper")
    more += [f"max_length: {how[4:]}"] * how.startswith("cut:")
    return f"{ours}: {{{', '.join([f'path: {theirs}', *more])}}}" if more else f"{ours}: {theirs}"
