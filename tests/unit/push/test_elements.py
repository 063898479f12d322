"""How an element of a list is added, changed or removed, as its list knows its elements."""

from __future__ import annotations

import pytest

from hub.mapping import ElementChange
from hub.model.link import Claim
from hub.model.values import Value
from hub.push.attempt import _element_changes
from tests.unit.push.workshop import CUSTOMERS, PERSON, Workshop

WEG, ROM = {"line1": "Weg 1", "city": "Bonn"}, {"line1": "Via 2", "city": "Rom"}
CITY = {"line1": "WEG 1", "city": "Köln"}


@pytest.mark.parametrize(("form", "held", "wanted", "changes"), [
    ("ids", WEG, CITY, [("update", "r7", CITY)]),
    ("ids", WEG, {"line1": "Weg 1"}, [("update", "r7", {"line1": "Weg 1", "city": None})]),
    ("ids", WEG, None, [("remove", "r7", WEG)]), ("ids", None, ROM, [("add", None, ROM)]),
    ("ids", None, None, [("remove", "r7", None)]),
    ("keys", WEG, CITY, [("update", None, CITY)]), ("keys", WEG, ROM, [("remove", None, WEG), ("add", None, ROM)]),
    ("keys", WEG, None, [("remove", None, WEG)]),
    ("keys", None, ROM, [("add", None, ROM)]), ("keys", None, None, []),
    ("keys", WEG, {"line1": "weg 1"}, [("update", None, {"line1": "weg 1", "city": None})]),
    ("one place", WEG, ROM, [("update", "r7", ROM)]), ("one place", None, ROM, [("add", None, ROM)]),
    ("one place", WEG, None, [("remove", "r7", WEG)]),
])  # fmt: skip
def test_element_is_added_changed_or_removed_as_its_list_knows_it(
    form: str, held: Value, wanted: Value, changes: list[tuple[str, str | None, Value]]
) -> None:
    forms = {"ids": "identity: id, ", "keys": "", "one place": "fits: first, "}
    text = CUSTOMERS.replace("identity: id, fits: 2, match_by", forms[form] + "match_by")
    workshop = Workshop(texts={"customers": text})
    link = workshop.link(workshop.entity(1, PERSON), addresses_in_7=held, addresses_in_8=ROM)
    link.elements = {"addresses": {"r8": "8", "r7": "7"}}
    table = workshop.ground.tables["till", "customers"]
    assert _element_changes(table, link, "addresses", "7", wanted) == [ElementChange(*change) for change in changes]


def test_element_of_a_new_record_is_added() -> None:
    table = Workshop().ground.tables["till", "customers"]
    assert _element_changes(table, None, "addresses", "7", ROM) == [ElementChange("add", None, ROM)]
    assert _element_changes(table, None, "tags", "vip", {"value": "vip"}) == [ElementChange("add", None, {"value": "vip"})]
    assert _element_changes(table, None, "tags", "vip", None) == [ElementChange("remove", None, {"value": "vip"})]


def test_claim_that_is_empty_is_no_element_held() -> None:
    workshop = Workshop()
    link = workshop.link(workshop.entity(1, PERSON))
    link.claims["addresses/7"] = Claim()
    table = workshop.ground.tables["till", "customers"]
    assert _element_changes(table, link, "addresses", "7", ROM) == [ElementChange("add", None, ROM)]
