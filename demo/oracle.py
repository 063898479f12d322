"""The judge of a demo: does every value that systems share agree, was no edit lost, is all accounted for?

In: the simulators with their journals, and when people began to act. Out: a verdict with counts and every difference. It
reads what the systems hold and what they wrote down themselves, and shares no code with the hub: not its mappings, not its
store, not its log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from demo.papers import check_papers
from demo.units import count_units
from demo.verdict import API, Doc, Systems, Verdict
from demo.words import (
    ADDRESS,
    crm_customer,
    crm_customers,
    desk_customer,
    desk_customers,
    desk_names,
    first_sku,
    key_of,
    shop_customer,
    shop_customers,
    shop_product,
    shop_products,
    shop_variant,
    shop_variants,
    sku_of,
    till_customer,
    till_customers,
    till_product,
    till_products,
    till_variant,
    till_variants,
)


@dataclass(slots=True)
class Edits:
    """What people made of one field in one system: the last value, when, and what stood there before."""

    at: int
    value: Any
    stood_on: Any


History = dict[tuple[str, str, str], dict[str, Edits]]
"""(kind, record, field) -> system -> what people last did there."""


@dataclass(slots=True)
class Trace:
    """The journals, folded: what people last did to every field. What the API wrote is what people then stand on."""

    since: int
    history: History = field(default_factory=dict)
    _shown: dict[tuple[str, str, str, str], Any] = field(default_factory=dict)

    def note(self, side: str, what: str, key: str | None, values: Doc, entry: Any) -> None:
        """Take in what every field of a record is after an entry."""
        for name, value in _edited_as_one(values).items() if key else ():
            mark = (side, what, key or "", name)
            before = self._shown.get(mark)
            self._shown[mark] = value
            if entry.actor != API and entry.at >= self.since and value != before:
                self.history.setdefault((what, key or "", name), {})[side] = Edits(entry.at, value, before)


def judge(systems: Systems, since: int) -> Verdict:
    """Compare everything. `since` (µs): what stood in the systems before is where they came from, not an edit."""
    verdict = Verdict()
    trace = Trace(since)
    shop, till, crm, desk = systems.shop, systems.till, systems.crm, systems.desk
    _read_shop(shop, trace, verdict)
    _read_till(till, trace, verdict)
    _read_crm(crm, trace, verdict)
    _read_desk(desk, trace, verdict)
    people = {"shop": shop_customers(shop), "till": till_customers(till), "crm": crm_customers(crm), "desk": desk_customers(desk)}
    _compare(verdict, "customer", people, trace.history)
    _compare(verdict, "product", {"shop": shop_products(shop), "till": till_products(till)}, trace.history)
    _compare(verdict, "variant", {"shop": shop_variants(shop), "till": till_variants(till)}, trace.history)
    _check_names(verdict, people["shop"], desk_names(desk))
    _check_consent(verdict, systems)
    count_units(verdict, shop, till, since)
    check_papers(verdict, systems)
    return verdict


def _compare(verdict: Verdict, what: str, at: Mapping[str, Mapping[str, Doc]], history: History) -> None:
    """Compare what the systems say of each record, the shop first: it has every field."""
    for key in sorted({key for docs in at.values() for key in docs}):
        there = {side: docs[key] for side, docs in at.items() if key in docs}
        if len(there) < len(at):
            verdict.blame(what, key, "", {side: key in docs for side, docs in at.items()}, "one system does not have it")
            continue
        shop = there["shop"]
        for name in shop:
            verdict.check(what, key, name, {side: doc[name] for side, doc in there.items() if name in doc})
        agreed = all(doc[name] == shop[name] for doc in there.values() for name in doc)
        for name, value in _edited_as_one(shop).items() if agreed else ():
            done = history.get((what, key, name))
            if done:
                _check_edit(verdict, what, key, name, value, done)


def _edited_as_one(values: Doc) -> Doc:
    """Return a record's fields as people edit them: an address is one thing, so two people who edit it at once are at odds."""
    parts = {name for name, *_ in ADDRESS} & values.keys()
    rest = {name: value for name, value in values.items() if name not in parts}
    return rest | ({"address": {name: values[name] for name in sorted(parts)}} if parts else {})


def _check_edit(verdict: Verdict, what: str, key: str, name: str, value: Any, done: Mapping[str, Edits]) -> None:
    """The value is the last that people gave it in one of the systems; an edit that another one was made on top of has lost."""
    verdict.both_edited += len(done) > 1
    last = list(done.values())
    standing = [each for each in last if not any(_is_under(each, other) for other in last if other is not each)]
    allowed = [each.value for each in standing or last]
    if name == "price":
        allowed = [done["shop"].value] if "shop" in done else [value]
    if not any(_same(value, each) for each in allowed) and not _is_woven(value, allowed):
        verdict.blame(what, key, name, {side: each.value for side, each in done.items()}, f"an edit was lost: all show {value!r}")


def _is_under(edit: Edits, other: Edits) -> bool:
    """Say whether the other edit was made on top of this one: what was edited could be seen there, and was."""
    return edit.at <= other.at and _same(edit.value, other.stood_on) and _is_visible(edit, other.stood_on)


def _is_visible(edit: Edits, there: Any) -> bool:
    """Say whether a system has any part of an address that was edited; everything else it has whole."""
    if not (isinstance(edit.value, dict) and isinstance(there, dict)):
        return True
    before = edit.stood_on if isinstance(edit.stood_on, dict) else {}
    return any(part != before.get(name) for name, part in edit.value.items() if name in there)


def _same(value: Any, other: Any) -> bool:
    """Say whether two values are one; of an address, as far as both systems have its parts."""
    if isinstance(value, dict) and isinstance(other, dict):
        return all(value[name] == other[name] for name in value.keys() & other.keys())
    return bool(value == other)


def _is_woven(value: Any, allowed: list[Any]) -> bool:
    """Say whether every part of an address is from one of the edits: two people changed different lines of it, and both stay."""
    if not isinstance(value, dict):
        return False
    return all(any(part == each.get(name, part) for each in allowed) for name, part in value.items())


def _check_names(verdict: Verdict, at_shop: Mapping[str, Doc], at_desk: Mapping[str, str]) -> None:
    """The help desk has one name, which is both of the shop's."""
    for key in sorted(at_shop.keys() & at_desk.keys()):
        both = " ".join(part for part in (at_shop[key]["given name"], at_shop[key]["family name"]) if part)
        verdict.check("customer", key, "name", {"shop": both, "desk": at_desk[key]})


def _check_consent(verdict: Verdict, systems: Systems) -> None:
    """Who unsubscribed at the till or opted out in the CRM is not subscribed in the shop."""
    subscribed = {key_of(doc["email"]): doc["email_consent"] for doc in systems.shop.customers() if doc["email"]}
    at_till = [systems.till.customer(each) for each in systems.till.customer_ids()]
    out = {key_of(doc.get("email_address", "")) for doc in at_till if doc["preferences"]["email_unsubscribed"]}
    contacts = [systems.crm.contact(each) for each in systems.crm.contact_ids()]
    out |= {key_of(doc.get("email", "")) for doc in contacts if doc.get("hs_email_optout") == "true"}
    for email in sorted(out & subscribed.keys()):
        verdict.check("customer", email, "marketing e-mail", {"shop": subscribed[email], "said": "UNSUBSCRIBED"})


# ---- journals: who changed what


def _read_shop(shop: Any, trace: Trace, verdict: Verdict) -> None:
    """Fold the shop's journal: the value of every shared field after each entry, and what people made of it."""
    emails = {doc["id"]: key_of(doc["email"]) for doc in shop.customers() if doc["email"]}
    skus = {each: shop.variant(each)["sku"] for product in shop.products() for each in product["variants"]}
    products = {doc["id"]: sku_of(shop, doc) for doc in shop.products()}
    docs: dict[str, Doc] = {}
    for entry in shop.journal:
        docs[entry.external_id] = doc = _folded(docs.get(entry.external_id, {}), entry)
        by_person = entry.actor != API and entry.at >= trace.since
        if by_person and entry.kind in ("customer", "product", "variant"):
            verdict.edits["shop"] += 1
        match entry.kind:
            case "customer":
                trace.note("shop", "customer", emails.get(entry.external_id), shop_customer(doc), entry)
            case "product" if "title" in doc:
                trace.note("shop", "product", products.get(entry.external_id), shop_product(doc), entry)
            case "variant" if "sku" in doc:
                trace.note("shop", "variant", skus.get(entry.external_id), shop_variant(doc), entry)


def _folded(before: Doc, entry: Any) -> Doc:
    if not entry.action.endswith("_address"):
        return {**before, **entry.detail}
    addresses = [dict(each) for each in before.get("addresses") or ()]
    fields = {name: value for name, value in entry.detail.items() if name != "address"}
    ids = [each["id"] for each in addresses]
    if entry.action == "delete_address":
        return {**before, "addresses": [each for each in addresses if each["id"] != entry.detail["address"]]}
    if entry.detail["address"] in ids:
        addresses[ids.index(entry.detail["address"])] |= fields
    else:
        addresses.append({"id": entry.detail["address"], **fields})
    return {**before, "addresses": addresses}


def _read_till(till: Any, trace: Trace, verdict: Verdict) -> None:
    emails = {}
    for each in till.customer_ids():
        emails[each] = key_of((till.customer(each) or {}).get("email_address", ""))
    for entry in till.journal:
        by_person = entry.actor != API and entry.at >= trace.since
        verdict.edits["till"] += by_person and entry.kind in ("customer", "catalog")
        if entry.kind == "customer" and entry.detail:
            trace.note("till", "customer", emails.get(entry.external_id), till_customer(entry.detail), entry)
        item = entry.detail.get("object") if entry.kind == "catalog" else None
        if item and item["type"] == "ITEM":
            trace.note("till", "product", first_sku(item), till_product(item), entry)
            for each in item["item_data"]["variations"]:
                row = each["item_variation_data"]
                trace.note("till", "variant", row.get("sku"), till_variant(row), entry)


def _read_crm(crm: Any, trace: Trace, verdict: Verdict) -> None:
    emails = {each: key_of((crm.contact(each) or {}).get("email", "")) for each in crm.contact_ids()}
    docs: dict[str, Doc] = {}
    for entry in crm.journal:
        verdict.edits["crm"] += entry.actor != API and entry.at >= trace.since and entry.action in ("created", "updated")
        if entry.kind == "contacts" and entry.action in ("created", "updated"):
            docs[entry.external_id] = doc = {**docs.get(entry.external_id, {}), **entry.detail}
            trace.note("crm", "customer", emails.get(entry.external_id), crm_customer(doc), entry)


def _read_desk(desk: Any, trace: Trace, verdict: Verdict) -> None:
    emails = {each: key_of((desk.user(each) or {}).get("email") or "") for each in desk.user_ids()}
    for entry in desk.journal:
        if entry.kind == "user":
            verdict.edits["desk"] += entry.actor != API and entry.at >= trace.since
            trace.note("desk", "customer", emails.get(entry.external_id), desk_customer(entry.detail["record"]), entry)
