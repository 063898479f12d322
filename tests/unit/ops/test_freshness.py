"""How old what the hub knows may be."""

from __future__ import annotations

from pathlib import Path

from hub.model.delivery import DeliveryState
from hub.model.run import Mode
from hub.model.values import SECOND, Doc
from hub.model.webhooks import Hearing
from hub.ops.freshness import read_freshness
from hub.ops.installation import Installation
from hub.ops.modes import set_mode
from hub.ops.office import Running
from hub.ops.status import list_connections
from tests.retailer import Retailer


def ask(shops: Retailer) -> dict[tuple[str, str], Doc]:
    """Return (connection, stream) -> line."""
    shops.hub.writer.submit(lambda unit: None).result()
    with shops.hub.store.reader() as reader:
        lines = read_freshness(shops._config.connections, reader, shops.hub.clock.now())
    return {(line["connection"], line["stream"]): line for line in lines}


def _installation(shops: Retailer) -> Installation:
    return Installation(Path("config.yaml"), shops._config, {})


def test_seconds_are_those_since_the_read_was_begun_when_a_stream_was_read(shops: Retailer) -> None:
    shops.poll()
    before = ask(shops)["till", "customers"]["behind_s"]
    shops.clock.sleep(100)
    assert ask(shops)["till", "customers"]["behind_s"] == before + 100


def test_stream_has_no_age_when_no_read_came_to_its_end(shops: Retailer) -> None:
    assert ask(shops) == {}


def test_webhook_is_told_per_stream_when_one_came(shops: Retailer) -> None:
    shops.poll()
    shops.shop.add_customer(firstName="Ada", email="ada@example.org")
    shops.deliver_webhooks()
    shops.clock.sleep(7)
    found = ask(shops)
    assert (found["shop", "customers"]["webhook_s"], found["till", "customers"]["webhook_s"]) == (7.0, None)


def test_oldest_unsent_change_is_told_when_it_waits_for_the_system_and_not_for_a_person(shops: Retailer) -> None:
    shops.poll()
    shops.shop.add_customer(firstName="Ada", email="ada@example.org")
    set_mode(Running(shops.hub), "till", Mode.PROPOSE)
    shops.poll()
    assert ask(shops)["till", "customers"]["unsent_s"] is None

    def put_due(delivery_state: DeliveryState) -> None:
        (one,) = shops.hub.writer.submit(lambda unit: unit.asking("till")).result()
        one.state, one.since = delivery_state, shops.hub.clock.now() - 50 * SECOND
        shops.hub.writer.submit(lambda unit: unit.save_deliveries([one])).result()

    put_due(DeliveryState.DUE)
    assert ask(shops)["till", "customers"]["unsent_s"] == 50.0


def test_silence_is_told_by_status_and_freshness_when_the_store_knows_of_it(shops: Retailer) -> None:
    shops.poll()
    silent = Hearing({"customers": SECOND}, silent_since=2 * SECOND, problem="Refused: orders/create.")
    shops.hub.writer.submit(lambda unit: unit.save_hearing("shop", silent)).result()
    found = ask(shops)
    assert [found[name, "customers"]["webhooks_silent"] for name in ("shop", "till")] == [True, False]
    with shops.hub.store.reader() as reader:
        shop, till = list_connections(_installation(shops), reader, shops.hub.clock.now())
    assert shop["webhooks"] == {
        "last": "1970-01-01T00:00:01Z",
        "silent_since": "1970-01-01T00:00:02Z",
        "problem": "Refused: orders/create.",
    }
    assert till["webhooks"] == {"last": None, "silent_since": None, "problem": ""}
