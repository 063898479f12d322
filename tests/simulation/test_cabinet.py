"""The documents of a remote, with the habits that matter."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from hub.model.values import SECOND, Doc
from hub.sdk.base import Safe, VersionKind
from tests.simulation.cabinet import Cabinet, Paper
from tests.simulation.folders import PaperHabits
from tests.simulation.habits import Habits
from tests.simulation.remote import HabitRemote

SHOP = PaperHabits(frozenset({"shop"}))
DESK = PaperHabits(frozenset({"desk"}))
ORDER: Doc = {"number": "#1", "status": "OPEN", "currency": "KWD", "customer": None, "email": None, "total": ("minor", 1250)}
BACK: Doc = {"order": "o1", "status": "OK", "amount": 990, "currency": "KWD", "note": "torn", "external_ref": "sim-7"}


class Street:
    """A remote with documents, its clock, and somebody who calls it."""

    def __init__(self, papers: PaperHabits, **habits: Any) -> None:
        self.time = 1_000 * SECOND
        self.remote = HabitRemote(lambda: self.time, "shop", Habits(**habits), 1, webhook_url="https://hub.example/hooks")
        self.cabinet = self.remote.cabinet = Cabinet(self.remote, papers)

    def call(self, method: str, path: str, body: Doc | None = None, **headers: str) -> httpx.Response:
        told = {"authorization": f"Bearer {self.remote.secret}", "idempotency-key": "k1", **headers}
        return self.remote.respond(httpx.Request(method, f"https://remote.example/papers/{path}", json=body, headers=told))

    def docs(self, path: str) -> list[Doc]:
        found: list[Doc] = self.call("GET", path).json()["docs"]
        return found

    def order(self) -> Paper:
        return self.cabinet.add("people", "orders", ORDER)


def test_create_is_done_once_when_its_key_comes_again() -> None:
    street = Street(SHOP)
    street.order()
    first, second = (street.call("POST", "refunds", BACK) for _ in range(2))
    assert (first.json(), len(street.cabinet.live("refunds"))) == (second.json(), 1)


def test_create_is_done_twice_when_the_system_knows_no_keys() -> None:
    street = Street(replace(SHOP, create=Safe.MARKER))
    street.order()
    answers = [street.call("POST", "refunds", BACK).status_code for _ in range(2)]
    assert (answers, [doc["id"] for doc in street.docs("refunds/find?marker=sim-7")]) == ([201, 201], ["r2", "r3"])


@pytest.mark.parametrize(("form", "shown"), [("iso", 1250), ("major", "1.250")])
def test_amounts_are_written_as_the_system_writes_them(form: str, shown: Any) -> None:
    street = Street(replace(SHOP, form=form))
    street.order()
    [doc] = street.docs("orders")
    assert (doc["total"], street.cabinet.habits.read(shown, "KWD")) == (shown, 1250)


@pytest.mark.parametrize(("still", "versions"), [(False, [1, 2, 3]), (True, [1, 1, 2])])
def test_state_alone_moves_nothing_when_a_system_is_still(*, still: bool, versions: list[int]) -> None:
    street = Street(replace(SHOP, still=still))
    order = street.order()
    found = [street.docs("orders")[0]["version"]]
    for changes in ({"status": "DONE"}, {"status": "VOID", "email": "a@example.org"}):
        street.cabinet.change("people", order, changes)
        found.append(street.docs("orders")[0]["version"])
    assert (found, street.docs("orders")[0]["status"]) == (versions, "VOID")


def test_refund_moves_the_order_that_it_stands_in() -> None:
    street = Street(SHOP)
    street.order()
    street.call("POST", "refunds", BACK)
    [order] = street.docs("orders")
    assert (order["version"], [one["note"] for one in order["refunds"]]) == (2, ["torn"])


def test_refund_is_paid_out_by_a_second_call_when_it_takes_two() -> None:
    street = Street(replace(SHOP, steps=True))
    street.order()
    opened = street.call("POST", "refunds", BACK).json()
    paid = street.call("POST", f"refunds/{opened['id']}", {"set": {"status": "OK"}}, **{"idempotency-key": "k1-2"}).json()
    assert (opened["status"], paid["status"], paid["order"]) == ("PENDING", "OK", "o1")


def test_messages_come_before_their_ticket_when_it_is_kept_back() -> None:
    street = Street(replace(DESK, apart=True))
    ticket = street.cabinet.add("people", "tickets", {"subject": "s", "status": "new"}, held=True)
    street.cabinet.add("people", "comments", {"body": "b", "by": "them"}, parent=ticket)
    before = street.docs("tickets"), [doc["ticket"] for doc in street.docs("comments")]
    street.cabinet.reveal(ticket)
    assert (before, [doc["id"] for doc in street.docs("tickets")]) == (([], ["t1"]), ["t1"])


def test_pages_show_every_document_once_when_all_have_the_same_time() -> None:
    street = Street(SHOP, page_size=2, resolution_us=60 * SECOND, version=VersionKind.CHANGED_AT)
    for _ in range(5):
        street.order()
    found, token = [], ""
    while token is not None:
        page = street.call("GET", f"orders?token={token}" if token else "orders").json()
        found, token = [*found, *(doc["id"] for doc in page["docs"])], page["next"]
    assert found == ["o1", "o2", "o3", "o4", "o5"]


def test_list_shows_the_past_when_reads_lag() -> None:
    street = Street(SHOP, lag_s=10.0)
    street.time += 60 * SECOND
    street.order()
    street.remote.replica = lambda: street.time - 5 * SECOND  # type: ignore[method-assign]
    assert (street.docs("orders"), street.cabinet.live("orders")[0].id) == ([], "o1")


@pytest.mark.parametrize(
    ("body", "headers"), [({"set": {"stage": "won"}, "expect": {"stage": "idea"}}, {}), ({"set": {}}, {"if-match": "9"})]
)
def test_write_is_stale_when_another_state_is_there(body: Doc, headers: dict[str, str]) -> None:
    street = Street(DESK)
    street.cabinet.add("people", "deals", {"name": "n", "stage": "new", "amount": ("minor", 5), "currency": "EUR"})
    assert street.call("PATCH", "deals/d1", body, **headers).status_code == 412


@pytest.mark.parametrize(("child_first", "told"), [(False, ["orders"]), (True, ["refunds", "orders"])])
def test_webhooks_name_the_child_before_its_parent_when_that_is_the_habit(*, child_first: bool, told: list[str]) -> None:
    street = Street(replace(SHOP, child_first=child_first))
    street.order()
    street.remote.take_webhooks()
    street.call("POST", "refunds", BACK)
    assert [stream for hook in street.remote.take_webhooks() for stream in told if f'"{stream}"'.encode() in hook.body] == told
