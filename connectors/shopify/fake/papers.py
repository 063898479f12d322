"""Orders and what hangs on them, as the simulated shop's API shows them, and the one thing it takes: a refund."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from connectors.shopify.client import gid
from connectors.shopify.fake.order_state import Line, Order, Pieces, Refund, Return, Shipment, Transaction
from connectors.shopify.fake.orders import MANUAL, Orders
from connectors.shopify.fake.relay import connection, matcher
from connectors.shopify.fake.shop import API, known, problem, refused, text
from hub.clock import micros
from hub.model.values import SECOND, Doc, Micros

_PAID: Final = ("SALE", "CAPTURE")


class Papers(Orders):
    """The part of the shop that shows orders."""

    def _query_order(self, _info: Any, id: str) -> Doc | None:  # noqa: A002 - the argument's name in the schema
        row = self._order_named(id)
        return self._order_view(row) if row else None

    def _query_orders(self, _info: Any, **args: Any) -> Doc:
        matches = matcher(args.get("query"))
        found = [(self._listed(row), row) for row in self.state.orders.values()]
        by_change = args["sortKey"] == "UPDATED_AT"
        rows = [
            ([at if by_change else row.created, row.number], row)
            for at, row in found
            if at is not None and matches({"updated_at": at, "id": str(row.number)})
        ]
        return connection(rows, self._order_view, first=args.get("first"), after=args.get("after"))

    def _query_transaction(self, _info: Any, id: str) -> Doc | None:  # noqa: A002 - the argument's name in the schema
        return self._part("OrderTransaction", id, lambda row: row.transactions, self._transaction_view)

    def _query_refund(self, _info: Any, id: str) -> Doc | None:  # noqa: A002 - the argument's name in the schema
        return self._part("Refund", id, lambda row: row.refunds, self._refund_view)

    def _query_fulfillment(self, _info: Any, id: str) -> Doc | None:  # noqa: A002 - the argument's name in the schema
        return self._part("Fulfillment", id, lambda row: row.shipments, self._shipment_view)

    def _query_return(self, _info: Any, id: str) -> Doc | None:  # noqa: A002 - the argument's name in the schema
        return self._part("Return", id, lambda row: row.returns, self._return_view)

    def _part(
        self, kind: str, external_id: str, of: Callable[[Order], Sequence[Any]], view: Callable[[Order, Any], Doc]
    ) -> Doc | None:
        rows = {part.number: (order, part) for order in self.state.orders.values() for part in of(order)}
        found = known(kind, external_id, rows)
        return view(*found) if found else None

    def _buyer(self, row: Order) -> Doc | None:  # noqa: ARG002 - the whole shop does
        """Return who placed an order. This part of the shop knows nobody."""
        return None

    def _money(self, amount: int) -> Doc:
        money = {"amount": self._major(amount), "currencyCode": self.currency}
        return {"shopMoney": money, "presentmentMoney": money}

    def _order_view(self, row: Order) -> Doc:
        return {
            "__typename": "Order",
            "id": gid("Order", row.number),
            **{name: getattr(row, name) for name in ("name", "note", "email", "phone")},
            "tags": row.tags,
            "sourceName": row.source,
            "createdAt": text(row.created),
            "updatedAt": text(row.updated),
            "processedAt": text(row.created),
            "cancelledAt": row.cancelled and text(row.cancelled),
            "cancelReason": row.reason,
            "closed": row.closed is not None,
            "currencyCode": self.currency,
            "taxesIncluded": True,
            "displayFinancialStatus": _financial(row),
            "displayFulfillmentStatus": _fulfilment(row),
            "discountCodes": [row.code] if row.code else [],
            "customer": lambda _info: self._buyer(row),
            "retailLocation": lambda info: self._query_location(info, gid("Location", row.place)) if row.place else None,
            "shippingAddress": row.address and _address(row.number, row.address),
            **self._order_sums(row),
            **self._order_parts(row),
        }

    def _order_sums(self, row: Order) -> Doc:
        tax = sum(line.tax for line in row.lines)
        return {
            "subtotalPriceSet": self._money(row.subtotal),
            "totalDiscountsSet": self._money(sum(line.discount for line in row.lines)),
            "totalTaxSet": self._money(tax),
            "totalPriceSet": self._money(row.total),
            "totalReceivedSet": self._money(row.paid),
            "totalRefundedSet": self._money(row.refunded),
            "taxLines": [self._tax(row, tax)] if row.rate else [],
        }

    def _order_parts(self, row: Order) -> Doc:
        return {
            "shippingLines": lambda _info, **args: paged([row.shipping] if row.shipping else [], self._shipping_view, args),
            "lineItems": lambda _info, **args: paged(row.lines, lambda line: self._line_view(row, line), args),
            "transactions": [self._transaction_view(row, each) for each in row.transactions],
            "refunds": [self._refund_view(row, each) for each in row.refunds],
            "fulfillments": [self._shipment_view(row, each) for each in row.shipments],
            "returns": lambda _info, **args: paged(row.returns, lambda each: self._return_view(row, each), args),
        }

    def _tax(self, row: Order, amount: int) -> Doc:
        return {"title": "VAT", "rate": row.rate / 100, "priceSet": self._money(amount)}

    def _shipping_view(self, line: tuple[str, int]) -> Doc:
        return {"id": gid("ShippingLine", 1), "title": line[0], "discountedPriceSet": self._money(line[1])}

    def _line_view(self, row: Order, line: Line) -> Doc:
        variant = self.state.variants.get(line.variant)
        return {
            "__typename": "LineItem",
            "id": gid("LineItem", line.number),
            "sku": line.sku,
            "name": line.name,
            "quantity": line.quantity,
            "unfulfilledQuantity": line.waiting,
            "variant": lambda _info: self._variant_view(variant) if variant else None,
            "originalUnitPriceSet": self._money(line.price),
            "originalTotalSet": self._money(line.price * line.quantity),
            "discountAllocations": [{"allocatedAmountSet": self._money(line.discount)}] if line.discount else [],
            "taxLines": [self._tax(row, line.tax)] if row.rate else [],
        }

    def _transaction_view(self, row: Order, each: Transaction) -> Doc:
        parent = next((one for one in row.transactions if one.number == each.parent), None)
        return {
            "__typename": "OrderTransaction",
            "id": gid("OrderTransaction", each.number),
            **{name: getattr(each, name) for name in ("kind", "status", "gateway")},
            "manualPaymentGateway": each.gateway == MANUAL,
            "paymentId": f"{row.name}.{each.number}",
            "createdAt": text(each.at),
            "processedAt": text(each.processed or each.at),
            "order": lambda _info: self._order_view(row),
            "amountSet": self._money(each.amount),
            "parentTransaction": parent and (lambda _info: self._transaction_view(row, parent)),
        }

    def _refund_view(self, row: Order, made: Refund) -> Doc:
        moved = [each for each in row.transactions if each.number in made.transactions]
        return {
            "__typename": "Refund",
            "id": gid("Refund", made.number),
            "note": made.note,
            "createdAt": text(made.created),
            "processedAt": text(made.processed),
            "updatedAt": text(made.updated),
            "order": lambda _info: self._order_view(row),
            "totalRefundedSet": self._money(sum(each.amount for each in moved)),
            "transactions": lambda _info, **args: paged(moved, lambda each: self._transaction_view(row, each), args),
            "refundLineItems": lambda _info, **args: paged(made.pieces, lambda each: self._refund_piece(row, each), args),
        }

    def _refund_piece(self, row: Order, each: Pieces) -> Doc:
        return {
            "id": gid("RefundLineItem", each.number),
            "quantity": each.quantity,
            "restockType": each.restock,
            "restocked": each.restock != "NO_RESTOCK",
            "location": lambda info: self._query_location(info, gid("Location", each.location)) if each.location else None,
            "subtotalSet": self._money(self._worth(row, each)),
            "lineItem": self._line_view(row, _line_of(row, each)),
        }

    def _shipment_view(self, row: Order, sent: Shipment) -> Doc:
        return {
            "__typename": "Fulfillment",
            "id": gid("Fulfillment", sent.number),
            "name": f"{row.name}-F{row.shipments.index(sent) + 1}",
            "status": "CANCELLED" if sent.display == "CANCELED" else "SUCCESS",
            "displayStatus": sent.display,
            "createdAt": text(sent.created),
            "updatedAt": text(sent.updated),
            "order": lambda _info: self._order_view(row),
            "location": lambda info: self._query_location(info, gid("Location", sent.location)),
            "trackingInfo": [{"company": None, "number": None, "url": None, **sent.tracking}] if sent.tracking else [],
            "fulfillmentLineItems": lambda _info, **args: paged(sent.pieces, lambda each: self._sent_piece(row, each), args),
        }

    def _sent_piece(self, row: Order, each: Pieces) -> Doc:
        line = self._line_view(row, _line_of(row, each))
        return {"id": gid("FulfillmentLineItem", each.number), "quantity": each.quantity, "lineItem": line}

    def _return_view(self, row: Order, asked: Return) -> Doc:
        return {
            "__typename": "Return",
            "id": gid("Return", asked.number),
            "name": asked.name,
            "status": asked.status,
            "createdAt": text(asked.created),
            "order": lambda _info: self._order_view(row),
            "returnLineItems": lambda _info, **args: paged(asked.pieces, lambda each: self._return_piece(row, each), args),
        }

    def _return_piece(self, row: Order, each: Pieces) -> Doc:
        return {
            "__typename": "ReturnLineItem",
            "id": gid("ReturnLineItem", each.number),
            "quantity": each.quantity,
            "returnReasonNote": each.reason,
            "returnReasonDefinition": {"handle": "other"},
            "fulfillmentLineItem": self._sent_piece(row, each),
        }

    # What the API accepts.

    def _refund_create(self, info: Any, input: Mapping[str, Any]) -> Doc:  # noqa: A002 - the argument's name in the schema
        from connectors.shopify.fake import engine

        key = engine.idempotency_key(info)
        row = self._order_named(input["orderId"])
        if row is None:
            return refused(problem("Order does not exist", "orderId"), refund=None, order=None)
        print_, before = f"refund {json.dumps(input, sort_keys=True)}", self.state.keys.get(key)
        if before is not None and before[0] != print_:
            return self._no_refund(row, problem("The idempotency key was used with other parameters."))
        if before is None:
            wrong = self._refund_problem(row, input)
            if wrong is not None:
                return self._no_refund(row, wrong)
            self.state.keys[key] = before = (print_, self._make_refund(row, input))
        made = next(each for each in row.refunds if each.number == before[1])
        return {"refund": self._refund_view(row, made), "order": self._order_view(row), "userErrors": []}

    def _no_refund(self, row: Order, wrong: Doc) -> Doc:
        return {"refund": None, "order": self._order_view(row), "userErrors": [wrong]}

    def _refund_problem(self, row: Order, asked: Mapping[str, Any]) -> Doc | None:
        """Return what is wrong with a refund; the first two sentences are recorded."""
        due = 0
        for each in asked.get("transactions") or ():
            if each["kind"] != "REFUND":
                return problem(f"Kind {each['kind'].lower()} is not a valid transaction")
            if self._parent(row, each) is None:
                return problem("Transactions require a parent_id associated with the order", "transactions")
            due += self._minor(each["amount"])
        if due > row.paid - row.refunded:
            return problem("Refund amount is greater than net payment received", "transactions")
        for each in asked.get("refundLineItems") or ():
            line = next((one for one in row.lines if gid("LineItem", one.number) == each["lineItemId"]), None)
            if line is None:
                return problem("Line item does not exist", "refundLineItems")
            if each["quantity"] > line.quantity - line.removed - line.back:
                return problem("Quantity cannot refund more items than were purchased", "refundLineItems")
        return None

    def _parent(self, row: Order, asked: Mapping[str, Any]) -> Transaction | None:
        paid = [each for each in row.transactions if each.kind in _PAID]
        return next((each for each in paid if gid("OrderTransaction", each.number) == asked.get("parentId")), None)

    def _make_refund(self, row: Order, asked: Mapping[str, Any]) -> int:
        pieces = []
        for each in asked.get("refundLineItems") or ():
            line = next(one for one in row.lines if gid("LineItem", one.number) == each["lineItemId"])
            pieces.append(self._taken_back(row, line, each["quantity"], each.get("restockType") or "NO_RESTOCK"))
        processed: Micros | None = micros(asked["processedAt"]) // SECOND * SECOND if asked.get("processedAt") else None
        made = self._give_back(row, 0, pieces, asked.get("note"), processed)
        for each in asked.get("transactions") or ():
            parent = self._parent(row, each)
            assert parent is not None
            money = self._transact(row, "REFUND", self._minor(each["amount"]), parent=parent.number, processed=processed)
            made.transactions.append(money.number)
        self._order_changed(row, API, "refund", "orders/updated")
        self._refund_told(row, made, API)
        return made.number


def paged(rows: Sequence[Any], view: Callable[[Any], Doc], args: Mapping[str, Any]) -> Doc:
    """Return a page of rows as a connection."""
    return connection([([place], row) for place, row in enumerate(rows)], view, first=args.get("first"), after=args.get("after"))


def _line_of(row: Order, pieces: Pieces) -> Line:
    return next(line for line in row.lines if line.number == pieces.line)


def _address(order: int, fields: Mapping[str, str | None]) -> Doc:
    parts = [fields.get("firstName"), fields.get("lastName")]
    return {
        "id": f"gid://shopify/MailingAddress/{order}?model_name=Address",
        "name": fields.get("name") or " ".join(part for part in parts if part) or None,
        **{name: fields.get(name) for name in ("address1", "address2", "city", "provinceCode", "zip")},
        "countryCodeV2": fields.get("countryCode"),
    }


def _financial(row: Order) -> str:
    if row.refunded:
        return "REFUNDED" if row.refunded >= row.paid else "PARTIALLY_REFUNDED"
    if row.paid:
        return "PAID" if row.paid >= row.total else "PARTIALLY_PAID"
    if row.sum("VOID"):
        return "VOIDED"
    return "AUTHORIZED" if row.sum("AUTHORIZATION") else "PENDING"


def _fulfilment(row: Order) -> str:
    if not any(line.sent for line in row.lines):
        return "UNFULFILLED"
    return "PARTIALLY_FULFILLED" if any(line.waiting for line in row.lines) else "FULFILLED"
