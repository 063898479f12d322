"""What knocks at the door of a running hub and is not what it seems."""

from __future__ import annotations

import httpx
import orjson

from hub.sdk.webhooks import sign
from tests.e2e.daemon.town import Town
from tests.e2e.process import until

SECRET = "demo-shopify-secret"
ORDER = orjson.dumps({"id": 1, "admin_graphql_api_id": "gid://shopify/Customer/1"})


def knock(town: Town, connection: str, body: bytes, secret: str = SECRET, topic: str = "customers/update") -> int:
    """Post a webhook; return the status of the answer."""
    headers = {"x-shopify-hmac-sha256": sign(secret, body), "x-shopify-topic": topic, "x-shopify-webhook-id": "e1"}
    url = f"http://127.0.0.1:{town.port}/webhooks/{connection}"
    return httpx.post(url, content=body, headers=headers, trust_env=False, timeout=20).status_code


def test_door_refuses_and_goes_on_when_webhooks_are_bad(town: Town) -> None:
    town.start()
    refused = {
        "forged": knock(town, "shop", ORDER, "not-the-secret"),
        "signed by nobody": httpx.post(
            f"http://127.0.0.1:{town.port}/webhooks/shop", content=ORDER, trust_env=False, timeout=20
        ).status_code,
        "no JSON": knock(town, "shop", b"{nope"),
        "a list": knock(town, "shop", b"[]"),
        "ten megabytes": knock(town, "shop", b" " * 10_000_000),
        "nobody's": knock(town, "nobody", ORDER),
        "other's": knock(town, "till", ORDER),
    }
    assert refused == {
        "forged": 401,
        "signed by nobody": 401,
        "no JSON": 400,
        "a list": 400,
        "ten megabytes": 413,
        "nobody's": 404,
        "other's": 401,
    }
    with town.served["shop"].lock:
        town.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
    until(lambda: town.till_customer("ada@example.org"))


def test_connection_is_paused_and_comes_back_when_its_token_expires(town: Town) -> None:
    town.start()
    with town.served["till"].lock:
        good, town.till.token = town.till.token, "another"
    until(lambda: [one["paused"] for one in town.ask("connection", "list")] == ["", "auth_failed"])
    page = town.hub("status").stdout
    assert "paused: auth_failed" in page
    with town.served["shop"].lock:
        town.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
    until(lambda: town.ask("status")["under_way"]["deliveries"])
    town.kill()
    with town.served["till"].lock:
        town.till.token = good
    town.start()
    until(lambda: town.till_customer("ada@example.org"))
    until(lambda: [one["paused"] for one in town.ask("connection", "list")] == ["", ""])
