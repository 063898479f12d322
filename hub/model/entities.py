"""The canonical shapes: what a customer, a location, a product, a variant and an inventory level are here.

Field kinds say how a value is written (see `hub.model.values`); mapping files, policies, the CLI and the generated schemas all
read this one table. Dotted families: `consent.<purpose>` holds `granted` or `withdrawn`, `custom.<name>` a retailer's own text.
Lists hold elements with ids of their own; `tags` is a set whose elements are the words themselves.
"""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel

from hub.model import documents
from hub.model.fieldkinds import Kind as Kind
from hub.model.record import EntityType

Text = Annotated[str | None, Kind.TEXT]
Flag = Annotated[bool | None, Kind.FLAG]


class Address(BaseModel):
    """A postal address of a customer. Natural key: line1, postal_code, country_code."""

    given_name: Text = None
    family_name: Text = None
    company: Text = None
    line1: Text = None
    line2: Text = None
    city: Text = None
    region: Text = None
    postal_code: Text = None
    country_code: Annotated[str | None, Kind.COUNTRY] = None
    phone: Annotated[str | None, Kind.PHONE] = None


class ContactPoint(BaseModel):
    """A further way to reach a customer, beside the main `email` and `phone`. Natural key: kind, value."""

    kind: Text = None
    value: Text = None
    role: Text = None
    verified: Flag = None


class Customer(BaseModel):
    """A person or a firm that buys. `email` is the main address and often the login of an account."""

    given_name: Text = None
    family_name: Text = None
    company: Text = None
    email: Annotated[str | None, Kind.EMAIL] = None
    email_verified: Flag = None
    phone: Annotated[str | None, Kind.PHONE] = None
    birth_date: Annotated[str | None, Kind.DATE] = None
    locale: Text = None
    note: Text = None
    loyalty_tier: Text = None
    member_since: Annotated[str | None, Kind.INSTANT] = None
    addresses: Annotated[list[Address], Kind.LIST] = []
    contact_points: Annotated[list[ContactPoint], Kind.LIST] = []
    tags: Annotated[list[str], Kind.SET] = []


class Location(BaseModel):
    """A store, a warehouse or another place that holds stock. `code` is the retailer's own and matches across systems."""

    code: Text = None
    name: Text = None
    usage: Text = None
    active: Flag = None
    line1: Text = None
    city: Text = None
    postal_code: Text = None
    country_code: Annotated[str | None, Kind.COUNTRY] = None
    phone: Annotated[str | None, Kind.PHONE] = None


class Product(BaseModel):
    """What is sold; its variants carry SKU, barcode, price and stock. `status`: active, draft or archived."""

    title: Text = None
    description: Text = None
    handle: Text = None
    brand: Text = None
    category: Text = None
    status: Text = None
    tags: Annotated[list[str], Kind.SET] = []


class Variant(BaseModel):
    """One thing on a shelf. References: `product`. Natural keys: sku, then barcode."""

    sku: Text = None
    barcode: Text = None
    title: Text = None
    price: Annotated[dict[str, object] | None, Kind.MONEY] = None
    compare_at_price: Annotated[dict[str, object] | None, Kind.MONEY] = None
    tracked: Flag = None
    active: Flag = None


class InventoryLevel(BaseModel):
    """How much of a variant is at a location, in units. References: `variant`, `location`. Quantities are sums of movements."""

    on_hand: Annotated[int | None, Kind.QUANTITY] = None
    reserved: Annotated[int | None, Kind.QUANTITY] = None
    available: Annotated[int | None, Kind.QUANTITY] = None


SHAPES: Final[dict[EntityType, type[BaseModel]]] = {
    EntityType.CUSTOMER: Customer,
    EntityType.LOCATION: Location,
    EntityType.PRODUCT: Product,
    EntityType.VARIANT: Variant,
    EntityType.INVENTORY_LEVEL: InventoryLevel,
    **documents.SHAPES,
}
ELEMENTS: Final[dict[str, type[BaseModel]]] = {"addresses": Address, "contact_points": ContactPoint, **documents.ELEMENTS}
REFERENCES: Final[dict[EntityType, dict[str, EntityType]]] = {
    EntityType.VARIANT: {"product": EntityType.PRODUCT},
    EntityType.INVENTORY_LEVEL: {"variant": EntityType.VARIANT, "location": EntityType.LOCATION},
    **documents.REFERENCES,
}
WITH_FAMILIES: Final = frozenset(
    {EntityType.CUSTOMER, EntityType.PRODUCT, EntityType.VARIANT, EntityType.ORDER, EntityType.TICKET}
)
FAMILIES: Final[dict[str, Kind]] = {"consent": Kind.TEXT, "custom": Kind.TEXT}


def _kinds(shape: type[BaseModel]) -> dict[str, Kind]:
    return {name: next(m for m in info.metadata if isinstance(m, Kind)) for name, info in shape.model_fields.items()}


FIELDS: Final[dict[EntityType, dict[str, Kind]]] = {entity: _kinds(shape) for entity, shape in SHAPES.items()}
ELEMENT_FIELDS: Final[dict[str, dict[str, Kind]]] = {name: _kinds(shape) for name, shape in ELEMENTS.items()}


def kind_of(entity: EntityType, path: str) -> Kind | None:
    """Return the kind of `given_name`, `custom.size`, `addresses.city`; None where there is no such field."""
    head, _, tail = path.partition(".")
    if not tail:
        return FIELDS[entity].get(head)
    if head == "summary":
        return documents.SUMMARIES.get(entity, {}).get(tail)
    if head in FAMILIES and entity in WITH_FAMILIES:
        return FAMILIES[head]
    return ELEMENT_FIELDS.get(head, {}).get(tail) if head in FIELDS[entity] else None
