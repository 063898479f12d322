"""A retailer's papers in a test: a shop, a till, a CRM and a help desk as mapping files, the real pipeline and a real store.

Times are seconds on a clock that stands still until `wait` moves it; every read draws the next sequence number.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from hub.config import Belonging, Config, ConnectionConfig, Create, TagRule, Update
from hub.mapping import load
from hub.mapping.ground import Ground
from hub.model.delivery import Attempt
from hub.model.documents import Document
from hub.model.entity import Entity
from hub.model.link import LinkKey
from hub.model.outcome import Outcome, OutcomeKind
from hub.model.record import EntityType, RawRecord, Source
from hub.model.review import Fate
from hub.model.run import ConnectionState, CursorRow, Mode
from hub.model.traits import Ordering, Traits
from hub.model.values import SECOND, Doc, Value
from hub.pipeline import absorb
from hub.push.due import Line, due_lines
from hub.runtime.outbox import freeze
from hub.sdk import Call, Change, Sink
from hub.store import Unit, open_store
from hub.store.known import begin_known, load_entities

T = TypeVar("T")

CUSTOMERS = """
mapping: 1
connector: any
stream: customers
entity: customer
identity: id
version: version
birth: born
fields: {given_name: given_name, email: email, summary.orders: orders, summary.spent: {path: spent, minor: iso, currency: EUR},
  summary.context: {path: memo, yields: true}, tags: {set: tags}}
"""
ORDERS = """
mapping: 1
connector: any
stream: orders
entity: order
identity: id
version: version
fields:
  number: number
  state: {path: status, values: {open: OPEN, completed: DONE, cancelled: VOID}}
  placed_at: placed
  email: email
  total: {path: total, minor: iso, currency: EUR}
refs: {customer: {path: customer, stream: customers}}
parts:
  refunds:
    each: refunds
    stream: refunds
    entity: refund
    identity: id
    fields:
      state: {path: status, values: {done: OK, failed: NO}}
      amount: {path: amount, minor: iso, currency: EUR, required: true}
      note: note
    refs: {order: {path: order, stream: orders}}
"""
TILL_REFUNDS = """
mapping: 1
connector: any
stream: refunds
entity: refund
identity: id
version: version
fields:
  state: {path: status, values: {pending: SOON, done: OK, failed: NO}}
  amount: {path: amount, minor: iso, currency: EUR}
  note: note
refs: {order: {path: receipt, by: number}}
"""
TILL_SALES = """
mapping: 1
connector: any
stream: sales
entity: order
identity: id
version: version
fields: {number: receipt, total: {path: total, minor: iso, currency: EUR}}
"""
DEALS = """
mapping: 1
connector: any
stream: deals
entity: order
projection: true
identity: id
version: version
fields:
  number: {path: name, required: true}
  state: {path: stage, values: {open: new, completed: won, cancelled: lost}}
  total: {path: amount, minor: iso, currency: EUR}
refs: {customer: {path: contact, stream: customers}}
"""
TICKETS = """
mapping: 1
connector: any
stream: tickets
entity: ticket
identity: id
version: version
fields:
  number: id
  subject: subject
  state: {path: status, values: {new: new, open: open, solved: solved}}
  email: requester
  summary.context: context
refs: {customer: {path: requester_id, stream: customers}}
parts:
  comments:
    each: comments
    stream: comments
    entity: message
    identity: id
    fields: {body: body, direction: {path: by, values: {inbound: them, outbound: us}}}
    refs: {ticket: parent}
"""
STREAMS: dict[str, tuple[str, ...]] = {
    "shop": (CUSTOMERS, ORDERS),
    "till": (CUSTOMERS, TILL_SALES, TILL_REFUNDS),
    "crm": (CUSTOMERS, DEALS),
    "desk": (CUSTOMERS, TICKETS),
}
ALWAYS = Belonging(create=Create.ALWAYS)
BELONGS: dict[str, dict[EntityType, Belonging]] = {
    "shop": {EntityType.REFUND: ALWAYS},
    "till": {},
    "crm": {EntityType.ORDER: Belonging(create=Create.ALWAYS, update=Update.CREATED_BY_HUB)},
    "desk": {},
}


class Notebook(Sink[Any]):
    """A sink that takes what it is given."""

    def calls(self, change: Change) -> list[Call]:
        return [Call("write", change.after)]


class Office:
    """The hub of a retailer, without network: what systems show goes in, what is sent to them comes out."""

    def __init__(self, folder: Path, **rules: TagRule) -> None:
        self.store = open_store(f"sqlite:///{folder}/hub.db", synchronous="OFF")
        self.store.migrate()
        tables, traits = {}, {}
        for name, texts in STREAMS.items():
            for text in texts:
                for stream, table in load(text, f"{name}.yaml").streams.items():
                    tables[name, stream] = table
                    kind = Ordering.NONE if table.version_kind == "none" else Ordering.COUNTER
                    traits[name, stream] = Traits(kind, 0, 0, create="marker", update="version", marker="ours")
        connections = {name: ConnectionConfig(connector="any", entities=BELONGS[name], seed_rank=1) for name in STREAMS}
        self.ground = Ground(Config(connections=connections, tags=rules), tables, traits)
        self.sinks = {key: Notebook() for key in tables}
        self.now = 1_000_000 * SECOND
        self.seq = 0
        self.work(self._open)

    def _open(self, unit: Unit) -> None:
        for name in STREAMS:
            unit.save_connection(ConnectionState(name, Mode.LIVE))
        for name, stream in self.ground.tables:
            unit.save_cursor(CursorRow(name, stream, first_complete_at=1, first_high=1))

    def work(self, do: Callable[[Unit], T]) -> T:
        """Do something in one transaction."""
        with self.store.unit() as unit:
            return do(unit)

    def see(self, connection: str, stream: str, *docs: Doc) -> dict[Fate, int]:
        """Read these documents in one batch; return how they ended."""
        self.seq += 1
        raws = [RawRecord(connection, stream, doc, self.seq, self.now, self.now) for doc in docs]
        return dict(+self.work(lambda unit: absorb(unit, self.ground, raws, self.now)).fates)

    def due(self) -> list[tuple[str, str]]:
        """Return (connection, stream) of every delivery that is planned, in the order in which they came up."""
        return [(one.connection, one.stream) for one in self._deliveries()]

    def _deliveries(self) -> list[Any]:
        return self.work(lambda unit: [one for name in STREAMS for one in unit.due(name, self.now + 10**9, 100)])

    def send(self, connection: str, external_id: str, stream: str = "", *, shown: Doc | None = None) -> Doc:
        """Send the one thing that is due there; it shows it with this id, in its first version. Return what was sent."""
        [delivery] = [one for one in self._deliveries() if one.connection == connection and stream in ("", one.stream)]
        [attempt] = self.work(lambda unit: freeze(unit, self.ground, self.sinks, [delivery.id], [], self.now))
        sent: Doc = attempt.calls[0]["body"]
        answer = {**sent, "id": external_id, "version": 1, **(shown or {})}
        self.end(attempt, answer)
        return sent

    def deliveries(self, connection: str, stream: str) -> list[Any]:
        """Return what is planned at a stream, in the order in which it came up."""
        return [one for one in self._deliveries() if (one.connection, one.stream) == (connection, stream)]

    def lines(self, connection: str) -> list[Line]:
        """Return what should change at the customers of a connection."""

        def look(unit: Unit) -> list[Line]:
            known = begin_known(unit)
            found = [one for one in unit.due(connection, self.now + 10**9, 100) if one.link_id is not None]
            load_entities(unit, known, [one.entity_id for one in found])
            links = [known.by_id[one.link_id] for one in found if one.link_id is not None]
            return [line for link in links for line in due_lines(self.ground, link, known.entities[link.entity_id])]

        return self.work(look)

    def freeze(self, delivery_id: int) -> list[Attempt]:
        """Freeze one delivery, if its time has come."""
        return self.work(lambda unit: freeze(unit, self.ground, self.sinks, [delivery_id], [], self.now))

    def end(self, attempt: Attempt, answer: Doc) -> None:
        """End an attempt with the record as its answer shows it."""
        self.seq += 1
        raw = RawRecord(attempt.connection, attempt.stream, answer, self.seq, self.now, self.now, Source.ANSWER)
        outcome = Outcome(attempt.id, OutcomeKind.DONE, self.seq, self.now, 1, str(answer["id"]), raw=raw)
        self.work(lambda unit: absorb(unit, self.ground, [outcome], self.now))

    def lose(self, attempt: Attempt) -> None:
        """End an attempt without knowing what became of it."""
        self.seq += 1
        outcome = Outcome(attempt.id, OutcomeKind.UNKNOWN, self.seq, self.now, reason="timed out")
        self.work(lambda unit: absorb(unit, self.ground, [outcome], self.now))

    def refuse(self, attempt: Attempt, path: str) -> None:
        """End an attempt: it was refused, and this path of theirs is to blame."""
        self.seq += 1
        outcome = Outcome(attempt.id, OutcomeKind.REFUSED, self.seq, self.now, blames=path, reason="no")
        self.work(lambda unit: absorb(unit, self.ground, [outcome], self.now))

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += round(seconds * SECOND)

    def entity(self, connection: str, stream: str, external_id: str) -> Entity:
        """Return whom a record belongs to."""

        def find(unit: Unit) -> Entity:
            [link] = unit.links([LinkKey(connection, stream, external_id)]).values()
            return unit.entities([link.entity_id])[link.entity_id]

        return self.work(find)

    def value(self, connection: str, stream: str, external_id: str, path: str) -> Value:
        """Return a golden value, None where there is none."""
        golden = self.entity(connection, stream, external_id).golden.get(path)
        return golden.value if golden is not None else None

    def papers_of(self, connection: str, external_id: str) -> list[Document]:
        """Return the documents of a customer."""
        ident = self.entity(connection, "customers", external_id).id
        return self.work(lambda unit: unit.documents_of("customer", [ident]))
