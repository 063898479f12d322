"""The hub as a process over a PostgreSQL server: one per store, and put back from a backup."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.daemon.town import Town
from tests.e2e.process import until


@pytest.mark.process
def test_hub_is_one_per_store_and_comes_back_from_a_backup_when_it_is_in_postgresql(town: Town, postgres_url: str) -> None:
    town.environ["HUB_STORE"] = postgres_url
    with town.served["shop"].lock:
        ada = town.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org", note="tea")
    town.start()
    until(lambda: town.till_customer("ada@example.org"))
    second = town.hub("run", environ={"HUB_PORT": "0", "HUB_MONITOR_PORT": "0"})
    assert (second.returncode, "runs over this store already" in second.stderr) == (3, True)
    copy = str(Path(town.folder) / "copy.db")
    town.ask("db", "backup", copy)
    beside = town.hub("db", "restore", copy, "--yes")
    assert (beside.returncode, beside.stdout) == (3, "")
    with town.served["shop"].lock:
        town.shop.edit_customer(ada, note="coffee")
        town.shop.add_customer(firstName="Bo", lastName="Lind", email="bo@example.org")
    until(lambda: (town.till_customer("ada@example.org") or {}).get("note") == "coffee" and town.till_customer("bo@example.org"))
    assert town.stop()[0] == 0
    assert town.ask("db", "restore", copy, "--yes")["entities"] >= 1
    assert town.ask("status")["restored"] is not None
    town.start()
    with town.served["shop"].lock:
        town.shop.edit_customer(ada, note="milk")
    until(lambda: (town.till_customer("ada@example.org") or {})["note"] == "milk")
    assert len(town.till.customer_ids()) == len(town.shop.customers()) == 2
