"""Two live systems over a store in a file, with sinks that only write down: where what is sent, and when, is tried."""

from __future__ import annotations

from typing import Any

from hub.config import Belonging, Brakes, Config, ConnectionConfig, Create, Start
from hub.mapping import load
from hub.mapping.ground import Ground
from hub.model.delivery import Attempt
from hub.model.record import EntityType, RawRecord
from hub.model.run import ConnectionState, CursorRow, Mode
from hub.model.traits import Ordering, Traits
from hub.model.values import SECOND, Doc
from hub.pipeline import absorb
from hub.push.deliver import Deliverer
from hub.runtime.outbox import freeze, pick
from hub.sdk import Answer, AnswerKind, Call, Change, Safe, Sink
from hub.store import Store
from tests.unit.clocks import StillClock

NOW = 1_000 * SECOND
PRODUCTS = "mapping: 1\nconnector: any\nstream: products\nentity: product\nidentity: id\nversion: v\nfields: {title: title}\n"
VARIANTS = """
mapping: 1
connector: any
stream: variants
entity: variant
identity: id
version: v
fields: {sku: sku, price: {path: price, as: money, minor: 2, currency: EUR}}
refs: {product: {path: product, stream: products}}
"""


class Notebook(Sink[Any]):
    """A sink that writes down what it is asked, and says yes."""

    create = Safe.MARKER
    adjust = Safe.IDEMPOTENCY_KEY

    def __init__(self) -> None:
        self.keys: list[str] = []

    def calls(self, change: Change) -> list[Call]:
        return [Call("write", change.after)]

    def send(self, client: Any, call: Call, key: str, external_id: str | None) -> Answer:
        self.keys.append(key)
        return Answer(AnswerKind.DONE)

    def find(self, client: Any, change: Change) -> list[Doc]:
        return []


class Yard:
    """Two live systems with counters, a shop and a till; products are made at the till, variants too."""

    def __init__(self, store: Store, product: Create = Create.ALWAYS, update: str = "version") -> None:
        belongs = {EntityType.PRODUCT: Belonging(create=product), EntityType.VARIANT: Belonging(create=Create.ALWAYS)}
        connections = {
            "shop": ConnectionConfig(connector="any", start=Start.LIVE, seed_rank=1),
            "till": ConnectionConfig(connector="any", start=Start.LIVE, seed_rank=2, entities=belongs),
        }
        tables = {stream: load(text, f"{stream}.yaml") for stream, text in (("products", PRODUCTS), ("variants", VARIANTS))}
        traits = Traits(Ordering.COUNTER, create="marker", update=update)
        keys = [(name, stream) for name in connections for stream in tables]
        config = Config(connections=connections, brakes=Brakes(prices=0.1))
        self.ground = Ground(config, {key: tables[key[1]] for key in keys}, dict.fromkeys(keys, traits))
        self.sinks = {key: Notebook() for key in keys}
        self.store = store
        self.seq = 0
        with store.unit() as unit:
            for name in connections:
                unit.save_connection(ConnectionState(name, Mode.LIVE))

    def see(self, name: str, stream: str, *docs: Doc) -> None:
        """Read documents."""
        self.seq += 1
        with self.store.unit() as unit:
            absorb(unit, self.ground, [RawRecord(name, stream, doc, self.seq, NOW, NOW) for doc in docs], NOW)

    def read_whole(self, name: str, *streams: str) -> None:
        """Say that streams were read whole once."""
        with self.store.unit() as unit:
            for stream in streams:
                unit.save_cursor(CursorRow(name, stream, first_complete_at=NOW, first_high=NOW))

    def picked(self, name: str = "till") -> tuple[int, ...]:
        """Return the deliveries that may go now."""
        with self.store.unit() as unit:
            return pick(unit, self.ground, name, unit.open_attempts(name), NOW, 100).ids

    def freeze(self, *ids: int) -> list[Attempt]:
        """Freeze deliveries."""
        with self.store.unit() as unit:
            return freeze(unit, self.ground, self.sinks, ids, [], NOW)

    def deliverer(self) -> Deliverer:
        """Return what carries out the attempts of the till."""
        sinks = {stream: self.sinks["till", stream] for stream in ("products", "variants")}
        return Deliverer("till", None, sinks, lambda *_: None, lambda: 1, StillClock(NOW), lambda *_: "7")
