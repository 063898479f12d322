"""A running hub follows its files, refuses wrong ones, and says on its own door how it is."""

from __future__ import annotations

import httpx
import pytest

from tests.e2e.daemon.town import Town
from tests.e2e.process import ROOT, until


def door(town: Town, path: str) -> httpx.Response:
    """Ask the door for monitoring."""
    return httpx.get(f"http://127.0.0.1:{town.monitor_port}{path}", trust_env=False, timeout=20)


@pytest.mark.process
def test_hub_goes_on_with_the_old_and_takes_the_new_when_its_files_change(town: Town) -> None:
    town.start()
    assert (door(town, "/readyz").status_code, door(town, "/healthz").status_code) == (200, 200)
    config = town.folder / "config.yaml"
    good = config.read_text("utf-8")
    config.write_text(good.replace("connector: square", "connector: squire"), "utf-8")
    until(lambda: "runtime.config.refused" in (town.folder / "hub.log").read_text("utf-8"))
    wrong = town.hub("status")
    assert (wrong.returncode, "config.yaml:" in wrong.stderr) == (2, True)
    with town.served["shop"].lock:
        town.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org", note="tea")
    until(lambda: (town.till_customer("ada@example.org") or {}).get("note") == "tea")
    mapping = town.folder / "own/square/customers.yaml"
    mapping.parent.mkdir(parents=True)
    shipped = (ROOT / "mappings/square/customers.yaml").read_text("utf-8")
    mapping.write_text(shipped.replace("note:        note", "note:        nickname").replace("- nickname", "- note"), "utf-8")
    config.write_text(good.replace('mappings: "${HUB_MAPPINGS:-demo/mappings}"', "mappings: own"), "utf-8")
    until(lambda: "runtime.config.followed" in (town.folder / "hub.log").read_text("utf-8"))
    told = town.ask("status")["config"]
    assert ("till/customers" in told["followed"]["mappings"], told["refused"]) == (True, None)
    plan = town.ask("plan")
    assert [line["field"] for item in plan for line in item["lines"]] == ["note"]
    assert {item["state"] for item in plan} == {"waiting for your yes: mapping changed"}
    page = door(town, "/metrics").text
    assert "ada@example.org" not in page
    assert "syncline_" in page
