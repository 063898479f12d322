"""Payments and refunds of the simulated account."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any, Final

from connectors.square.fake.core import Core, Failure, iso, limit_of, missing, page, read_time
from hub.model.values import Doc, Micros

YEAR: Final[Micros] = 365 * 86_400_000_000


class Payments:
    """Money that came in. Without a location only the first one opened is listed."""

    def __init__(self, core: Core) -> None:
        self.core = core

    def take(self, order: Doc, actor: str, *, method: str, at: Micros | None, tip: int, customer_id: str | None) -> Doc:
        """Take the whole amount of an order. `at` in the past: taken offline. Return the payment as stored."""
        now = self.core.now()
        amount, currency = order["total_money"]["amount"], self.core.currency
        doc: Doc = {"id": self.core.new_id("payment"), "order_id": order["id"], "location_id": order["location_id"]}
        doc |= {
            "created_at": iso(now if at is None else at),
            "updated_at": iso(now),
            "status": "COMPLETED",
            "source_type": method,
        }
        doc |= {
            name: {"amount": sum_, "currency": currency}
            for name, sum_ in (("amount_money", amount), ("total_money", amount + tip))
        }
        doc |= {"tip_money": {"amount": tip, "currency": currency}} if tip else {}
        doc |= {"receipt_number": doc["id"][:4], "version_token": self.core.new_id("token")}
        doc |= {"cash_details": {"buyer_supplied_money": doc["total_money"]}} if method == "CASH" else {}
        doc |= {"customer_id": customer_id} if customer_id else {}
        if at is not None and at < now:
            doc |= {"is_offline_payment": True, "offline_payment_details": {"client_created_at": iso(at)}}
        self.core.state.payments[doc["id"]] = doc
        self._tell(doc, actor, "created")
        return doc

    def of(self, order_id: str) -> Doc:
        """Return the stored payment of an order."""
        return next(doc for doc in self.core.state.payments.values() if doc["order_id"] == order_id)

    def note_refund(self, payment_id: str, refund: Doc, actor: str) -> None:
        """Add a refund to what was paid back."""
        doc = self.core.state.payments[payment_id]
        back = doc.get("refunded_money", {"amount": 0})["amount"] + refund["amount_money"]["amount"]
        doc |= {"refunded_money": {"amount": back, "currency": self.core.currency}, "updated_at": iso(self.core.now())}
        doc["refund_ids"] = [*doc.get("refund_ids", ()), refund["id"]]
        self._tell(doc, actor, "updated")

    def route(self, method: str, parts: list[str], _body: Doc, params: Doc) -> Doc:
        """Answer a request under /v2/payments."""
        match method, parts:
            case "GET", []:
                main = next(iter(self.core.state.locations), "")
                rows = [doc for doc in self.core.state.payments.values() if doc["location_id"] == params.get("location_id", main)]
                return _listed("payments", rows, params, self.core.now())
            case "GET", [payment_id]:
                return {"payment": copy.deepcopy(_expect("Payment", self.core.state.payments, payment_id))}
            case _:
                raise Failure(404, "NOT_FOUND", "Resource not found.")

    def _tell(self, doc: Doc, actor: str, action: str) -> None:
        self.core.account.note(actor, action, "payment", doc["id"], **copy.deepcopy(doc))
        self.core.emit(f"payment.{action}", {"type": "payment", "id": doc["id"], "object": {"payment": copy.deepcopy(doc)}})


class Refunds:
    """Money that went back."""

    def __init__(self, core: Core) -> None:
        self.core = core

    def give(self, order: Doc, amount: int, actor: str, *, reason: str, payment: Doc | None, status: str = "COMPLETED") -> Doc:
        """Pay back; `order` is the return, `payment` what is paid back, None: cash that is linked to no payment."""
        now = iso(self.core.now())
        known = self.core.new_id("refund")
        doc: Doc = {"id": f"{payment['id']}_{known}" if payment else known, "status": status, "order_id": order["id"]}
        doc |= {"location_id": order["location_id"], "amount_money": {"amount": amount, "currency": self.core.currency}}
        doc |= {"reason": reason, "created_at": now, "updated_at": now, "unlinked": payment is None}
        doc |= (
            {"destination_type": payment["source_type"], "payment_id": payment["id"]} if payment else {"destination_type": "CASH"}
        )
        self.core.state.refunds[doc["id"]] = doc
        self._tell(doc, actor, "created")
        return doc

    def settle(self, refund_id: str, status: str, actor: str) -> None:
        """End a pending refund: COMPLETED, REJECTED or FAILED."""
        doc = _expect("Refund", self.core.state.refunds, refund_id)
        doc |= {"status": status, "updated_at": iso(self.core.now())}
        self._tell(doc, actor, "updated")

    def route(self, method: str, parts: list[str], _body: Doc, params: Doc) -> Doc:
        """Answer a request under /v2/refunds."""
        match method, parts:
            case "GET", []:
                place = params.get("location_id")
                rows = [doc for doc in self.core.state.refunds.values() if place in (None, doc["location_id"])]
                return _listed("refunds", rows, params, self.core.now())
            case "GET", [refund_id]:
                return {"refund": copy.deepcopy(_expect("Refund", self.core.state.refunds, refund_id))}
            case _:
                raise Failure(404, "NOT_FOUND", "Resource not found.")

    def _tell(self, doc: Doc, actor: str, action: str) -> None:
        self.core.account.note(actor, action, "refund", doc["id"], **copy.deepcopy(doc))
        self.core.emit(f"refund.{action}", {"type": "refund", "id": doc["id"], "object": {"refund": copy.deepcopy(doc)}})


def _expect(what: str, rows: Mapping[str, Doc], key: str) -> Doc:
    if key not in rows:
        raise missing(what, key)
    return rows[key]


def _listed(name: str, rows: list[Doc], params: Doc, now: Micros) -> Doc:
    """Return a page. `begin_time` (created; default: a year ago) and `updated_at_begin_time` are inclusive."""
    limit = min(100, limit_of(_numbered(params), 100, 1000))
    field = {"UPDATED_AT": "updated_at"}.get(params.get("sort_field", ""), "created_at")
    begin = read_time(params["begin_time"], "begin_time") if "begin_time" in params else now - YEAR
    changed = read_time(params["updated_at_begin_time"], "updated_at_begin_time") if "updated_at_begin_time" in params else 0
    found = [doc for doc in rows if doc["created_at"] >= iso(begin) and doc["updated_at"] >= iso(changed)]
    keyed: list[tuple[str, Any]] = sorted((f"{doc[field]} {doc['id']}", doc) for doc in found)
    if params.get("sort_order", "DESC") == "DESC":
        keyed = [(f"{place:09d}", doc) for place, (_, doc) in enumerate(reversed(keyed))]
    chosen, cursor = page(keyed, params, limit, query_of=name)
    return ({name: copy.deepcopy(chosen)} if chosen else {}) | ({"cursor": cursor} if cursor else {})


def _numbered(params: Doc) -> Doc:
    return {"limit": int(params["limit"])} if str(params.get("limit", "")).isdigit() else {}
