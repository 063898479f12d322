"""The streams and sinks of a habit remote's documents, and their mapping files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hub.model.values import SECOND, Doc
from hub.sdk.base import (
    Answer,
    AnswerKind,
    Call,
    Change,
    Cursor,
    Operation,
    Page,
    Safe,
    Sink,
    Stream,
    VersionKind,
)
from tests.simulation.folders import PaperHabits
from tests.simulation.habits import Habits

KINDS = {404: AnswerKind.GONE, 409: AnswerKind.CLASH, 412: AnswerKind.STALE, 422: AnswerKind.REFUSED}
UNFINISHED = ("DRAFT", "OPEN", "PENDING", "ODD")


class PaperStream(Stream[Any]):
    """One collection of documents. Where states move nothing, unfinished ones are read again in every pass, and once after."""

    def __init__(self, name: str, habits: Habits, papers: PaperHabits) -> None:
        self.name = name
        self.version = habits.version
        self.incremental = habits.shows_time
        self.overlap_s = 2.0 + habits.lag_s + habits.resolution_us / SECOND
        self.visible_after_s = habits.lag_s
        self.fetch_limit = 5
        self._watches = papers.still and name in ("orders", "sales", "refunds")

    def page(self, client: Any, cursor: Cursor) -> Page:
        params = {"token": cursor.token} if cursor.token else {}
        if cursor.since is not None and self.incremental:
            params["since"] = str(cursor.since)
        body = client.send("GET", f"/papers/{self.name}", params=params, safe=True).body
        docs = body["docs"]
        if self._watches and self.incremental:
            docs = docs + self._unfinished(client, docs, last=body["next"] is None)
        watching = self._watches and self.incremental and cursor.since is not None
        return Page(docs, body["next"], None if watching else body["total"])

    def _unfinished(self, client: Any, docs: Sequence[Doc], *, last: bool) -> list[Doc]:
        watch: set[str] = client.watch.setdefault(self.name, set())
        known = sorted(watch - {doc["id"] for doc in docs}) if last else []
        more = [doc for at in range(0, len(known), 5) for doc in self.fetch(client, known[at : at + 5])]
        for doc in [*docs, *more]:
            states = [doc["status"], *(child["status"] for child in doc.get("refunds", ()))]
            (watch.add if any(state in UNFINISHED for state in states) else watch.discard)(doc["id"])
        return more

    def fetch(self, client: Any, ids: Sequence[str]) -> Sequence[Doc]:
        return list(client.send("GET", f"/papers/{self.name}", params={"ids": ",".join(ids)}, safe=True).body["docs"])


class PaperSink(Sink[Any]):
    """Writes deals, the context of a ticket, and refunds, which may take two calls."""

    def __init__(self, name: str, habits: Habits, papers: PaperHabits) -> None:
        self.name = name
        self.create = papers.create if name in ("refunds", "deals") else None
        self.update = habits.update
        self.marker = "external_ref" if papers.create is Safe.MARKER else None
        self._answers = habits.answers
        self._steps = papers.steps and name == "refunds"

    def calls(self, change: Change) -> Sequence[Call]:
        if change.operation is Operation.CREATE:
            marked = {"external_ref": change.marker} if change.marker and self.marker else {}
            body = {**change.patch(), **marked}
            made = Call("open it", {"method": "POST", "doc": body})
            paid = Call("pay it out", {"method": "POST", "doc": {"set": {"status": body.get("status")}}})
            return [made, paid] if self._steps and body.get("status") == "OK" else [made]
        body = {"set": change.patch()}
        if self.update is Safe.COMPARE_AND_SET:
            body["expect"] = Change(change.operation, change.external_id, None, change.before or {}, change.paths).patch()
        version = {"if_match": str(change.version)} if self.update is Safe.VERSION else {}
        return [Call("change it", {"method": "PATCH", "doc": body, **version})]

    def send(self, client: Any, call: Call, key: str, external_id: str | None) -> Answer:
        later = call.name != "open it"
        path = f"/papers/{self.name}/{external_id}" if later else f"/papers/{self.name}"
        headers = {"if_match": call.body["if_match"]} if "if_match" in call.body else {}
        told = f"{key}-2" if call.name == "pay it out" else key
        reply = client.send(call.body["method"], path, json=call.body["doc"], safe=False, idempotency_key=told, **headers)
        if reply.status in KINDS:
            return Answer(KINDS[reply.status], external_id=external_id, blames=(reply.body or {}).get("field"), reason="said no")
        whole = reply.body if self._answers == "full" else None
        return Answer(AnswerKind.DONE, whole, (reply.body or {}).get("id", external_id))

    def find(self, client: Any, change: Change) -> Sequence[Doc]:
        params = {"marker": change.marker or ""}
        return list(client.send("GET", f"/papers/{self.name}/find", params=params, safe=True).body["docs"])


def paper_streams(habits: Habits, papers: PaperHabits) -> dict[str, Stream[Any]]:
    """Return the streams of a remote's documents, in the order in which they are read."""
    return {name: PaperStream(name, habits, papers) for name in papers.streams()}


def paper_sinks(habits: Habits, papers: PaperHabits) -> dict[str, Sink[Any]]:
    """Return what can be written of a remote's documents."""
    takes = {"shop": ("refunds",), "till": (), "desk": ("deals", "tickets")}
    names = [name for role in sorted(papers.roles) for name in takes[role]]
    return {name: PaperSink(name, habits, papers) for name in names}


def paper_texts(name: str, habits: Habits, papers: PaperHabits) -> dict[str, str]:
    """Return the mapping files of a remote's documents, by stream; what stands in another document is part of its file."""
    texts = {}
    for stream in papers.streams():
        if not papers.stands_in(stream):
            head = f"mapping: 1\nconnector: {name}\nstream: {stream}\nidentity: id\n{_facts(habits, '')}"
            texts[stream] = head + _TABLES[stream](habits, papers) + "ignored: [external_ref, currency]\n"
    return texts


def _facts(habits: Habits, indent: str) -> str:
    lines = ["created_at: created_at", *(["version: version"] * (habits.version is VersionKind.COUNTER))]
    lines += ["changed_at: changed_at"] * habits.shows_time
    return "".join(f"{indent}{line}\n" for line in lines)


def _money(papers: PaperHabits, path: str, *more: str) -> str:
    minor = "iso" if papers.form == "iso" else "major"
    return "{" + ", ".join([f"path: {path}", f"minor: {minor}", "currency: currency", *more]) + "}"


def _state(papers: PaperHabits, path: str, words: str, *more: str) -> str:
    silent = ["silent: true"] * (papers.still and path == "status")
    return "{" + ", ".join([f"path: {path}", f"values: {{{words}}}", *silent, *more]) + "}"


_READ = "only: read"
_ORDER_WORDS = "draft: DRAFT, open: OPEN, completed: DONE, cancelled: VOID"
_REFUND_WORDS = "pending: PENDING, done: OK, failed: NO"


def _order(papers: PaperHabits, *more: str) -> str:
    def money(path: str) -> str:
        return _money(papers, path)

    return f"""entity: order
fields:
  number: {{path: number, only: read}}
  state: {_state(papers, "status", _ORDER_WORDS, _READ, *more)}
  placed_at: {{path: placed, as: instant, only: read}}
  email: {{path: email, as: email, only: read}}
  tax_included: {{path: gross, as: flag, only: read}}
  subtotal: {_money(papers, "subtotal", _READ)}
  tax_total: {_money(papers, "tax_total", _READ)}
  total: {_money(papers, "total", _READ)}
  paid_total: {_money(papers, "paid", _READ)}
  lines:
    each: lines
    identity: id
    match_by: [sku, title]
    only: read
    fields:
      sku: sku
      title: title
      quantity: {{path: quantity, as: count}}
      unit_price: {money("unit_price")}
      discount: {money("discount")}
      tax: {money("tax")}
      total: {money("total")}
  discounts:
    each: discounts
    match_by: [code, title]
    only: read
    fields: {{code: code, title: title, amount: {money("amount")}}}
  taxes:
    each: taxes
    match_by: [title, rate]
    only: read
    fields: {{title: title, rate: {{path: rate, as: decimal}}, amount: {money("amount")}}}
  shipping:
    each: shipping
    match_by: [title]
    only: read
    fields: {{title: title, amount: {money("amount")}}}
refs: {{customer: {{path: customer, stream: customers}}}}
"""


def _orders(habits: Habits, papers: PaperHabits) -> str:
    part = f"""parts:
  refunds:
    each: refunds
    stream: refunds
    entity: refund
    identity: id
{_facts(habits, "    ")}    fields:
      state: {_state(papers, "status", _REFUND_WORDS)}
      amount: {_money(papers, "amount", "clear: refuse")}
      note: note
      refunded_at: {{path: at, as: instant}}
    refs: {{order: {{path: order, stream: orders}}}}
    ignored: [external_ref, currency]
"""
    return _order(papers) + part


def _sales(_habits: Habits, papers: PaperHabits) -> str:
    return _order(papers, "otherwise: reject")


def _refunds(_habits: Habits, papers: PaperHabits) -> str:
    return f"""entity: refund
fields:
  state: {_state(papers, "status", _REFUND_WORDS, _READ)}
  amount: {_money(papers, "amount", _READ)}
  note: {{path: note, only: read}}
  refunded_at: {{path: at, as: instant, only: read}}
refs: {{order: {{path: receipt, by: number}}}}
"""


def _deals(_habits: Habits, papers: PaperHabits) -> str:
    return f"""entity: order
projection: true
fields:
  number: {{path: name, required: true}}
  state: {_state(papers, "stage", "draft: idea, open: new, completed: won, cancelled: lost")}
  total: {_money(papers, "amount", "clear: refuse")}
refs: {{customer: {{path: contact, stream: customers}}}}
"""


def _tickets(habits: Habits, papers: PaperHabits) -> str:
    part = "" if papers.apart else f"parts:\n  comments:\n    each: comments\n    stream: comments\n{_message(habits, '    ')}"
    return f"""entity: ticket
fields:
  number: {{path: id, only: read}}
  subject: {{path: subject, only: read}}
  state: {{path: status, values: {{new: new, open: open, pending: pending, solved: solved, closed: closed}}, only: read}}
  email: {{path: email, as: email, only: read}}
  opened_at: {{path: opened, as: instant, only: read}}
  order_number: {{path: about, only: read}}
  summary.context: context
refs: {{customer: {{path: requester, stream: customers}}, order: {{path: about, by: number}}}}
{part}"""


def _message(habits: Habits, indent: str) -> str:
    lines = ["entity: message", "fields:", "  body: {path: body, only: read}"]
    lines += ["  direction: {path: by, values: {inbound: them, outbound: us, internal: note}, only: read}"]
    lines += ["  sent_at: {path: at, as: instant, only: read}", "refs: {ticket: {path: ticket, stream: tickets}}"]
    text = "".join(f"{indent}{line}\n" for line in lines)
    part = f"{indent}identity: id\n{_facts(habits, indent)}{indent}ignored: [external_ref]\n"
    return text + part if indent else text


def _comments(habits: Habits, _papers: PaperHabits) -> str:
    return _message(habits, "")


_TABLES: Mapping[str, Any] = {
    "orders": _orders, "sales": _sales, "refunds": _refunds, "deals": _deals, "tickets": _tickets, "comments": _comments,
}  # fmt: skip
