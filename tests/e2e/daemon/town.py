"""Shop and till of the demo retailer as they ship in config.yaml, over real HTTP, and the hub as a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from connectors.shopify import ShopifyFake
from connectors.square import SquareFake
from hub.sdk.serve import ServedFake
from tests.e2e.process import CLOCK, ROOT, HubProcess

PLACES = ("Linden Mitte", "Linden Nord", "Linden Hafen")


class Town(HubProcess):
    """A shop, a till, and a hub between them."""

    def __init__(self, folder: Path) -> None:
        before, _, after = (ROOT / "config.yaml").read_text("utf-8").partition("  crm:\n")
        config = folder / "config.yaml"
        config.write_text(f"{before}policies:{after.partition('policies:')[2]}", "utf-8")
        super().__init__(folder, config, {"SHOP_EVERY": "1s", "TILL_EVERY": "1s"})
        hooks = f"http://127.0.0.1:{self.port}/webhooks"
        self.shop = ShopifyFake(CLOCK.now, webhook_url=f"{hooks}/shop", token="demo-shopify-token", secret="demo-shopify-secret")
        self.till = SquareFake(
            CLOCK.now,
            webhook_url=f"{hooks}/till",
            token="demo-square-token",
            signature_key="demo-square-key",
            country="DE",
            currency="EUR",
        )
        for name in PLACES:
            self.till.add_location(name)
        for name in ("Warehouse", *PLACES):
            self.shop.add_location(name)
        self.served = {"shop": ServedFake(self.shop, CLOCK, name="shop"), "till": ServedFake(self.till, CLOCK, name="till")}
        for served in self.served.values():
            served.start()
        self.environ |= {"SHOP_URL": self.served["shop"].url, "TILL_URL": self.served["till"].url}

    def close(self) -> None:
        """End everything."""
        super().close()
        for served in self.served.values():
            served.stop()

    def till_customer(self, email: str) -> dict[str, Any] | None:
        """Return a customer of the till."""
        with self.served["till"].lock:
            found = [doc for each in self.till.customer_ids() if (doc := self.till.customer(each))]
        return next((doc for doc in found if doc.get("email_address") == email), None)

    def shop_customer(self, email: str) -> dict[str, Any] | None:
        """Return a customer of the shop."""
        with self.served["shop"].lock:
            found = self.shop.customers()
        return next((doc for doc in found if doc["email"] == email), None)
