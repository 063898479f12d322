"""Starts the live Vendure and acts in it as its own people do: guests who buy, clerks who edit and count.

`start` runs `up` (first time 2 to 4 minutes: npm install, compile, seed; then seconds) and answers once the server is healthy.
State lives in `${SYNCLINE_LIVE_DIR:-${TMPDIR:-/tmp}/syncline-live}/vendure`, outside the repository.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.live.vendure.shop_api import Api

HERE = Path(__file__).parent
ERRORS = "... on ErrorResult { errorCode message } } }"
"""The end of a mutation that may be refused."""


@dataclass(slots=True)
class Level:
    """Stock of one variant at one location, as an admin sees it."""

    sku: str
    on_hand: int
    allocated: int


@dataclass(slots=True)
class Server:
    """A running Vendure. `seed`: ids by name, see seed.py (`locations`, `variants` by SKU, `customers` by e-mail, ...)."""

    base_url: str
    admin_api: str
    shop_api: str
    username: str
    password: str
    webhook_secret: str
    webhook_log: str
    seed: dict[str, Any]
    pid: int
    admin: Api = field(repr=False)

    @property
    def token(self) -> str:
        """The bearer token of the admin session."""
        return self.admin.token

    def buy_as_guest(self, sku: str, quantity: int, *, email: str = "guest@checkout.example") -> str:
        """Place and pay an order; its stock is allocated (at the first location that has some). Return the order's id."""
        shop = Api(self.shop_api)
        guest = {"firstName": "Gesine", "lastName": "Gast", "emailAddress": email}
        self._fill(shop, sku, quantity)
        shop("mutation($i:CreateCustomerInput!){ setCustomerForOrder(input:$i){ ... on Order{ id } " + ERRORS, i=guest)
        return self._pay(shop)

    def buy_as_customer(self, email: str, sku: str, quantity: int) -> str:
        """Log in as one of the customers of the seed that have a password (every third), place and pay. Return the order's id."""
        shop = Api(self.shop_api)
        shop.login(email, "live-shop")
        self._fill(shop, sku, quantity)
        return self._pay(shop)

    def _fill(self, shop: Api, sku: str, quantity: int) -> None:
        add = "mutation($v:ID!,$q:Int!){ addItemToOrder(productVariantId:$v,quantity:$q){ ... on Order{ id } " + ERRORS
        shop(add, v=self.seed["variants"][sku], q=quantity)

    def _pay(self, shop: Api) -> str:
        address = {
            "fullName": "Gesine Gast",
            "streetLine1": "1 Gastweg",
            "city": "Köln",
            "postalCode": "50667",
            "countryCode": "DE",
        }
        shop("mutation($i:CreateAddressInput!){ setOrderShippingAddress(input:$i){ ... on Order{ id } " + ERRORS, i=address)
        method = shop("{ eligibleShippingMethods { id } }")[0]["id"]
        shop("mutation($m:[ID!]!){ setOrderShippingMethod(shippingMethodId:$m){ ... on Order{ id } " + ERRORS, m=[method])
        shop('mutation{ transitionOrderToState(state:"ArrangingPayment"){ ... on Order{ id } ... on ErrorResult{ errorCode } } }')
        pay = "mutation($i:PaymentInput!){ addPaymentToOrder(input:$i){ ... on Order{ id } " + ERRORS
        return str(shop(pay, i={"method": "card", "metadata": {}})["id"])

    def fulfil(self, order_id: str, units: int | None = None) -> str:
        """Hand the whole order over, or so many units of each line: allocated becomes sold, on hand goes down.

        Return the fulfilment's id.
        """
        order = self.admin("query($o:ID!){ order(id:$o){ lines { id quantity } } }", o=order_id)
        handler = [{"name": "method", "value": "Parcel"}, {"name": "trackingCode", "value": "T1"}]
        made = self.admin(
            "mutation($i:FulfillOrderInput!){ addFulfillmentToOrder(input:$i){ ... on Fulfillment{ id } " + ERRORS,
            i={
                "lines": [{"orderLineId": line["id"], "quantity": units or line["quantity"]} for line in order["lines"]],
                "handler": {"code": "manual-fulfillment", "arguments": handler},
            },
        )
        return str(made["id"])

    def move(self, fulfilment_id: str, state: str) -> None:
        """Bring a fulfilment into a state (`Shipped`, `Delivered`); its order follows."""
        self.admin(
            "mutation($f:ID!,$s:String!){ transitionFulfillmentToState(id:$f,state:$s){ ... on Fulfillment{ id } " + ERRORS,
            f=fulfilment_id,
            s=state,
        )

    def refund(self, order_id: str, cents: int, reason: str) -> None:
        """Give money back on an order's first payment; cards do so at once."""
        payment = self.order(order_id)["payments"][0]["id"]
        deprecated = {"lines": [], "shipping": 0, "adjustment": 0}
        self.admin(
            "mutation($i:RefundOrderInput!){ refundOrder(input:$i){ ... on Refund{ id } " + ERRORS,
            i={"paymentId": payment, "amount": cents, "reason": reason, **deprecated},
        )

    def take_back(self, order_id: str, units: int) -> None:
        """Take so many units of an order's first line back, as Vendure does it: cancel them."""
        line = self.admin("query($o:ID!){ order(id:$o){ lines { id } } }", o=order_id)["lines"][0]["id"]
        self.admin(
            "mutation($i:CancelOrderInput!){ cancelOrder(input:$i){ ... on Order{ id } " + ERRORS,
            i={"orderId": order_id, "reason": "too small", "lines": [{"orderLineId": line, "quantity": units}]},
        )

    def order(self, order_id: str) -> dict[str, Any]:
        """Return an order as an admin sees it."""
        found: dict[str, Any] = self.admin(
            "query($o:ID!){ order(id:$o){ id code state updatedAt totalWithTax customer{ id user{ id } }"
            " payments{ id state amount refunds{ id state total } } fulfillments{ id state } } }",
            o=order_id,
        )
        return found

    def cancel(self, order_id: str) -> None:
        """Cancel the whole order: its allocation is released."""
        self.admin(
            "mutation($i:CancelOrderInput!){ cancelOrder(input:$i){ ... on Order{ id } " + ERRORS,
            i={"orderId": order_id, "reason": "changed their mind", "cancelShipping": True},
        )

    def customer(self, customer_id: str) -> dict[str, Any] | None:
        """Return a customer as an admin sees it, None where there is none."""
        found: dict[str, Any] | None = self.admin(
            "query($c:ID!){ customer(id:$c){ id updatedAt firstName lastName emailAddress phoneNumber"
            " customFields{ loyaltyTier externalRef } addresses{ id updatedAt streetLine1 city postalCode country{ code } } } }",
            c=customer_id,
        )
        return found

    def edit_customer(self, customer_id: str, **fields: object) -> None:
        """Change a customer in the Admin API (`firstName=`, `phoneNumber=`, `customFields={...}`)."""
        self.admin(
            "mutation($i:UpdateCustomerInput!){ updateCustomer(input:$i){ ... on Customer{ id } " + ERRORS,
            i={"id": customer_id, **fields},
        )

    def edit_address(self, address_id: str, **fields: object) -> None:
        """Change an address (`city=`, `streetLine1=`, ...)."""
        self.admin("mutation($i:UpdateAddressInput!){ updateCustomerAddress(input:$i){ id } }", i={"id": address_id, **fields})

    def edit_variant(self, variant_id: str, **fields: object) -> None:
        """Change a variant (`sku=`, `price=` in cents, `enabled=`)."""
        self.admin(
            "mutation($i:[UpdateProductVariantInput!]!){ updateProductVariants(input:$i){ id } }",
            i=[{"id": variant_id, **fields}],
        )

    def set_stock(self, variant_id: str, location_id: str, on_hand: int) -> None:
        """Enter a count."""
        self.edit_variant(variant_id, stockLevels=[{"stockLocationId": location_id, "stockOnHand": on_hand}])

    def make_administrator(self, name: str, password: str, permissions: list[str]) -> None:
        """Make a user who may do no more than this."""
        role = self.admin(
            "mutation($i:CreateRoleInput!){ createRole(input:$i){ id } }",
            i={"code": name, "description": name, "permissions": permissions},
        )["id"]
        self.admin(
            "mutation($i:CreateAdministratorInput!){ createAdministrator(input:$i){ id } }",
            i={
                "firstName": name,
                "lastName": name,
                "emailAddress": f"{name}@shop.example",
                "password": password,
                "roleIds": [role],
            },
        )

    def make_api_key(self) -> str:
        """Make a key that may do everything."""
        roles = {role["code"]: role["id"] for role in self.admin("{ roles { items { id code } } }")["items"]}
        wanted = {"roleIds": [roles["__super_admin_role__"]], "translations": [{"languageCode": "en", "name": "hub"}]}
        return str(self.admin("mutation($i:CreateApiKeyInput!){ createApiKey(input:$i){ apiKey } }", i=wanted)["apiKey"])

    def delete_customer(self, customer_id: str) -> None:
        """Delete a customer (softly: it vanishes from the API)."""
        self.admin("mutation($c:ID!){ deleteCustomer(id:$c){ result } }", c=customer_id)

    def levels(self) -> dict[str, Level]:
        """Return all stock, by "variantId:locationId"."""
        variants = self.admin(
            "{ productVariants(options:{take:1000}){ items {"
            " id sku stockLevels { stockLocationId stockOnHand stockAllocated } } } }"
        )["items"]
        return {
            f"{variant['id']}:{level['stockLocationId']}": Level(variant["sku"], level["stockOnHand"], level["stockAllocated"])
            for variant in variants
            for level in variant["stockLevels"]
        }

    def webhooks(self) -> Counter[str]:
        """Return how its webhooks were answered: HTTP status or error -> number, from its own log."""
        log = Path(self.webhook_log)
        lines = log.read_text("utf-8").splitlines() if log.exists() else []
        return Counter(str(json.loads(line)["status"]) for line in lines)

    def movements(self, variant_id: str) -> list[dict[str, Any]]:
        """Return the variant's stock movements, oldest first: type and quantity (the API does not say where)."""
        answer = self.admin(
            "query($v:ID!){ productVariant(id:$v){ stockMovements { items {"
            " ... on StockMovement { id type quantity createdAt } } } } }",
            v=variant_id,
        )
        return list(answer["stockMovements"]["items"])


def start(port: int = 4100, webhook_url: str | None = "", *, reset: bool = True) -> Server:
    """Start (or keep) the server. `webhook_url`: comma-separated targets, "" none, None as they were.

    Raises CalledProcessError where `up` fails; it says why on standard error.
    """
    environment = {**os.environ, "VENDURE_PORT": str(port), "LIVE_PYTHON": sys.executable}
    if webhook_url is not None:
        environment["WEBHOOK_URL"] = webhook_url
    arguments = [str(HERE / "up"), *(["--reset"] if reset else [])]
    told = subprocess.run(arguments, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    facts = json.loads(told.stdout.strip().splitlines()[-1])
    admin = Api(facts["admin_api"])
    admin.login(facts["username"], facts["password"])
    names = ("base_url", "admin_api", "shop_api", "username", "password", "webhook_secret", "webhook_log", "pid")
    return Server(**{name: facts[name] for name in names}, seed=json.loads(Path(facts["seed"]).read_text("utf-8")), admin=admin)


def stop() -> None:
    """Stop the server that `start` started, and no other."""
    subprocess.run([str(HERE / "down")], check=True)
