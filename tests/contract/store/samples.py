"""Nouns to store, with every field set somewhere."""

from typing import Any

from hub.model.delivery import Attempt, AttemptState, Cover, Delivery, DeliveryKind, DeliveryState
from hub.model.entity import Entity, EntityState, Golden, Override
from hub.model.link import Claim, Level, Link, LinkState, Standing, Stands
from hub.model.record import EntityType, RawRecord, Source
from hub.model.run import Waiting


def link(ident: int, external_id: str = "", **more: Any) -> Link:
    return Link(ident, "shop", "customers", external_id or str(ident), EntityType.CUSTOMER, more.pop("entity_id", ident), **more)


def full_link(ident: int) -> Link:
    return Link(
        id=ident,
        connection="shop",
        stream="levels",
        external_id="é😀/\"'%s",
        entity_type=EntityType.INVENTORY_LEVEL,
        entity_id=5,
        state=LinkState.ENDED,
        birth="2020-01-01",
        by_hub=True,
        claims={
            "given_name": Claim("Zoë", 4, 9, None, 17, Standing.EDIT, 11, Stands(3, 17), 1, 2, 1, 99),
            "note": Claim(None, 5, 9, None),
        },
        elements={"addresses": {"a7": "1"}},
        levels={"on_hand": Level(-3, 4, 9, 2), "available": Level()},
        refs={"variant": "variants/12"},
        version=5,
        changed_at=1_700_000_000_000_000,
        digest=b"\x00\xff",
        mapping="m1",
        fence_seq=44,
        quiet_until=55,
        owed_read=True,
        attempt_id=66,
        suspect_version=0,
        suspect_at=77,
    )


def full_entity(ident: int) -> Entity:
    return Entity(
        id=ident,
        type=EntityType.CUSTOMER,
        golden={"email": Golden("a@example.org", 17, 3, 2), "note": Golden(None, 18, 0, 3, Standing.SEED)},
        overrides={"note": Override(None, "ada", 18, "asked for")},
        refs={"product": 9},
        state=EntityState.MERGED,
        alias_of=2,
        version=3,
        next_element=4,
        born_at=16,
    )


def entity(ident: int, **more: Any) -> Entity:
    return Entity(ident, EntityType.CUSTOMER, **more)


def delivery(ident: int, **more: Any) -> Delivery:
    given = {"kind": DeliveryKind.STATE, "connection": "shop", "stream": "customers", "link_id": ident, "entity_id": ident} | more
    return Delivery(id=ident, entity_type=EntityType.CUSTOMER, **given)


def full_delivery(ident: int) -> Delivery:
    return delivery(
        ident,
        kind=DeliveryKind.QUANTITY,
        state=DeliveryState.ASKING,
        wait="reference",
        not_before=5,
        tries=2,
        since=3,
        left_out={"phone": 3},
        approved={"email": "d1"},
    )


def attempt(ident: int, **more: Any) -> Attempt:
    given = {"link_id": 1, "entity_id": 1, "connection": "shop", "external_id": "12", "operation": "update"} | more
    return Attempt(
        id=ident,
        delivery_id=8,
        kind=DeliveryKind.STATE,
        stream="customers",
        entity_type=EntityType.CUSTOMER,
        key=f"k{ident}",
        calls=[{"name": "put", "body": {"n": 1}}],
        change={"after": {"n": None}},
        **given,
    )


def full_attempt(ident: int) -> Attempt:
    return attempt(
        ident,
        covers={"email": Cover(3, 17, "a@example.org"), "addresses/1": Cover(4, 18, {"city": "Wien"})},
        done=1,
        state=AttemptState.READ_BACK,
        seq=5,
        started_at=6,
        ended_at=7,
        base_version=8,
        marker="hub-1",
        looks=2,
        result="timed_out",
    )


def waiting(ident: int, external_id: str = "1", *, seq: int = 1, waits_for: str = "link:1", deadline: int = 10) -> Waiting:
    raw = RawRecord("shop", "customers", {"id": external_id, "n": None}, seq, 2, 3, Source.FETCH)
    return Waiting(ident, external_id, raw, "fenced", waits_for, deadline, 4)
