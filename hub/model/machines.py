"""How the states of a document follow one another, declared once.

What the home of a document says is always taken as it is: a step that is not declared here is taken too, and reported. A read
sees some states and misses others, so a step is known where one leads to the other, whatever lies between.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from hub.model.record import EntityType

Moves = Mapping[str, tuple[str, ...]]
JUMPED: Final = "jumped"
"""The kind of a line in the journal that tells of a step nobody declared; its rows are field, from, to."""
MACHINES: Final[Mapping[tuple[EntityType, str], Moves]] = {
    (EntityType.ORDER, "state"): {
        "draft": ("open", "cancelled"),
        "open": ("completed", "cancelled"),
        "completed": ("open", "cancelled"),  # taken up again; called off after all
        "cancelled": (),
    },
    (EntityType.ORDER, "payment_state"): {
        "unpaid": ("authorized", "partially_paid", "paid", "voided"),
        "authorized": ("unpaid", "partially_paid", "paid", "voided"),  # what was authorized can expire
        "partially_paid": ("paid", "partially_refunded", "refunded"),
        "paid": ("partially_paid", "partially_refunded", "refunded"),  # a line was added: there is more to pay
        "partially_refunded": ("refunded",),
        "refunded": (),
        "voided": (),
    },
    (EntityType.ORDER, "fulfilment_state"): {
        "unfulfilled": ("partially_fulfilled", "fulfilled"),
        "partially_fulfilled": ("fulfilled", "unfulfilled"),  # a fulfilment can be called off
        "fulfilled": ("partially_fulfilled", "unfulfilled"),
    },
    (EntityType.PAYMENT, "state"): {
        "pending": ("authorized", "paid", "failed", "voided"),
        "authorized": ("paid", "failed", "voided"),
        "paid": (),
        "failed": (),
        "voided": (),
    },
    (EntityType.FULFILMENT, "state"): {
        "pending": ("in_progress", "ready", "shipped", "cancelled", "failed"),
        "in_progress": ("ready", "shipped", "cancelled", "failed"),
        "ready": ("shipped", "picked_up", "cancelled", "failed"),
        "shipped": ("delivered", "failed", "cancelled"),
        "failed": ("in_progress", "shipped"),  # tried again
        "delivered": (),
        "picked_up": (),
        "cancelled": (),
    },
    (EntityType.REFUND, "state"): {"pending": ("done", "failed"), "failed": ("pending", "done"), "done": ()},
    (EntityType.RETURN, "state"): {
        "requested": ("open", "declined", "cancelled"),
        "open": ("closed", "cancelled"),
        "closed": ("open",),  # taken up again
        "declined": (),
        "cancelled": (),
    },
    (EntityType.TICKET, "state"): {
        "new": ("open", "pending", "on_hold", "solved"),
        "open": ("pending", "on_hold", "solved"),
        "pending": ("open", "on_hold", "solved"),
        "on_hold": ("open", "pending", "solved"),
        "solved": ("open", "closed"),  # the customer wrote again
        "closed": (),
    },
}
"""(type, field) -> state -> the states that can come next."""


@cache
def _beyond(entity: EntityType, field: str, state: str) -> frozenset[str]:
    """Return every state that can come after one, however many lie between."""
    moves = MACHINES[entity, field]
    found: set[str] = set()
    front = [state]
    while front:
        new = [word for word in moves[front.pop()] if word not in found]
        found.update(new)
        front += new
    return frozenset(found)


def is_jump(entity: EntityType, field: str, before: object, after: object) -> bool:
    """Say whether no way leads from one state to the other. A word that is no state of ours is none of our business."""
    moves = MACHINES.get((entity, field))
    if moves is None or before == after or before not in moves or after not in moves:
        return False
    return after not in _beyond(entity, field, str(before))


def can_become(entity: EntityType, field: str, before: object, after: str) -> bool:
    """Say whether a state can be followed by another one; True where the first is no state of ours: then nobody knows."""
    moves = MACHINES[entity, field]
    return before not in moves or after in _beyond(entity, field, str(before))


def draw(entity: EntityType, field: str) -> str:
    """Return a machine as a mermaid diagram. It starts where nothing leads to, and ends where nothing leads on."""
    moves = MACHINES[entity, field]
    reached = {word for following in moves.values() for word in following}
    lines = [f"    [*] --> {word}" for word in moves if word not in reached] or [f"    [*] --> {next(iter(moves))}"]
    lines += [f"    {word} --> {following}" for word, next_ones in moves.items() for following in next_ones]
    lines += [f"    {word} --> [*]" for word, next_ones in moves.items() if not next_ones]
    return "\n".join(["stateDiagram-v2", *lines])
