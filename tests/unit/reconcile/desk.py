"""A desk: one paper (an order, a refund, a ticket) with its link, and whom it may be from, all put there by hand."""

from __future__ import annotations

from hub.model.entity import Entity, EntityState, Golden
from hub.model.known import Known
from hub.model.link import Link
from hub.model.record import EntityType
from hub.model.values import Value

MAIL = "ada@example.org"


class Desk:
    """Paper 1 is record `p1` of the shop. `refs`: what its record says it belongs to; `to`: the entities it hangs on."""

    def __init__(
        self,
        kind: EntityType = EntityType.ORDER,
        *,
        by_hub: bool = False,
        refs: dict[str, str] | None = None,
        to: dict[str, int] | None = None,
        **said: Value,
    ) -> None:
        self.known = Known(lambda _: 99)
        golden = {path.replace("__", "."): Golden(value, 0, 1, 1) for path, value in said.items()}
        self.paper = Entity(1, kind, golden, refs=dict(to or {}), born_at=77)
        self.link = Link(1, "shop", "papers", "p1", kind, 1, by_hub=by_hub, refs=dict(refs or {}))
        self.known.add_entity(self.paper)
        self.known.add_link(self.link)
        self.known.changed_entities.clear()

    def person(
        self,
        number: int,
        name: str,
        mail: str | None = None,
        *,
        connection: str = "shop",
        state: EntityState = EntityState.LIVE,
        alias_of: int | None = None,
    ) -> None:
        """Put a customer there, with one record."""
        self.known.add_entity(Entity(number, EntityType.CUSTOMER, state=state, alias_of=alias_of))
        link = Link(number, connection, "customers", name, EntityType.CUSTOMER, number)
        self.known.add_link(link)
        self.known.set_keys(link, [(EntityType.CUSTOMER, "email", mail)] if mail else [], [])
        self.known.changed_entities.clear()

    def touched(self) -> bool:
        """Say whether the paper is to be written, and what it is shown in looked at again."""
        return list(self.known.changed_entities) == list(self.known.touched) == [1]
