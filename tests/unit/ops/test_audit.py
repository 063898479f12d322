"""An audit names what a system shows otherwise than it should; a repair makes a plan of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from hub.errors import BadPayload
from hub.model.values import Doc
from hub.ops.audit import Bench, _compare, _to_be_sent
from hub.ops.connections import pause, resume
from hub.ops.office import Running
from hub.ops.repair import repair
from hub.sdk import Cursor, Page, Stream
from tests.retailer import Retailer
from tests.unit.ops.desk import Desk

ADA = "ada@example.org"


class Odd(Stream[Any]):
    """A stream whose answers lack what they must have, or hold a record that is none. `bad`: which call of it is so."""

    fetch_limit = 10

    def __init__(self, there: Stream[Any], bad: str, answer: Any) -> None:
        self.name, self.lists_all, self._there, self._bad, self._answer = there.name, True, there, bad, answer

    def page(self, client: Any, cursor: Cursor) -> Page:
        return Page(self._answer()) if self._bad == "page" else Page([])

    def fetch(self, client: Any, ids: Sequence[str]) -> Sequence[Doc]:
        docs: Sequence[Doc] = self._answer()
        return docs


def lacking() -> Sequence[Doc]:
    empty: dict[str, Sequence[Doc]] = {}
    return empty["of ada@example.org"]


ODD = pytest.mark.parametrize("answer", [lacking, lambda: ["no record"]])


@dataclass
class Books:
    """What an auditor of a stream finds."""

    counts: dict[str, int]
    found: list[Doc]


def audit(shops: Retailer, connection: str = "till", stream: str = "customers") -> Books:
    """Look at one stream."""
    wiring = shops.hub.lanes[connection].wiring
    with shops.hub.store.reader() as reader:
        bench = Bench(reader, shops.hub.ground, shops.clock, connection, wiring.streams[stream], wiring.client)
        _compare(bench, lambda _done, _of: None)
        return Books(dict(bench.counts), bench.found + _to_be_sent(reader, shops.hub.ground, {(connection, stream)}))


@pytest.fixture
def ada(shops: Retailer) -> str:
    """Return the till's id of a customer who is in both systems."""
    shops.shop.add_customer(firstName="Ada", lastName="Berg", email=ADA, note="tea")
    shops.settle()
    return shops.till.customer_ids()[0]


def test_audit_finds_nothing_when_all_agree(shops: Retailer, ada: str) -> None:
    books = audit(shops)
    assert (books.counts["read"], books.counts["same"], books.found) == (1, 1, [])


def test_audit_names_field_and_time_when_somebody_edited_since(shops: Retailer, ada: str) -> None:
    shops.clock.sleep(60)
    shops.till.edit_customer(ada, note="coffee")
    (found,) = audit(shops).found
    assert (found["what"], found["external_id"]) == ("differs", ada)
    assert [(line["field"], line["shown"], line["why"]) for line in found["lines"]] == [
        ("note", "coffee instead of tea", "changed there, not taken in yet")
    ]
    assert found["since"] == "2026-07-01T09:01:30.26Z"


def test_audit_names_records_when_they_are_gone_or_new(shops: Retailer, ada: str) -> None:
    shops.till.core.state.customers.pop(ada)
    new = shops.till.add_customer(given_name="Bo", email_address="bo@example.org")
    assert {(one["what"], one["external_id"]) for one in audit(shops).found} == {("gone there", ada), ("not known here", new)}


def test_audit_names_what_waits_when_a_change_is_not_sent_yet(shops: Retailer, ada: str) -> None:
    shops.hub.lanes["till"].stopped_by = "kim"
    shops.shop.edit_customer(shops.at_shop()[ADA]["id"], note="coffee")
    shops.clock.sleep(31)
    shops.round()
    (found,) = audit(shops).found
    assert (found["what"], found["lines"][0]["shown"]) == ("to be sent", "tea -> coffee")
    assert found["since"] is not None


def test_repair_lets_what_follows_wait_when_an_edit_was_missed(shops: Retailer, ada: str) -> None:
    shops.till.edit_customer(ada, note="coffee")
    done = repair(Running(shops.hub), [("till", "customers", ada)])
    shops.hub.lanes["shop"].push_round()
    assert done == {"read": 1, "waiting": 1}
    assert shops.at_shop()[ADA]["note"] == "tea"
    assert [item.state for item in Desk(shops).plan()] == ["waiting for your yes: found by an audit"]


def test_connection_rests_when_it_is_paused_and_goes_on_when_resumed(shops: Retailer, ada: str) -> None:
    office = Running(shops.hub)
    pause(office, "till", "kim")
    shops.shop.edit_customer(shops.at_shop()[ADA]["id"], note="coffee")
    shops.writes()
    shops.clock.sleep(40)
    reads = shops.wires["till"].reads
    shops.round()
    assert (shops.writes()["till"], shops.wires["till"].reads) == ([], reads)
    shops.restart()
    shops.round()
    assert shops.wires["till"].reads == reads
    resume(Running(shops.hub), "till")
    shops.poll()
    assert shops.at_till()[ADA]["note"] == "coffee"


@ODD
@pytest.mark.parametrize("bad", ["page", "fetch"])
def test_audit_says_whose_answer_it_is_when_that_cannot_be_understood(
    shops: Retailer, ada: str, bad: str, answer: Callable[[], Any]
) -> None:
    make_odd(shops, bad, answer)
    with pytest.raises(BadPayload, match=r"till/customers|no object") as told:
        audit(shops)
    assert (ADA in str(told.value), bool(told.value.fix)) == (False, True)


@ODD
def test_repair_says_whose_answer_it_is_when_that_cannot_be_understood(
    shops: Retailer, ada: str, answer: Callable[[], Any]
) -> None:
    make_odd(shops, "fetch", answer)
    with pytest.raises(BadPayload, match=r"till/customers|no object"):
        repair(Running(shops.hub), [("till", "customers", ada)])


def make_odd(shops: Retailer, bad: str, answer: Callable[[], Any]) -> None:
    """Let the till answer oddly from now on."""
    lane = shops.hub.lanes["till"]
    odd = Odd(lane.wiring.streams["customers"], bad, answer)
    lane.wiring = replace(lane.wiring, streams={**lane.wiring.streams, "customers": odd})
