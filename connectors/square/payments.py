"""Payments and refunds: ListPayments and ListPaymentRefunds, by `updated_at`, and each by its id.

Lists lag by several seconds (vendor's texts). Without `begin_time` they reach back one year, so it is always said. Payments are
listed per location. A refund's document also says which sale it belongs to: that stands in the return order that it names, else
in the payment it pays back, else in what the cashier typed (`sales.refund`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from connectors.square.client import SquareClient, before
from connectors.square.orders import retrieve
from connectors.square.places import walk
from connectors.square.sales import linked, refund
from hub.model.values import Doc
from hub.sdk import Cursor, Page, Stream, VersionKind

PAGE: Final = "100"
EVER: Final = "2009-01-01T00:00:00Z"
"""Before the first Square account."""
LIST: Final = {"limit": PAGE, "begin_time": EVER, "sort_field": "UPDATED_AT", "sort_order": "ASC"}


class PaymentStream(Stream[SquareClient]):
    """Payments of all locations by time of change; one that changes meanwhile moves to the end."""

    name = "payments"
    version = VersionKind.CHANGED_AT
    lists_all: ClassVar[bool] = False
    visible_after_s: ClassVar[float] = 10.0
    overlap_s: ClassVar[float] = 60.0
    fetch_limit: ClassVar[int] = 20

    def page(self, client: SquareClient, cursor: Cursor) -> Page:
        """Return one page of ListPayments."""

        def ask(places: list[str], since: str | None, token: str | None) -> tuple[Sequence[Doc], str | None]:
            params = LIST | {"location_id": places[0]} | _after(since) | ({"cursor": token} if token else {})
            answer = client.read("GET", "/v2/payments", params=params)
            return answer.get("payments", []), answer.get("cursor")

        return walk(client, cursor, 1, ask)

    def fetch(self, client: SquareClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Return these payments."""
        answers = (client.read("GET", f"/v2/payments/{each}", absent={}) for each in ids)
        return [answer["payment"] for answer in answers if "payment" in answer]


class RefundStream(Stream[SquareClient]):
    """Refunds by time of change, with the sale they belong to."""

    name = "refunds"
    version = VersionKind.CHANGED_AT
    lists_all: ClassVar[bool] = False
    visible_after_s: ClassVar[float] = 10.0
    overlap_s: ClassVar[float] = 60.0
    fetch_limit: ClassVar[int] = 20

    def page(self, client: SquareClient, cursor: Cursor) -> Page:
        """Return one page of ListPaymentRefunds; without a location it covers all of them."""
        since = None if cursor.since is None else before(cursor.since)
        params = LIST | _after(since) | ({"cursor": cursor.token} if cursor.token else {})
        answer = client.read("GET", "/v2/refunds", params=params)
        return Page(_told(client, answer.get("refunds", [])), answer.get("cursor"))

    def fetch(self, client: SquareClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Return these refunds."""
        answers = (client.read("GET", f"/v2/refunds/{each}", absent={}) for each in ids)
        return _told(client, [answer["refund"] for answer in answers if "refund" in answer])


def _after(since: str | None) -> dict[str, str]:
    return {"updated_at_begin_time": since} if since is not None else {}


def _told(client: SquareClient, refunds: Sequence[Doc]) -> list[Doc]:
    """Lay beside refunds what their orders say, and their payments where the orders do not say it."""
    named = dict.fromkeys(str(each["order_id"]) for each in refunds if each.get("order_id"))
    orders = {order["id"]: order for order in retrieve(client, list(named))}
    out = []
    for each in refunds:
        order = orders.get(each.get("order_id"))
        known = order is not None and (linked(order) or not order.get("returns"))
        paid = None if known or not each.get("payment_id") else _payment(client, str(each["payment_id"]))
        out.append(refund(each, order, paid))
    return out


def _payment(client: SquareClient, payment_id: str) -> Doc | None:
    answer: Doc = client.read("GET", f"/v2/payments/{payment_id}", absent={})
    return answer.get("payment")
