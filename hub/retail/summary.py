"""What a customer's documents come to, as fields that a mapping can show in a system (`summary.orders`), and as tags. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hub.clock import instant
from hub.config import TagRule
from hub.model.documents import DERIVED, OUR_TAGS, Document, Purchases
from hub.model.money import shown
from hub.model.values import Value


def summarise(found: Purchases) -> dict[str, Value]:
    """Return the derived fields of a customer by their paths. Money is in the currency of the newest order."""
    last = found.latest[0] if found.latest else None
    currency = last.currency if last is not None else None
    spent = None
    if currency is not None:
        spent = {"amount": found.bought.get(currency, 0) - found.refunded.get(currency, 0), "currency": currency}
    values = {
        "orders": found.orders,
        "spent": spent,
        "last_order": last.number if last is not None else None,
        "last_order_at": instant(last.at) if last is not None else None,
        "last_order_state": last.state if last is not None else None,
        "open_tickets": found.open_tickets,
        "context": context(found),
    }
    return {DERIVED + name: value for name, value in values.items()}


def tags_of(found: Purchases, rules: Mapping[str, TagRule], worn: Iterable[str]) -> dict[str, Value]:
    """Return the tags that the hub keeps on a customer by their paths; None: not, or no longer. `worn`: paths known so far."""
    former: dict[str, Value] = {path: None for path in worn if path.startswith(OUR_TAGS)}
    return former | {OUR_TAGS + name: True if _reaches(found, rule) else None for name, rule in rules.items()}


def _reaches(found: Purchases, rule: TagRule) -> bool:
    if rule.spent is not None:
        least, currency = rule.spent
        if found.bought.get(currency, 0) - found.refunded.get(currency, 0) < least:
            return False
    return found.orders >= (rule.orders or 0) and found.channels >= (rule.channels or 0)


def context(found: Purchases) -> str | None:
    """Return a few lines for whoever talks to the customer: what they bought last, and what of it went back."""
    if not found.latest:
        return None
    lines = [_order_line(order) for order in found.latest]
    spent = {currency: amount - found.refunded.get(currency, 0) for currency, amount in sorted(found.bought.items())}
    total = ", ".join(shown(amount, currency) for currency, amount in spent.items())
    lines.append(f"{found.orders} order{'' if found.orders == 1 else 's'} in all" + (f", {total} spent" if total else ""))
    if found.open_tickets:
        lines.append(f"{found.open_tickets} open ticket{'' if found.open_tickets == 1 else 's'}")
    return "\n".join(lines)


def _order_line(order: Document) -> str:
    amount = shown(order.amount, order.currency) if order.amount is not None and order.currency is not None else ""
    parts = [f"Order {order.number or order.entity_id}", instant(order.at)[:10], amount, order.state or ""]
    return ", ".join(part for part in parts if part)
