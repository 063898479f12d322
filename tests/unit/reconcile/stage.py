"""A stage for the rules: some systems, one working set, and verbs that read like the rules. Times and numbers are small."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub.config import Belonging, Config, ConnectionConfig, Create, Policy
from hub.mapping import load
from hub.mapping.ground import Ground
from hub.model.delivery import Attempt, AttemptState, Delivery, DeliveryKind
from hub.model.entity import Entity
from hub.model.known import Known
from hub.model.link import Claim, Link, LinkKey
from hub.model.outcome import Outcome, OutcomeKind
from hub.model.record import Element, EntityType, Gone, Observation, Record, Source
from hub.model.run import Mode
from hub.model.traits import FirstRead, Ordering, Traits
from hub.model.values import SECOND, Doc, Micros, Value
from hub.push.attempt import freeze_create, freeze_update
from hub.push.due import due_lines, plan_deliveries
from hub.reconcile import Ruling, apply_outcome, observe, observe_gone
from hub.sdk import Call, Change, Sink

MAPPING = """
mapping: 1
connector: NAME
stream: customers
entity: customer
identity: id
version: version
changed_at: changed_at
created_at: created_at
empty: [null, ""]
fields:
  given_name: first_name
  family_name: {path: last_name, max_length: 12}
  email: {path: email, as: email, required: true, create_only: true, why: it is the login}
  phone: {path: phone, as: phone, silent: true}
  note: note
  consent.email_marketing: consents.email
  tags: {set: tags}
  addresses:
    each: addresses
    identity: id
    match_by: [line1, postal_code, country_code]
    fields: {line1: line1, city: city, postal_code: postal_code, country_code: {path: country, as: country}}
"""
PERSON = EntityType.CUSTOMER


class PaperSink(Sink[None]):
    """A sink whose calls nobody makes."""

    name = "customers"

    def calls(self, change: Change) -> Sequence[Call]:
        return [Call(change.operation.value, {"doc": change.patch()})]


class Stage:
    """Systems with one stream of customers each. `now` is in seconds and moves by one with everything that is told."""

    def __init__(
        self, *systems: str, traits: dict[str, Traits] | None = None, mapping: str = MAPPING, **policies: Policy
    ) -> None:
        self.now = 1_000.0
        self.seq = 0
        self._ids: dict[str, int] = {}
        given = traits or {}
        connections = {
            name: ConnectionConfig(connector=name, seed_rank=rank, entities={PERSON: Belonging(create=Create.ALWAYS)})
            for rank, name in enumerate(systems, start=1)
        }
        config = Config(connections=connections, policies={PERSON: {k.replace("__", "."): v for k, v in policies.items()}})
        tables = {(n, "customers"): load(mapping.replace("NAME", n), f"{n}.yaml").streams["customers"] for n in systems}
        facts = {(n, "customers"): given.get(n, Traits(Ordering.COUNTER, create="marker", update="version")) for n in systems}
        self.ground = Ground(config, tables, facts, "test")
        self.sinks = {(n, "customers"): PaperSink() for n in systems}
        self.known = Known(self._next)
        self.known.modes = dict.fromkeys(systems, Mode.LIVE)

    def _next(self, kind: str) -> int:
        self._ids[kind] = self._ids.get(kind, 0) + 1
        return self._ids[kind]

    def tick(self, seconds: float = 1.0) -> Micros:
        """Let time pass; return it."""
        self.now += seconds
        return round(self.now * SECOND)

    # --- what systems say

    def ask(self) -> tuple[int, Micros]:
        """Send a read; its number and time."""
        self.seq += 1
        return self.seq, self.tick()

    def record(self, name: str = "1", *, version: int | None = 1, **said: Any) -> Record:
        """Make a record. `changed_at`, `created_at` in seconds; `addresses`: {id: {...}}; `tags`: [...]; the rest are fields."""
        times = {k: round(said.pop(k) * SECOND) for k in ("changed_at", "created_at") if k in said}
        birth, partial = said.pop("birth", None), said.pop("partial", False)
        lists: dict[str, list[Element]] = {}
        if "addresses" in said:
            given = said.pop("addresses")  # a list: without ids
            lists["addresses"] = [
                Element(*one) for one in (given.items() if isinstance(given, dict) else ((None, x) for x in given))
            ]
        if "tags" in said:
            lists["tags"] = [Element(None, {"value": tag}) for tag in said.pop("tags")]
        fields = {path.replace("__", "."): value for path, value in said.items()}
        return Record(PERSON, "customers", name, fields, lists, version=version, birth=birth, partial=partial, **times)

    def seen(
        self, system: str, record: Record, *, asked: tuple[int, Micros] | None = None, source: Source = Source.POLL, **more: Any
    ) -> Observation:
        """Let a read arrive."""
        seq, sent_at = asked or self.ask()
        return Observation(system, record, seq, sent_at, self.tick(), source, f"{seq}".encode(), "m", **more)

    def shows(self, system: str, name: str = "1", *, asked: tuple[int, Micros] | None = None, **said: Any) -> Ruling:
        """Let a read of a record be judged."""
        return observe(self.known, self.ground, self.seen(system, self.record(name, **said), asked=asked))

    def lacks(self, system: str, name: str = "1") -> Ruling:
        """Let a read by id find nothing."""
        seq, sent_at = self.ask()
        return observe_gone(self.known, self.ground, Gone(system, "customers", name, seq, sent_at, self.tick()))

    def was_read(self, *systems: str, high: float | None = None) -> None:
        """Say that the first read of these systems is complete. `high`: the newest source time it saw (s)."""
        for system in systems:
            at = round(high * SECOND) if high is not None else None
            self.known.first_reads[system, "customers"] = FirstRead(complete=True, at=self.tick(), high=at)

    # --- what we do

    def writes(self, system: str, name: str = "1", raw: Doc | None = None) -> Attempt:
        """Freeze what is due on a record. `raw`: as it was last fetched."""
        link = self.link(system, name)
        delivery = Delivery(self._next("delivery"), DeliveryKind.STATE, system, "customers", PERSON, link.entity_id, link.id)
        self.seq += 1
        attempt = freeze_update(self.known, self.ground, self.sinks, delivery, link, raw, self.tick(), self.seq)
        assert attempt is not None, "nothing is due there"
        self.known.deliveries[link.id] = delivery
        return attempt

    def makes(self, system: str, entity_id: int = 1) -> Attempt:
        """Freeze a new record of an entity."""
        entity = self.known.entities[entity_id]
        delivery = Delivery(self._next("delivery"), DeliveryKind.STATE, system, "customers", PERSON, entity.id, None)
        self.seq += 1
        attempt = freeze_create(self.known, self.ground, self.sinks, delivery, entity, self.tick(), self.seq)
        assert attempt is not None, "a reference is missing"
        self.known.created[entity.id, system, "customers"] = delivery
        self.known.creates.setdefault((system, "customers"), []).append(attempt)
        return attempt

    def ends(self, attempt: Attempt, kind: OutcomeKind = OutcomeKind.DONE, answer: Record | None = None, **more: Any) -> None:
        """Let an attempt end. `answer`: the whole record as the write's own reply, or as found when it was looked for."""
        source = more.pop("source", Source.ANSWER)
        seen = self.seen(attempt.connection, answer, source=source, marker=more.pop("marker", None)) if answer else None
        self.seq += 1
        done = more.pop("done", len(attempt.calls) if kind is OutcomeKind.DONE else 0)
        told = {"external_id": answer.external_id if answer else attempt.external_id, **more}
        apply_outcome(self.known, self.ground, Outcome(attempt.id, kind, self.seq, self.tick(), done, seen=seen, **told))

    # --- what came of it

    def link(self, system: str, name: str = "1") -> Link:
        return self.known.links[LinkKey(system, "customers", name)]

    def claim(self, system: str, path: str, name: str = "1") -> Claim:
        return self.link(system, name).claims[path]

    def entity(self, entity_id: int = 1) -> Entity:
        return self.known.entities[entity_id]

    def golden(self, path: str, entity_id: int = 1) -> Value:
        found = self.entity(entity_id).golden.get(path)
        return found.value if found is not None else None

    def due(self, system: str, name: str = "1") -> dict[str, Value]:
        """Return what is to be written there."""
        link = self.link(system, name)
        return {line.path: line.wanted for line in due_lines(self.ground, link, self.known.entities[link.entity_id])}

    def planned(self) -> list[str]:
        """Plan; return where records are to be made."""
        for entity in self.known.entities.values():
            self.known.touch(entity)
        keep, _ = plan_deliveries(self.known, self.ground, self.tick())
        return [f"{d.connection} {d.state.value}" for d in keep if d.link_id is None]

    def asked(self) -> list[str]:
        """Return the kinds of questions that were opened."""
        return [question.kind.value for question in self.known.questions]

    def rereads(self) -> list[str]:
        """Return why records are to be read again."""
        return [reread.reason for reread in self.known.rereads]


def open_state(attempt: Attempt) -> bool:
    """Say whether an attempt still fences its link."""
    return attempt.state is not AttemptState.CLOSED
