"""What people do at the counter with goods and money: sales, what was ordered ahead, returns, refunds.

Units move with the documents: a sale that is handed over leaves the shelf, what comes back goes on it again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from connectors.square.fake.core import Core, iso
from connectors.square.fake.inventory import Inventory
from connectors.square.fake.orders import Orders
from connectors.square.fake.payments import Payments, Refunds
from hub.model.values import Doc, Micros
from hub.sdk.fake import Fake

ONLINE: Final = "Square Online"
SOLD: Final = ("IN_STOCK", "SOLD")
BACK: Final = ("UNLINKED_RETURN", "IN_STOCK")


class Counter(Fake):
    """The part of an account that sells. Amounts are in minor units of its currency."""

    def __init__(self, now: Callable[[], Micros], *, webhook_url: str, country: str, currency: str, signature_key: str) -> None:
        super().__init__(now, webhook_url=webhook_url)
        self.core = Core(self, country=country, currency=currency, signature_key=signature_key)
        self.inventory = Inventory(self.core)
        self.orders = Orders(self.core)
        self.payments = Payments(self.core)
        self.refunds = Refunds(self.core)

    def ring_up(
        self,
        lines: Sequence[tuple[str, int]],
        location_id: str,
        *,
        actor: str = "till",
        customer_id: str | None = None,
        on_payment: bool = False,
        method: str = "CASH",
        discount_minor: int = 0,
        tax_percent: str = "",
        tip_minor: int = 0,
        occurred_at: Micros | None = None,
    ) -> str:
        """Sell (variation, quantity) at the till: order, payment and units. Return the order's id.

        `on_payment`: the customer stands on the payment only. `occurred_at` in the past: sold offline, arriving only now.
        """
        mine = None if on_payment else customer_id
        doc = self.orders.place(
            lines, location_id, actor, at=occurred_at, discount=discount_minor, tax_percent=tax_percent, customer_id=mine
        )
        self._pay(doc, actor, method=method, at=occurred_at, tip=tip_minor, customer_id=customer_id)
        self.orders.change(doc["id"], actor, state="COMPLETED")
        self._hand_over(doc, actor, occurred_at)
        return str(doc["id"])

    def order_ahead(
        self,
        lines: Sequence[tuple[str, int]],
        location_id: str,
        *,
        actor: str = "shopper",
        kind: str = "PICKUP",
        recipient: Doc | None = None,
        customer_id: str | None = None,
        shipping_minor: int = 0,
        paid: bool = False,
    ) -> str:
        """Order for pickup or shipment; units leave when it is done. Return the order's id."""
        promised = self.orders.promise(kind, recipient or {"display_name": "Somebody"})
        doc = self.orders.place(
            lines,
            location_id,
            actor,
            shipping=shipping_minor,
            customer_id=customer_id,
            fulfillments=promised,
            source={"name": ONLINE},
            version=1,
        )
        if paid:
            self._pay(doc, actor, method="CARD", customer_id=customer_id)
        return str(doc["id"])

    def move_order(self, order_id: str, state: str, *, actor: str = "staff", **details: str) -> None:
        """Move the fulfilment of an order on (RESERVED, PREPARED, COMPLETED, FAILED); `details` such as `tracking_number`.

        When it is completed, what is still due is paid in cash and the units leave.
        """
        doc = self.orders.expect(order_id)
        if state == "COMPLETED" and doc["net_amount_due_money"]["amount"]:
            self._pay(doc, actor, method="CASH", customer_id=doc.get("customer_id"))
        self.orders.advance(order_id, state, actor, **details)
        if state == "COMPLETED":
            self._hand_over(doc, actor, None)

    def cancel_order(self, order_id: str, *, actor: str = "staff") -> None:
        """Cancel an order that was placed ahead and is not paid yet."""
        self.orders.advance(order_id, "CANCELED", actor)
        self.orders.change(order_id, actor, state="CANCELED")

    def take_back(
        self,
        order_id: str,
        units: Mapping[str, int],
        *,
        actor: str = "till",
        location_id: str = "",
        restock: bool = True,
        reason: str = "Returned Goods",
        status: str = "COMPLETED",
    ) -> str:
        """Take units back from lines (uid -> quantity) of a sale and pay them back. Return the refund's id.

        A line that comes back in parts is paid back to the cent. Raises ValueError when more comes back than was sold.
        """
        sold = self.orders.expect(order_id)
        rows = [self._back(sold, line, units[line["uid"]]) for line in sold["line_items"] if units.get(line["uid"])]
        place = location_id or str(sold["location_id"])
        doc = self.orders.take_back(rows, place, actor, source_order_id=order_id, customer_id=sold.get("customer_id"))
        payment = self.payments.of(order_id)
        amount = doc["return_amounts"]["total_money"]["amount"]
        made = self.refunds.give(doc, amount, actor, reason=reason, payment=payment, status=status)
        self.payments.note_refund(payment["id"], made, actor)
        for row in rows if restock else ():
            self._move(row["catalog_object_id"], place, int(row["quantity"]), BACK, actor, "return", None)
        return str(made["id"])

    def refund_cash(
        self,
        number: str,
        amount_minor: int,
        location_id: str,
        *,
        actor: str = "till",
        in_reason: bool = True,
        goods: Sequence[tuple[str, int]] = (),
    ) -> str:
        """Pay cash back for an order that was not made here. Return the refund's id.

        The cashier types its number into the reason, or (`in_reason=False`) an app puts it into the return's reference. `goods`
        (variation, quantity) go on the shelf.
        """
        money = {"amount": amount_minor, "currency": self.core.currency}
        row = {"uid": "back", "name": "Custom Amount", "quantity": "1", "item_type": "CUSTOM_AMOUNT", "base_price_money": money}
        row |= {"gross_return_money": money, "total_money": money, "total_tax_money": money | {"amount": 0}}
        doc = self.orders.take_back([row], location_id, actor, reference_id=None if in_reason else number)
        reason = f"Web order {number}" if in_reason else "Returned Goods"
        made = self.refunds.give(doc, amount_minor, actor, reason=reason, payment=None)
        for variation, quantity in goods:
            self._move(variation, location_id, quantity, BACK, actor, "return", None)
        return str(made["id"])

    def settle_refund(self, refund_id: str, status: str, *, actor: str = "bank") -> None:
        """End a refund that was given as PENDING: COMPLETED, REJECTED or FAILED."""
        self.refunds.settle(refund_id, status, actor)

    # ---- small doors

    def _pay(self, doc: Doc, actor: str, *, method: str, customer_id: str | None, at: Micros | None = None, tip: int = 0) -> None:
        paid = self.payments.take(doc, actor, method=method, at=at, tip=tip, customer_id=customer_id)
        total, currency = paid["total_money"], self.core.currency
        tender = {"id": paid["id"], "payment_id": paid["id"], "type": method, "amount_money": total}
        tender |= {"location_id": doc["location_id"], "created_at": paid["created_at"], "transaction_id": doc["id"]}
        tender |= {"customer_id": customer_id} if customer_id else {}
        doc |= {"tenders": [tender], "net_amount_due_money": {"amount": 0, "currency": currency}}
        if tip:
            doc |= {"total_tip_money": {"amount": tip, "currency": currency}, "total_money": total}

    def _hand_over(self, doc: Doc, actor: str, at: Micros | None) -> None:
        for line in doc["line_items"]:
            self._move(line["catalog_object_id"], doc["location_id"], int(line["quantity"]), SOLD, actor, "sale", at)

    def _back(self, sold: Doc, line: Doc, quantity: int) -> Doc:
        whole, before = int(line["quantity"]), self.orders.returned(sold["id"], line["uid"])
        if quantity < 1 or before + quantity > whole:
            message = "more units come back than were sold"
            raise ValueError(message)
        share = {
            name: {"amount": _part(line[name]["amount"], before, quantity, whole), "currency": self.core.currency}
            for name in ("total_money", "total_tax_money", "total_discount_money")
        }
        kept = ("name", "variation_name", "catalog_object_id", "catalog_version", "item_type", "base_price_money")
        row = {name: line[name] for name in kept} | {"quantity": str(quantity), "source_line_item_uid": line["uid"]}
        gross = {"amount": line["base_price_money"]["amount"] * quantity, "currency": self.core.currency}
        return row | share | {"uid": f"{line['uid']}-{before}", "gross_return_money": gross, "variation_total_price_money": gross}

    def _move(
        self,
        variation_id: str,
        location_id: str,
        quantity: int,
        states: tuple[str, str],
        actor: str,
        kind: str,
        at: Micros | None,
    ) -> None:
        detail = self._place(variation_id, location_id, quantity, at) | {"from_state": states[0], "to_state": states[1]}
        self.inventory.change([{"type": "ADJUSTMENT", "adjustment": detail}], actor, skip_unchanged=False, kind=kind)

    def _place(self, variation_id: str, location_id: str, quantity: int, occurred_at: Micros | None) -> Doc:
        at = iso(self.now() if occurred_at is None else occurred_at)
        return {"catalog_object_id": variation_id, "location_id": location_id, "quantity": str(quantity), "occurred_at": at}


def _part(amount: int, before: int, quantity: int, whole: int) -> int:
    """Return the share of some units such that all shares add up to the whole amount."""
    return amount * (before + quantity) // whole - amount * before // whole
