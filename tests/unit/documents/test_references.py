"""What a deal refers to follows its order, however its create ended and whenever its customer became known (Rule 6.56)."""

from __future__ import annotations

from tests.unit.documents.office import Office
from tests.unit.documents.test_filing import ADA, GUEST, ORDER

DEAL = {"id": "d1", "version": 1, "name": "1001", "stage": "new", "amount": 4990}


def _contacts(office: Office) -> None:
    office.see("shop", "customers", ADA)
    office.see("crm", "customers", {**ADA, "id": "c1"})


def test_deal_is_tied_to_its_contact_when_only_the_first_call_of_its_create_happened(office: Office) -> None:
    _contacts(office)
    office.see("shop", "orders", ORDER)
    [delivery] = office.deliveries("crm", "deals")
    [attempt] = office.freeze(delivery.id)
    office.see("crm", "deals", {**DEAL, "ours": attempt.marker, "contact": None})
    assert office.send("crm", "d1", "deals", shown={"version": 2})["contact"] == "c1"
    assert office.deliveries("crm", "deals") == []


def test_deal_is_tied_to_its_contact_when_a_guest_signs_up(office: Office) -> None:
    office.see("shop", "orders", GUEST)
    office.send("crm", "d1", "deals")
    _contacts(office)
    assert office.send("crm", "d1", "deals", shown={"version": 2})["contact"] == "c1"
    assert office.deliveries("crm", "deals") == []


def test_deal_is_tied_again_when_somebody_took_its_contact_away(office: Office) -> None:
    _contacts(office)
    office.see("shop", "orders", ORDER)
    sent = office.send("crm", "d1", "deals")
    office.see("crm", "deals", {**sent, "id": "d1", "version": 2, "contact": None})
    assert office.send("crm", "d1", "deals", shown={"version": 3})["contact"] == "c1"


def test_deal_is_left_alone_when_its_system_does_not_keep_the_contact(office: Office) -> None:
    _contacts(office)
    office.see("shop", "orders", ORDER)
    office.send("crm", "d1", "deals", shown={"contact": None})
    for version in (2, 3, 4):
        office.send("crm", "d1", "deals", shown={"version": version, "contact": None})
    [delivery] = office.deliveries("crm", "deals")
    assert (office.freeze(delivery.id), office.deliveries("crm", "deals")) == ([], [])


def test_deal_waits_for_what_is_planned_when_a_batch_touches_it_without_its_customer(office: Office) -> None:
    """What was planned is not dropped because the contact was not loaded."""
    office.see("shop", "orders", GUEST)
    office.send("crm", "d1", "deals")
    _contacts(office)
    office.see("shop", "orders", {**GUEST, "version": 2, "refunds": [{"id": "5", "status": "OK", "amount": 990, "order": "100"}]})
    assert len(office.deliveries("crm", "deals")) == 1
