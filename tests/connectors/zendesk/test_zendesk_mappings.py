"""The shipped mapping files on what the simulated account shows, and what a canonical change becomes there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.mapping import Mapping, check, load
from hub.model.record import DriftKind, Record
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
