"""Laws of the stock ledger, by property, and the small worlds that showed why the rules are what they are."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.config import Config, ConnectionConfig, Reports, Start, StockRule
from hub.mapping import load
from hub.mapping.ground import Ground
from hub.model.outcome import OutcomeKind
from hub.model.record import EntityType, RawRecord
from hub.model.run import ConnectionState, CursorRow, Mode
from hub.model.traits import Ordering, Traits
from hub.model.values import SECOND
from hub.pipeline import absorb
from hub.store import open_store
from hub.store.store import Store
from tests.unit.retail.shelf import PAIR, Shelf

OPENS = StockRule(opening=True)
BOTH = StockRule(reports=Reports.BOTH)

Deed = tuple[str, int]
deeds = st.lists(st.tuples(st.sampled_from(["till", "shop", "promise", "send", "lost", "old"]), st.integers(-4, 4)), max_size=40)


class Town:
    """Two systems as they really are, and the hub's shelf; whatever happens, units are neither made nor lost."""

    def __init__(self) -> None:
        self.shelf = Shelf({"till": OPENS, "shop": BOTH})
        self.units = {"till": 10, "shop": 10}
        self.promised = 0
        self.moved = 0
        self.look("till")
        self.look("shop")

    def look(self, name: str) -> None:
        """Let the hub read one of them."""
        self.shelf.wait(60)
        self.shelf.see(name, **self.figures(name))

    def figures(self, name: str) -> dict[str, int]:
        """Return what a system shows."""
        units = self.units[name]
        return {"on_hand": units} | ({"available": units - self.promised, "reserved": self.promised} if name == "shop" else {})

    def do(self, deed: Deed) -> None:
        """Let something happen, seen or not."""
        what, units = deed
        getattr(self, what)(units)

    def till(self, units: int) -> None:
        self.units["till"] += units
        self.moved += units

    def shop(self, units: int) -> None:
        self.units["shop"] += units
        self.moved += units

    def promise(self, units: int) -> None:
        self.promised = max(0, self.promised + units)

    def old(self, units: int) -> None:
        """A lagging replica answers."""
        self.shelf.see("till", on_hand=self.units["till"] + units, changed=-7200)

    def send(self, units: int) -> None:
        for name in ("till", "shop"):
            self.deliver(name)

    def lost(self, units: int) -> None:
        """The answer is lost, somebody moves stock, the same change is sent under its key again."""
        name = "till" if units % 2 else "shop"
        if self.shelf.due(name):
            attempt = self.shelf.send(name)
            self.units[name] += attempt.change["after"]["delta"]
            self.shelf.end(attempt, OutcomeKind.UNKNOWN)
            self.till(units)
            self.shelf.wait(60)
            self.shelf.see(name, **self.figures(name))
            self.shelf.end(attempt, answer=self.figures(name))

    def deliver(self, name: str) -> None:
        if self.shelf.due(name):
            self.shelf.wait(60)
            attempt = self.shelf.send(name)
            self.units[name] += attempt.change["after"]["delta"]
            self.shelf.end(attempt, answer=self.figures(name))


@given(deeds)
@settings(max_examples=100, deadline=None)
def test_balance_is_the_sum_of_its_movements_whatever_happens(done: Sequence[Deed]) -> None:
    town = Town()
    for deed in done:
        town.do(deed)
        assert town.shelf.known.balances[PAIR].on_hand == sum(town.shelf.deltas())
    for _ in range(3):
        town.look("till")
        town.look("shop")
        town.send(0)
    assert town.shelf.known.balances[PAIR].on_hand == 10 + town.moved
    free = max(0, 10 + town.moved - town.promised)
    assert (town.units["till"], town.units["shop"] - town.promised) == (free, free)


# --- absorb(a + b) leaves what absorb(a); absorb(b) leaves

FILES = {
    "locations": "entity: location\nfields: {code: code}",
    "variants": "entity: variant\nfields: {sku: sku}",
    "inventory": "entity: inventory_level\nchanged_at: changed_at\n"
    "fields: {on_hand: {path: on_hand, as: count}, available: {path: available, as: count}, "
    "reserved: {path: reserved, as: count}}\n"
    "refs: {variant: {path: variant, stream: variants}, location: {path: location, stream: locations}}",
}
TABLES = {
    stream: load(f"mapping: 1\nconnector: any\nstream: {stream}\nidentity: id\n{text}\n", f"{stream}.yaml").streams[stream]
    for stream, text in FILES.items()
}
NAMES = ("till", "shop")


def ground() -> Ground:
    rules = {"till": OPENS, "shop": BOTH}
    connections = {
        name: ConnectionConfig(connector=name, start=Start.LIVE, seed_rank=rank, stock={"default": rules[name]})
        for rank, name in enumerate(NAMES, start=1)
    }
    keys = [(name, stream) for name in NAMES for stream in TABLES]
    traits = Traits(Ordering.CHANGED_AT, adjust="idempotency_key", deltas=True)
    return Ground(Config(connections=connections), {key: TABLES[key[1]] for key in keys}, dict.fromkeys(keys, traits))


def payload(stream: str, ident: int, figures: tuple[int, int]) -> dict[str, Any]:
    if stream == "inventory":
        on_hand, reserved = figures
        level = {"on_hand": on_hand, "available": on_hand - reserved, "reserved": reserved}
        return {"id": f"l{ident}", "variant": f"v{ident}", "location": "p1", **level}
    return {"id": f"{'p' if stream == 'locations' else 'v'}{ident}", "code": "berlin", "sku": f"S-{ident}"}


reads = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(["inventory", "inventory", "inventory", "variants", "locations"]),
        st.integers(1, 2),
        st.tuples(st.integers(-2, 12), st.integers(0, 3)),
        st.integers(0, 3),
    ),
    min_size=2,
    max_size=14,
)


def raws(rows: Sequence[Any]) -> list[RawRecord]:
    made = []
    for position, (name, stream, ident, figures, back) in enumerate(rows, start=1):
        at = (1_000 + position) * SECOND
        body = payload(stream, 1 if stream == "locations" else ident, figures)
        body["changed_at"] = f"1970-01-01T00:{16 + (40 + position - back) // 60:02d}:{(40 + position - back) % 60:02d}Z"
        made.append(RawRecord(name, stream, body, position, at, at))
    return made


def fresh() -> Store:
    store = open_store(f"sqlite:///{tempfile.mkdtemp()}/hub.db", synchronous="OFF")
    store.migrate()
    with store.unit() as unit:
        for name in NAMES:
            unit.save_connection(ConnectionState(name, Mode.LIVE))
            unit.save_cursor(CursorRow(name, "inventory", first_complete_at=1, first_complete_seq=0))
    return store


def left_by(batches: Sequence[Sequence[RawRecord]]) -> dict[str, Any]:
    store = fresh()
    for batch in batches:
        with store.unit() as unit:
            absorb(unit, ground(), batch, 2_000 * SECOND)
    with store.unit() as unit:
        entities = unit.entities_of_type(EntityType.INVENTORY_LEVEL)
        links = unit.links_of([entity.id for entity in entities])
        pairs = [(entity.refs["variant"], entity.refs["location"]) for entity in entities]
        found = {
            "figures": [(pair, {path: g.value for path, g in e.golden.items()}) for pair, e in zip(pairs, entities, strict=True)],
            "levels": [(link.connection, link.external_id, link.levels, link.owed_read) for link in links],
            "balances": unit.balances(pairs),
            "movements": [(m.connection, m.delta, m.occurred_at, m.reason) for pair in pairs for m in unit.movements(*pair)],
            "deliveries": sorted((d.connection, d.entity_id, d.kind, d.state) for d in unit.open_deliveries()),
        }
    store.close()
    return found


@given(reads, st.integers(0, 14))
@settings(max_examples=25, deadline=None)
def test_absorb_leaves_the_same_when_a_batch_is_split(rows: Sequence[Any], cut: int) -> None:
    items = raws(rows)
    whole = left_by([items])
    assert left_by([items[:cut], items[cut:]]) == whole
    for pair, balance in whole["balances"].items():
        figures = dict(whole["figures"])[pair]
        assert figures["on_hand"] == (balance.on_hand if balance.opened else None)


# --- one shelf, a shop that reserves and ships, a till, counts and deliveries (DESIGN, model/stock.py)


def _live(seed: int, rule: StockRule) -> tuple[int, int]:
    """Return (oversold, ticks with a wrong free figure) of one small world that is read after every step."""
    rng = random.Random(seed)
    shelf = Shelf({"shop": rule})
    units, promised, oversold, wrong = 20, 0, 0, 0
    shelf.see("shop", on_hand=units, available=units, reserved=0)
    for _ in range(120):
        chance = rng.random()
        free = shelf.figures()["available"]
        if chance < 0.2 and free > 0:
            oversold += units - promised <= 0
            promised += 1
        elif chance < 0.4 and promised and units:
            units, promised = units - 1, promised - 1
        elif chance < 0.6 and free > 0:
            oversold += units - promised <= 0
            units -= units > 0
        elif chance < 0.7:
            units += rng.randrange(1, 4)
        elif chance < 0.75:
            units = max(0, units - 1)  # the shelf is counted: one is not there
        shelf.wait(60)
        shelf.see("shop", on_hand=units, available=units - promised, reserved=promised)
        wrong += shelf.figures()["available"] != units - promised
    return oversold, wrong


@pytest.mark.parametrize("seed", range(20))
def test_promises_kept_as_a_state_never_oversell(seed: int) -> None:
    assert _live(seed, StockRule(opening=True, reports=Reports.BOTH)) == (0, 0)
