"""Orders of the simulated account: sales, what was ordered ahead, and returns."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Final

from connectors.square.fake.bills import bill
from connectors.square.fake.core import Core, Failure, bad, ids_of, iso, limit_of, missing, page, read_time
from hub.model.values import Doc, Micros

SORTS: Final = {"CREATED_AT": "created_at", "UPDATED_AT": "updated_at", "CLOSED_AT": "closed_at"}
TIMES: Final = {"created_at": "CREATED_AT", "updated_at": "UPDATED_AT", "closed_at": "CLOSED_AT"}
POS: Final = "Square Point of Sale"
STAGES: Final = {
    "PICKUP": ("pickup_details", {"RESERVED": "accepted_at", "PREPARED": "ready_at", "COMPLETED": "picked_up_at"}),
    "SHIPMENT": ("shipment_details", {"RESERVED": "in_progress_at", "PREPARED": "packaged_at", "COMPLETED": "shipped_at"}),
}


class Orders:
    """Only orders that came through the API (here: those placed ahead) carry a version."""

    def __init__(self, core: Core) -> None:
        self.core = core

    def place(
        self,
        lines: Sequence[tuple[str, int]],
        location_id: str,
        actor: str,
        *,
        at: Micros | None = None,
        discount: int = 0,
        tax_percent: str = "",
        shipping: int = 0,
        **fields: object,
    ) -> Doc:
        """Take an order of (variation, quantity), and return it. `fields`: further ones of the order; None is left out."""
        self._check_location(location_id)
        rows = [self._line(variation, quantity, place) for place, (variation, quantity) in enumerate(lines, start=1)]
        created = iso(self.core.now() if at is None else at)
        doc: Doc = {"id": self.core.new_id("sale"), "location_id": location_id, "source": {"name": POS}, "state": "OPEN"}
        doc |= bill(rows, currency=self.core.currency, discount=discount, tax_percent=tax_percent, shipping=shipping)
        doc |= {"net_amount_due_money": doc["total_money"], "created_at": created}
        return self.add(doc | {name: value for name, value in fields.items() if value is not None}, actor)

    def add(self, doc: Doc, actor: str) -> Doc:
        """Store a new order."""
        doc["updated_at"] = iso(self.core.now())
        self.core.state.orders[doc["id"]] = doc
        self._tell(doc, actor, "created")
        return doc

    def change(self, order_id: str, actor: str, **fields: object) -> Doc:
        """Change an order; COMPLETED and CANCELED close it."""
        doc = self.expect(order_id)
        doc |= copy.deepcopy(fields)
        doc["updated_at"] = iso(self.core.now())
        if doc["state"] in ("COMPLETED", "CANCELED"):
            doc.setdefault("closed_at", doc["created_at"] if "version" not in doc else doc["updated_at"])
        if "version" in doc:
            doc["version"] += 1
        self._tell(doc, actor, "updated")
        return doc

    def promise(self, kind: str, recipient: Doc) -> list[Doc]:
        """Return the one fulfilment of an order that is placed ahead: PICKUP or SHIPMENT of all its lines."""
        details, _ = STAGES[kind]
        placed: Doc = {"recipient": recipient, "placed_at": iso(self.core.now())}
        placed |= {"schedule_type": "ASAP"} if kind == "PICKUP" else {}
        return [{"uid": self.core.new_id("fulfillment", 22), "type": kind, "state": "PROPOSED", details: placed}]

    def advance(self, order_id: str, state: str, actor: str, **details: str) -> Doc:
        """Move the fulfilment of an order on; COMPLETED completes the order, CANCELED leaves it open."""
        (one,) = copy.deepcopy(self.expect(order_id)["fulfillments"])
        name, times = STAGES[one["type"]]
        one["state"] = state
        one[name] |= details | ({times[state]: iso(self.core.now())} if state in times else {})
        closed = {"state": "COMPLETED"} if state == "COMPLETED" else {}
        return self.change(order_id, actor, fulfillments=[one], **closed)

    def take_back(self, lines: Sequence[Doc], location_id: str, actor: str, **fields: object) -> Doc:
        """Store a return order. `fields`: its `reference_id` and `customer_id`, and `source_order_id`, the sale."""
        self._check_location(location_id)
        back = sum(line["total_money"]["amount"] for line in lines)
        tax = sum(line["total_tax_money"]["amount"] for line in lines)
        amounts, net = self._amounts(back, tax), self._amounts(-back, -tax)
        returned: Doc = {"uid": self.core.new_id("return", 22), "return_line_items": list(lines), "return_amounts": amounts}
        if fields.get("source_order_id"):
            returned["source_order_id"] = fields["source_order_id"]
        now = iso(self.core.now())
        doc: Doc = {"id": self.core.new_id("sale"), "location_id": location_id, "source": {"name": POS}, "state": "COMPLETED"}
        doc |= {"returns": [returned], "return_amounts": amounts, "net_amounts": net, "created_at": now, "closed_at": now}
        for name in ("total_money", "total_tax_money", "total_discount_money", "total_tip_money", "total_service_charge_money"):
            doc[name] = {"amount": 0, "currency": self.core.currency}
        more = {name: fields[name] for name in ("reference_id", "customer_id") if fields.get(name)}
        return self.add(doc | more, actor)

    def returned(self, order_id: str, line_uid: str) -> int:
        """Return how many units of a line came back so far."""
        found = 0
        for doc in self.core.state.orders.values():
            for each in doc.get("returns", ()):
                mine = [row for row in each["return_line_items"] if row.get("source_line_item_uid") == line_uid]
                found += sum(int(row["quantity"]) for row in mine) if each.get("source_order_id") == order_id else 0
        return found

    def expect(self, order_id: str) -> Doc:
        """Return the stored order. Raises Failure when there is none."""
        if order_id not in self.core.state.orders:
            raise missing("Order", order_id)
        return self.core.state.orders[order_id]

    def route(self, method: str, parts: list[str], body: Doc, _params: Doc) -> Doc:
        """Answer a request under /v2/orders."""
        match method, parts:
            case "POST", ["search"]:
                return self._search(body)
            case "POST", ["batch-retrieve"]:
                wanted = dict.fromkeys(ids_of(body, "order_ids", 100))
                found = [self.core.state.orders[each] for each in wanted if each in self.core.state.orders]
                return {"orders": copy.deepcopy(found)} if found else {}
            case "GET", [order_id]:
                return {"order": copy.deepcopy(self.expect(order_id))}
            case _:
                raise Failure(404, "NOT_FOUND", "Resource not found.")

    def _search(self, body: Doc) -> Doc:
        places = ids_of(body, "location_ids", 10)
        for each in places:
            self._check_location(each)
        limit = limit_of(body, 500, 1000)
        query: Doc = body.get("query") or {}
        sort: Doc = query.get("sort") or {"sort_field": "CREATED_AT"}
        name = SORTS[sort["sort_field"]]
        first = self._since(query, sort)
        rows = [doc for doc in self.core.state.orders.values() if doc["location_id"] in places and doc.get(name, "") >= first]
        keyed = sorted((f"{doc.get(name, '')} {doc['id']}", doc) for doc in rows)
        if sort.get("sort_order", "DESC") == "DESC":
            keyed = [(f"{place:09d}", doc) for place, (_, doc) in enumerate(reversed(keyed))]
        found, cursor = page(keyed, body, limit, query_of="orders")
        return ({"orders": copy.deepcopy(found)} if found else {}) | ({"cursor": cursor} if cursor else {})

    def _since(self, query: Doc, sort: Doc) -> str:
        times: Doc = (query.get("filter") or {}).get("date_time_filter") or {}
        for name, span in times.items():
            if sort["sort_field"] != TIMES.get(name):
                raise bad("BAD_REQUEST", "The sort field must match the time range.", "query.sort.sort_field")
            return iso(read_time(span["start_at"], f"query.filter.date_time_filter.{name}.start_at"))
        return ""

    def _line(self, variation_id: str, quantity: int, place: int) -> Doc:
        found = self.core.state.variations.get(variation_id)
        if found is None or found["is_deleted"]:
            raise missing("Variation", variation_id)
        data = found["item_variation_data"]
        item = self.core.state.items[data["item_id"]]["item_data"]["name"]
        price = (data.get("price_money") or {}).get("amount") or 0
        line = {"uid": f"line-{place}", "name": item, "variation_name": data.get("name", "Regular"), "price": price}
        return line | {"catalog_object_id": variation_id, "catalog_version": found["version"], "quantity": quantity}

    def _amounts(self, total: int, tax: int) -> Doc:
        parts = {"total_money": total, "tax_money": tax, "discount_money": 0, "tip_money": 0, "service_charge_money": 0}
        return {name: {"amount": amount, "currency": self.core.currency} for name, amount in parts.items()}

    def _check_location(self, location_id: str) -> None:
        if location_id not in self.core.state.locations:
            raise bad("INVALID_LOCATION", "No such location.", "location_id")

    def _tell(self, doc: Doc, actor: str, action: str) -> None:
        self.core.account.note(actor, action, "order", doc["id"], **copy.deepcopy(doc))
        told = {"order_id": doc["id"], "location_id": doc["location_id"], "state": doc["state"], "created_at": doc["created_at"]}
        told |= {"version": doc.get("version", 1)} | ({"updated_at": doc["updated_at"]} if action == "updated" else {})
        kind = f"order_{action}"
        self.core.emit(f"order.{action}", {"type": kind, "id": doc["id"], "object": {kind: told}})
