"""The shipped mapping files on what the simulated account shows, and what a canonical change becomes there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.mapping import Mapping, check, load
from hub.model.record import DriftKind, Record, Ref
from hub.model.values import Doc
from hub.sdk import AnswerKind
from tests.connectors.zendesk.account import Account, create, update
from tests.connectors.zendesk.contract import ABSENT, contract
from tests.laws import check_laws

FOLDER = Path(__file__).parents[3] / "mappings" / "zendesk"
FILES = ("users",)
ANNA: dict[str, Any] = {
    "name": "Anna Maria Ek",
    "email": "Anna@Example.com",
    "phone": "+46701234567",
    "notes": "vip",
    "external_id": "anna",
}


def _text(name: str) -> str:
    return (FOLDER / f"{name}.yaml").read_text("utf-8")


def _mapping(name: str) -> Mapping:
    return load(_text(name), f"{name}.yaml")


def _desk() -> Account:
    account = Account()
    organization = account.fake.add_organization("Linden & Sons")
    anna = account.fake.add_user(**ANNA, tags=["vip", "Gold Club"], organization_id=organization)
    account.fake.add_identity(anna, "twitter", "annaek")
    account.fake.add_user("Bo")
    return account


def _record(account: Account, **change: Any) -> Record:
    doc = next(doc for doc in account.read_all("users") if doc["external_id"] == "anna")
    reading = _mapping("users").read({**doc, **change})
    assert reading.drift == []
    return reading.records[0]


@pytest.mark.parametrize("name", FILES)
def test_file_loads_without_errors(name: str) -> None:
    assert check(_text(name), f"{name}.yaml") == []


def test_mapping_keeps_the_laws_on_what_the_account_shows() -> None:
    check_laws(_mapping("users"), _desk().read_all("users"))


def test_read_user_gives_canonical_values() -> None:
    account = _desk()
    record = _record(account)
    assert record.fields == {
        "given_name": "Anna Maria",
        "family_name": "Ek",
        "company": "Linden & Sons",
        "email": "anna@example.com",
        "email_verified": False,
        "phone": "+46701234567",
        "locale": "en-US",
        "note": "vip",
    }
    assert (record.external_id, record.changed_at, record.created_at) == (
        account.fake.user_ids()[0],
        1772355600000000,
        1772355600000000,
    )
    assert sorted(one.values["value"] for one in record.lists["tags"]) == ["gold_club", "vip"]


def test_read_user_gives_contact_points_with_kind_and_proof() -> None:
    account = _desk()
    anna = account.fake.user_ids()[0]
    account.fake.add_identity(anna, "email", "second@example.com", method="low")
    account.fake.verify_identity(anna, "anna@example.com", method="full")
    record = _record(account)
    found = [one.values for one in record.lists["contact_points"]]
    assert found == [
        {"kind": "email", "value": "anna@example.com", "verified": True, "role": "main"},
        {"kind": "phone", "value": "+46701234567", "verified": False, "role": "main"},
        {"kind": "twitter", "value": "annaek", "verified": False, "role": "main"},
        {"kind": "email", "value": "second@example.com", "verified": False, "role": "other"},
    ]
    assert record.fields["email_verified"] is True


@pytest.mark.parametrize(("method", "verified"), [("none", False), ("low", False), ("sso", True), ("full", True)])
def test_read_user_takes_the_proof_of_the_main_address(method: str, verified: bool) -> None:  # noqa: FBT001 - a row of a table
    account = _desk()
    anna = account.fake.user_ids()[0]
    account.fake.add_identity(anna, "email", "second@example.com", method=method)
    account.fake.verify_identity(anna, "anna@example.com", method="none" if verified else "full")
    account.fake.promote_identity(anna, "second@example.com")
    record = _record(account)
    assert (record.fields["email"], record.fields["email_verified"]) == ("second@example.com", verified)


def test_read_user_says_nothing_of_identities_when_they_were_not_asked_for() -> None:
    doc = {name: value for name, value in _desk().read_all("users")[0].items() if name not in ("identities", "organization")}
    record = _mapping("users").read(doc).records[0]
    assert {"email_verified", "company"}.isdisjoint(record.fields)
    assert "contact_points" not in record.lists


def test_read_user_is_a_tombstone_when_inactive() -> None:
    account = _desk()
    account.fake.delete_user(account.fake.user_ids()[0])
    docs = account.read_all("users")
    assert [_mapping("users").read(doc).records[0].deleted for doc in docs] == [False, True]


@pytest.mark.parametrize("role", ["agent", "admin"])
def test_read_user_is_skipped_when_it_is_staff(role: str) -> None:
    reading = _mapping("users").read(_desk().read_all("users")[0] | {"role": role})
    assert (reading.records, bool(reading.skipped)) == ([], True)


def test_write_user_reaches_the_desk_when_golden_values_change() -> None:
    account = _desk()
    mapping = _mapping("users")
    before = account.read_all("users")[0]
    written = mapping.write({"given_name": "Anne", "phone": None, "note": None}, onto=before)
    assert (written.left_out, written.paths) == ({}, ("name", "phone", "notes"))
    assert account.deliver("users", update(before, written.doc, *written.paths)).kind is AnswerKind.DONE
    (after,) = account.fetch("users", str(before["id"]))
    shown = mapping.read(after).records[0].fields
    assert (shown["given_name"], shown["family_name"], shown["phone"], shown["note"]) == ("Anne", "Ek", None, None)
    assert [identity["type"] for identity in after["identities"]] == ["email", "twitter"]


def test_write_user_leaves_the_address_alone_when_golden_has_another() -> None:
    before = _desk().read_all("users")[0]
    written = _mapping("users").write({"email": "new@example.com", "company": "Other", "email_verified": True}, onto=before)
    assert (written.doc, written.paths) == (before, ())


def test_write_user_makes_one_when_there_is_none() -> None:
    account = Account()
    mapping = _mapping("users")
    golden = {"given_name": "Bo", "family_name": "Ek", "email": "bo@example.com", "phone": "+46701234568", "note": "vip"}
    answer = account.deliver("users", create(mapping.write(golden).doc, "hub-1"))
    (doc,) = account.fetch("users", answer.external_id or "")
    fields = mapping.read(doc).records[0].fields
    assert {name: fields[name] for name in golden} == golden


def test_own_field_goes_both_ways_when_a_line_names_it() -> None:
    account = Account(user_fields=("shoe_size", "club"))
    account.fake.add_user("Bo Ek", user_fields={"shoe_size": "42", "club": "x"})
    mapping = load(_text("users").replace("#   custom.shoe_size:", "  custom.shoe_size:"), "users.yaml")
    (before,) = account.read_all("users")
    reading = mapping.read(before)
    assert (reading.records[0].fields["custom.shoe_size"], reading.drift) == ("42", [])
    written = mapping.write({"custom.shoe_size": "43"}, onto=before)
    account.deliver("users", update(before, written.doc, *written.paths))
    assert (account.fake.user(str(before["id"])) or {})["user_fields"] == {"shoe_size": "43", "club": "x"}


@pytest.mark.skipif(contract() is None, reason=ABSENT)
def test_every_property_of_the_contract_is_mapped_or_ignored() -> None:
    judge = contract()
    assert judge is not None
    doc: Doc = dict.fromkeys(judge.properties("UserForAdmin"), "x") | {"role": "end-user", "id": 1, "active": True}
    doc |= {"user_fields": {}, "tags": [], "organization": {"id": 1, "name": "x"}}
    doc |= {"identities": [dict.fromkeys(judge.properties("UserIdentityObject"), "x")]}
    unknown = [drift.path for drift in _mapping("users").read(doc).drift if drift.kind is DriftKind.UNKNOWN_FIELD]
    assert unknown == []


# tickets

OWN_FIELDS = _text("tickets").replace("#   ", "  ")
"""The file as its comments say to change it: with the fields of an account."""
CONTEXT, ORDER = 360000000001, 360000000002


def _own() -> Mapping:
    return load(OWN_FIELDS, "tickets.yaml")


def _helpdesk() -> Account:
    account = Account(ticket_fields=(CONTEXT, ORDER, 7))
    anna, kim = account.fake.add_user("Anna Ek", email="anna@example.com"), account.fake.add_user("Kim", role="agent")
    fields = [{"id": ORDER, "value": "1001"}]
    ticket = account.fake.add_ticket(anna, "Where is it?", "I am waiting.", priority="urgent", tags=["vip"], custom_fields=fields)
    account.fake.reply(ticket, "On its way.", author=kim, status="hold")
    account.fake.reply(ticket, "Ask the carrier", author=kim, public=False)
    return account


def _ticket(account: Account) -> Doc:
    (doc,) = account.read_all("tickets")
    return doc


@pytest.mark.parametrize("text", [_text("tickets"), OWN_FIELDS])
def test_ticket_files_load_and_keep_the_laws(text: str) -> None:
    assert check(text, "tickets.yaml") == []
    check_laws(load(text, "tickets.yaml"), [_ticket(_helpdesk())])


def test_read_ticket_gives_canonical_values() -> None:
    account = _helpdesk()
    reading = _mapping("tickets").read(_ticket(account))
    ticket = reading.records[0]
    assert ticket.fields == {
        "number": "1",
        "subject": "Where is it?",
        "state": "on_hold",
        "priority": "urgent",
        "category": None,
        "channel": "email",
        "assignee": None,
        "email": "anna@example.com",
        "opened_at": "2026-03-01T09:00:00Z",
        "solved_at": None,
    }
    assert (reading.drift, ticket.refs["customer"]) == ([], Ref("users", account.fake.user_ids()[0]))


def test_read_ticket_gives_its_messages_as_documents_of_their_own() -> None:
    account = _helpdesk()
    anna = Ref("users", account.fake.user_ids()[0])
    _, *messages = _mapping("tickets").read(_ticket(account)).records
    assert [(one.fields["direction"], one.fields["body"], one.fields["author"], one.refs["customer"]) for one in messages] == [
        ("inbound", "I am waiting.", "Anna Ek", anna),
        ("outbound", "On its way.", "Kim", None),
        ("internal", "Ask the carrier", "Kim", None),
    ]
    assert [one.refs["ticket"] for one in messages] == [Ref("tickets", "1")] * 3
    assert [one.external_id for one in messages] == [f"1:{comment['id']}" for comment in account.fake.comments("1")]


@pytest.mark.parametrize("state", ["new", "open", "pending", "hold", "solved", "closed"])
def test_read_ticket_knows_every_state_of_the_contract(state: str) -> None:
    account = _helpdesk()
    account.fake.edit_ticket("1", status=state)
    doc = _ticket(account)
    record = _mapping("tickets").read(doc).records[0]
    assert record.fields["state"] == {"hold": "on_hold"}.get(state, state)
    assert (record.fields["solved_at"] is not None) == (state in ("solved", "closed"))


def test_read_ticket_leaves_a_state_that_it_does_not_know() -> None:
    reading = _mapping("tickets").read(_ticket(_helpdesk()) | {"status": "parked"})
    assert "state" not in reading.records[0].fields
    assert [(drift.path, drift.kind) for drift in reading.drift] == [("status", DriftKind.UNKNOWN_VALUE)]


def test_read_ticket_is_a_tombstone_when_deleted() -> None:
    account = _helpdesk()
    account.fake.delete_ticket("1")
    reading = _mapping("tickets").read(_ticket(account))
    assert ([record.deleted for record in reading.records], reading.drift) == ([True], [])


def test_read_ticket_names_no_customer_when_staff_asked() -> None:
    account = _helpdesk()
    account.fake.add_ticket(account.fake.user_ids()[1], "To do", "x")
    _, doc = account.read_all("tickets")
    assert _mapping("tickets").read(doc).records[0].refs["customer"] is None


def test_read_ticket_refers_to_the_order_that_its_field_names() -> None:
    record = _own().read(_ticket(_helpdesk())).records[0]
    assert record.refs["order"] == Ref("", "1001")


def test_write_ticket_shows_what_was_bought_when_a_field_is_named() -> None:
    account = _helpdesk()
    before = _ticket(account)
    written = _own().write({"summary.context": "Order 1001, 49.90 EUR\n1 order in all"}, onto=before)
    answer = account.deliver("tickets", update(before, written.doc, *written.paths))
    assert (answer.kind, account.sent()["ticket"]["custom_fields"]) == (
        AnswerKind.DONE,
        [{"id": CONTEXT, "value": "Order 1001, 49.90 EUR\n1 order in all"}],
    )
    shown = _own().read(account.fetch("tickets", "1")[0]).records[0].fields
    assert (shown["summary.context"], shown["state"]) == ("Order 1001, 49.90 EUR\n1 order in all", "on_hold")


def test_write_message_becomes_an_internal_note_of_its_ticket() -> None:
    account = _helpdesk()
    part = _mapping("tickets").parts["comments"]
    written = part.write({"body": "Refunded at the till", "direction": "internal", "ticket": "1"})
    answer = account.deliver("comments", create(written.doc, "hub-9"))
    (doc,) = account.fetch("comments", answer.external_id or "")
    record = part.read(doc).records[0]
    assert (record.external_id, record.fields["body"], record.fields["direction"]) == (
        answer.external_id,
        "Refunded at the till",
        "internal",
    )
    assert record.refs["ticket"] == Ref("tickets", "1")


def test_write_user_shows_what_was_bought_when_fields_are_named() -> None:
    account = Account(user_fields=("shoe_size", "orders", "spent", "last_order", "shop_context"))
    account.fake.add_user("Bo Ek")
    mapping = load(_text("users").replace("#   ", "  "), "users.yaml")
    (before,) = account.read_all("users")
    values = {"orders": 3, "spent": {"amount": 4990, "currency": "EUR"}, "last_order": "1001", "context": "Order 1001"}
    written = mapping.write({f"summary.{name}": value for name, value in values.items()}, onto=before)
    account.deliver("users", update(before, written.doc, *written.paths))
    (after,) = account.fetch("users", str(before["id"]))
    shown = mapping.read(after).records[0].fields
    assert {name: shown[f"summary.{name}"] for name in values} == values
    assert after["user_fields"] == {
        "shoe_size": None,
        "orders": 3,
        "spent": after["user_fields"]["spent"],
        "last_order": "1001",
        "shop_context": "Order 1001",
    }


@pytest.mark.skipif(contract() is None, reason=ABSENT)
def test_every_property_of_a_ticket_is_mapped_or_ignored() -> None:
    judge = contract()
    assert judge is not None
    doc: Doc = dict.fromkeys(judge.properties("TicketObject"), "x") | {
        "id": 1,
        "tags": [],
        "via": {"channel": "web", "source": {}},
    }
    doc |= {"requester": {"id": 1, "name": "x", "email": "a@b.c", "role": "x"}, "customer_id": 1, "custom_fields": []}
    doc |= {"assignee": doc["requester"], "satisfaction_rating": {"score": "good"}}
    comment = dict.fromkeys(judge.properties("TicketCommentObject"), "x") | {"id": 2, "ticket_id": 1, "customer_id": None}
    doc["comments"] = [comment | {"author": doc["requester"], "attachments": [], "metadata": {}, "via": doc["via"]}]
    unknown = [drift.path for drift in _mapping("tickets").read(doc).drift if drift.kind is DriftKind.UNKNOWN_FIELD]
    assert unknown == []
