"""One variant at one location, seen by several connections: the rules of stock without store, network or threads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hub.config import Config, ConnectionConfig, Start, StockRule
from hub.mapping import load
from hub.mapping.ground import Ground
from hub.model.delivery import Attempt, AttemptState, Delivery, DeliveryKind, DeliveryState
from hub.model.entity import Entity, Golden
from hub.model.known import Known
from hub.model.ledger import Balance
from hub.model.link import Level, Link
from hub.model.outcome import Outcome, OutcomeKind
from hub.model.record import EntityType, Gone, Observation, RawRecord, Record, Source
from hub.model.review import Fate
from hub.model.run import Mode
from hub.model.traits import FirstRead, Ordering, Traits
from hub.model.values import SECOND, Doc, Micros, Value
from hub.push.adjust import freeze_adjust, has_yes
from hub.retail import apply_shift, due_shift, follow_level, lose_level, meet_level, plan_quantities, refresh, view
from hub.sdk import Call, Change, Sink

VARIANT, LOCATION, LEVEL = 1, 2, 3
PAIR = (VARIANT, LOCATION)
KEYED = Traits(Ordering.CHANGED_AT, adjust="idempotency_key", deltas=True)
PLAIN = Traits(Ordering.CHANGED_AT, adjust="plain", late_effect=5 * SECOND)
MAPPING = """
mapping: 1
connector: any
stream: inventory
entity: inventory_level
identity: id
fields: {on_hand: {path: on_hand, as: count}}
"""
TABLE = load(MAPPING, "inventory.yaml")


class Book(Sink[Any]):
    """A sink that writes down what it is asked."""

    def calls(self, change: Change) -> list[Call]:
        return [Call("adjust", change.after)]


class Shelf:
    """`rules`: connection -> its rule. All are live and have been read whole unless told otherwise. Time is in seconds."""

    def __init__(
        self, rules: Mapping[str, StockRule], traits: Mapping[str, Traits] | None = None, start: Start = Start.LIVE
    ) -> None:
        connections = {
            name: ConnectionConfig(connector=name, start=start, seed_rank=rank, stock={"berlin": rule})
            for rank, (name, rule) in enumerate(rules.items(), start=1)
        }
        keys = [(name, "inventory") for name in rules]
        given = traits or {}
        self.ground = Ground(
            Config(connections=connections),
            dict.fromkeys(keys, TABLE.streams["inventory"]),
            {key: given.get(key[0], KEYED) for key in keys},
        )
        self.ids: Counter[str] = Counter()
        self.known = Known(self._next_id)
        self.known.modes = dict.fromkeys(rules, Mode.LIVE)
        self.known.first_reads = {key: FirstRead(complete=True, high=None) for key in keys}
        self.known.add_entity(Entity(VARIANT, EntityType.VARIANT))
        code = {"code": Golden("berlin", 0, 0, 1)}
        self.known.add_entity(Entity(LOCATION, EntityType.LOCATION, code))
        self.entity = Entity(LEVEL, EntityType.INVENTORY_LEVEL, refs={"variant": VARIANT, "location": LOCATION})
        self.known.add_entity(self.entity)
        self.known.balances[PAIR] = Balance(*PAIR)
        self.now: Micros = 1_000 * SECOND
        self.seq = 0

    def _next_id(self, kind: str, n: int = 1) -> int:
        self.ids[kind] += n
        return self.ids[kind]

    # --- what systems show

    def see(
        self,
        name: str,
        *,
        sent: float = 0.0,
        changed: float | None = 0.0,
        seq: int | None = None,
        version: int | None = None,
        **figures: int,
    ) -> Fate:
        """Read a level: `sent` seconds from now, showing a change `changed` seconds from now, or a counter."""
        seen = self.observation(name, sent=sent, changed=changed, seq=seq, version=version, **figures)
        link = self.link(name)
        if link is not None:
            return follow_level(self.known, self.ground, link, seen)
        link = Link(self._next_id("link"), name, "inventory", f"{name}-level", EntityType.INVENTORY_LEVEL, LEVEL)
        self.known.add_link(link)
        meet_level(self.known, self.ground, link, seen)
        return Fate.APPLIED

    def observation(
        self,
        name: str,
        *,
        sent: float = 0.0,
        changed: float | None = 0.0,
        seq: int | None = None,
        version: int | None = None,
        **figures: int,
    ) -> Observation:
        """Make what `see` takes in."""
        self.seq += 1
        at = self.now + round(sent * SECOND)
        fields: dict[str, Value] = dict(figures)
        moment = None if changed is None else self.now + round(changed * SECOND)
        record = Record(EntityType.INVENTORY_LEVEL, "inventory", f"{name}-level", fields, version=version, changed_at=moment)
        return Observation(name, record, self.seq if seq is None else seq, at, at, Source.POLL, b"d", "m")

    def lose(self, name: str) -> None:
        """Find a level gone."""
        self.seq += 1
        link = self.link(name)
        assert link is not None
        lose_level(self.known, self.ground, link, Gone(name, "inventory", link.external_id, self.seq, self.now, self.now))

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += round(seconds * SECOND)

    # --- what the hub does

    def plan(self) -> list[Delivery]:
        """Plan as the pipeline does; return what is open."""
        self.known.touch(self.entity)
        plan_quantities(self.known, self.ground, self.now, has_yes)
        return [self.known.deliveries[i] for i in sorted(self.known.deliveries)]

    def send(self, name: str) -> Attempt:
        """Freeze what is due for a connection."""
        self.plan()
        link = self.link(name)
        assert link is not None
        shift = due_shift(self.known, self.ground, link)
        assert shift is not None, f"nothing is due for {name}"
        self.seq += 1
        sinks = {(name, "inventory"): Book()}
        return freeze_adjust(self.known, self.ground, sinks, self.known.deliveries[link.id], link, shift, self.now, self.seq)

    def end(
        self,
        attempt: Attempt,
        kind: OutcomeKind = OutcomeKind.DONE,
        *,
        answer: Mapping[str, int] | None = None,
        written: Doc | None = None,
        **more: Any,
    ) -> None:
        """End an attempt; `answer`: the figures in the write's own answer."""
        self.seq += 1
        outcome = Outcome(attempt.id, kind, self.seq, self.now, **more)
        if answer is not None:
            seen = self.observation(attempt.connection, **answer)
            outcome.seen = replace(seen, source=Source.ANSWER)
            payload: Doc = {"written": written} if written else {}
            outcome.raw = RawRecord(attempt.connection, "inventory", payload, self.seq, self.now, self.now, Source.ANSWER)
        apply_shift(self.known, self.ground, outcome)

    # --- what came of it

    def link(self, name: str) -> Link | None:
        """Return a connection's link."""
        return next((link for link in self.known.by_entity[LEVEL] if link.connection == name), None)

    def level(self, name: str, figure: str = "on_hand") -> Level:
        """Return the quantity side of a connection's link."""
        link = self.link(name)
        assert link is not None
        return link.levels[figure]

    def due(self, name: str) -> int:
        """Return the change that is due at a connection, in units; 0: none."""
        link = self.link(name)
        shift = due_shift(self.known, self.ground, link) if link is not None else None
        return shift.delta if shift is not None else 0

    def why(self, name: str) -> str:
        """Return why nothing is sent to a connection."""
        link = self.link(name)
        assert link is not None
        return view(self.known, self.ground, self.entity, link).why

    def asks(self, name: str) -> bool:
        """Say whether a change for a connection waits for a yes."""
        link = self.link(name)
        assert link is not None
        self.plan()
        return self.known.deliveries[link.id].state is DeliveryState.ASKING

    def figures(self) -> dict[str, Value]:
        """Return the golden figures."""
        return {path: golden.value for path, golden in self.entity.golden.items()}

    def deltas(self) -> list[int]:
        """Return the movements so far."""
        return [movement.delta for movement in self.known.movements]

    def refresh(self) -> None:
        """Look at the level again after something beside it changed."""
        refresh(self.known, self.ground, self.entity, self.now)


__all__ = ["KEYED", "PAIR", "PLAIN", "AttemptState", "DeliveryKind", "Shelf"]
