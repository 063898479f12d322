"""A hub that tells a collector what it does: the real daemon, real OTLP, and a collector that stops answering."""

from __future__ import annotations

import re

from tests.collector import attributes, collecting
from tests.e2e.daemon.town import Town
from tests.e2e.process import until

KEY = "collector-key-that-nobody-guesses"
PERSON = {"firstName": "Quillon", "lastName": "Canarybird", "email": "quillon@example.org"}


def test_change_is_followed_and_nothing_waits_when_the_collector_hangs(town: Town) -> None:
    with collecting() as collector:
        config = town.folder / "config.yaml"
        block = f"\ntracing: {{endpoint: '{collector.url}', headers: {{x-key: '${{TRACES_KEY}}'}}}}\n"
        config.write_text(config.read_text("utf-8") + block, "utf-8")
        town.environ["TRACES_KEY"] = KEY
        town.start()
        with town.served["shop"].lock:
            town.shop.add_customer(**PERSON)
        until(lambda: town.till_customer(PERSON["email"]))
        until(lambda: "prepare" in {span.name for span in collector.spans()})
        assert {"x-key": KEY}.items() <= collector.given[0].items()
        doctor = {one["what"]: one for one in town.ask("doctor", "--offline")}
        assert "traces" not in doctor
        hosts = {attributes(span).get("server.address") for span in collector.spans()}
        assert hosts <= {None, "127.0.0.1"}
        told = "".join(map(str, collector.exports))
        assert [word for word in (*PERSON.values(), KEY, "demo-shopify-token", "demo-square-token") if word in told] == []
        log = (town.folder / "hub.log").read_text("utf-8")
        assert set(re.findall('"trace_id": ?"([0-9a-f]{32})"', log)) <= {span.trace_id.hex() for span in collector.spans()}
        collector.free.clear()
        with town.served["shop"].lock:
            town.shop.add_customer(firstName="Bea", lastName="Late", email="bea@example.org")
        until(lambda: town.till_customer("bea@example.org"))
        code, took_s = town.stop()
    assert code == 0, (town.folder / "hub.log").read_text()
    assert took_s < 10
