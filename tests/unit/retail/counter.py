"""A store with a till whose levels tell what moved, and a shop whose orders do: the real pipeline over a real store."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping

from hub.config import Config, ConnectionConfig, MovesBy, Start, StockRule
from hub.mapping import load
from hub.mapping.ground import Ground
from hub.model.ledger import Movement, Share
from hub.model.record import EntityType, RawRecord
from hub.model.run import ConnectionState, CursorRow, Mode
from hub.model.traits import Ordering, Traits
from hub.model.values import SECOND, Doc, Value
from hub.pipeline import absorb
from hub.retail import View, views
from hub.runtime.promises import let_go
from hub.store import open_store
from hub.store.known import begin_known, load_entities, load_stock
from hub.store.unit import Unit

FILES = {
    "locations": "entity: location\nfields: {code: code}",
    "variants": "entity: variant\nfields: {sku: sku}",
    "inventory": "entity: inventory_level\nversion: version\n"
    "fields: {on_hand: {path: on_hand, as: count}, available: {path: available, as: count}, "
    "reserved: {path: reserved, as: count}}\n"
    "refs: {variant: {path: variant, stream: variants}, location: {path: location, stream: locations}}",
    "orders": "entity: order\nversion: version\nfields:\n"
    "  number: number\n  state: state\n  placed_at: {path: placed, as: instant}\n"
    "  lines: {each: lines, identity: id, match_by: [sku, title], "
    "fields: {sku: sku, variant: variant, quantity: {path: quantity, as: count}}}\n"
    "refs: {location: {path: location, stream: locations}}",
    "fulfilments": "entity: fulfilment\nversion: version\nfields:\n"
    "  kind: kind\n  state: state\n  fulfilled_at: {path: at, as: instant}\n"
    "  pieces: {each: pieces, identity: line, match_by: [line, sku], "
    "fields: {line: line, quantity: {path: quantity, as: count}}}\n"
    "refs: {order: {path: order, stream: orders}, location: {path: location, stream: locations}}",
    "refunds": "entity: refund\nversion: version\nfields:\n"
    "  state: state\n  refunded_at: {path: at, as: instant}\n"
    "  pieces: {each: pieces, identity: line, match_by: [line, sku], "
    "fields: {line: line, quantity: {path: quantity, as: count}, restocked: {path: restocked, as: flag}}}\n"
    "refs: {order: {path: order, stream: orders}, location: {path: location, stream: locations}}",
}
TABLES = {
    stream: load(f"mapping: 1\nconnector: any\nstream: {stream}\nidentity: id\n{text}\n", f"{stream}.yaml").streams[stream]
    for stream, text in FILES.items()
}
KEYED = Traits(Ordering.COUNTER, adjust="idempotency_key", deltas=True)
TILL = StockRule(opening=True)
SHOP = StockRule(moves_by=MovesBy.DOCUMENTS)


class Counter:
    """`rules`: connection -> its rule at the one location, None: it has none there. Both opened with ten. Time in seconds."""

    def __init__(self, rules: Mapping[str, StockRule | None], mode: Mode = Mode.LIVE) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.url = f"sqlite:///{self.folder.name}/hub.db"
        self.store = open_store(self.url, synchronous="OFF")
        self.store.migrate()
        stock = {name: {"berlin": rule} if rule is not None else {} for name, rule in rules.items()}
        connections = {
            name: ConnectionConfig(connector=name, start=Start.LIVE, seed_rank=rank, stock=stock[name])
            for rank, name in enumerate(rules, start=1)
        }
        keys = [(name, stream) for name in rules for stream in TABLES]
        self.ground = Ground(Config(connections=connections), {key: TABLES[key[1]] for key in keys}, dict.fromkeys(keys, KEYED))
        self.now = 1_000 * SECOND
        self.seq = 0
        with self.store.unit() as unit:
            for name in rules:
                unit.save_connection(ConnectionState(name, mode if name == "shop" else Mode.LIVE))
                unit.save_cursor(CursorRow(name, "inventory", first_complete_at=1, first_complete_seq=0))
        for name in rules:
            self.see(name, locations={"id": "p1", "code": "berlin"}, variants={"id": "v1", "sku": "S-1"})
            self.level(name, on_hand=10, available=10, reserved=0)

    def close(self) -> None:
        """Put everything away."""
        self.store.close()
        self.folder.cleanup()

    # --- what systems show

    def raw(self, name: str, stream: str, doc: Doc) -> RawRecord:
        """Make a read."""
        self.seq += 1
        return RawRecord(name, stream, {"version": self.seq, **doc}, self.seq, self.now, self.now)

    def see(self, name: str, **docs: Doc) -> None:
        """Read records, one per stream, in one batch."""
        self.take([self.raw(name, stream, doc) for stream, doc in docs.items()])

    def take(self, raws: list[RawRecord]) -> None:
        """Absorb a batch."""
        with self.store.unit() as unit:
            absorb(unit, self.ground, raws, self.now)

    def level(self, name: str, **figures: int) -> None:
        """Read the level of a connection."""
        self.see(name, inventory={"id": "l1", "variant": "v1", "location": "p1", **figures})

    def order(self, state: str, units: int = 2, *, name: str = "shop", at: float = 0.0, **more: Value) -> Doc:
        """Make an order as its system shows it; `at`: seconds after the opening."""
        line = {"id": "1", "sku": "S-1", "variant": "v1", "quantity": units}
        placed = f"1970-01-01T00:{(1_010 + round(at)) // 60:02d}:{(1_010 + round(at)) % 60:02d}Z"
        return {"id": "100", "number": "1001", "state": state, "placed": placed, "location": "p1", "lines": [line], **more}

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.now += round(seconds * SECOND)

    def lapse(self) -> int:
        """Let go of what is kept back too long."""
        with self.store.unit() as unit:
            return let_go(unit, self.ground, self.now)

    # --- what came of it

    def figures(self) -> tuple[Value, Value, Value]:
        """Return on hand, reserved and available."""
        with self.store.unit() as unit:
            [level] = unit.entities_of_type(EntityType.INVENTORY_LEVEL)
            return (level.golden["on_hand"].value, level.golden["reserved"].value, level.golden["available"].value)

    def movements(self) -> list[Movement]:
        """Return every movement but the opening."""
        with self.store.unit() as unit:
            [level] = unit.entities_of_type(EntityType.INVENTORY_LEVEL)
            found = unit.movements(level.refs["variant"], level.refs["location"])
        return [movement for movement in found if movement.reason != "opening"]

    def shares(self) -> list[Share]:
        """Return what the order does to levels."""
        with self.store.unit() as unit:
            [order] = unit.entities_of_type(EntityType.ORDER)
            return unit.shares_of([order.id])

    def due(self, name: str) -> int:
        """Return the change that is due at a connection."""
        return self.work(lambda found: next(view.delta() for view in found if view.connection == name))

    def work(self, ask: Callable[[list[View]], int]) -> int:
        """Ask the views of the one level."""
        with self.store.unit() as unit:
            return ask(self._views(unit))

    def _views(self, unit: Unit) -> list[View]:
        known = begin_known(unit)
        [level] = unit.entities_of_type(EntityType.INVENTORY_LEVEL)
        load_entities(unit, known, [level.id])
        load_stock(unit, known, [level.id])
        return views(known, self.ground, known.entities[level.id])
