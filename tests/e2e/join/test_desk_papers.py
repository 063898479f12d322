"""What was bought in a shop, shown in a help desk's tickets and users before an agent asks; tickets and messages, each once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

import httpx
import pytest

from connectors.zendesk import CONNECTOR, ZendeskFake
from hub.config import Belonging, Config, ConnectionConfig, Create, Start
from hub.mapping import load
from hub.model.documents import Document
from hub.model.link import LinkKey
from hub.model.record import EntityType
from hub.model.values import Doc
from hub.runtime.assemble import load_tables
from hub.sdk import WebhookRequest
from hub.sdk.webhooks import Receipt
from tests.e2e.join.test_crm_papers import CUSTOMERS, ORDERS, Counter
from tests.e2e.join.test_desk import watched
from tests.retailer import PUBLIC, ROOT, START, Driven, lose_answer, meanwhile
from tests.unit.clocks import StillClock

T = TypeVar("T")

SETTINGS: Final = {"base_url": "https://desk.test", "access_token": "desk-token", "webhook_secret": "desk-secret"}
CONTEXT, ORDER = 360000000001, 360000000002
USER_FIELDS: Final = ("orders", "spent", "last_order", "shop_context")


class Office(Driven):
    """A shop and a help desk. Its mapping files are the shipped ones with the lines for one's own fields put in use."""

    def __init__(self, folder: Path) -> None:
        self.clock: StillClock = StillClock(START)
        self.shop = Counter()
        self.desk = ZendeskFake(
            self.clock.now,
            webhook_url=f"{PUBLIC}/webhooks/desk",
            token=SETTINGS["access_token"],
            secret=SETTINGS["webhook_secret"],
            user_fields=USER_FIELDS,
            ticket_fields=(CONTEXT, ORDER, 7),
        )
        own = folder / "mappings" / "zendesk"
        own.mkdir(parents=True)
        for path in sorted((ROOT / "mappings" / "zendesk").glob("*.yaml")):
            lines = [line for line in path.read_text("utf-8").splitlines() if "custom.shoe_size" not in line]
            (own / path.name).write_text("\n".join(lines).replace("#   ", "  "), "utf-8")
        always = {EntityType.CUSTOMER: Belonging(create=Create.ALWAYS)}
        live = {"start": Start.LIVE, "every_s": 30.0}
        config = Config(
            connections={
                "shop": ConnectionConfig(connector="counter", seed_rank=1, **live),
                "desk": ConnectionConfig(connector="zendesk", settings=SETTINGS, seed_rank=2, entities=always, **live),
            }
        )
        counter = {name: load(text, f"{name}.yaml") for name, text in (("customers", CUSTOMERS), ("orders", ORDERS))}
        tables = {"counter": counter, "zendesk": load_tables([own.parent], "zendesk")}
        transports = {"shop": httpx.MockTransport(lambda _: httpx.Response(404)), "desk": watched(self.desk)}
        super().__init__(folder, config, {"shop": self.shop, "desk": CONNECTOR}, tables, transports, self.clock)
        self.ada = self.shop.person("Ada")
        self.settle()
        (self.user,) = self.desk.user_ids()
        self.kim = self.desk.add_user("Kim", email="kim@desk.example", role="agent")
        self.poll(3)

    def shown(self, ticket: str) -> Any:
        """Return what the ticket's context field shows."""
        fields = (self.desk.ticket(ticket) or {})["custom_fields"]
        return next(field["value"] for field in fields if field["id"] == CONTEXT)

    def hear(self) -> set[Receipt]:
        """Bring the desk's waiting events to the hub."""
        hooks = self.desk.take_webhooks()
        return {self.hub.receive("desk", WebhookRequest(self.desk.webhook_url, hook.headers, hook.body)) for hook in hooks}

    def look(self, at: Callable[[Any], T]) -> T:
        """Look into the store."""
        return self.hub.writer.submit(at).result()

    def papers(self) -> list[Document]:
        """Return Ada's documents."""

        def at(unit: Any) -> list[Document]:
            [link] = unit.links([LinkKey("desk", "users", self.user)]).values()
            found: list[Document] = unit.documents_of("customer", [link.entity_id])
            return found

        return self.look(at)

    def messages(self, ticket: str) -> list[str | None]:
        """Return the direction of every message of a ticket."""

        def at(unit: Any) -> list[str | None]:
            [link] = unit.links([LinkKey("desk", "tickets", ticket)]).values()
            return [one.state for one in unit.documents_of("ticket", [link.entity_id])]

        return self.look(at)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    running = Office(tmp_path)
    yield running
    running.close()


def _ask(office: Office, **fields: Any) -> str:
    ticket = office.desk.add_ticket(office.user, "Where is it?", "I am waiting.", **fields)
    assert office.hear() == {Receipt.ACCEPTED}
    office.settle(20)
    return ticket


def _assert_quiet(office: Office) -> None:
    assert office.hub.open_items() == []
    office.writes()
    office.poll(4)
    assert office.writes()["desk"] == []


def test_ticket_shows_what_was_bought_within_seconds_of_coming_in(office: Office) -> None:
    office.shop.sell(office.clock.now(), 4990, office.ada)
    office.poll()
    ticket = _ask(office)
    assert office.shown(ticket) == "Order #1001, 2026-07-01, 49.90 EUR, open\n1 order in all, 49.90 EUR spent\n1 open ticket"
    _assert_quiet(office)


def test_ticket_follows_when_the_order_moves_on(office: Office) -> None:
    order = office.shop.sell(office.clock.now(), 4990, office.ada)
    office.poll()
    ticket = _ask(office)
    office.shop.change(order, state="done")
    office.poll(2)
    assert office.shown(ticket).startswith("Order #1001, 2026-07-01, 49.90 EUR, completed\n")
    _assert_quiet(office)


def test_what_an_agent_types_over_it_is_put_right_and_the_rest_is_theirs(office: Office) -> None:
    office.shop.sell(office.clock.now(), 4990, office.ada)
    office.poll()
    ticket = _ask(office)
    shown = office.shown(ticket)
    office.clock.sleep(30)
    fields = [{"id": CONTEXT, "value": "oops"}, {"id": 7, "value": "mine"}]
    office.desk.edit_ticket(ticket, subject="Parcel", priority="high", custom_fields=fields)
    office.poll(4)
    kept = office.desk.ticket(ticket) or {}
    assert (office.shown(ticket), kept["subject"], kept["priority"]) == (shown, "Parcel", "high")
    assert {"id": 7, "value": "mine"} in kept["custom_fields"]
    _assert_quiet(office)


def test_agent_who_writes_at_the_same_moment_loses_nothing(office: Office) -> None:
    office.shop.sell(office.clock.now(), 4990, office.ada)
    office.poll()
    office.wires["desk"].breaks = [meanwhile(lambda: _reply(office))]
    ticket = _ask(office)
    office.poll(4)
    assert office.shown(ticket).startswith("Order #1001")
    assert [comment["body"] for comment in office.desk.comments(ticket)] == ["I am waiting.", "On its way."]
    _assert_quiet(office)


def _reply(office: Office) -> None:
    office.clock.sleep(2)
    office.desk.reply(office.desk.ticket_ids()[-1], "On its way.", author=office.kim, status="pending")


def test_user_shows_what_was_bought(office: Office) -> None:
    for total in (4990, 1250):
        office.shop.sell(office.clock.now(), total, office.ada)
        office.clock.sleep(60)
    office.poll(4)
    fields = (office.desk.user(office.user) or {})["user_fields"]
    assert {name: str(value) for name, value in fields.items()} == {
        "orders": "2",
        "spent": "62.40",
        "last_order": "#1002",
        "shop_context": "Order #1002, 2026-07-01, 12.50 EUR, open\nOrder #1001, 2026-07-01, 49.90 EUR, open\n"
        "2 orders in all, 62.40 EUR spent",
    }
    _assert_quiet(office)


def test_every_message_is_taken_in_once_however_often_it_is_read(office: Office) -> None:
    ticket = _ask(office)
    office.desk.reply(ticket, "On its way.", author=office.kim, status="pending")
    office.desk.reply(ticket, "Ask the carrier", author=office.kim, public=False)
    office.desk.reply(ticket, "Thanks!", author=office.user)
    assert office.hear() == {Receipt.ACCEPTED}
    office.settle(20)
    office.poll(4)
    assert office.messages(ticket) == ["inbound", "outbound", "internal", "inbound"]
    assert [(one.type, one.state) for one in office.papers() if one.type is EntityType.TICKET] == [(EntityType.TICKET, "open")]
    _assert_quiet(office)


def test_ticket_of_somebody_new_makes_a_customer_of_its_own_and_hangs_on_it(office: Office) -> None:
    stranger = office.desk.add_user("Cy Roux", email="cy@x.example")
    ticket = office.desk.add_ticket(stranger, "Do you ship?", "Hello")
    office.poll(4)

    def at(unit: Any) -> tuple[Any, Any]:
        links = unit.links([LinkKey("desk", "tickets", ticket), LinkKey("desk", "users", stranger)])
        entity = links[LinkKey("desk", "tickets", ticket)].entity_id
        return unit.entities([entity])[entity].refs.get("customer"), links[LinkKey("desk", "users", stranger)].entity_id

    customer, person = office.look(at)
    assert customer == person
    _assert_quiet(office)


def test_ticket_names_its_order_by_the_number_in_its_form(office: Office) -> None:
    order = office.shop.sell(office.clock.now(), 4990, office.ada)
    office.poll()
    ticket = _ask(office, custom_fields=[{"id": ORDER, "value": f"#{order}"}])

    def at(unit: Any) -> Doc:
        [link] = unit.links([LinkKey("desk", "tickets", ticket)]).values()
        refs: Doc = unit.entities([link.entity_id])[link.entity_id].refs
        return refs

    orders = [one.entity_id for one in office.papers() if one.type is EntityType.ORDER]
    assert office.look(at)["order"] == orders[0]


def test_solved_ticket_is_left_alone_by_later_orders(office: Office) -> None:
    ticket = _ask(office)
    office.desk.reply(ticket, "Done.", author=office.kim, status="solved")
    office.poll(4)
    before = office.shown(ticket)
    office.shop.sell(office.clock.now(), 4990, office.ada)
    office.poll(4)
    assert office.shown(ticket) == before
    _assert_quiet(office)


def test_context_is_written_once_when_an_answer_is_lost(office: Office) -> None:
    office.shop.sell(office.clock.now(), 4990, office.ada)
    office.poll()
    office.wires["desk"].breaks = [lose_answer]
    ticket = _ask(office)
    office.poll(4)
    assert office.shown(ticket).startswith("Order #1001")
    _assert_quiet(office)
