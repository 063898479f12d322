from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.hubspot import CONNECTOR
from connectors.hubspot.client import HubSpotClient
from hub.errors import PermissionMissing, RateLimited, TimedOut
from hub.model.values import Doc
from hub.sdk import AnswerKind, Change, Operation, Reply
from hub.sdk.base import Http
from tests.connectors.hubspot.account import Account, create, delete, update
from tests.connectors.hubspot.contract import ABSENT, contract

ADA = {"firstname": "Ada", "lastname": "Ek", "email": "Ada@Example.com", "phone": "+46 70 123 45 67"}
SINK = CONNECTOR.sinks["contacts"]


def _body(account: Account, place: int = -1) -> Any:
    return json.loads(account.requests[place].content)


def test_create_is_an_upsert_by_our_own_property() -> None:
    account = Account()
    answer = account.deliver(create(ADA, address={"city": "Lund", "zip": None}))
    assert (answer.kind, answer.doc) == (AnswerKind.DONE, None)
    kept = account.fake.contact(answer.external_id or "") or {}
    assert {name: kept.get(name) for name in ("firstname", "email", "city", "syncline_id")} == {
        "firstname": "Ada",
        "email": "ada@example.com",
        "city": "Lund",
        "syncline_id": "hub-7",
    }
    assert _body(account)["inputs"] == [
        {"id": "hub-7", "idProperty": "syncline_id", "properties": ADA | {"city": "Lund", "syncline_id": "hub-7"}}
    ]


def test_create_makes_one_contact_when_sent_twice() -> None:
    account = Account()
    answers = [account.deliver(create(ADA)) for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(account.fake.contact_ids()) == 1


def test_create_makes_the_marker_property_once() -> None:
    account = Account()
    account.deliver(create({"firstname": "Ada"}))
    account.deliver(create({"firstname": "Bo"}, marker="hub-8"))
    assert account.paths().count("POST /crm/v3/properties/contacts") == 1
    made = account.fake.definitions.of("contacts")["syncline_id"]
    assert (made["hasUniqueValue"], made["type"], made["fieldType"]) == (True, "string", "text")
    other = Account()
    other.fake.add_property("contacts", "syncline_id", hasUniqueValue=True)
    assert other.deliver(create({"firstname": "Ada"})).kind is AnswerKind.DONE
    assert "POST /crm/v3/properties/contacts" not in other.paths()


def test_create_clashes_when_another_contact_has_the_address() -> None:
    account = Account()
    there = account.fake.add_contact(firstname="Bo", email="ada@example.com")
    answer = account.deliver(create(ADA))
    assert (answer.kind, answer.blames, there in answer.reason) == (AnswerKind.CLASH, "properties.email", False)
    assert (account.fake.contact(there) or {})["firstname"] == "Bo"
    assert [doc["id"] for doc in SINK.find(account.client, create(ADA))] == [there]


def test_create_without_marker_is_a_plain_one() -> None:
    account = Account()
    assert account.deliver(create({"firstname": "Ada"}, marker=None)).kind is AnswerKind.DONE
    assert account.paths()[-1] == "POST /crm/v3/objects/contacts"


def test_find_returns_ours_before_the_one_that_has_the_address() -> None:
    account = Account(search_lag_s=30)
    assert SINK.find(account.client, create(ADA)) == []
    made = account.deliver(create({"firstname": "Ada"}))
    account.fake.add_contact(firstname="Bo", email="ada@example.com")
    assert [doc["id"] for doc in SINK.find(account.client, create(ADA))] == [made.external_id]
    assert "POST /crm/v3/objects/contacts/search" not in account.paths()


def test_update_sends_changed_properties_only() -> None:
    account = Account()
    (before,) = account.fetch(account.fake.add_contact(**ADA, city="Lund", zip="22350"))
    after = before | {"address": before["address"] | {"city": "Malmö", "zip": None}}
    after["properties"] = before["properties"] | {"firstname": "Eda", "phone": None}
    paths = ("properties.firstname", "properties.phone", "address.city", "address.zip")
    answer = account.deliver(Change(Operation.UPDATE, before["id"], before, after, paths))
    assert (answer.kind, account.requests[-1].method) == (AnswerKind.DONE, "PATCH")
    assert _body(account) == {"properties": {"firstname": "Eda", "phone": "", "city": "Malmö", "zip": ""}}
    kept = account.fake.contact(before["id"]) or {}
    assert (kept["firstname"], kept["lastname"], kept["city"], kept.get("zip"), kept.get("phone")) == (
        "Eda",
        "Ek",
        "Malmö",
        None,
        None,
    )


def test_update_clears_every_line_when_the_address_is_gone() -> None:
    account = Account()
    (before,) = account.fetch(account.fake.add_contact(city="Lund", hs_country_region_code="SE"))
    account.deliver(Change(Operation.UPDATE, before["id"], before, before | {"address": None}, ("address",)))
    kept = account.fake.contact(before["id"]) or {}
    assert {"city", "hs_country_region_code"} & set(kept) == set()


def test_update_needs_no_call_when_nothing_writable_differs() -> None:
    account = Account()
    (before,) = account.fetch(account.fake.add_contact(**ADA))
    assert SINK.calls(update(before, "contact_points")) == []


def test_update_writes_values_as_text() -> None:
    account = Account()
    (before,) = account.fetch(account.fake.add_contact(**ADA))
    (call,) = SINK.calls(update(before, vip=True, visits=3, size=None, dead=False))
    assert call.body == {"properties": {"vip": "true", "visits": "3", "size": "", "dead": "false"}}


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("email", "not an address", "e-mail"),
        ("no_such", "x", "no such property"),
        ("size", "XXL", "options"),
        ("visits", "many", "number"),
        ("hs_email_optout", "true", "sets this property itself"),
    ],
)
def test_update_blames_the_property_that_is_not_valid(name: str, value: str, told: str) -> None:
    account = Account()
    account.fake.add_property("contacts", "size", type="enumeration", fieldType="select", options=[{"label": "S", "value": "S"}])
    account.fake.add_property("contacts", "visits", type="number", fieldType="number")
    (before,) = account.fetch(account.fake.add_contact(**ADA))
    answer = account.deliver(update(before, **{name: value}))
    assert (answer.kind, answer.blames) == (AnswerKind.REFUSED, f"properties.{name}")
    assert (told in answer.reason, value in answer.reason) == (True, False)


def test_update_is_refused_when_it_would_rename_a_company_that_has_a_record() -> None:
    account = Account()
    made = account.fake.add_contact(**ADA)
    account.fake.join_company(made, account.fake.add_company("Mugs & Co"))
    (before,) = account.fetch(made)
    requests = len(account.requests)
    after = before | {"company": before["company"] | {"name": "Cups"}, "properties": before["properties"] | {"firstname": "Eda"}}
    paths = ("company.name", "properties.firstname")
    answer = account.deliver(Change(Operation.UPDATE, made, before, after, paths))
    assert (answer.kind, answer.blames, len(account.requests)) == (AnswerKind.REFUSED, "company.name", requests)


@pytest.mark.parametrize(("name", "path"), [("city", "address.city"), ("company", "company.name")])
def test_update_blames_the_path_that_the_mapping_reads(name: str, path: str) -> None:
    account = Account()
    (before,) = account.fetch(account.fake.add_contact(**ADA))
    del account.fake.core.state.properties["contacts"][name]
    head, _, leaf = path.partition(".")
    after = before | {head: before[head] | {leaf: "x"}}
    assert account.deliver(Change(Operation.UPDATE, before["id"], before, after, (path,))).blames == path


def test_update_clashes_when_a_unique_value_is_taken() -> None:
    account = Account()
    account.fake.add_property("contacts", "card", hasUniqueValue=True)
    account.fake.add_contact(card="7")
    (before,) = account.fetch(account.fake.add_contact(**ADA))
    answer = account.deliver(update(before, card="7"))
    assert (answer.kind, answer.blames) == (AnswerKind.CLASH, "properties.card")


def test_update_is_gone_when_the_contact_was_archived() -> None:
    account = Account()
    (before,) = account.fetch(account.fake.add_contact(**ADA))
    account.fake.archive_contact(before["id"])
    assert account.deliver(update(before, firstname="Eda")).kind is AnswerKind.GONE


def test_write_is_gone_when_the_contact_was_merged_into_another() -> None:
    account = Account()
    (before,) = account.fetch(account.fake.add_contact(**ADA))
    other = account.fake.add_contact(firstname="Bo")
    survivor = account.fake.merge_contacts(other, before["id"])
    answers = [account.deliver(change) for change in (update(before, firstname="Eda"), delete(before))]
    assert [answer.kind for answer in answers] == [AnswerKind.GONE, AnswerKind.GONE]
    assert (account.fake.contact(survivor) or {})["firstname"] == "Bo"
    assert "PATCH" not in {request.method for request in account.requests}


def test_delete_archives_once_although_hubspot_answers_204_every_time() -> None:
    account = Account()
    (doc,) = account.fetch(account.fake.add_contact(**ADA))
    assert [account.deliver(delete(doc)).kind for _ in range(2)] == [AnswerKind.DONE, AnswerKind.GONE]
    assert account.ask("DELETE", f"/crm/v3/objects/contacts/{doc['id']}")[0] == 204
    assert account.fake.contact_ids() == []
    assert [entry.action for entry in account.fake.journal] == ["created", "archived"]


class Says(Http):
    """Answers reads with nothing and every write with one body."""

    def __init__(self, status: int, body: Doc | None) -> None:
        self.reply = Reply(status, {}, body)

    def send(self, method: str, path: str, **_: object) -> Reply:
        return Reply(200, {}, {"results": []}) if method == "GET" and "groups" in path else self._told(method, path)

    def _told(self, method: str, path: str) -> Reply:
        return Reply(404, {}, {}) if method == "GET" and "501" not in path else self._found(method)

    def _found(self, method: str) -> Reply:
        return Reply(200, {}, {"id": "501"}) if method == "GET" else self.reply


def _send(status: int, body: Doc | None, change: Change | None = None) -> Any:
    (call,) = SINK.calls(change or update({"id": "501", "properties": {}}, firstname="Ada"))
    return SINK.send(HubSpotClient(Says(status, body), "token"), call, "key", "501")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (409, {"category": "CONFLICT", "message": "Contact already exists. Existing ID: 7"}, AnswerKind.CLASH),
        (404, {"category": "OBJECT_NOT_FOUND", "message": "resource not found"}, AnswerKind.GONE),
        (400, {"category": "VALIDATION_ERROR", "message": "Ada [{ is broken"}, AnswerKind.REFUSED),
        (400, None, AnswerKind.REFUSED),
        (207, {"results": [], "errors": [{"status": "409", "category": "CONFLICT", "message": "Ada"}]}, AnswerKind.CLASH),
        (
            207,
            {"results": [], "errors": [{"status": "400", "category": "VALIDATION_ERROR", "message": "Ada"}]},
            AnswerKind.REFUSED,
        ),
    ],
)
def test_send_answers_what_the_error_means(status: int, body: Doc | None, kind: AnswerKind) -> None:
    answer = _send(status, body)
    assert (answer.kind, "Ada" in answer.reason) == (kind, False)


@pytest.mark.parametrize("body", [None, {}, {"results": []}, {"results": [{}]}, {"results": "x"}])
def test_send_raises_timed_out_when_success_says_nothing(body: Doc | None) -> None:
    with pytest.raises(TimedOut):
        _send(200, body)


def test_create_raises_permission_missing_when_the_property_cannot_be_made() -> None:
    with pytest.raises(PermissionMissing, match="syncline_id"):
        _send(400, {"category": "VALIDATION_ERROR", "message": "no"}, create({"firstname": "Ada"}))


def test_write_says_rate_limited_when_hubspot_throttles() -> None:
    account = Account()
    (before,) = account.fetch(account.fake.add_contact(**ADA))
    account.fake.limits.per_interval = 0
    with pytest.raises(RateLimited):
        account.deliver(update(before, firstname="Eda"))
    assert (account.fake.contact(before["id"]) or {})["firstname"] == "Ada"


def test_journal_names_who_did_it() -> None:
    account = Account()
    made = account.deliver(create({"firstname": "Ada"})).external_id or ""
    account.fake.edit_contact(made, firstname="Eda", actor="Kim")
    assert [(entry.actor, entry.action) for entry in account.fake.journal] == [
        ("api", "defined"),
        ("api", "created"),
        ("Kim", "updated"),
    ]


@pytest.mark.skipif(contract() is None, reason=ABSENT)
def test_every_operation_used_is_in_the_contract() -> None:
    judge = contract()
    assert judge is not None
    judge.seen.clear()
    account = Account()
    CONNECTOR.probe(account.client)
    made = account.deliver(create(ADA)).external_id or ""
    account.fake.join_company(made, account.fake.add_company("Mugs & Co"))
    (doc,) = account.read_all()
    account.read_all(since=0)
    account.deliver(update(doc, firstname="Eda"))
    account.deliver(create({"firstname": "Bo"}, marker=None))
    account.deliver(delete(doc))
    named = {operation.replace("/crm/v3/objects/", "") for operation in judge.seen}
    assert named == {
        "account-info",
        "delete-contacts/{contactId}_archive",
        "get-/crm/v3/properties/{objectType}/groups_getAll",
        "get-/crm/v3/properties/{objectType}/{propertyName}_getByName",
        "get-/crm/v3/properties/{objectType}_getAll",
        "get-contacts/{contactId}_getById",
        "get-contacts_getPage",
        "patch-contacts/{contactId}_update",
        "post-/crm/v3/properties/{objectType}_create",
        "post-/crm/v4/associations/{fromObjectType}/{toObjectType}/batch/read_getPage",
        "post-companies/batch/read_read",
        "post-contacts/batch/read_read",
        "post-contacts/batch/upsert_upsert",
        "post-contacts/search_doSearch",
        "post-contacts_create",
    }
