"""Users: reading them by export and by id, and every way of writing one."""

from __future__ import annotations

import pytest

from connectors.zendesk import CONNECTOR
from hub.errors import BadPayload
from hub.model.values import SECOND
from hub.sdk import AnswerKind, Change, Cursor, Operation
from tests.connectors.zendesk.account import START, Account, create, delete, update

ANNA = {"name": "Anna Ek", "email": "Anna@Example.com", "phone": "+46701234567"}


def _page(account: Account, since: int | None, token: str | None = None) -> list[int]:
    return [doc["id"] for doc in CONNECTOR.streams["users"].page(account.client, Cursor(since, token)).docs]


# reading


def test_page_reads_every_user_once_when_times_are_equal() -> None:
    account = Account(export_page=100)
    made = [account.fake.add_user(f"C{i}") for i in range(250)]
    docs = account.read_all("users")
    assert [str(doc["id"]) for doc in docs] == made
    assert [request.url.params.get("start_time") for request in account.requests] == ["0", None, None]


def test_page_follows_a_user_that_changes_while_it_reads() -> None:
    account = Account(export_page=2)
    first, *others = [account.fake.add_user(f"C{i}") for i in range(3)]
    account.wait(61)
    page = CONNECTOR.streams["users"].page(account.client, Cursor())
    account.fake.edit_user(first, notes="called")
    account.wait(61)
    rest = CONNECTOR.streams["users"].page(account.client, Cursor(None, page.token))
    assert [(doc["id"], doc["notes"]) for doc in rest.docs] == [(int(others[1]), ""), (int(first), "called")]


def test_page_leaves_out_the_most_recent_minute_and_fetch_does_not() -> None:
    account = Account()
    made = account.fake.add_user("Anna Ek")
    account.wait(59)
    assert _page(account, None) == []
    assert [doc["id"] for doc in account.fetch("users", made)] == [int(made)]
    account.wait(1)
    assert _page(account, None) == [int(made)]


def test_page_is_empty_when_since_is_less_than_a_minute_ago() -> None:
    account = Account()
    account.fake.add_user("Anna Ek")
    page = CONNECTOR.streams["users"].page(account.client, Cursor(account.clock.at - 30 * SECOND))
    assert (page.docs, page.token) == ([], None)
    assert account.requests[-1].url.params["start_time"] == str(START // SECOND - 30)


def test_page_is_refused_when_its_cursor_is_not_the_accounts() -> None:
    with pytest.raises(BadPayload, match="InvalidCursor"):
        _page(Account(), None, "MTU3NjYxMzUzOS4wfHw0Njd8")


def test_page_shows_only_changed_users_when_since_is_given() -> None:
    account = Account()
    old, changed = account.fake.add_user("Old"), account.fake.add_user("Changed")
    account.wait(120)
    since = account.clock.at
    account.fake.edit_user(changed, notes="called")
    read = [str(doc["id"]) for doc in account.read_all("users", since)]
    assert read == [changed]
    assert old not in read


def test_page_shows_a_deleted_user_and_fetch_leaves_it_out() -> None:
    account = Account()
    made = account.fake.add_user(**ANNA)
    account.fake.delete_user(made)
    (doc,) = account.read_all("users")
    assert (doc["active"], doc["email"], doc["identities"]) == (False, None, [])
    assert account.fetch("users", made) == []


def test_documents_carry_identities_and_organisation_of_their_own_user() -> None:
    account = Account()
    organization = account.fake.add_organization("Linden & Sons")
    anna = account.fake.add_user(**ANNA, organization_id=organization)
    bo = account.fake.add_user("Bo Ek", email="bo@example.com")
    account.fake.add_identity(anna, "email", "second@example.com")
    docs = {str(doc["id"]): doc for doc in account.read_all("users")}
    assert [(one["type"], one["value"], one["primary"]) for one in docs[anna]["identities"]] == [
        ("email", "anna@example.com", True),
        ("phone_number", "+46701234567", True),
        ("email", "second@example.com", False),
    ]
    assert docs[anna]["organization"] == {"id": organization, "name": "Linden & Sons"}
    assert ([one["value"] for one in docs[bo]["identities"]], docs[bo]["organization"]) == (["bo@example.com"], None)
    assert account.fetch("users", anna, bo) == [docs[anna], docs[bo]]


def test_fetch_asks_for_a_hundred_at_once() -> None:
    account = Account()
    made = [account.fake.add_user(f"C{i}") for i in range(101)]
    assert [str(doc["id"]) for doc in account.fetch("users", *made)] == made
    assert len(account.requests) == 2


# creating


def test_create_makes_an_end_user_without_mailing_anybody() -> None:
    account = Account()
    answer = account.deliver("users", create({**ANNA, "notes": "", "tags": [], "role": "admin"}, "hub-7"))
    assert account.sent() == {"user": {**ANNA, "role": "end-user", "skip_verify_email": True, "external_id": "hub-7"}}
    kept = account.fake.user(answer.external_id or "") or {}
    assert (kept["role"], kept["email"], kept["external_id"]) == ("end-user", "anna@example.com", "hub-7")
    assert (answer.kind, answer.doc) == (AnswerKind.DONE, None)


def test_create_is_done_when_an_earlier_try_did_it() -> None:
    account = Account()
    first, second = (account.deliver("users", create({"name": "Bo Ek"}, "hub-7")) for _ in range(2))
    assert (second.kind, second.external_id) == (AnswerKind.DONE, first.external_id)
    assert len(account.fake.user_ids()) == 1


def test_create_clashes_when_somebody_has_the_address() -> None:
    account = Account()
    account.fake.add_user("Anna Maria Ek", email="anna@example.com")
    answer = account.deliver("users", create(ANNA, "hub-7"))
    assert (answer.kind, answer.blames, "anna" in answer.reason) == (AnswerKind.CLASH, "email", False)
    assert len(account.fake.user_ids()) == 1


@pytest.mark.parametrize(("name", "value"), [("name", " "), ("email", "no address")])
def test_create_blames_the_field_when_it_is_not_valid(name: str, value: str) -> None:
    answer = Account().deliver("users", create({**ANNA, name: value}, "hub-7"))
    assert (answer.kind, answer.blames, value.strip() or None in [answer.reason]) == (
        AnswerKind.REFUSED,
        name,
        value.strip() or False,
    )


def test_find_returns_the_user_that_carries_our_marker_in_any_case() -> None:
    account = Account()
    made = account.deliver("users", create(ANNA, "Hub-7")).external_id
    account.fake.add_user("Bo Ek", external_id="hub-77")
    found = CONNECTOR.sinks["users"].find(account.client, create({}, "hub-7"))
    assert [str(doc["id"]) for doc in found] == [made]
    assert CONNECTOR.sinks["users"].find(account.client, create({})) == []


def test_find_returns_whoever_has_the_address() -> None:
    account = Account(search_lag_s=30)
    account.fake.add_user("Susanna Ek", email="susanna@example.com")
    anna = account.fake.add_user("Anna Maria Ek", email="anna@example.com")
    bo = account.fake.add_user("Bo Ek", email="bo@example.com")
    account.fake.add_identity(bo, "email", "second@example.com")
    sink = CONNECTOR.sinks["users"]
    assert sink.find(account.client, create(ANNA, "hub-7")) == []
    account.wait(30)
    assert [str(doc["id"]) for doc in sink.find(account.client, create(ANNA, "hub-7"))] == [anna]
    assert list(sink.find(account.client, create({"email": "Second@example.com"}))) == account.fetch("users", bo)
    account.fake.edit_user(anna, external_id="hub-7")
    account.wait(30)
    assert [str(doc["id"]) for doc in sink.find(account.client, create(ANNA, "hub-7"))] == [anna]


# changing


def test_update_sends_changed_fields_only() -> None:
    account = Account(user_fields=("size", "club"))
    made = account.fake.add_user(**ANNA, notes="vip", user_fields={"size": "42", "club": "a"})
    (before,) = account.fetch("users", made)
    after = {**before, "name": "Anne Ek", "notes": "", "user_fields": {"size": "43", "club": "a"}}
    answer = account.deliver("users", update(before, after, "name", "notes", "user_fields.size"))
    assert account.sent() == {"user": {"name": "Anne Ek", "notes": "", "user_fields": {"size": "43"}}}
    kept = account.fake.user(made) or {}
    assert (answer.kind, answer.external_id, kept["phone"]) == (AnswerKind.DONE, made, ANNA["phone"])
    assert kept["user_fields"] == {"size": "43", "club": "a"}


def test_update_never_sends_an_address() -> None:
    account = Account()
    (before,) = account.fetch("users", account.fake.add_user(**ANNA))
    sink = CONNECTOR.sinks["users"]
    after = {**before, "email": "new@example.com", "identities": [], "role": "admin", "external_id": "x"}
    assert sink.calls(update(before, after, "email", "identities", "role", "external_id")) == []


def test_fake_adds_an_address_when_an_update_brings_one() -> None:
    account = Account()
    made = account.fake.add_user(**ANNA)
    account.client.write("PUT", f"/api/v2/users/{made}", {"user": {"email": "new@example.com"}})
    assert (account.fake.user(made) or {})["email"] == "anna@example.com"
    assert ("email", "new@example.com") in account.fake.identities(made)


def test_update_takes_a_phone_number_as_shared_when_somebody_has_it() -> None:
    account = Account()
    account.fake.add_user(**ANNA)
    (before,) = account.fetch("users", account.fake.add_user("Bo Ek"))
    account.deliver("users", update(before, {**before, "phone": ANNA["phone"]}, "phone"))
    (after,) = account.fetch("users", str(before["id"]))
    assert (after["phone"], after["shared_phone_number"], after["identities"]) == (ANNA["phone"], True, [])


def test_update_is_gone_when_the_user_was_deleted() -> None:
    account = Account()
    (doc,) = account.fetch("users", account.fake.add_user(**ANNA))
    account.fake.delete_user(str(doc["id"]))
    assert account.deliver("users", update(doc, {**doc, "notes": "x"}, "notes")).kind is AnswerKind.GONE


# deleting


def test_delete_is_soft_and_gone_when_repeated() -> None:
    account = Account()
    (doc,) = account.fetch("users", account.fake.add_user(**ANNA))
    assert [account.deliver("users", delete(doc)).kind for _ in range(2)] == [AnswerKind.DONE, AnswerKind.GONE]
    assert (account.fake.user(str(doc["id"])) or {})["active"] is False
    assert {request.url.path for request in account.requests if request.method == "DELETE"} == {f"/api/v2/users/{doc['id']}"}


def test_delete_is_refused_when_the_user_is_staff() -> None:
    account = Account()
    (doc,) = account.fetch("users", account.fake.add_user("Kim", role="agent"))
    assert account.deliver("users", delete(doc)).kind is AnswerKind.REFUSED
    assert account.fake.user_ids() == [str(doc["id"])]


def test_calls_are_refused_when_a_quantity_is_asked_for() -> None:
    with pytest.raises(ValueError, match="quantities"):
        CONNECTOR.sinks["users"].calls(Change(Operation.ADJUST, "1", None, {}, ()))


# the fake itself


def test_journal_names_who_did_it_when_api_and_agent_write() -> None:
    account = Account()
    made = account.deliver("users", create(ANNA)).external_id or ""
    account.fake.edit_user(made, notes="vip", actor="Kim")
    assert [(entry.actor, entry.action, entry.kind) for entry in account.fake.journal] == [
        ("api", "created", "user"),
        ("Kim", "updated", "user"),
    ]


def test_restore_rewinds_the_account_when_a_backup_is_put_back() -> None:
    account = Account()
    first = account.fake.add_user("Anna Ek")
    backup = account.fake.snapshot()
    account.fake.edit_user(first, name="Anne Ek")
    second = account.fake.add_user("Bo Ek")
    account.fake.restore(backup)
    assert [(str(doc["id"]), doc["name"]) for doc in account.read_all("users")] == [(first, "Anna Ek")]
    assert account.fake.add_user("Cy Ek") not in (first, second)
