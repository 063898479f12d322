"""What the simulated shop's API lets an app do to an order: cancel it, and send what waits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.shopify.client import gid
from connectors.shopify.fake.order_state import Order
from connectors.shopify.fake.papers import Papers, paged
from connectors.shopify.fake.shop import API, problem
from hub.model.values import Doc

_PLACES = 10**9
"""A fulfilment order's number is its order's, this many places up, and its location's."""


class Acts(Papers):
    """The part of the shop where apps work on orders. With `jobs_wait` what takes a job is done by `run_jobs` only."""

    jobs_wait: bool = False

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._jobs: list[Callable[[], None]] = []

    def run_jobs(self) -> None:
        """Do what waits in the queue of jobs."""
        while self._jobs:
            self._jobs.pop(0)()

    def _order_parts(self, row: Order) -> Doc:
        return {**super()._order_parts(row), "fulfillmentOrders": lambda _info, **args: self._work_orders(row, args)}

    def _work_orders(self, row: Order, args: Mapping[str, Any]) -> Doc:
        places = dict.fromkeys(line.location for line in row.lines if line.waiting) if row.cancelled is None else {}
        return paged(list(places), lambda place: self._work_order(row, place), args)

    def _work_order(self, row: Order, place: int) -> Doc:
        lines = [line for line in row.lines if line.location == place and line.waiting]
        return {
            "__typename": "FulfillmentOrder",
            "id": _work_id(row, place),
            "status": "OPEN",
            "assignedLocation": lambda info: {
                "location": self._query_location(info, gid("Location", place)),
                "name": "",
            },
            "lineItems": lambda _info, **args: paged(
                lines,
                lambda line: {"id": gid("FulfillmentOrderLineItem", line.number), "remainingQuantity": line.waiting},
                args,
            ),
        }

    def _order_cancel(self, _info: Any, orderId: str, reason: str, restock: bool, **more: Any) -> Doc:  # noqa: N803, FBT001 - names of the schema
        row = self._order_named(orderId)
        if row is None or row.cancelled is not None or row.shipments:
            words = "Order does not exist" if row is None else "Order cannot be cancelled"
            code = "NOT_FOUND" if row is None else "INVALID"
            return {"job": None, "orderCancelUserErrors": [{**problem(words, "orderId"), "code": code}]}
        refund = bool((more.get("refundMethod") or {}).get("originalPaymentMethodsRefund"))
        self._jobs.append(lambda: self._cancel(row, reason, refund=refund, restock=restock))
        if not self.jobs_wait:
            self.run_jobs()
        return {"job": {"id": gid("Job", row.number), "done": False}, "orderCancelUserErrors": []}

    def _cancel(self, row: Order, reason: str, *, refund: bool, restock: bool) -> None:
        if row.cancelled is None:
            self.cancel_order(row.number, API, reason, refund=refund, restock=restock)

    def _fulfillment_create(self, _info: Any, fulfillment: Mapping[str, Any], message: str | None = None) -> Doc:  # noqa: ARG002 - nobody reads it here
        asked = [each["fulfillmentOrderId"] for each in fulfillment["lineItemsByFulfillmentOrder"]]
        rows = {_work_id(row, line.location): (row, line.location) for row in self.state.orders.values() for line in row.lines}
        found = [rows[one] for one in asked if one in rows]
        units = {
            place: line.waiting
            for row, location in found
            for place, line in enumerate(row.lines)
            if line.location == location and line.waiting
        }
        if len(found) != len(asked) or len({location for _, location in found}) != 1 or not units:
            return {"fulfillment": None, "userErrors": [problem("Fulfillment order is not open", "fulfillment")]}
        row = found[0][0]
        tracking = {name: value for name, value in (fulfillment.get("trackingInfo") or {}).items() if value}
        self.ship(row.number, API, units, **tracking)
        return {"fulfillment": self._shipment_view(row, row.shipments[-1]), "userErrors": []}


def _work_id(row: Order, place: int) -> str:
    return gid("FulfillmentOrder", row.number * _PLACES + place)
