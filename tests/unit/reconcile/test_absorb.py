"""The law of `absorb`, by property: a batch leaves what its parts leave, and records that have nothing to do with each other may
come in any order. Customers of three systems, deletions, list elements, parts of a document."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.clock import instant
from hub.config import Belonging, Config, ConnectionConfig, Create, Start
from hub.mapping import load
from hub.mapping.ground import Ground
from hub.model.record import EntityType, Gone, RawRecord
from hub.model.run import ConnectionState, CursorRow, Mode
from hub.model.traits import Ordering, Traits
from hub.model.values import SECOND
from hub.pipeline import absorb
from hub.store import Store, open_store

CUSTOMERS = """
mapping: 1
connector: any
stream: customers
entity: customer
identity: id
version: v
changed_at: at
created_at: born
empty: [null, ""]
fields:
  given_name: first
  family_name: last
  email: {path: email, as: email}
  phone: phone
  tags: {set: tags}
  addresses:
    each: addresses
    identity: id
    match_by: [line1]
    fields: {line1: line1, city: city}
"""
PRODUCTS = """
mapping: 1
connector: any
stream: products
entity: product
identity: id
version: v
fields: {title: title}
parts:
  variants:
    each: variants
    stream: variants
    entity: variant
    identity: id
    fields: {sku: sku}
    refs: {product: {path: product, stream: products}}
"""
NAMES = ("crm", "shop", "till")
BELONGS = {kind: Belonging(create=Create.ALWAYS) for kind in (EntityType.CUSTOMER, EntityType.PRODUCT, EntityType.VARIANT)}
Row = tuple[str, str, int, int, int, tuple[int, ...]]
Item = RawRecord | Gone


def ground() -> Ground:
    connections = {
        name: ConnectionConfig(connector="any", start=Start.LIVE, seed_rank=rank, entities=BELONGS)
        for rank, name in enumerate(NAMES, start=1)
    }
    tables = {**load(CUSTOMERS, "customers.yaml").streams, **load(PRODUCTS, "products.yaml").streams}
    keys = [(name, stream) for name in NAMES for stream in tables]
    traits = Traits(Ordering.COUNTER, create="marker", update="version")
    return Ground(Config(connections=connections), {key: tables[key[1]] for key in keys}, dict.fromkeys(keys, traits))


GROUND = ground()

rows = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from(["customers", "customers", "customers", "products", "gone"]),
        st.integers(1, 3),
        st.integers(0, 4),
        st.integers(0, 9),
        st.lists(st.integers(1, 3), max_size=3, unique=True).map(tuple),
    ),
    min_size=2,
    max_size=12,
)


def item(position: int, row: Row) -> Item:
    """Make what a row says: a read of a record, or that it is gone. Numbers and times follow the position."""
    name, what, ident, version, word, more = row
    seq, at = position + 1, (1_000 + 10 * position) * SECOND
    if what == "gone":
        return Gone(name, "customers", str(ident), seq, at, at)
    if what == "products":
        variants = [{"id": f"{ident}-{n}", "sku": f"S-{ident}-{n}", "product": str(ident)} for n in more]
        return RawRecord(name, what, {"id": str(ident), "v": version, "title": f"T{word}", "variants": variants}, seq, at, at)
    body = {
        "id": str(ident),
        "v": version,
        "at": instant((900 + 10 * version + word) * SECOND),
        "born": instant(500 * SECOND),
        "first": f"Ada{ident}",
        "last": f"L{word}" if word else "",
        "email": f"p{ident}@example.org",
        "phone": f"+331234{ident}{word}",
        "tags": [f"t{n}" for n in more],
        "addresses": [{"id": n, "line1": f"Lane {n}", "city": f"C{word}"} for n in more],
    }
    return RawRecord(name, what, body, seq, at, at)


def fresh() -> Store:
    store = open_store(f"sqlite:///{tempfile.mkdtemp()}/hub.db", synchronous="OFF")
    store.migrate()
    with store.unit() as unit:
        for name in NAMES:
            unit.save_connection(ConnectionState(name, Mode.LIVE))
            unit.save_cursor(CursorRow(name, "customers", first_complete_at=1, first_complete_seq=0, first_high=SECOND))
    return store


def left_by(batches: Sequence[Sequence[Item]]) -> dict[str, Any]:
    """Absorb batches into a new store and return its canonical dump: everything but the numbers the store gives by itself."""
    store = fresh()
    for batch in batches:
        with store.unit() as unit:
            absorb(unit, GROUND, batch, 2_000 * SECOND)
    with store.unit() as unit:
        kinds = (EntityType.CUSTOMER, EntityType.PRODUCT, EntityType.VARIANT)
        entities = {entity.id: entity for kind in kinds for entity in unit.entities_of_type(kind)}
        links = unit.links_of(entities)
        names = {
            i: min((f"{k.connection}/{k.stream}/{k.external_id}" for k in links if k.entity_id == i), default="")
            for i in entities
        }
        called = {link.id: f"{link.connection}/{link.stream}/{link.external_id}" for link in links}
        numbered = {i: _elements(entity.golden) for i, entity in entities.items()}
        found = {
            "golden": sorted(
                (names[i], _path(numbered[i], path), repr(g.value), g.stamp, called.get(g.link_id, ""), g.standing)
                for i, entity in entities.items()
                for path, g in entity.golden.items()
            ),
            "states": sorted((names[i], entity.state, sorted(entity.refs)) for i, entity in entities.items()),
            "links": sorted((called[k.id], names[k.entity_id], k.state, k.version or 0, k.owed_read, k.ended_at) for k in links),
            "claims": sorted(
                (
                    called[k.id],
                    _path(numbered[k.entity_id], path),
                    repr(c.held),
                    repr(c.own),
                    c.stamp,
                    c.standing,
                    c.base,
                    c.misses,
                )
                for k in links
                for path, c in k.claims.items()
            ),
            "deliveries": sorted(
                (d.connection, d.stream, names[d.entity_id], called.get(d.link_id or 0, ""), d.state)
                for d in unit.open_deliveries()
            ),
            "reviews": sorted((r.kind, names.get(r.entity_id or 0, "")) for r in unit.reviews()),
            "waiting": sum(len(unit.waiting_past(name, 1 << 60, 1000)) for name in unit.connections()),
        }
    store.close()
    return found


def _elements(golden: dict[str, Any]) -> dict[str, str]:
    """Return what names an element for us: its natural key, not its number."""
    return {path: f"addresses/{g.value['line1']}" for path, g in golden.items() if path.startswith("addresses/") and g.value}


def _path(named: dict[str, str], path: str) -> str:
    return named.get(path, path)


@given(rows, st.lists(st.integers(0, 12), max_size=3))
@settings(max_examples=25, deadline=None)
def test_absorb_leaves_the_same_store_when_a_batch_is_split(said: Sequence[Row], cuts: Sequence[int]) -> None:
    items = [item(position, row) for position, row in enumerate(said)]
    edges = [0, *sorted(min(cut, len(items)) for cut in cuts), len(items)]
    parts = [items[start:end] for start, end in pairwise(edges)]
    assert left_by(parts) == left_by([items])


def _apart(said: Sequence[Row]) -> list[Row]:
    """Leave out deletions where a record shows a lower version: that is a sign of a restore, which ties a connection together.

    While it is looked into, no deletion of that connection is believed (Rule 6.62), whosever it is.
    """
    seen: dict[tuple[str, str, int], list[int]] = {}
    for name, what, ident, version, *_ in said:
        if what != "gone":
            seen.setdefault((name, what, ident), []).append(version)
    back = {name for (name, _, _), versions in seen.items() if versions != sorted(versions)}
    return [row for row in said if row[1] != "gone" or row[0] not in back]


@given(rows, st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_absorb_leaves_the_same_store_when_independent_records_change_places(said: Sequence[Row], chance: Any) -> None:
    """Different people and products, each with all that is said of them in order: how they are interleaved tells nothing."""
    said = _apart(said)
    items = [item(position, row) for position, row in enumerate(said)]
    by_whom: dict[tuple[bool, int], list[Item]] = {}
    for row, one in zip(said, items, strict=True):
        by_whom.setdefault((row[1] == "products", row[2]), []).append(one)
    turns = [whom for whom, ones in by_whom.items() for _ in ones]
    chance.shuffle(turns)
    queues = {whom: iter(ones) for whom, ones in by_whom.items()}
    assert left_by([[next(queues[whom]) for whom in turns]]) == left_by([items])


def test_deletion_is_not_believed_when_another_record_there_went_back() -> None:
    """Rule 6.62: the one way in which records of a connection depend on each other; so it is left out above."""
    said: list[Row] = [("crm", "customers", 1, 1, 0, ()), ("crm", "products", 1, 1, 0, ()), ("crm", "products", 1, 0, 0, ())]
    gone: Row = ("crm", "gone", 1, 0, 0, ())
    before, after = ([item(at, row) for at, row in enumerate(rows)] for rows in ([*said[:2], gone, said[2]], [*said, gone]))
    states = [[link[2] for link in left_by([batch])["links"] if "customers" in link[0]] for batch in (before, after)]
    assert states == [["ended"], ["live"]]


def test_absorb_leaves_the_same_store_when_a_record_comes_and_goes_in_one_batch() -> None:
    said: list[Row] = [("crm", "customers", 2, 0, 0, ()), ("crm", "gone", 2, 0, 0, ()), ("till", "customers", 2, 0, 0, ())]
    items = [item(position, row) for position, row in enumerate(said)]
    assert left_by([items[:2], items[2:]]) == left_by([items])
