"""Every stream and every sink verb on a real Vendure, with the permissions that the connector's README asks for.

Runs where SYNCLINE_LIVE is set (`make live`); the port is VENDURE_PORT (4100).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from connectors.vendure import CONNECTOR
from connectors.vendure.client import Client
from hub.clock import micros
from hub.errors import AuthFailed, PermissionMissing
from hub.model.values import Doc
from hub.sdk import Answer, AnswerKind, Change, Cursor, Operation, WebhookRequest
from tests.live.vendure.record import Ear, connect
from tests.live.vendure.server import Server, start, stop

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif("SYNCLINE_LIVE" not in os.environ, reason="starts a real server: set SYNCLINE_LIVE=1 or call `make live`"),
]
PERMISSIONS = ["ReadCatalog", "UpdateCatalog", "ReadCustomer", "CreateCustomer", "UpdateCustomer", "DeleteCustomer"]
PERMISSIONS += ["ReadOrder", "ReadStockLocation", "ReadSettings"]


@pytest.fixture(scope="module")
def ear() -> Iterator[Ear]:
    listening = Ear()
    yield listening
    listening.close()


@pytest.fixture(scope="module")
def server(ear: Ear) -> Iterator[Server]:
    running = start(int(os.environ.get("VENDURE_PORT", "4100")), ear.url)
    running.make_administrator("hub", "hub-password", PERMISSIONS)
    running.make_administrator("guestbook", "hub-password", ["ReadTag"])
    yield running
    stop()


Dial = Callable[..., Client]


@pytest.fixture
def dial(server: Server) -> Iterator[Dial]:
    with ExitStack() as lines:

        def connected(transport: httpx.HTTPTransport | None = None, **settings: str) -> Client:
            return connect(server, lines.enter_context(transport or httpx.HTTPTransport()), **settings)

        yield connected


@pytest.fixture
def client(dial: Dial) -> Client:
    return dial(username="hub@shop.example", password="hub-password", page_size="17")


def read_all(client: Client, name: str, since: str | None = None) -> dict[str, Doc]:
    stream, docs = CONNECTOR.streams[name], {}
    cursor: Cursor | None = Cursor(micros(since) if since else None)
    while cursor:
        page = stream.page(client, cursor)
        docs.update({doc["id"]: doc for doc in page.docs})
        cursor = Cursor(cursor.since, page.token) if page.token else None
    return docs


def fetch(client: Client, name: str, external_id: str) -> Doc:
    return CONNECTOR.streams[name].fetch(client, [external_id])[0]


def push(client: Client, name: str, change: Change) -> list[Answer]:
    sink, external_id, answers = CONNECTOR.sinks[name], change.external_id, []
    for call in sink.calls(change):
        answers.append(sink.send(client, call, "key", external_id))
        external_id = answers[-1].external_id or external_id
    return answers


def update(before: Doc, after: Doc, *paths: str) -> Change:
    return Change(Operation.UPDATE, before["id"], before, after, paths)


def adjust(level: str, absolute: int, expected: int | None, quantity: str = "on_hand") -> Change:
    after = {"level": level, "quantity": quantity, "delta": 0, "absolute": absolute, "expected": expected}
    return Change(Operation.ADJUST, level, None, after, ())


def create(marker: str, email: str, **fields: Any) -> Change:
    after = {"emailAddress": email, **fields}
    return Change(Operation.CREATE, None, None, after, tuple(after), marker=marker)


def test_probe_names_the_channel_when_the_role_suffices(client: Client) -> None:
    assert CONNECTOR.probe(client) == "channel __default_channel__ (EUR)"


def test_login_fails_when_the_password_is_wrong(dial: Dial) -> None:
    with pytest.raises(AuthFailed):
        CONNECTOR.probe(dial(password="wrong"))


def test_read_fails_when_the_role_may_not(dial: Dial) -> None:
    with pytest.raises(PermissionMissing):
        read_all(dial(username="guestbook@shop.example", password="hub-password"), "customers")


def test_read_succeeds_when_a_bearer_is_configured(server: Server, dial: Dial) -> None:
    assert len(read_all(dial(password="", token=server.token), "locations")) == 3


def test_read_succeeds_when_an_api_key_is_configured(server: Server, dial: Dial) -> None:
    assert len(read_all(dial(password="", api_key=server.make_api_key()), "locations")) == 3


def test_read_goes_on_when_the_session_ended(dial: Dial) -> None:
    assert len(read_all(dial(token="of-yesterday"), "locations")) == 3


@pytest.mark.parametrize(("name", "seeded"), [("customers", "customers"), ("variants", "variants"), ("locations", "locations")])
def test_read_finds_every_seeded_record(server: Server, client: Client, name: str, seeded: str) -> None:
    assert set(server.seed[seeded].values()) <= read_all(client, name).keys()


def test_read_shows_disabled_and_not_deleted_products(server: Server, client: Client) -> None:
    products = read_all(client, "products")
    assert products[server.seed["disabled"]["product"]]["enabled"] is False
    assert server.seed["deleted"]["product"] not in products


def test_read_shows_the_levels_an_admin_sees(server: Server, client: Client) -> None:
    seen = {i: (doc["stockOnHand"], doc["stockAllocated"]) for i, doc in read_all(client, "inventory").items()}
    assert seen == {i: (level.on_hand, level.allocated) for i, level in server.levels().items()}


def test_fetch_misses_what_was_deleted(server: Server, client: Client) -> None:
    gone = server.seed["deleted"]["customer"]
    assert [doc["id"] for doc in CONNECTOR.streams["customers"].fetch(client, ["1", gone])] == ["1"]


def test_read_since_shows_an_edit_and_not_an_address_edit(server: Server, client: Client) -> None:
    before = read_all(client, "customers")
    server.edit_address(before["7"]["addresses"][0]["id"], city="Hürth")
    server.edit_customer("8", firstName="Haakon")
    edited = fetch(client, "customers", "8")["updatedAt"]
    later = read_all(client, "customers", edited)
    assert later["8"]["firstName"] == "Haakon"
    assert fetch(client, "customers", "7")["updatedAt"] == before["7"]["updatedAt"]
    assert fetch(client, "customers", "7")["addresses"][0]["city"] == "Hürth"


def test_order_moves_the_level_and_not_the_variant(server: Server, client: Client) -> None:
    variant = server.seed["variants"]["BSK-REE"]
    before = (fetch(client, "variants", variant), read_all(client, "inventory"))
    server.buy_as_guest("BSK-REE", 2)
    after = read_all(client, "inventory")
    moved = {i: doc["stockAllocated"] - before[1][i]["stockAllocated"] for i, doc in after.items() if doc != before[1][i]}
    assert moved == {f"{variant}:1": 2}
    assert fetch(client, "variants", variant) == before[0]


def test_create_makes_one_customer_with_addresses(server: Server, client: Client) -> None:
    home = {"fullName": "Ida Ny", "streetLine1": "1 Ny vej", "city": "Köln", "postalCode": "50667", "countryCode": "DE"}
    change = create("hub-77", "Ida.Ny@shop.example", firstName="Ida", lastName="Ny", addresses=[home])
    answers = push(client, "customers", change)
    assert [answer.kind for answer in answers] == [AnswerKind.DONE, AnswerKind.DONE]
    (found,) = CONNECTOR.sinks["customers"].find(client, change)
    assert (found["emailAddress"], found["customFields"]["externalRef"]) == ("ida.ny@shop.example", "hub-77")
    assert [address["streetLine1"] for address in found["addresses"]] == ["1 Ny vej"]
    assert server.customer(found["id"]) is not None


def test_create_clashes_when_email_or_marker_is_taken(client: Client) -> None:
    push(client, "customers", create("hub-78", "taken@shop.example"))
    (email,) = push(client, "customers", create("hub-79", "Taken@shop.example"))
    (marker,) = push(client, "customers", create("hub-78", "free@shop.example"))
    assert (email.kind, email.blames) == (AnswerKind.CLASH, "emailAddress")
    assert (marker.kind, marker.blames) == (AnswerKind.CLASH, "customFields.externalRef")
    assert CONNECTOR.sinks["customers"].find(client, create("hub-79", "Taken@shop.example")) == []


def test_update_changes_names_tier_and_addresses_in_steps(server: Server, client: Client) -> None:
    before = fetch(client, "customers", "6")
    first, second = before["addresses"]
    moved = {**first, "city": "Neustadt", "countryCode": "DE"}
    added = {"fullName": "F", "streetLine1": "9 Neu", "city": "Köln", "postalCode": "50667", "countryCode": "DE"}
    after = {**before, "lastName": "Neu", "customFields": {"loyaltyTier": "gold"}, "addresses": [moved, added]}
    answers = push(client, "customers", update(before, after, "lastName", "customFields.loyaltyTier", "addresses"))
    assert [answer.kind for answer in answers] == [AnswerKind.DONE] * 4
    shown = fetch(client, "customers", "6")
    assert answers[-1].doc == shown
    assert (shown["lastName"], shown["customFields"]["loyaltyTier"], shown["firstName"]) == ("Neu", "gold", before["firstName"])
    cities = {address["streetLine1"]: (address["city"], address["country"]["code"]) for address in shown["addresses"]}
    assert cities == {first["streetLine1"]: ("Neustadt", "DE"), "9 Neu": ("Köln", "DE")}
    assert second["id"] not in {address["id"] for address in shown["addresses"]}
    assert server.customer("6")["emailAddress"] == before["emailAddress"]


def test_update_clears_a_phone_when_it_is_gone(client: Client) -> None:
    before = fetch(client, "customers", "9")
    (answer,) = push(client, "customers", update(before, {**before, "phoneNumber": None}, "phoneNumber"))
    assert answer.doc is not None
    assert (before["phoneNumber"] != "", answer.doc["phoneNumber"]) == (True, "")


def test_update_is_refused_when_a_country_is_not_served(client: Client) -> None:
    before = fetch(client, "customers", "9")
    answers = push(client, "customers", update(before, {"addresses": [{"streetLine1": "1", "countryCode": "XX"}]}, "addresses"))
    assert (answers[0].kind, answers[0].blames) == (AnswerKind.REFUSED, "addresses")


def test_delete_takes_a_customer_away(client: Client) -> None:
    change = Change(Operation.DELETE, "12", {}, {}, ())
    assert [push(client, "customers", change)[0].kind for _ in range(2)] == [AnswerKind.DONE, AnswerKind.GONE]
    assert CONNECTOR.streams["customers"].fetch(client, ["12"]) == []


def test_variant_takes_price_and_sku(server: Server, client: Client) -> None:
    before = fetch(client, "variants", server.seed["variants"]["YOG-DOG"])
    after = {**before, "priceWithTax": 5190, "sku": "YOG-DOG-2", "customFields": {"barcode": "4006381333931"}}
    (answer,) = push(client, "variants", update(before, after, "priceWithTax", "sku", "customFields.barcode"))
    assert answer.doc == fetch(client, "variants", before["id"])
    assert (answer.doc["priceWithTax"], answer.doc["sku"], answer.doc["prices"]) == (
        5190,
        "YOG-DOG-2",
        [{"currencyCode": "EUR", "price": 5190}],
    )


def test_adjust_sets_the_level_and_tells_what_was_logged(server: Server, client: Client) -> None:
    variant = server.seed["variants"]["JAM-QUI"]
    level, on_hand = f"{variant}:2", server.levels()[f"{variant}:2"].on_hand
    (answer,) = push(client, "inventory", adjust(level, on_hand + 4, on_hand))
    assert answer.doc is not None
    written = answer.doc.pop("written")
    assert written == {"onHand": on_hand + 4, "seen": on_hand, "logged": 4, "between": 0}
    assert answer.doc == fetch(client, "inventory", level)
    assert server.movements(variant)[-1]["quantity"] == 4


def test_adjust_writes_nothing_when_another_figure_is_there(server: Server, client: Client) -> None:
    level = f"{server.seed['variants']['HON-PIN']}:1"
    before = server.levels()
    (answer,) = push(client, "inventory", adjust(level, 1, before[level].on_hand + 1))
    assert (answer.kind, server.levels()) == (AnswerKind.STALE, before)


def test_adjust_keeps_what_is_allocated_when_the_figure_is_available(server: Server, client: Client) -> None:
    server.buy_as_guest("CRM-YAR", 3)
    level = f"{server.seed['variants']['CRM-YAR']}:1"
    before = server.levels()[level]
    push(client, "inventory", adjust(level, 10, before.on_hand - 3, "available"))
    assert (before.allocated, server.levels()[level].on_hand, server.levels()[level].allocated) == (3, 13, 3)


def test_adjust_notices_a_sale_between_look_and_write(server: Server, dial: Dial) -> None:
    order = server.buy_as_guest("SHA-AST", 2)
    level = f"{server.seed['variants']['SHA-AST']}:1"
    on_hand = server.levels()[level].on_hand

    class SaleMeanwhile(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            response = super().handle_request(request)
            [server.fulfil(order) for _ in range(b"query Look" in request.content)]
            return response

    (answer,) = push(dial(SaleMeanwhile()), "inventory", adjust(level, on_hand + 10, on_hand))
    assert answer.doc is not None
    assert answer.doc["written"] == {"onHand": on_hand + 10, "seen": on_hand, "logged": 12, "between": -2}
    assert server.levels()[level].on_hand == on_hand + 10


def test_webhooks_of_an_order_and_an_edit_name_what_changed(server: Server, ear: Ear) -> None:
    ear.heard.clear()
    server.edit_address("20", city="Brühl")
    server.buy_as_guest("BRD-THY", 1)
    assert ear.wait_for('"type":"ALLOCATION"')
    assert ear.wait_for('"event":"CustomerAddressEvent"')
    requests = [WebhookRequest(ear.url, one["headers"], one["body"].encode()) for one in list(ear.heard)]
    settings = {"webhook_secret": server.webhook_secret}
    hints = {(hint.stream, hint.external_id) for request in requests for hint in CONNECTOR.receive(request, settings)}
    assert ("inventory", f"{server.seed['variants']['BRD-THY']}:1") in hints
    assert any(stream == "customers" for stream, _ in hints)


def test_pass_shows_an_order_whose_times_say_nothing(server: Server, dial: Dial) -> None:
    client, far = dial(username="hub@shop.example", password="hub-password", orders_days="9999"), micros("2040-01-01T00:00:00Z")

    def a_pass() -> list[dict[str, str]]:
        tokens = (None, "u0", "r0")
        pages = [CONNECTOR.streams["orders"].page(client, Cursor(far, token)).docs for token in tokens]
        return [{doc["id"]: doc["state"] for doc in page} for page in pages]

    order = server.buy_as_guest("BSK-REE", 1, email="times@checkout.example")
    edited, unfinished, _ = a_pass()
    assert (edited, unfinished[order]) == ({}, "PaymentSettled")
    server.move(server.fulfil(order), "Delivered")
    edited, unfinished, rest = a_pass()
    assert (edited, order in unfinished, rest[order]) == ({}, False, "Delivered")
