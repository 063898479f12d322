"""What would follow from another rule: what would be written where, beside what is to be written anyway. Nothing is stored.

In: working sets over a reader, before and after. Out: the plan lines that only one of them has.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, cast

from hub.mapping.ground import Ground
from hub.model.known import Known
from hub.model.values import Doc
from hub.ops.plan import PlanItem, as_docs, load, plan_item
from hub.push.adjust import has_yes
from hub.push.due import plan_deliveries
from hub.retail import plan_quantities
from hub.store import Reader, Unit
from hub.store.known import load_deliveries, load_stock


class Target(NamedTuple):
    """The record that would be written; `external_id` None: one that would be made."""

    connection: str
    stream: str
    entity_id: int
    external_id: str | None


def planned(reader: Reader, known: Known, ground: Ground, entity_ids: Collection[int]) -> dict[Target, PlanItem]:
    """Return what is to be written for these entities as they stand in a working set of `hub.ops.plan.looking`."""
    unit = cast("Unit", reader)
    load(unit, known, entity_ids)
    for entity_id in entity_ids:
        known.look_at(known.resolve(entity_id))
    load_deliveries(unit, known, known.touched)
    load_stock(unit, known, list(known.touched))
    due = [*plan_deliveries(known, ground, 0)[0], *plan_quantities(known, ground, 0, has_yes)[0]]
    items = [plan_item(known, ground, one) for one in due]
    return {Target(one.connection, one.stream, one.entity_id, one.external_id): one for one in items if one.lines}


def only_in(items: Mapping[Target, PlanItem], others: Mapping[Target, PlanItem]) -> list[PlanItem]:
    """Return these plan items with the lines that the others lack."""
    found = []
    for target, item in items.items():
        known = {line["line"] for line in others[target].lines} if target in others else set()
        lines = [line for line in item.lines if line["line"] not in known]
        if lines:
            found.append(replace(item, lines=lines))
    return found


def as_plain(items: Sequence[PlanItem]) -> list[Doc]:
    """Return plan items without what means something only for a real one: their number, where they stand."""
    docs = as_docs(items)
    for doc in docs:
        del doc["id"], doc["state"], doc["taken_back"]
        doc["lines"] = [{name: line[name] for name in ("field", "from", "to", "shown")} for line in doc["lines"]]
    return docs
