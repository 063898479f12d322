"""Customers: their documents, their steps, what Shopify makes of a value."""

from __future__ import annotations

import pytest

from connectors.shopify import CONNECTOR
from hub.model.values import Doc
from hub.sdk import AnswerKind, Change, Operation
from tests.connectors.shopify.account import Account, edit

STREET = {"address1": "Rue A 1", "city": "Lyon", "zip": "69001", "countryCode": "FR"}
NEW_STREET = {"address1": "Rue B 2", "city": "Lyon", "zip": "69002", "countryCodeV2": "FR"}


def _creation(**after: object) -> Change:
    return Change(Operation.CREATE, None, None, dict(after), tuple(after))


def _email(address: str | None, state: str = "NOT_SUBSCRIBED") -> Doc:
    return {"emailAddress": address, "marketingState": state, "marketingUpdatedAt": None}


def test_document_says_nothing_with_nulls_when_there_is_no_address_or_number() -> None:
    account = Account()
    doc = account.one("customers", account.fake.add_customer(firstName="Ada"))
    assert doc["defaultEmailAddress"] == _email(None)
    assert doc["defaultPhoneNumber"] == {"phoneNumber": None, "marketingState": "NOT_SUBSCRIBED"}
    assert doc["addresses"] == []
    assert "addressesV2" not in doc


def test_document_has_all_addresses_when_they_need_more_pages() -> None:
    account = Account()
    gid = account.fake.add_customer(firstName="Ada", addresses=[{**STREET, "zip": f"{n:05}"} for n in range(125)])
    addresses = account.one("customers", gid)["addresses"]
    assert [address["zip"] for address in addresses] == [f"{n:05}" for n in range(125)]
    assert len(account.requests) == 3
    assert account.docs("customers")[0]["addresses"] == addresses


def test_page_reads_equal_times_once_and_puts_changed_ones_last() -> None:
    account = Account()
    ids = [account.fake.add_customer(email=f"{n}@example.com") for n in range(120)]
    stream, client = CONNECTOR.streams["customers"], account.client
    pages = account.pages("customers")
    assert [doc["id"] for page in pages for doc in page.docs] == ids
    assert len(pages) == 3
    assert len({doc["updatedAt"] for page in pages for doc in page.docs}) == 1
    account.wait(5)
    account.fake.edit_customer(ids[0], note="moved to the end")
    assert account.docs("customers")[-1]["id"] == ids[0]
    assert stream.fetch(client, ["gid://shopify/Customer/1", ids[3]])[0]["id"] == ids[3]


def test_page_reads_from_the_second_of_since() -> None:
    account = Account()
    account.fake.add_customer(email="old@example.com")
    at = account.wait(10.7)
    new = account.fake.add_customer(email="new@example.com")
    assert [doc["id"] for doc in account.docs("customers", at)] == [new]  # its updatedAt is cut to the second


def test_page_does_not_know_of_a_change_before_the_index_does() -> None:
    account = Account(search_lag_s=3)
    at = account.wait(60)
    new = account.fake.add_customer(email="new@example.com")
    assert account.docs("customers", at) == []
    assert account.one("customers", new)["id"] == new
    account.wait(3)
    assert [doc["id"] for doc in account.docs("customers", at)] == [new]


def test_create_takes_name_address_consents_and_addresses_in_steps() -> None:
    account = Account()
    phone = {"phoneNumber": "+33612345678", "marketingState": "UNSUBSCRIBED"}
    email = _email("ada@example.com", "SUBSCRIBED")
    change = _creation(firstName="Ada", defaultEmailAddress=email, defaultPhoneNumber=phone, addresses=[NEW_STREET])
    assert account.names("customers", change) == [
        "customerCreate",
        "customerSmsMarketingConsentUpdate",
        "customerAddressCreate",
    ]
    created, *_, last = account.send("customers", change)
    assert created.doc is not None
    assert created.external_id == created.doc["id"]
    assert (last.kind, last.doc, last.external_id) == (AnswerKind.DONE, None, created.external_id)
    made = account.fake.customer(created.external_id or "")
    assert made is not None
    assert (made["email_consent"], made["sms_consent"]) == ("SUBSCRIBED", "UNSUBSCRIBED")
    assert [address["address1"] for address in made["addresses"]] == ["Rue B 2"]


@pytest.mark.parametrize(
    ("after", "blames"),
    [
        ({"defaultEmailAddress": _email(" ADA@example.com ")}, "defaultEmailAddress.emailAddress"),
        ({"defaultPhoneNumber": {"phoneNumber": "+33 6 12 34 56 78"}}, "defaultPhoneNumber.phoneNumber"),
    ],
)
def test_create_clashes_when_something_unique_is_taken(after: Doc, blames: str) -> None:
    account = Account()
    account.fake.add_customer(email="ada@example.com", phone="0033612345678")
    (answer,) = account.send("customers", _creation(firstName="Ada", **after))
    assert (answer.kind, answer.blames) == (AnswerKind.CLASH, blames)
    assert len(account.fake.customers()) == 1


def test_find_uses_the_direct_door_when_the_index_lags() -> None:
    account = Account(search_lag_s=3600)
    change = _creation(firstName="Ada", defaultEmailAddress=_email("ada@example.com"))
    assert CONNECTOR.sinks["customers"].find(account.client, change) == []
    (answer,) = account.send("customers", change)
    assert [doc["id"] for doc in CONNECTOR.sinks["customers"].find(account.client, change)] == [answer.external_id]
    by_phone = _creation(firstName="Bo", defaultPhoneNumber={"phoneNumber": "+33612345678"})
    other = account.fake.add_customer(phone="+33612345678")
    assert [doc["id"] for doc in CONNECTOR.sinks["customers"].find(account.client, by_phone)] == [other]


def test_update_writes_fields_and_consents_as_separate_mutations() -> None:
    account = Account()
    gid = account.fake.add_customer(email="ada@example.com", phone="+33612345678", addresses=[STREET])
    before = account.one("customers", gid)
    change = Change(
        Operation.UPDATE,
        gid,
        before,
        before
        | {"note": "vip", "defaultEmailAddress": _email("ada@example.com", "SUBSCRIBED")}
        | {"defaultPhoneNumber": {"phoneNumber": "+33612345678", "marketingState": "SUBSCRIBED"}},
        ("note", "defaultEmailAddress.marketingState", "defaultPhoneNumber.marketingState"),
    )
    assert account.names("customers", change) == [
        "customerEmailMarketingConsentUpdate",
        "customerSmsMarketingConsentUpdate",
        "customerUpdate",
    ]
    answers = account.send("customers", change)
    assert answers[-1].doc == account.one("customers", gid)
    held = account.fake.customer(gid)
    assert held is not None
    assert (held["note"], held["email_consent"], held["sms_consent"]) == ("vip", "SUBSCRIBED", "SUBSCRIBED")
    assert held["addresses"] == account.fake.customers()[0]["addresses"]
    assert len(held["addresses"]) == 1


def test_update_puts_the_number_in_before_the_consent_that_needs_it() -> None:
    account = Account()
    gid = account.fake.add_customer(firstName="Ada")
    answers = account.update("customers", gid, defaultPhoneNumber={"phoneNumber": "+33612345678", "marketingState": "SUBSCRIBED"})
    assert [answer.kind for answer in answers] == [AnswerKind.DONE, AnswerKind.DONE]
    held = account.fake.customer(gid)
    assert held is not None
    assert held["sms_consent"] == "SUBSCRIBED"


def test_consent_is_refused_and_blamed_when_there_is_no_address() -> None:
    account = Account()
    gid = account.fake.add_customer(firstName="Ada")
    path = "defaultEmailAddress.marketingState"
    (answer,) = account.update("customers", gid, path, defaultEmailAddress=_email(None, "SUBSCRIBED"))
    assert (answer.kind, answer.blames) == (AnswerKind.REFUSED, path)


def test_address_steps_take_away_change_and_add() -> None:
    account = Account()
    gid = account.fake.add_customer(firstName="Ada", addresses=[STREET, {**STREET, "zip": "2"}, {**STREET, "zip": "3"}])
    before = account.one("customers", gid)
    keep, change_me, _ = before["addresses"]
    after = [keep, {**change_me, "city": "Paris"}, {**NEW_STREET, "id": None}]
    change = edit(before, addresses=after)
    assert account.names("customers", change) == ["customerAddressDelete", "customerAddressUpdate", "customerAddressCreate"]
    answers = account.send("customers", change)
    assert [(answer.kind, answer.doc) for answer in answers] == [(AnswerKind.DONE, None)] * 3
    shown = account.one("customers", gid)["addresses"]
    assert [(address["city"], address["zip"]) for address in shown] == [("Lyon", "69001"), ("Paris", "2"), ("Lyon", "69002")]
    assert [address["id"] for address in shown[:2]] == [keep["id"], change_me["id"]]
    assert account.names("customers", edit(before, addresses=before["addresses"])) == []
    strange = [*before["addresses"], {**NEW_STREET, "id": "an id from elsewhere"}]
    assert account.names("customers", edit(before, addresses=strange)) == ["customerAddressCreate"]


def test_address_step_is_gone_when_somebody_took_the_address_away() -> None:
    account = Account()
    gid = account.fake.add_customer(firstName="Ada", addresses=[STREET])
    before = account.one("customers", gid)
    (address,) = before["addresses"]
    account.fake.remove_address(gid, address["id"])
    (answer,) = account.send("customers", edit(before, addresses=[{**address, "city": "Paris"}]))
    assert answer.kind is AnswerKind.GONE


@pytest.mark.parametrize(("moves", "expected"), [(True, 1), (False, 0)])
def test_address_edit_shows_in_a_poll_only_when_it_moves_the_customer(moves: bool, expected: int) -> None:  # noqa: FBT001 - a case
    account = Account(address_moves_updated_at=moves)
    gid = account.fake.add_customer(firstName="Ada", addresses=[STREET])
    at = account.wait(60)
    account.fake.edit_address(gid, account.one("customers", gid)["addresses"][0]["id"], city="Paris")
    assert len(account.docs("customers", at)) == expected
    assert account.one("customers", gid)["addresses"][0]["city"] == "Paris"
    assert [request.headers["x-shopify-topic"] for request in account.webhooks()] == ["customers/create", "customers/update"]


def test_update_clears_the_number_and_keeps_the_rest() -> None:
    account = Account()
    gid = account.fake.add_customer(email="ada@example.com", phone="+33612345678", note="n")
    path = "defaultPhoneNumber.phoneNumber"
    (answer,) = account.update("customers", gid, path, defaultPhoneNumber={"phoneNumber": None})
    assert answer.doc is not None
    assert answer.doc["defaultPhoneNumber"]["phoneNumber"] is None
    held = account.fake.customer(gid)
    assert held is not None
    assert (held["phone"], held["email"], held["note"]) == (None, "ada@example.com", "n")


def test_answer_shows_what_shopify_made_of_the_values() -> None:
    account = Account()
    gid = account.fake.add_customer(firstName="Ada")
    (answer,) = account.update(
        "customers",
        gid,
        firstName="  Ada ",
        tags=["vip", "b2b", " vip "],
        defaultEmailAddress={"emailAddress": " Ada@Example.COM"},
        defaultPhoneNumber={"phoneNumber": "0033 6 12 34 56 78"},
    )
    assert answer.doc is not None
    assert (answer.doc["firstName"], answer.doc["tags"]) == ("Ada", ["b2b", "vip"])
    assert answer.doc["defaultEmailAddress"]["emailAddress"] == "ada@example.com"
    assert answer.doc["defaultPhoneNumber"]["phoneNumber"] == "+33612345678"


def test_country_without_provinces_keeps_none() -> None:
    account = Account()
    gid = account.fake.add_customer(firstName="Ada")
    account.update("customers", gid, addresses=[{**NEW_STREET, "provinceCode": "ARA"}])
    account.update("customers", gid, addresses=[{"address1": "1", "provinceCode": "ON", "countryCodeV2": "CA"}])
    (address,) = account.one("customers", gid)["addresses"]
    assert (address["provinceCode"], address["countryCodeV2"]) == ("ON", "CA")
    assert [entry.detail.get("provinceCode") for entry in account.fake.journal if entry.action == "create_address"] == [
        None,
        "ON",
    ]
