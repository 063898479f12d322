"""A stage for the rules: connections, records and one hub's memory, built by hand. No store, no network, no threads.

Times are seconds on the hub's clock, which stands still until `wait` moves it; every read draws the next sequence number.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from hub.config import Belonging, Config, ConnectionConfig, Create, Policy
from hub.mapping import load
from hub.mapping.ground import Ground
from hub.model.delivery import Attempt, Delivery
from hub.model.entity import Entity
from hub.model.known import Known
from hub.model.link import Claim, Link, LinkKey
from hub.model.outcome import Outcome, OutcomeKind
from hub.model.record import Element, EntityType, Gone, Observation, Record, Ref, Source
from hub.model.review import ReviewKind
from hub.model.run import Mode
from hub.model.traits import FirstRead, Ordering, Traits
from hub.model.values import SECOND, Value
from hub.push.attempt import freeze_create, freeze_update
from hub.push.due import due_lines, plan_deliveries
from hub.reconcile import Ruling, apply_outcome, observe, observe_gone
from hub.sdk import Call, Change, Sink

CUSTOMERS = """
mapping: 1
connector: any
stream: customers
entity: customer
identity: id
fields:
  given_name: given_name
  family_name: family_name
  company: {path: company, max_length: 8}
  email: email
  phone: phone
  note: {path: note, silent: true}
  consent.email_marketing: newsletter
  addresses:
    each: addresses
    identity: id
    match_by: [line1, postal_code]
    fields: {line1: line1, postal_code: postal_code, city: city}
"""


class Notebook(Sink[Any]):
    """A sink that writes down what it is asked."""

    def calls(self, change: Change) -> list[Call]:
        return [Call("write", change.after)]


class Stage:
    """What happens to the customers of a few connections. The connection named first ranks first among seeds."""

    def __init__(self, policies: Mapping[str, Policy] | None = None, deletes_from: str = "none") -> None:
        self.policies = {EntityType.CUSTOMER: dict(policies or {})}
        self.deletes_from = {EntityType.CUSTOMER: deletes_from}
        self.connections: dict[str, ConnectionConfig] = {}
        self.tables: dict[tuple[str, str], Any] = {}
        self.traits: dict[tuple[str, str], Traits] = {}
        self.ids: Counter[str] = Counter()
        self.known = Known(self._next_id)
        self.ground = Ground(Config(), {}, {})
        self.now = 1_000 * SECOND
        self.seq = 0

    def _next_id(self, kind: str, n: int = 1) -> int:
        self.ids[kind] += n
        return self.ids[kind]

    # --- what there is

    def connection(
        self,
        name: str,
        ordering: str = "counter",
        *,
        mode: Mode = Mode.LIVE,
        belonging: Belonging | None = None,
        mapping: str = CUSTOMERS,
        visible_after: float = 0,
        **traits: Any,
    ) -> str:
        """Add a connection that nothing was read from yet; `visible_after` in seconds."""
        given = {EntityType.CUSTOMER: belonging or Belonging(create=Create.ALWAYS)}
        rank = len(self.connections) + 1
        self.connections[name] = ConnectionConfig(connector="any", seed_rank=rank, entities=given)
        for stream, table in load(mapping, "customers.yaml").streams.items():
            self.tables[name, stream] = table
            facts = {"create": "marker", "update": "version", "late_effect": 0, **traits}
            self.traits[name, stream] = Traits(Ordering(ordering), int(visible_after * SECOND), **facts)
        self.known.modes[name] = mode
        config = Config(connections=self.connections, policies=self.policies, deletes_from=self.deletes_from)
        self.ground = Ground(config, self.tables, self.traits)
        return name

    def read_whole(self, *names: str) -> None:
        """Say that everything was read there once: from now on what is new was born."""
        for name in names:
            self.known.first_reads[name, "customers"] = FirstRead(complete=True, at=self.now, high=self.now)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += round(seconds * SECOND)

    # --- what systems show

    def record(
        self,
        external_id: str,
        *,
        version: int | None = None,
        changed: float | None = None,
        created: float | None = None,
        birth: str | None = None,
        partial: bool = False,
        addresses: Mapping[str, Mapping[str, str]] | None = None,
        refs: Mapping[str, Ref | None] | None = None,
        times: Mapping[str, float] | None = None,
        **fields: Value,
    ) -> Record:
        """Return what a system shows; `addresses`: their ids there -> parts."""
        return Record(
            EntityType.CUSTOMER,
            "customers",
            external_id,
            {name.replace("__", "."): value for name, value in fields.items()},
            {} if addresses is None else {"addresses": [Element(i, dict(parts)) for i, parts in addresses.items()]},
            dict(refs or {}),
            version,
            None if changed is None else round(changed * SECOND),
            None if created is None else round(created * SECOND),
            {name: round(at * SECOND) for name, at in (times or {}).items()},
            partial,
            birth=birth,
        )

    def observation(
        self, name: str, record: Record, *, sent: float | None = None, seq: int | None = None, mapping: str = "m", **more: Any
    ) -> Observation:
        """Return a read of a record: sent now (or `sent`), with the next sequence number (or `seq`)."""
        self.seq += 1
        at = self.now if sent is None else round(sent * SECOND)
        ordered = self.seq if seq is None else seq
        return Observation(name, record, ordered, at, self.now, Source.POLL, f"digest {self.seq}".encode(), mapping, **more)

    def see(
        self,
        name: str,
        external_id: str,
        *,
        sent: float | None = None,
        seq: int | None = None,
        mapping: str = "m",
        marker: str | None = None,
        **shown: Any,
    ) -> Ruling:
        """Read a record and judge it."""
        record = self.record(external_id, **shown)
        seen = self.observation(name, record, sent=sent, seq=seq, mapping=mapping, marker=marker)
        return observe(self.known, self.ground, seen)

    def meet(self, name: str, external_id: str, **shown: Any) -> Entity:
        """Read a record; return whom it belongs to."""
        self.see(name, external_id, **shown)
        return self.known.resolve(self.link(name, external_id).entity_id)

    def lose(self, name: str, external_id: str, *, sent: float | None = None) -> Ruling:
        """Find a record gone."""
        self.seq += 1
        at = self.now if sent is None else round(sent * SECOND)
        return observe_gone(self.known, self.ground, Gone(name, "customers", external_id, self.seq, at, self.now))

    # --- what the hub does

    def plan(self) -> list[Delivery]:
        """Plan as the pipeline does; return what is to be delivered."""
        for entity in self.known.entities.values():
            self.known.touch(entity)
        return plan_deliveries(self.known, self.ground, self.now)[0]

    def send(self, name: str, external_id: str) -> Attempt:
        """Freeze what is due at a record."""
        self.plan()
        link = self.link(name, external_id)
        self.seq += 1
        delivery = self.known.deliveries[link.id]
        sinks = {key: Notebook() for key in self.tables}
        attempt = freeze_update(self.known, self.ground, sinks, delivery, link, {}, self.now, self.seq)
        assert attempt is not None, f"nothing is due at {name} {external_id}"
        return attempt

    def create(self, name: str, entity: Entity) -> Attempt | None:
        """Freeze a new record at a connection, where one is due."""
        self.plan()
        self.seq += 1
        sinks = {key: Notebook() for key in self.tables}
        delivery = self.known.created[entity.id, name, "customers"]
        attempt = freeze_create(self.known, self.ground, sinks, delivery, entity, self.now, self.seq)
        if attempt is not None:
            self.known.creates.setdefault((name, "customers"), []).append(attempt)
        return attempt

    def end(
        self,
        attempt: Attempt,
        kind: OutcomeKind = OutcomeKind.DONE,
        *,
        answer: Mapping[str, Any] | None = None,
        source: Source = Source.ANSWER,
        **more: Any,
    ) -> None:
        """End an attempt; `answer`: the record that the write's own answer shows."""
        self.seq += 1
        outcome = Outcome(attempt.id, kind, self.seq, self.now, **more)
        if answer is not None:
            shown = self.record(attempt.external_id or outcome.external_id or "new", **answer)
            outcome.seen = self.observation(attempt.connection, shown)
            outcome.seen.source = source
        apply_outcome(self.known, self.ground, outcome)

    # --- what came of it

    def link(self, name: str, external_id: str) -> Link:
        """Return the link of a record."""
        return self.known.links[LinkKey(name, "customers", external_id)]

    def claim(self, name: str, external_id: str, path: str) -> Claim:
        """Return the claim of a field."""
        return self.link(name, external_id).claims[path]

    def golden(self, entity: Entity, path: str) -> Value:
        """Return the golden value of a field, None where there is none."""
        found = entity.golden.get(path)
        return found.value if found is not None else None

    def due(self, name: str, external_id: str) -> dict[str, Value]:
        """Return what should change at a record: path -> value."""
        link = self.link(name, external_id)
        return {line.path: line.wanted for line in due_lines(self.ground, link, self.known.resolve(link.entity_id))}

    def asked(self) -> list[ReviewKind]:
        """Return the questions so far."""
        return [question.kind for question in self.known.questions]

    def notes(self) -> list[str]:
        """Return what the journal says happened, in order."""
        return [note.kind for note in self.known.notes]

    def reads(self) -> Sequence[str]:
        """Return why records are to be read again."""
        return [reread.reason for reread in self.known.rereads]
