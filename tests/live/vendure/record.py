"""Records what the live server answers to this connector's own documents, for the tests that run without it.

usage: python -m tests.live.vendure.record [PORT]      writes tests/connectors/vendure/recorded/*.json
Everybody in there is invented (see seed.py). Ids and times differ at every recording; the tests read them from the files.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Thread
from typing import Any

import httpx

import connectors.vendure
from connectors.vendure import CONNECTOR
from connectors.vendure.client import Client
from hub.clock import SystemClock
from hub.errors import HubError
from hub.sdk import Change, Cursor, Operation
from hub.sdk.http import HttpxHttp
from hub.sdk.limits import Bucket
from hub.sdk.manifest import load_manifest
from tests.live.vendure.server import Server, start, stop

OUT = Path(__file__).parents[2] / "connectors" / "vendure" / "recorded"


class Recorder(httpx.HTTPTransport):
    """Carries requests and keeps question and answer."""

    def __init__(self) -> None:
        super().__init__()
        self.pairs: list[dict[str, Any]] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        body = response.read()
        asked = json.loads(request.content)
        told = json.loads(body)
        channel = (told.get("data") or {}).get("activeChannel")
        if channel:
            channel["token"] = "channel-token"
        if "login" not in asked["query"]:
            self.pairs.append(
                {"query": asked["query"], "variables": asked["variables"], "status": response.status_code, "body": told}
            )
        return httpx.Response(response.status_code, headers=response.headers, content=body)


class Ear:
    """A webhook receiver on a free port."""

    def __init__(self) -> None:
        heard: list[dict[str, Any]] = []
        changed = Condition()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                told = {
                    "headers": {k.lower(): v for k, v in self.headers.items() if k.lower().startswith("x-vendure")},
                    "body": body,
                }
                with changed:
                    heard.append(told)
                    changed.notify_all()
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the standard library
                """Stay silent."""

        self.heard = heard
        self._changed = changed
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def wait_for(self, text: str, timeout_s: float = 10.0) -> bool:
        """Wait until a body held `text`; say whether one did."""
        with self._changed:
            return self._changed.wait_for(lambda: any(text in one["body"] for one in self.heard), timeout_s)

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


def connect(server: Server, transport: httpx.BaseTransport, **settings: str) -> Client:
    """Return a client of the connector on the live server."""
    clock = SystemClock()
    http = HttpxHttp(server.base_url, transport=transport, clock=clock, bucket=Bucket(clock, capacity=1000, per_s=1000))
    return CONNECTOR.client({"username": server.username, "password": server.password, **settings}, http)


def record_reads(server: Server, keep: Callable[[str, Callable[[Client], object]], None]) -> None:
    keep("account", lambda client: client.account())
    for name, stream in CONNECTOR.streams.items():
        keep(f"{name}_page", lambda client, stream=stream: stream.page(client, Cursor()))
    keep("customers_since", lambda client: CONNECTOR.streams["customers"].page(client, Cursor(since=1)))
    keep(
        "customers_fetch", lambda client: CONNECTOR.streams["customers"].fetch(client, ["1", server.seed["deleted"]["customer"]])
    )
    keep("inventory_fetch", lambda client: CONNECTOR.streams["inventory"].fetch(client, ["1:1", "2:3"]))


def record_orders(server: Server, keep: Callable[[str, Callable[[Client], object]], None], ear: Ear) -> list[dict[str, Any]]:
    """One order as it was placed, and one each partly shipped, delivered with a return, and cancelled with its money back."""
    orders = CONNECTOR.streams["orders"]
    buyer = next(iter(server.seed["customers"]))
    placed = server.buy_as_guest("TEE-M", 2)
    parted = server.buy_as_customer(buyer, "BSK-REE", 3)
    server.move(server.fulfil(parted, 1), "Shipped")
    done = server.buy_as_guest("HON-PIN", 3, email="second@checkout.example")
    server.move(server.fulfil(done), "Delivered")
    server.take_back(done, 1)
    server.refund(done, 895, "too small")
    gone = server.buy_as_guest("YOG-DOG", 1, email="third@checkout.example")
    server.cancel(gone)
    server.refund(gone, 5485, "changed their mind")
    ids = [placed, parted, done, gone]
    keep("orders_fetch", lambda client: orders.fetch(client, [*ids, "9999"]))
    keep("orders_page", lambda client: orders.page(client, Cursor()))
    for name, token in (("news", None), ("unfinished", "u0"), ("rest", "r0")):
        keep(f"orders_{name}", lambda client, token=token: orders.page(client, Cursor(1, token)))
    assert ear.wait_for('"event":"RefundStateTransitionEvent"') or ear.wait_for('"event":"RefundEvent"')
    return ear.heard


def record_writes(server: Server, keep: Callable[[str, Callable[[Client], object]], None]) -> None:
    def send(sink: str, change: Change, external_id: str | None) -> Callable[[Client], object]:
        call = CONNECTOR.sinks[sink].calls(change)[0]
        return lambda client: CONNECTOR.sinks[sink].send(client, call, "key", external_id)

    new = {"firstName": "Nils", "lastName": "Ny", "emailAddress": "Nils.Ny@shop.example"}
    create = Change(Operation.CREATE, None, None, new, tuple(new), marker="hub-1")
    keep("create_customer", send("customers", create, None))
    keep("create_customer_email_taken", send("customers", create, None))
    other = {**new, "emailAddress": "other@shop.example"}
    keep(
        "create_customer_marker_taken",
        send("customers", Change(Operation.CREATE, None, None, other, tuple(other), marker="hub-1"), None),
    )
    keep("find_customer", lambda client: CONNECTOR.sinks["customers"].find(client, create))
    keep("update_customer", send("customers", Change(Operation.UPDATE, "2", {}, {"firstName": "Brunhilde"}, ("firstName",)), "2"))
    keep(
        "update_customer_gone",
        send("customers", Change(Operation.UPDATE, "9999", {}, {"firstName": "X"}, ("firstName",)), "9999"),
    )
    address = {"addresses": [{"streetLine1": "1 Nowhere", "countryCode": "XX"}]}
    keep("create_address_bad_country", send("customers", Change(Operation.UPDATE, "2", {}, address, ("addresses",)), "2"))
    price = {"priceWithTax": 2090, "currencyCode": "EUR"}
    keep("update_variant", send("variants", Change(Operation.UPDATE, "1", {}, price, ("priceWithTax",)), "1"))
    level = {"level": "1:1", "quantity": "on_hand", "absolute": 55, "expected": 60, "delta": -5}
    keep("adjust", send("inventory", Change(Operation.ADJUST, "1:1", {}, level, ()), "1:1"))
    nowhere = {"level": "1:99", "quantity": "on_hand", "absolute": 55, "expected": None, "delta": 0}
    keep("adjust_no_location", send("inventory", Change(Operation.ADJUST, "1:99", {}, nowhere, ()), "1:99"))


def record_refusals(server: Server, keep: Callable[..., None]) -> None:
    keep("forbidden", lambda client: client.ask("query Nobody { customers { totalItems } }", {}), password="", token="over")
    keep("unknown_field", lambda client: client.ask("query Odd { nope }", {}))
    keep("no_channel", lambda client: client.account(), channel_token="none-such")


def record_webhooks(server: Server, ear: Ear) -> list[dict[str, Any]]:
    server.edit_customer("3", firstName="Chlothilde")
    server.edit_address("3", city="Sevilla")
    server.edit_variant("4", price=2190)
    server.set_stock("4", server.seed["locations"]["LYO"], 33)
    order = server.buy_as_guest("TEE-M", 2)
    server.fulfil(order)
    server.admin('mutation{ updateProduct(input:{id:"3",enabled:true}){ id } }')
    server.admin('mutation{ updateStockLocation(input:{id:"3",description:"moved"}){ id } }')
    server.delete_customer("5")
    assert ear.wait_for('"type":"deleted"')
    ear.close()
    return ear.heard


def keeper(server: Server) -> Callable[..., None]:
    """Return what carries out one act and writes down what was asked and answered."""

    def keep(name: str, act: Callable[[Client], object], **settings: str) -> None:
        recorder = Recorder()
        client = connect(server, recorder, page_size="3", **settings)
        if name not in ("account", "forbidden", "unknown_field", "no_channel"):
            client.account()
            recorder.pairs.clear()
        try:
            act(client)
        except HubError as error:
            sys.stdout.write(f"{name}: {error.code}\n")
        recorder.close()
        (OUT / f"{name}.json").write_text(json.dumps(recorder.pairs, indent=1, ensure_ascii=False) + "\n", "utf-8")

    return keep


def write_heard(name: str, heard: list[dict[str, Any]]) -> None:
    """Write down one webhook of each kind that the manifest names."""
    kinds = set(load_manifest(Path(connectors.vendure.__file__).with_name("manifest.yaml")).webhook.topics)
    kept = {
        (told["event"], told.get("type")): one for one in heard for told in [json.loads(one["body"])] if told["event"] in kinds
    }
    (OUT / f"{name}.json").write_text(json.dumps(list(kept.values()), indent=1, ensure_ascii=False) + "\n", "utf-8")


def main(port: int) -> None:
    """Record everything from a freshly reset server."""
    OUT.mkdir(parents=True, exist_ok=True)
    ear = Ear()
    server = start(port, ear.url)
    keep = keeper(server)
    record_reads(server, keep)
    record_writes(server, keep)
    record_refusals(server, keep)
    ear.heard.clear()
    write_heard("webhooks", record_webhooks(server, ear))
    ear = Ear()
    server = start(port, ear.url)  # reset: ids of customers and orders are those of the seed again
    write_heard("order_webhooks", record_orders(server, keeper(server), ear))
    ear.close()
    stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 4100)
