"""An answer that breaks its vendor's contract is one connection's trouble, or one stream's: the hub and the rest go on."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import structlog

from hub.errors import BadPayload
from hub.events import configure_logging
from hub.model.outcome import OutcomeKind
from hub.model.values import SECOND
from hub.sdk import Cursor, Page, Stream
from hub.sdk.boundary import understood
from tests.retailer import Retailer
from tests.unit.yard import Notebook, Yard


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Retailer]:
    """Return a retailer."""
    made = Retailer(tmp_path)
    yield made
    made.close()


class Odd(Stream[object]):
    """A stream whose answers lack what they must have."""

    name = "odd"

    def page(self, client: object, cursor: Cursor) -> Page:
        empty: dict[str, Page] = {}
        return empty["of ada@example.org"]


def test_other_streams_are_read_when_the_answers_of_one_cannot_be_understood(shops: Retailer) -> None:
    shops.poll()
    lane = shops.hub.lanes["till"]
    lane.wiring = replace(lane.wiring, streams={"odd": Odd(), **lane.wiring.streams}, polled=("odd", *lane.wiring.polled))
    lane._next_poll = {"odd": 0, **lane._next_poll}
    shops.till.add_customer(given_name="Bea", email_address="bea@example.org")
    shops.clock.sleep(31)
    for _ in range(3):
        lane._guard("pull", lane.pull_due)
        shops.clock.sleep(31)
    assert (list(lane.failing), shops.clock.now() - lane.failing["pull"][0] > 60 * SECOND) == (["pull"], True)
    shops.settle(60)
    assert list(shops.at_shop()) == ["bea@example.org"]


def test_only_two_streams_are_tried_when_a_system_is_away(shops: Retailer) -> None:
    shops.poll()
    lane = shops.hub.lanes["till"]
    asked: set[str] = set()

    def away(request: httpx.Request) -> httpx.Response:
        asked.add(request.url.path)
        raise httpx.ConnectError("away", request=request)

    shops.wires["till"]._carry = away
    shops.clock.sleep(31)
    lane._guard("pull", lane.pull_due)
    assert len(asked) == 2


class Stumbling(Notebook):
    """A sink that cannot read the answer to what it sent."""

    def send(self, client: object, call: object, key: str, external_id: str | None) -> object:  # type: ignore[override]
        self.keys.append(key)
        return {"id": 7}["ada@example.org"]  # type: ignore[index]


def test_write_is_unknown_when_its_answer_cannot_be_understood(yard: Yard) -> None:
    yard.sinks["till", "products"] = Stumbling()
    (attempt,) = yard.freeze(*yard.picked())
    assert yard.deliverer().send(attempt).kind is OutcomeKind.UNKNOWN


def test_nothing_of_an_answer_is_told_when_it_cannot_be_understood() -> None:
    lines = io.StringIO()
    configure_logging(json=True, stream=lines)
    with pytest.raises(BadPayload) as told, understood("shop", "customers"):
        raise KeyError("ada@example.org")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    assert "http.answer.garbled" in lines.getvalue()
    assert "ada@" not in lines.getvalue() + str(told.value)
    assert told.value.__suppress_context__
