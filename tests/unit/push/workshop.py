"""A workshop for what is sent: entities, links and claims put there by hand, no rule asked how they came about.

`till` is the system that is written to,
`shop` one that is only read. Times are micros; golden values have version 5 unless said otherwise.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from hub.config import Belonging, Config, ConnectionConfig, Create
from hub.config.shape import Update
from hub.mapping import Mapping, load
from hub.mapping.ground import Ground
from hub.model.delivery import Attempt, Delivery, DeliveryKind
from hub.model.entity import Entity, Golden
from hub.model.known import Known
from hub.model.link import Claim, Link
from hub.model.record import EntityType
from hub.model.run import Mode
from hub.model.traits import Ordering, Traits
from hub.model.values import Value
from hub.push.due import plan_deliveries
from hub.sdk import Call, Change, Safe, Sink

HEAD: Final = "mapping: 1\nconnector: any\nstream: {}\nentity: {}\nidentity: id\n"
CUSTOMERS: Final = (
    HEAD.format("customers", "customer")
    + """
fields:
  given_name: first
  family_name: {path: last, max_length: 5}
  email: {path: email, as: email, create_only: true, required: true}
  phone: {path: phone, only: read}
  note: note
  summary.context: {path: about, yields: true}
  summary.spent: {path: spent, minor: iso, currency: EUR}
  tags: {set: tags}
  contact_points: {each: points, only: read, fields: {value: v}}
  addresses: {each: places, identity: id, fits: 2, match_by: [line1], fields: {line1: street, city: town}}
"""
)
PRODUCTS: Final = HEAD.format("products", "product") + "fields: {title: {path: title, required: true}, status: state}\n"
VARIANTS: Final = HEAD.format("variants", "variant") + (
    "fields: {sku: sku, price: {path: price, minor: iso, currency: EUR}}\nrefs: {product: {path: product, stream: products}}\n"
)
DEALS: Final = (
    HEAD.format("orders", "order")
    + """
projection: true
fields: {number: no, total: {path: sum, minor: iso, currency: EUR}}
refs: {customer: {path: contact, stream: customers}, location: {path: place, stream: locations}}
"""
)
REFUNDS: Final = HEAD.format("refunds", "refund") + (
    "projection: true\nfields: {reason: why}\nrefs: {order: {path: deal, stream: orders}}\n"
)
TEXTS: Final = {"customers": CUSTOMERS, "products": PRODUCTS, "variants": VARIANTS, "orders": DEALS, "refunds": REFUNDS}
STREAMS: Final = {
    EntityType.CUSTOMER: "customers",
    EntityType.PRODUCT: "products",
    EntityType.VARIANT: "variants",
    EntityType.ORDER: "orders",
    EntityType.REFUND: "refunds",
}
PERSON, PRODUCT, VARIANT, ORDER, REFUND = STREAMS
READ: Final = Belonging(update=Update.NONE)
ALWAYS: Final = Belonging(create=Create.ALWAYS)
SAFE: Final = Traits(Ordering.COUNTER, create="marker", update="version", delete="version")
MAIL: Final = "ada@example.org"


class Paper(Sink[Any]):
    """A sink whose calls nobody makes."""

    create = Safe.MARKER

    def calls(self, change: Change) -> list[Call]:
        return [Call(change.operation.value, change.after)]


@cache
def loaded(text: str) -> Mapping:
    """Return a compiled mapping; nobody changes one."""
    return load(text, "m.yaml")


class Workshop:
    """Two live systems and what is known of them. `entities`: what belongs in the till."""

    def __init__(
        self, *, belongs: dict[EntityType, Belonging] | None = None, traits: Traits = SAFE, texts: dict[str, str] | None = None
    ) -> None:
        tables = {(name, stream): loaded(text) for name in ("shop", "till") for stream, text in (texts or TEXTS).items()}
        given = dict.fromkeys(STREAMS, ALWAYS) if belongs is None else belongs
        connections = {
            "shop": ConnectionConfig(connector="any", seed_rank=1, entities=dict.fromkeys(STREAMS, READ)),
            "till": ConnectionConfig(connector="any", seed_rank=2, entities=given),
        }
        self.ground = Ground(Config(connections=connections), tables, dict.fromkeys(tables, traits), "hub")
        self.sinks = {key: Paper() for key in tables}
        self.ids = {"delivery": 0, "attempt": 0, "link": 0}
        self.known = Known(self.next_id)
        self.known.modes = {"shop": Mode.LIVE, "till": Mode.LIVE}

    def next_id(self, kind: str) -> int:
        self.ids[kind] += 1  # the store knows these kinds, too
        return self.ids[kind]

    def entity(self, ident: int, kind: EntityType, /, **golden: Value) -> Entity:
        """Add an entity, with a record in the shop; `__` stands for a dot, `_in_` for a slash."""
        entity = Entity(ident, kind, {path_of(name): Golden(value, 0, 0, 5) for name, value in golden.items()}, version=5)
        self.known.add_entity(entity)
        self.link(entity, "shop")
        self.known.look_at(entity)
        return entity

    def link(self, entity: Entity, connection: str = "till", /, *, by_hub: bool = False, **held: Value) -> Link:
        """Add a record of an entity, and what it was seen to hold."""
        ident, stream = self.next_id("link"), STREAMS.get(entity.type, "levels")
        link = Link(ident, connection, stream, f"{connection[0]}{ident}", entity.type, entity.id, by_hub=by_hub, version=3)
        link.claims = {path_of(name): Claim(held=value) for name, value in held.items()}
        self.known.add_link(link)
        return link

    def delivery(self, entity: Entity, link: Link | None = None, **more: Any) -> Delivery:
        """Return a delivery that the till waits for."""
        ident = link.id if link is not None else None
        stream = STREAMS.get(entity.type, "levels")
        return Delivery(self.next_id("delivery"), DeliveryKind.STATE, "till", stream, entity.type, entity.id, ident, **more)

    def open(self, entity: Entity, **more: Any) -> Attempt:
        """Add an attempt to make a record in the till."""
        stream = STREAMS[entity.type]
        made = Attempt(
            9, 1, DeliveryKind.STATE, "create", "till", stream, entity.type, entity.id, None, None, "k", [], {}, **more
        )
        self.known.creates.setdefault(("till", stream), []).append(made)
        return made

    def plan(self, now: int = 100, brake: str = "") -> tuple[list[Delivery], list[Delivery]]:
        """Plan; return what is kept and what is dropped."""
        return plan_deliveries(self.known, self.ground, now, brake)


def path_of(name: str) -> str:
    """Return a field path from a name of Python's."""
    return name.replace("__", ".").replace("_in_", "/")
