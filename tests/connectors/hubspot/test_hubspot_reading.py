from __future__ import annotations

import json

import httpx
import pytest

from connectors.hubspot import CONNECTOR
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.documents import associated
from hub.errors import BadPayload, ConfigError, Unavailable
from hub.model.values import SECOND, Doc
from hub.sdk import Reply
from hub.sdk.base import Http
from tests.connectors.hubspot.account import START, Account

MINUTE = 60 * SECOND


def _ids(docs: list[Doc]) -> list[str]:
    return [doc["id"] for doc in docs]


def _searches(account: Account) -> list[Doc]:
    return [json.loads(request.content) for request in account.requests if request.url.path.endswith("/search")]


def test_page_reads_every_contact_by_the_after_of_the_page_before() -> None:
    account = Account()
    made = [account.fake.add_contact(firstname=f"C{i}") for i in range(250)]
    assert _ids(account.read_all()) == made
    lists = [request.url.params for request in account.requests if request.url.path == "/crm/v3/objects/contacts"]
    assert [(params["limit"], params.get("after")) for params in lists] == [("100", None), ("100", made[99]), ("100", made[199])]


def test_page_asks_for_changes_in_milliseconds_as_text() -> None:
    account = Account()
    account.fake.add_contact(firstname="Old")
    account.wait(60)
    changed = account.fake.add_contact(firstname="New")
    assert _ids(account.read_all(since=START + MINUTE)) == [changed]
    (search,) = _searches(account)
    filters = [{"propertyName": "lastmodifieddate", "operator": "GTE", "value": str((START + MINUTE) // 1000)}]
    assert (search["filterGroups"], search["sorts"]) == ([{"filters": filters}], ["lastmodifieddate"])


def test_page_moves_the_window_on_when_a_search_would_run_out_of_results() -> None:
    account = Account(search_most=120)
    made = []
    for i in range(350):
        made.append(account.fake.add_contact(firstname=f"C{i}"))
        account.wait(0.001)
    assert _ids(account.read_all(since=START)) == made
    assert {search["after"] for search in _searches(account)} == {"0"}


def test_page_goes_on_by_id_when_an_import_changed_more_in_one_millisecond_than_a_page_holds() -> None:
    account = Account(search_most=120)
    before = account.fake.add_contact(firstname="Before")
    account.wait(1)
    made = [account.fake.add_contact(firstname=f"C{i}") for i in range(350)]
    account.wait(1)
    after = account.fake.add_contact(firstname="After")
    docs = account.read_all(since=START)
    assert sorted(_ids(docs), key=int) == [before, *made, after]
    assert len(_ids(docs)) == len(set(_ids(docs)))


def test_page_loses_nothing_when_a_contact_that_was_read_changes_before_the_next_page() -> None:
    account = Account()
    made = []
    for i in range(150):
        made.append(account.fake.add_contact(firstname=f"C{i}"))
        account.wait(1)
    stream = CONNECTOR.streams["contacts"]
    first = account.pages(since=START)[0]
    account.fake.edit_contact(made[0], firstname="Moved to the end")
    rest = account.read_all(since=START + 99 * SECOND)
    assert first.token == f"from:{START // 1000 + 99_000}"
    assert set(made) <= {*_ids(list(first.docs)), *_ids(rest)}
    assert stream.overlap_s >= 30


@pytest.mark.parametrize(("limit", "after", "told"), [(201, "0", "limit"), (100, "9901", "10000"), (0, "0", "limit")])
def test_search_is_refused_when_page_lies_beyond_what_it_serves(limit: int, after: str, told: str) -> None:
    body = {"filterGroups": [], "sorts": [], "properties": [], "limit": limit, "after": after}
    status, answer = Account().ask("POST", "/crm/v3/objects/contacts/search", body)
    assert (status, answer["category"], told in answer["message"]) == (400, "VALIDATION_ERROR", True)


def test_list_is_refused_when_limit_is_over_100() -> None:
    assert Account().ask("GET", "/crm/v3/objects/contacts", limit="101")[0] == 400
    assert Account().ask("GET", "/crm/v3/objects/contacts", limit="51", propertiesWithHistory="email")[0] == 400


def test_list_shows_ten_when_no_limit_is_given() -> None:
    account = Account()
    made = [account.fake.add_contact(firstname=f"C{i}") for i in range(11)]
    status, answer = account.ask("GET", "/crm/v3/objects/contacts")
    assert (status, _ids(answer["results"]), answer["paging"]["next"]["after"]) == (200, made[:10], made[9])


def test_search_shows_a_change_late_but_the_page_shows_the_record_as_it_is() -> None:
    account = Account(search_lag_s=20)
    made = account.fake.add_contact(firstname="Anna")
    assert account.read_all(since=START) == []
    assert _ids(account.fetch(made)) == [made]
    account.wait(20)
    account.fake.edit_contact(made, firstname="Anne")
    (doc,) = account.read_all(since=START)
    assert doc["properties"]["firstname"] == "Anne"


def test_fetch_reads_fifty_at_once_because_histories_are_asked_for() -> None:
    account = Account()
    made = [account.fake.add_contact(firstname=f"C{i}") for i in range(101)]
    assert _ids(account.fetch(*made)) == made
    sizes = [
        len(json.loads(r.content)["inputs"]) for r in account.requests if r.url.path == "/crm/v3/objects/contacts/batch/read"
    ]
    assert sizes == [50, 50, 1]
    body = {"inputs": [{"id": each} for each in made[:51]], "properties": [], "propertiesWithHistory": ["email"]}
    assert account.ask("POST", "/crm/v3/objects/contacts/batch/read", body)[0] == 400


def test_fetch_leaves_out_what_is_not_there_when_the_answer_is_a_207() -> None:
    account = Account()
    kept, archived = (account.fake.add_contact(firstname=name) for name in ("Ada", "Bo"))
    account.fake.archive_contact(archived)
    assert _ids(account.fetch("1", archived, kept)) == [kept]
    assert [answer.status_code for answer in account.answers if "errors" in answer.json()][:1] == [207]


class Partial(Http):
    """Answers a batch read with an error that does not say that the record is gone."""

    def send(self, method: str, path: str, **_: object) -> Reply:
        error = {"status": "500", "category": "INTERNAL_ERROR", "message": "Ada", "errors": [], "context": {}, "links": {}}
        definitions = {"results": [{"name": "email", "hubspotDefined": True}]}
        return Reply(200, {}, definitions) if method == "GET" else Reply(207, {}, {"results": [], "errors": [error]})


def test_fetch_raises_unavailable_when_a_207_names_another_reason() -> None:
    with pytest.raises(Unavailable) as caught:
        CONNECTOR.streams["contacts"].fetch(HubSpotClient(Partial(), "token"), ["501"])
    assert "Ada" not in str(caught.value)


def test_fetch_answers_with_the_survivor_when_contacts_were_merged() -> None:
    account = Account()
    winner = account.fake.add_contact(firstname="Ada", email="ada@example.com")
    loser = account.fake.add_contact(lastname="Ek", email="ek@example.com")
    merged = account.fake.merge_contacts(winner, loser)
    (doc,) = account.fetch(winner, loser)
    assert (doc["id"], doc["properties"]["firstname"], doc["properties"]["lastname"]) == (merged, "Ada", "Ek")
    assert doc["contact_points"] == [{"kind": "email", "value": "ek@example.com", "role": "additional"}]
    assert _ids(account.read_all()) == [merged]
    assert [doc for doc in account.read_all(since=START) if doc["archived"]] == []


def test_document_tells_of_every_property_when_it_was_last_changed() -> None:
    account = Account()
    made = account.fake.add_contact(firstname="Ada", lastname="Ek")
    account.wait(60)
    account.fake.edit_contact(made, lastname=None)
    account.wait(60)
    account.fake.edit_contact(made, phone="123")
    (doc,) = account.fetch(made)
    assert doc["times"] == {
        "firstname": "2026-03-01T09:00:00.000Z",
        "lastname": "2026-03-01T09:01:00.000Z",
        "phone": "2026-03-01T09:02:00.000Z",
    }
    assert (doc["properties"]["lastname"], doc["updatedAt"]) == (None, "2026-03-01T09:02:00.000Z")


def test_document_holds_custom_properties_from_the_next_whole_read_on() -> None:
    account = Account()
    made = account.fake.add_contact(firstname="Ada")
    assert "shoe_size" not in account.read_all()[0]["properties"]
    account.fake.add_property("contacts", "shoe_size")
    account.fake.edit_contact(made, shoe_size="39")
    assert account.read_all()[0]["properties"]["shoe_size"] == "39"
    assert account.fetch(made)[0]["times"]["shoe_size"]


def test_document_leaves_out_a_property_that_the_account_does_not_have() -> None:
    account = Account()
    made = account.fake.add_contact(firstname="Ada")
    del account.fake.core.state.properties["contacts"]["hs_country_region_code"]
    (doc,) = account.fetch(made)
    assert "hs_country_region_code" not in doc["address"]


def test_company_is_the_primary_record_when_one_is_associated() -> None:
    account = Account()
    made = account.fake.add_contact(firstname="Ada", company="typed in")
    account.wait(60)
    other, primary = account.fake.add_company("Other"), account.fake.add_company("Mugs & Co")
    account.fake.join_company(made, other, primary=False)
    account.fake.join_company(made, primary)
    (doc,) = account.fetch(made)
    assert doc["associations"] == {"companies": [primary, other]}
    assert doc["company"] == {"id": primary, "name": "Mugs & Co", "at": "2026-03-01T09:01:00.000Z"}


def test_company_is_the_text_of_the_contact_when_no_record_is_associated() -> None:
    account = Account()
    (doc,) = account.fetch(account.fake.add_contact(firstname="Ada", company="typed in"))
    assert doc["company"] == {"id": None, "name": "typed in", "at": "2026-03-01T09:00:00.000Z"}


def test_associations_are_read_to_the_end_when_there_is_a_next_page() -> None:
    account = Account()
    company = account.fake.add_company("Mugs & Co")
    made = [account.fake.add_contact(firstname=f"C{i}") for i in range(501)]
    for each in made:
        account.fake.join_company(each, company, primary=False)
    assert associated(account.client, "companies", "contacts", [company]) == {company: made}


def test_page_ends_with_tombstones_when_contacts_were_archived_since() -> None:
    account = Account()
    old, new, kept = (account.fake.add_contact(firstname=name) for name in ("Ada", "Bo", "Cy"))
    account.fake.archive_contact(old)
    account.wait(60)
    account.fake.archive_contact(new)
    docs = account.read_all(since=START + MINUTE)
    assert docs == [
        {
            "id": new,
            "archived": True,
            "createdAt": "2026-03-01T09:00:00.000Z",
            "updatedAt": "2026-03-01T09:00:00.000Z",
            "archivedAt": "2026-03-01T09:01:00.000Z",
        }
    ]
    assert _ids(account.read_all()) == [kept]


@pytest.mark.parametrize(("archived_pages", "found"), [("0", 0), ("1", 100), ("2", 150)])
def test_page_looks_through_as_many_archived_pages_as_it_may(archived_pages: str, found: int) -> None:
    account = Account(archived_pages=archived_pages)
    for each in [account.fake.add_contact(firstname=f"C{i}") for i in range(150)]:
        account.fake.archive_contact(each)
    assert len(account.read_all(since=START)) == found


def test_client_is_refused_when_archived_pages_is_no_number() -> None:
    with pytest.raises(ConfigError, match="archived_pages"):
        CONNECTOR.client({"access_token": "x", "archived_pages": "many"}, Http())


def test_restored_contact_is_read_again() -> None:
    account = Account()
    made = account.fake.add_contact(firstname="Ada")
    account.fake.archive_contact(made)
    account.wait(60)
    account.fake.restore_contact(made)
    assert _ids(account.read_all(since=START + MINUTE)) == [made]


def test_probe_names_the_account() -> None:
    assert CONNECTOR.probe(Account().client) == "HubSpot account 62515 (app-eu1.hubspot.com)"


def test_read_raises_bad_payload_without_the_message_when_the_address_is_wrong() -> None:
    account = Account()
    account.fake.core.state.properties.clear()
    with pytest.raises(BadPayload, match="400 VALIDATION_ERROR") as caught:
        account.read_all()
    assert "infer" not in str(caught.value)


def test_requests_carry_the_token() -> None:
    account = Account()
    account.read_all()
    assert {request.headers["authorization"] for request in account.requests} == {f"Bearer {account.fake.token}"}


def test_fake_refuses_another_token() -> None:
    fake = Account().fake
    response = fake.respond(httpx.Request("GET", "https://x/crm/v3/objects/contacts", headers={"authorization": "Bearer y"}))
    assert (response.status_code, response.json()["category"]) == (401, "INVALID_AUTHENTICATION")


def test_restore_rewinds_account_when_backup_is_put_back() -> None:
    account = Account()
    first = account.fake.add_contact(firstname="Ada")
    backup = account.fake.snapshot()
    account.wait(1)
    account.fake.edit_contact(first, firstname="Eda")
    second = account.fake.add_contact(firstname="Bo")
    account.fake.restore(backup)
    assert [(doc["id"], doc["properties"]["firstname"]) for doc in account.read_all()] == [(first, "Ada")]
    assert account.fake.add_contact(firstname="Cy") not in (first, second)
