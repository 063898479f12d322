"""Deals, tickets and notes: whom they belong to, how they are written, what their mapping files make of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from connectors.hubspot import CONNECTOR
from hub.clock import micros
from hub.mapping import Mapping, check, load
from hub.model.record import Record
from hub.model.values import Doc
from hub.sdk import Answer, AnswerKind, Call, Change, Operation
from tests.connectors.hubspot.account import START, Account
from tests.laws import check_laws

FOLDER = Path(__file__).parents[3] / "mappings" / "hubspot"
PATHS = {"deals": "0-3", "tickets": "tickets", "notes": "notes"}
SETTINGS = {"currency": "EUR"}
ORDER = {
    "number": "1001",
    "state": "open",
    "total": {"amount": 4990, "currency": "EUR"},
    "placed_at": "2026-02-28T18:30:00Z",
}
TICKET = {"subject": "Where is it?", "state": "new", "priority": "normal"}


def _mapping(stream: str) -> Mapping:
    return load((FOLDER / f"{stream}.yaml").read_text("utf-8"), f"{stream}.yaml")


def _create(account: Account, stream: str, values: Doc, **refs: str) -> tuple[list[Call], list[Answer]]:
    written = _mapping(stream).write({**values, **refs}, connection_settings=SETTINGS)
    doc = written.doc | {"properties": written.doc["properties"] | {"syncline_id": "hub-9"}}
    return _steps(account, stream, Change(Operation.CREATE, None, None, doc, written.paths, marker="hub-9"))


def _steps(account: Account, stream: str, change: Change) -> tuple[list[Call], list[Answer]]:
    sink = CONNECTOR.sinks[stream]
    calls, answers, external_id = list(sink.calls(change)), [], change.external_id
    for call in calls:
        answers.append(sink.send(account.client, call, "key", external_id))
        external_id = external_id or answers[-1].external_id
    return calls, answers


def _read(account: Account, stream: str) -> Record:
    (doc,) = account.read_all(stream)
    reading = _mapping(stream).read(doc, SETTINGS)
    assert reading.drift == []
    (record,) = reading.records
    return record


def _one(account: Account, stream: str) -> str:
    contact = account.fake.add_contact(firstname="Ada")
    properties: dict[str, dict[str, str]] = {
        "deals": {"dealname": "1001", "amount": "49.90", "dealstage": "contractsent", "closedate": "2026-02-28T18:30:00.000Z"},
        "tickets": {"subject": "Where is it?", "hs_pipeline_stage": "2", "hs_ticket_priority": "HIGH", "source_type": "EMAIL"},
        "notes": {"hs_note_body": "<p>called</p>", "hs_timestamp": "2026-02-28T18:30:00.000Z"},
    }
    return account.fake.add(PATHS[stream], contact=contact, **properties[stream])


@pytest.mark.parametrize("stream", PATHS)
def test_file_loads_without_errors(stream: str) -> None:
    assert check((FOLDER / f"{stream}.yaml").read_text("utf-8"), f"{stream}.yaml") == []


@pytest.mark.parametrize("stream", PATHS)
def test_laws_hold_for_what_the_account_shows(stream: str) -> None:
    account = Account()
    _one(account, stream)
    check_laws(_mapping(stream), account.read_all(stream), SETTINGS)


@pytest.mark.parametrize("stream", PATHS)
def test_page_brings_tombstones_and_changes_of_every_kind(stream: str) -> None:
    account = Account()
    made = _one(account, stream)
    assert [doc["id"] for doc in account.read_all(stream, since=START)] == [made]
    account.fake.archive(PATHS[stream], made)
    (doc,) = account.read_all(stream, since=START)
    assert [record.deleted for record in _mapping(stream).read(doc, SETTINGS).records] == [True]


def test_order_becomes_a_deal_of_its_contact_in_two_steps() -> None:
    account = Account()
    contact = account.fake.add_contact(firstname="Ada")
    calls, answers = _create(account, "deals", ORDER, customer=contact)
    assert [call.name for call in calls] == ["create", "associate"]
    assert [answer.kind for answer in answers] == [AnswerKind.DONE, AnswerKind.DONE]
    (made,) = account.fake.ids("0-3")
    kept = account.fake.record("0-3", made) or {}
    assert {name: kept[name] for name in ("dealname", "amount", "dealstage", "syncline_id")} == {
        "dealname": "1001",
        "amount": "49.90",
        "dealstage": "contractsent",
        "syncline_id": "hub-9",
    }
    assert account.fake.linked("0-3", made, "contacts") == [contact]
    record = _read(account, "deals")
    assert record.fields == ORDER
    assert (record.refs["customer"].external_id if record.refs["customer"] else None) == contact


def test_deal_of_a_guest_belongs_to_nobody() -> None:
    account = Account()
    calls, _ = _create(account, "deals", ORDER)
    assert [call.name for call in calls] == ["create"]
    assert _read(account, "deals").refs == {"customer": None}


def test_steps_make_one_deal_when_they_are_sent_twice() -> None:
    account = Account()
    contact = account.fake.add_contact(firstname="Ada")
    for _ in range(2):
        _create(account, "deals", ORDER, customer=contact)
    (made,) = account.fake.ids("0-3")
    assert account.fake.linked("0-3", made, "contacts") == [contact]


def test_deal_follows_its_order_with_the_changed_properties_only() -> None:
    account = Account()
    _create(account, "deals", ORDER)
    (before,) = account.read_all("deals")
    changes = {"state": "completed", "total": {"amount": 4000, "currency": "EUR"}}
    written = _mapping("deals").write(changes, onto=before, connection_settings=SETTINGS)
    (call,), (answer,) = _steps(account, "deals", Change(Operation.UPDATE, before["id"], before, written.doc, written.paths))
    assert (call.body, answer.kind) == ({"properties": {"dealstage": "closedwon", "amount": "40.00"}}, AnswerKind.DONE)
    assert _read(account, "deals").fields == ORDER | changes


def test_update_moves_a_ticket_to_another_contact() -> None:
    account = Account()
    made = _one(account, "tickets")
    other = account.fake.add_contact(firstname="Bo")
    (before,) = account.fetch(made, stream="tickets")
    calls, answers = _steps(account, "tickets", Change(Operation.UPDATE, made, before, before | {"contact": other}, ("contact",)))
    assert [call.name for call in calls] == ["associate", "part"]
    assert {answer.kind for answer in answers} == {AnswerKind.DONE}
    assert account.fake.linked("tickets", made, "contacts") == [other]
    gone = before | {"contact": other}
    _steps(account, "tickets", Change(Operation.UPDATE, made, gone, gone | {"contact": None}, ("contact",)))
    assert account.fetch(made, stream="tickets")[0]["contact"] is None


def test_association_is_refused_when_the_contact_is_not_there() -> None:
    account = Account()
    _, answers = _create(account, "tickets", TICKET, customer="999")
    assert [answer.kind for answer in answers] == [AnswerKind.DONE, AnswerKind.REFUSED]
    assert answers[-1].blames == "contact"
    assert len(account.fake.ids("tickets")) == 1


def test_deal_is_made_although_the_account_has_other_stages() -> None:
    account = Account()
    account.fake.definitions.of("0-3")["dealstage"]["options"] = []
    _, (answer,) = _create(account, "deals", ORDER)
    assert (answer.kind, answer.blames) == (AnswerKind.REFUSED, "properties.dealstage")


@pytest.mark.parametrize(("stage", "state"), [("1", "new"), ("2", "pending"), ("3", "open"), ("4", "solved"), (None, None)])
def test_read_ticket_translates_the_stages_of_the_default_pipeline(stage: str | None, state: str | None) -> None:
    account = Account()
    made = _one(account, "tickets")
    account.fake.edit("tickets", made, hs_pipeline_stage=stage)
    assert _read(account, "tickets").fields["state"] == state


def test_read_ticket_gives_canonical_values() -> None:
    account = Account()
    made = _one(account, "tickets")
    account.wait(60)
    account.fake.edit("tickets", made, hs_ticket_priority="URGENT")
    record = _read(account, "tickets")
    assert {path: value for path, value in record.fields.items() if value is not None} == {
        "number": made,
        "subject": "Where is it?",
        "state": "pending",
        "priority": "urgent",
        "channel": "EMAIL",
        "opened_at": "2026-03-01T09:00:00Z",
    }
    assert (record.field_times["priority"], record.field_times["state"]) == (START + 60_000_000, START)
    assert _ref(record, "customer") == ("contacts", account.fake.contact_ids()[0])


def _ref(record: Record, name: str) -> tuple[str, str] | None:
    ref = record.refs[name]
    return (ref.stream, ref.external_id) if ref is not None else None


def test_read_ticket_holds_the_message_it_was_opened_with() -> None:
    account = Account()
    made = account.fake.add("tickets", subject="Where is it?", content="Since Monday", hs_pipeline_stage="1")
    account.wait(60)
    account.fake.edit("tickets", made, content="Since Tuesday")
    (doc,) = account.read_all("tickets")
    reading = _mapping("tickets").read(doc, SETTINGS)
    _, message = reading.records
    assert (message.stream, message.external_id, reading.drift) == ("ticket_messages", f"{made}-content", [])
    assert message.fields == {"body": "Since Tuesday", "sent_at": "2026-03-01T09:01:00Z"}
    assert _ref(message, "ticket") == ("tickets", made)


def test_read_note_names_contact_and_ticket() -> None:
    account = Account()
    note = _one(account, "notes")
    ticket = account.fake.add("tickets", subject="Where is it?", hs_pipeline_stage="1")
    account.fake.associate("notes", note, "tickets", ticket)
    record = _read(account, "notes")
    assert record.fields == {"kind": "note", "body": "<p>called</p>", "occurred_at": "2026-02-28T18:30:00Z"}
    assert (_ref(record, "customer"), _ref(record, "ticket")) == (
        ("contacts", account.fake.contact_ids()[0]),
        ("tickets", ticket),
    )
    assert record.created_at == micros("2026-03-01T09:00:00Z")


def test_stages_and_priorities_of_the_files_are_those_that_the_account_has() -> None:
    definitions: Any = Account().fake.definitions
    for stream, ours, theirs in (
        ("deals", "state", "dealstage"),
        ("tickets", "state", "hs_pipeline_stage"),
        ("tickets", "priority", "hs_ticket_priority"),
    ):
        known = {option["value"] for option in definitions.of(PATHS[stream])[theirs]["options"]}
        assert {value for _, value in _mapping(stream).fields[ours].values} <= known
