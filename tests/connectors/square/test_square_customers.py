from __future__ import annotations

import copy

import pytest

from connectors.square import CONNECTOR
from connectors.square.client import fit_key
from hub.errors import AuthFailed, BadPayload, RateLimited
from hub.sdk import AnswerKind, Cursor
from tests.connectors.square.account import START, Account, create, delete, update

ANNA = {"given_name": "Anna", "family_name": "Ek", "email_address": "Anna@Example.com", "phone_number": "+46 70 123 45 67"}
HOME = {"address_line_1": "Storgatan 1", "address_line_2": "2 tr", "locality": "Lund", "postal_code": "22350", "country": "SE"}


def test_page_reads_every_customer_once_when_creation_times_are_equal() -> None:
    account = Account()
    made = [account.fake.add_customer(given_name=f"C{i}") for i in range(250)]
    docs = account.read_all("customers")
    assert sorted(doc["id"] for doc in docs) == sorted(made)
    assert len(account.requests) == 3


def test_page_tells_total_when_there_are_several_pages() -> None:
    account = Account()
    for i in range(101):
        account.fake.add_customer(given_name=f"C{i}")
    page = CONNECTOR.streams["customers"].page(account.client, Cursor())
    assert (page.total, len(page.docs), page.token is None) == (101, 100, False)


def test_page_shows_only_changed_customers_when_since_is_given() -> None:
    account = Account()
    old = account.fake.add_customer(given_name="Old")
    changed = account.fake.add_customer(given_name="Changed")
    account.wait(60)
    account.fake.edit_customer(changed, note="called")
    new = account.fake.add_customer(given_name="New")
    assert [doc["id"] for doc in account.read_all("customers", since=account.at)] == [changed, new]
    assert old in [doc["id"] for doc in account.read_all("customers", since=START)]


def test_page_is_refused_when_cursor_was_altered() -> None:
    account = Account()
    with pytest.raises(BadPayload, match="INVALID_CURSOR"):
        account.client.read("POST", "/v2/customers/search", {"cursor": "YWx0ZXJlZA=="})


@pytest.mark.parametrize(("limit", "code"), [(0, "VALUE_TOO_LOW"), (101, "VALUE_TOO_HIGH")])
def test_search_is_refused_when_limit_is_out_of_range(limit: int, code: str) -> None:
    status, body = Account().ask("/v2/customers/search", {"limit": limit})
    assert (status, body["errors"][0]["code"]) == (400, code)


def test_search_shows_state_before_when_it_lags() -> None:
    account = Account(search_lag_s=20)
    made = account.fake.add_customer(given_name="Anna")
    assert account.read_all("customers") == []
    assert [doc["id"] for doc in account.fetch("customers", made)] == [made]
    account.wait(20)
    account.fake.edit_customer(made, given_name="Anne")
    assert [doc["given_name"] for doc in account.read_all("customers")] == ["Anna"]


def test_search_leaves_customer_out_when_nothing_public_is_left() -> None:
    account = Account()
    made = account.fake.add_customer(given_name="Anna", note="vip")
    account.fake.edit_customer(made, given_name=None)
    assert account.read_all("customers") == []
    assert account.fetch("customers", made)[0]["note"] == "vip"


def test_fetch_leaves_out_what_does_not_exist_when_some_ids_are_gone() -> None:
    account = Account()
    made = [account.fake.add_customer(given_name=f"C{i}") for i in range(101)]
    account.fake.delete_customer(made[0])
    assert [doc["id"] for doc in account.fetch("customers", *made)] == made[1:]


def test_create_answers_whole_customer_when_it_is_new() -> None:
    account = Account()
    answer = account.deliver("customers", create({**ANNA, "address": HOME, "birthday": "09-21"}, marker="hub-7"))
    assert answer.doc == account.fake.customer(answer.external_id or "")
    assert answer.doc is not None
    assert {name: answer.doc[name] for name in ANNA} == ANNA
    assert (answer.doc["reference_id"], answer.doc["version"], answer.doc["birthday"]) == ("hub-7", 0, "0000-09-21")
    assert "note" not in answer.doc


def test_create_makes_one_customer_when_sent_twice() -> None:
    account = Account()
    answers = [account.deliver("customers", create(ANNA, marker="hub-7")) for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(account.fake.customer_ids()) == 1


def test_create_is_refused_when_key_was_used_for_another() -> None:
    account = Account()
    account.deliver("customers", create(ANNA))
    answer = account.deliver("customers", create({**ANNA, "given_name": "Bo"}))
    assert (answer.kind, answer.blames) == (AnswerKind.REFUSED, None)
    assert "idempotency key" in answer.reason
    assert len(account.fake.customer_ids()) == 1


def test_create_is_refused_when_nothing_public_is_given() -> None:
    assert Account().deliver("customers", create({"note": "who?"})).kind is AnswerKind.REFUSED


def test_find_returns_customer_when_it_carries_our_marker() -> None:
    account = Account()
    made = account.deliver("customers", create(ANNA, marker="hub-7"))
    for other in ("hub-77", "HUB-7"):
        account.fake.add_customer(given_name="Bo", reference_id=other)
    assert CONNECTOR.sinks["customers"].find(account.client, create(ANNA, marker="hub-7")) == [made.doc]
    assert CONNECTOR.sinks["customers"].find(account.client, create(ANNA)) == []


def test_update_sends_changed_fields_only_when_some_differ() -> None:
    account = Account()
    made = account.fake.add_customer(**ANNA, note="vip")
    before = account.fetch("customers", made)[0]
    after = {**before, "given_name": "Anne"}
    del after["note"]
    answer = account.deliver("customers", update(before, after, "given_name", "note"))
    assert account.requests[-1].content == b'{"given_name":"Anne","note":null,"version":0}'
    assert answer.doc == account.fake.customer(made)
    assert answer.doc is not None
    assert ("note" in answer.doc, answer.doc["version"], answer.doc["family_name"]) == (False, 1, "Ek")


def test_update_needs_no_call_when_nothing_writable_differs() -> None:
    account = Account()
    before = account.fetch("customers", account.fake.add_customer(**ANNA))[0]
    assert CONNECTOR.sinks["customers"].calls(update(before, before, "preferences.email_unsubscribed")) == []


def test_update_removes_lost_lines_when_address_changes() -> None:
    account = Account()
    made = account.fake.add_customer(**ANNA, address=HOME)
    before = account.fetch("customers", made)[0]
    after = copy.deepcopy(before)
    after["address"] = {"address_line_1": "Lilla Torg 2", "country": "SE"}
    answer = account.deliver("customers", update(before, after, "address.address_line_1", "address.locality"))
    assert (answer.doc or {})["address"] == {"address_line_1": "Lilla Torg 2", "country": "SE"}


def test_update_removes_address_when_it_is_gone() -> None:
    account = Account()
    made = account.fake.add_customer(**ANNA, address=HOME)
    before = account.fetch("customers", made)[0]
    after = {name: value for name, value in before.items() if name != "address"}
    assert "address" not in (account.deliver("customers", update(before, after, "address")).doc or {})


def test_update_is_stale_when_a_cashier_was_faster() -> None:
    account = Account()
    made = account.fake.add_customer(**ANNA)
    before = account.fetch("customers", made)[0]
    account.fake.edit_customer(made, given_name="Annika")
    answer = account.deliver("customers", update(before, {**before, "given_name": "Anne"}, "given_name"))
    assert answer.kind is AnswerKind.STALE
    assert (account.fake.customer(made) or {})["given_name"] == "Annika"


@pytest.mark.parametrize(
    ("name", "value"),
    [("email_address", "not an address"), ("phone_number", "123"), ("family_name", "x" * 301), ("birthday", "soon")],
)
def test_update_blames_field_when_it_is_not_valid(name: str, value: str) -> None:
    account = Account()
    before = account.fetch("customers", account.fake.add_customer(**ANNA))[0]
    answer = account.deliver("customers", update(before, {**before, name: value}, name))
    assert (answer.kind, answer.blames, value in answer.reason) == (AnswerKind.REFUSED, name, False)


def test_delete_removes_once_when_version_is_current() -> None:
    account = Account()
    doc = account.fetch("customers", account.fake.add_customer(**ANNA))[0]
    assert account.deliver("customers", delete({**doc, "version": 9})).kind is AnswerKind.STALE
    assert [account.deliver("customers", delete(doc)).kind for _ in range(2)] == [AnswerKind.DONE, AnswerKind.GONE]
    assert account.fake.customer_ids() == []


def test_send_pauses_connection_when_token_is_wrong() -> None:
    account = Account(token="other")
    account.fake.token = "rotated"
    with pytest.raises(AuthFailed):
        account.read_all("customers")


def test_write_says_rate_limited_when_square_throttles() -> None:
    account = Account()
    account.fake.throttled = 1
    with pytest.raises(RateLimited):
        account.deliver("customers", create(ANNA))
    assert account.deliver("customers", create(ANNA)).kind is AnswerKind.DONE


def test_fit_key_is_short_and_stable_when_key_is_long() -> None:
    assert fit_key("a" * 45) == "a" * 45
    assert len(fit_key("a" * 46)) == 43
    assert fit_key("a" * 46) == fit_key("a" * 46) != fit_key("a" * 47)


def test_journal_names_who_did_it_when_api_and_cashier_write() -> None:
    account = Account()
    made = account.deliver("customers", create(ANNA)).external_id or ""
    account.fake.edit_customer(made, note="vip", actor="Kim")
    assert [(entry.actor, entry.action, entry.kind) for entry in account.fake.journal] == [
        ("api", "created", "customer"),
        ("Kim", "updated", "customer"),
    ]


def test_restore_rewinds_account_when_backup_is_put_back() -> None:
    account = Account()
    first = account.fake.add_customer(given_name="Anna")
    backup = account.fake.snapshot()
    account.fake.edit_customer(first, given_name="Anne")
    second = account.fake.add_customer(given_name="Bo")
    account.fake.restore(backup)
    assert [(doc["id"], doc["given_name"], doc["version"]) for doc in account.read_all("customers")] == [(first, "Anna", 0)]
    assert account.fake.add_customer(given_name="Cy") not in (first, second)
