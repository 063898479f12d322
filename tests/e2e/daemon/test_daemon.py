"""The hub as a process: it works, stops, survives a kill, and is one per store."""

from __future__ import annotations

import json
import signal
import stat

import httpx

from tests.e2e.daemon.town import Town
from tests.e2e.process import until


def test_run_brings_customers_to_both_systems_when_both_hold_some(town: Town) -> None:
    town.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
    town.till.add_customer(given_name="Bo", family_name="Lind", email_address="bo@example.org")
    town.start()
    until(lambda: town.till_customer("ada@example.org") and town.shop_customer("bo@example.org"))
    found = town.ask("explain", "customer", "ada@example.org", "given_name")
    (field,) = found["fields"]
    assert (field["value"], field["entered_there"]["connection"]) == ("Ada", "shop")
    status = town.ask("status")
    assert status["running"] is True
    assert [one["mode"] for one in status["connections"]] == ["live", "live"]


def test_run_converges_when_killed_with_work_under_way(town: Town) -> None:
    for n in range(12):
        town.shop.add_customer(firstName=f"Name{n}", lastName="Berg", email=f"n{n}@example.org")
    town.start()
    until(lambda: len(town.till.customer_ids()) >= 3)
    town.kill()
    with town.served["shop"].lock:
        (first,) = [doc["id"] for doc in town.shop.customers() if doc["firstName"] == "Name0"]
        town.shop.edit_customer(first, firstName="Changed")
    town.start()
    until(lambda: (town.till_customer("n0@example.org") or {}).get("given_name") == "Changed")
    until(lambda: all(town.till_customer(f"n{n}@example.org") for n in range(12)))
    until(lambda: not any(town.ask("status")["under_way"].values()), 40)
    assert len(town.till.customer_ids()) == 12
    assert len(town.shop.customers()) == 12


def test_webhook_is_answered_and_not_lost_when_the_hub_stands_still_and_is_killed(town: Town) -> None:
    town.start()
    until(lambda: not any(town.ask("status")["under_way"].values()), 40)
    assert town.process
    town.process.send_signal(signal.SIGSTOP)
    with town.served["shop"].lock:
        town.shop.add_customer(firstName="Dee", lastName="Wood", email="dee@example.org")
        (hook, *_) = town.shop.take_webhooks()
    url = f"http://127.0.0.1:{town.port}/webhooks/shop"
    assert httpx.post(url, content=hook.body, headers=dict(hook.headers), trust_env=False, timeout=20).status_code == 200
    town.kill()
    town.start()
    until(lambda: town.till_customer("dee@example.org"))
    assert "receive.webhooks.found" in (town.folder / "hub.log").read_text()


def test_stop_ends_within_ten_seconds_when_asked_by_sigterm(town: Town) -> None:
    town.start()
    code, took_s = town.stop()
    assert code == 0, (town.folder / "hub.log").read_text()
    assert took_s < 10
    assert town.ask("status")["running"] is False


def test_run_refuses_with_exit_code_3_when_a_hub_runs_already(town: Town) -> None:
    town.start()
    second = town.hub("run", environ={"HUB_PORT": "0"})
    assert second.returncode == 3
    assert "runs over this store already" in second.stderr
    ingest = town.hub("ingest", "shop/customers", "nothing.jsonl", "--json")
    assert ingest.returncode == 3
    assert json.loads(ingest.stdout)["error"]["code"] == "store_busy"


def test_writes_stop_holds_changes_back_when_asked_of_a_running_hub(town: Town) -> None:
    town.start()
    until(lambda: all(s["first_read"] != "not complete yet" for c in town.ask("status")["connections"] for s in c["streams"]))
    assert town.ask("writes", "stop")["through"] == "the running hub"
    with town.served["shop"].lock:
        town.shop.add_customer(firstName="Cy", lastName="Holm", email="cy@example.org")
    until(lambda: town.ask("status")["under_way"]["deliveries"])
    assert town.till_customer("cy@example.org") is None
    assert stat.S_IMODE((town.folder / "hub.db.control").stat().st_mode) == 0o600
    town.ask("writes", "start")
    until(lambda: town.till_customer("cy@example.org"))
