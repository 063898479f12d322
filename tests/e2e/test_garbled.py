"""A system whose answers are not what its API's description says: it fails, the hub and the others go on."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import orjson
import pytest

from connectors.square.fake import SIGNATURE_KEY
from hub.errors import BadPayload
from hub.sdk import WebhookRequest
from hub.sdk.boundary import documents
from hub.sdk.webhooks import Receipt, sign
from tests.e2e.floor import SHOP_RULE, TILL_RULE, Floor

ANSWERS = ({"customers": 7}, {"customers": [None]}, ["a list"])


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    made = Floor(tmp_path, till={"berlin": TILL_RULE}, shop={"berlin": SHOP_RULE})
    yield made
    made.close()


def test_hub_goes_on_when_a_system_answers_something_else(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    wire, lane = floor.wires["till"], floor.hub.lanes["till"]
    for answer in ANSWERS:
        monkeypatch.setattr(wire.fake, "respond", lambda _, answer=answer: httpx.Response(200, json=answer))
        lane._guard("pull", lane.pull_due)
        assert lane.failing["pull"][1] == BadPayload.code
    monkeypatch.undo()
    floor.step()
    assert lane.failing == {}


@pytest.mark.parametrize("spoiled", [{"id": 7}, {"id": "7\x00"}, {"id": {}}])
def test_door_calls_it_unreadable_when_a_signed_webhook_names_no_id(floor: Floor, spoiled: dict[str, object]) -> None:
    url = "https://hub.test/webhooks/till"
    body = orjson.dumps({"type": "customer.updated", "event_id": "e1", "data": spoiled})
    headers = {"x-square-hmacsha256-signature": sign(SIGNATURE_KEY, url.encode() + body)}
    assert floor.hub.receive("till", WebhookRequest(url, headers, body)) is Receipt.UNREADABLE


def test_documents_refuse_what_is_no_object() -> None:
    with pytest.raises(BadPayload):
        documents([{}, 1])
