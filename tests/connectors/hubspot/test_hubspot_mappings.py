from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.hubspot.kinds import CONTACTS
from hub.clock import micros
from hub.mapping import ElementChange, Mapping, check, load
from hub.model.record import Record
from hub.model.values import Doc
from hub.sdk import AnswerKind, Change, Operation
from tests.connectors.hubspot.account import Account, create
from tests.laws import check_laws

FILE = Path(__file__).parents[3] / "mappings" / "hubspot" / "contacts.yaml"
SETTINGS = {"country": "SE"}
ADA = {
    "firstname": "Ada",
    "lastname": "Ek",
    "email": "Ada@Example.com",
    "phone": "070 123 45 67",
    "mobilephone": "+46 70 765 43 21",
    "company": "typed in",
    "address": "Storgatan 1",
    "city": "Lund",
    "zip": "22350",
    "hs_country_region_code": "SE",
}


def _mapping(more: str = "") -> Mapping:
    text = FILE.read_text("utf-8")
    return load(text.replace("ignored:\n", f"{more}ignored:\n", 1), "contacts.yaml")


def _people() -> Account:
    account = Account()
    account.fake.add_contact(**ADA)
    return account


def _read(account: Account, mapping: Mapping | None = None) -> Record:
    (doc,) = account.read_all()
    reading = (mapping or _mapping()).read(doc, SETTINGS)
    assert reading.drift == []
    (record,) = reading.records
    return record


def _write(account: Account, changes: Doc, addresses: list[ElementChange] | None = None, more: str = "") -> Any:
    mapping = _mapping(more)
    (before,) = account.read_all()
    written = mapping.write(changes, {"addresses": addresses} if addresses else {}, before, SETTINGS)
    change = Change(Operation.UPDATE, before["id"], before, written.doc, written.paths)
    return written, account.deliver(change)


def test_file_loads_without_errors() -> None:
    assert check(FILE.read_text("utf-8"), "contacts.yaml") == []


@pytest.mark.parametrize("joined", [True, False])
def test_laws_hold_for_what_the_account_shows(joined: bool) -> None:  # noqa: FBT001 - a row of a table
    account = _people()
    account.fake.edit_contact(account.fake.contact_ids()[0], phone="+46701234567")
    companies = [account.fake.add_company("Mugs & Co")] * joined
    for company in companies:
        account.fake.join_company(account.fake.contact_ids()[0], company)
    check_laws(_mapping(), account.read_all(), SETTINGS)


def test_write_changes_nothing_when_a_phone_is_spelt_otherwise_there() -> None:
    mapping = _mapping()
    (doc,) = _people().read_all()
    phone = mapping.read(doc, SETTINGS).records[0].fields["phone"]
    assert mapping.write({"phone": phone}, onto=doc, connection_settings=SETTINGS).paths == ()


def test_read_gives_canonical_values() -> None:
    record = _read(_people())
    assert {path: value for path, value in record.fields.items() if value is not None} == {
        "given_name": "Ada",
        "family_name": "Ek",
        "email": "ada@example.com",
        "phone": "+46701234567",
        "company": "typed in",
    }
    (address,), (point,) = record.lists["addresses"], record.lists["contact_points"]
    assert address.values == {
        "line1": "Storgatan 1",
        "city": "Lund",
        "region": None,
        "postal_code": "22350",
        "country_code": "SE",
    }
    assert point.values == {"kind": "phone", "value": "+46 70 765 43 21", "role": "mobile"}
    assert (record.changed_at, record.birth) == (micros("2026-03-01T09:00:00Z"), "2026-03-01T09:00:00.000Z")


def test_read_gives_every_field_the_time_at_which_it_was_changed() -> None:
    account = _people()
    (made,) = account.fake.contact_ids()
    account.wait(60)
    account.fake.edit_contact(made, lastname="Ekman", company=None)
    account.wait(60)
    account.fake.opt_out(made)
    record = _read(account)
    assert record.field_times == {
        "given_name": micros("2026-03-01T09:00:00Z"),
        "email": micros("2026-03-01T09:00:00Z"),
        "phone": micros("2026-03-01T09:00:00Z"),
        "family_name": micros("2026-03-01T09:01:00Z"),
        "company": micros("2026-03-01T09:01:00Z"),
        "consent.email_marketing": micros("2026-03-01T09:02:00Z"),
    }
    assert record.changed_at == micros("2026-03-01T09:02:00Z")


@pytest.mark.parametrize(("opted_out", "consent"), [(True, {"consent.email_marketing": "withdrawn"}), (False, {})])
def test_read_tells_of_an_opt_out_only(opted_out: bool, consent: Doc) -> None:  # noqa: FBT001 - a row of a table
    account = _people()
    account.fake.opt_out(account.fake.contact_ids()[0], opted_out=opted_out)
    fields = _read(account).fields
    assert {path: value for path, value in fields.items() if path.startswith("consent.") and value} == consent


def test_read_shows_the_company_that_the_contact_belongs_to() -> None:
    account = _people()
    account.fake.join_company(account.fake.contact_ids()[0], account.fake.add_company("Mugs & Co"))
    assert _read(account).fields["company"] == "Mugs & Co"


def test_read_is_deleted_when_the_contact_was_archived() -> None:
    account = _people()
    account.fake.archive_contact(account.fake.contact_ids()[0])
    (doc,) = account.read_all(since=0)
    reading = _mapping().read(doc, SETTINGS)
    assert ([record.deleted for record in reading.records], reading.drift) == ([True], [])


def test_write_reaches_hubspot_when_golden_values_change() -> None:
    account = _people()
    element = ElementChange("update", "0", {"city": "Malmö", "postal_code": None})
    written, answer = _write(account, {"given_name": "Eda", "phone": None, "company": "Cups"}, [element])
    assert (answer.kind, written.left_out) == (AnswerKind.DONE, {})
    kept = account.fake.contact(account.fake.contact_ids()[0]) or {}
    assert {name: kept.get(name) for name in ("firstname", "lastname", "phone", "company", "city", "zip")} == {
        "firstname": "Eda",
        "lastname": "Ek",
        "phone": None,
        "company": "Cups",
        "city": "Malmö",
        "zip": None,
    }
    assert _read(account).fields["company"] == "Cups"


def test_write_creates_a_contact_when_there_is_none() -> None:
    account = Account()
    addresses = [ElementChange("add", None, {"line1": "Storgatan 1", "country_code": "SE"})]
    written = _mapping().write({"given_name": "Bo", "email": "bo@example.com", "company": "Cups"}, {"addresses": addresses})
    change = create(written.doc["properties"], address=written.doc["address"], company=written.doc["company"])
    assert account.deliver(change).kind is AnswerKind.DONE
    record = _read(account)
    assert (record.fields["given_name"], record.fields["email"], record.fields["company"]) == ("Bo", "bo@example.com", "Cups")
    assert record.lists["addresses"][0].values["line1"] == "Storgatan 1"


def test_write_leaves_out_what_hubspot_keeps_for_itself() -> None:
    (doc,) = _people().read_all()
    written = _mapping().write({"consent.email_marketing": "withdrawn", "email": None}, onto=doc)
    assert (written.paths, sorted(written.left_out)) == ((), ["consent.email_marketing", "email"])


def test_custom_property_needs_a_line_and_nothing_else() -> None:
    line = '  custom.shoe_size: {path: properties.shoe_size, changed_at: times.shoe_size, clear: ""}\n'
    account = _people()
    account.fake.add_property("contacts", "shoe_size")
    account.fake.edit_contact(account.fake.contact_ids()[0], shoe_size="39")
    (doc,) = account.read_all()
    assert [drift.path for drift in _mapping().read(doc, SETTINGS).drift] == ["properties.shoe_size"]
    text = FILE.read_text("utf-8").replace("  given_name:", f"{line}  given_name:", 1)
    mapping = load(text, "contacts.yaml")
    record = _read(account, mapping)
    assert (record.fields["custom.shoe_size"], record.field_times["custom.shoe_size"]) == ("39", micros("2026-03-01T09:00:00Z"))
    written = mapping.write({"custom.shoe_size": "40"}, onto=doc, connection_settings=SETTINGS)
    change = Change(Operation.UPDATE, doc["id"], doc, written.doc, written.paths)
    assert account.deliver(change).kind is AnswerKind.DONE
    assert _read(account, mapping).fields["custom.shoe_size"] == "40"


def test_every_property_that_is_read_is_mapped_or_ignored() -> None:
    account = Account()
    account.fake.add_contact(**dict.fromkeys(ADA, "x") | {"email": "x@example.com"})
    account.fake.core.state.records["contacts"]["501"].history |= {
        name: [{"value": "x", "timestamp": "2026-03-01T09:00:00.000Z", "sourceType": "CRM_UI"}] for name in CONTACTS.properties
    }
    (doc,) = account.read_all()
    assert {*doc["properties"], *doc["address"], "company"} == set(CONTACTS.properties)
    assert [drift.path for drift in _mapping().read(doc).drift if drift.kind.value == "unknown_field"] == []
