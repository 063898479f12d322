"""The oracle of the demo sees what went wrong: a lost edit, a unit sold twice, a customer who is missing, a deal made twice."""

from __future__ import annotations

import pytest

from demo.oracle import judge
from demo.verdict import Systems, Verdict
from demo.world import Shelf, Size, World, build, crm_words, desk_words, new_person, shop_words, stocktake, till_words
from hub.model.values import SECOND
from tests.unit.clocks import StillClock

START = 1_782_896_400 * SECOND
API = "api"


class Pair:
    """A shop, a till, a CRM and a help desk that agree in everything, as a hub leaves them."""

    def __init__(self) -> None:
        self.clock = StillClock(START)
        self.world: World = build(1, self.clock.now, Size(products=2, both=0, shop_only=0, till_only=0))
        self.shop, self.till, self.crm, self.desk = self.world.shop, self.world.till, self.world.crm, self.world.desk
        for _ in range(5):
            person = new_person(self.world)
            self.shop.add_customer(**shop_words(person))
            self.till.add_customer(**till_words(person))
            self.crm.add_contact(**crm_words(person))
            known = desk_words(person)
            self.desk.add_user(known.pop("name"), **known)
        for product in self.shop.products():
            rows = [self.shop.variant(each) or {} for each in product["variants"]]
            wanted = [{"sku": row["sku"], "upc": row["barcode"], "price_minor": cents(row["price"])} for row in rows]
            self.till.add_item(product["title"], wanted, actor=API, description_html=product["descriptionHtml"])
        stocktake(self.world)
        for shelf in self.world.shelves:
            self.move_shop(shelf, (self.till.level(shelf.variation, shelf.till_place) or 0) - self.on_hand(shelf))
        self.clock.sleep(60)
        self.since = self.clock.now()
        self.clock.sleep(1)
        self.shop_id = self.shop.customers()[0]["id"]
        self.till_id = self.till.customer_ids()[0]
        self.crm_id = self.crm.contact_ids()[0]
        self.desk_id = next(each for each in self.desk.user_ids() if each not in self.world.agents)
        self.shelf = self.world.shelves[0]

    def judge(self) -> Verdict:
        """Ask the oracle."""
        return judge(Systems(self.shop, self.till, self.crm, self.desk), self.since)

    def why(self) -> list[tuple[str, str, str]]:
        """Return what, field and reason of every difference."""
        return [(each.what, each.field, each.why.partition(":")[0]) for each in self.judge().differences]

    def on_hand(self, shelf: Shelf) -> int:
        """Return the units that the shop shows."""
        return (self.shop.level(shelf.variant, shelf.shop_place) or {})["on_hand"]

    def sold(self) -> None:
        """Sell one unit at the till, to nobody known, with its deal."""
        order = self.till.ring_up([(self.shelf.variation, 1)], self.shelf.till_place)
        deal = self.deal(order, f"{self.till.order(order)['total_money']['amount'] / 100:.2f}", contact="")
        self.crm.edit("0-3", deal, actor=API, dealstage="closedwon")

    def ordered(self, *, deal: bool = True, amount: str = "25.80", contact: str = "") -> int:
        """Let the first customer order two mugs, and show it everywhere as the hub does."""
        number = self.shop.order(self.shelf.variant, self.world.shop_places["warehouse"], 2, customer=self.shop_id)
        if deal:
            self.deal("#1001", amount, contact or self.crm_id)
        self.show()
        return number

    def deal(self, number: str, amount: str, contact: str = "") -> str:
        """Make a deal."""
        words = {"dealname": number, "amount": amount, "dealstage": "contractsent"}
        return self.crm.add("0-3", actor=API, contact=contact, **words)

    def show(self, spent: str = "25.80") -> None:
        """Tell the help desk of the first order."""
        line = "Order #1001, 2026-07-01, 25.80 EUR, open\n1 order in all, 25.80 EUR spent"
        fields = {"orders": 1, "spent": spent, "last_order": "#1001", "shop_context": line}
        self.desk.edit_user(self.desk_id, actor=API, user_fields=fields)

    def move_shop(self, shelf: Shelf, delta: int) -> None:
        """Move stock in the shop as the hub does."""
        self.shop.adjust_stock(shelf.variant, shelf.shop_place, delta, actor=API)

    def move_till(self, shelf: Shelf, sold: int) -> None:
        """Take units from the till as the hub does."""
        self.till.sell(shelf.variation, shelf.till_place, sold, actor=API)


def cents(price: str) -> int:
    """Return a price in cents."""
    return round(float(price) * 100)


@pytest.fixture
def pair() -> Pair:
    return Pair()


def test_judge_finds_nothing_when_both_agree(pair: Pair) -> None:
    verdict = pair.judge()
    assert verdict.differences == []
    assert verdict.compared["customer"] >= 5 * 17
    assert verdict.compared["product"] == 2 * 3
    assert verdict.compared["variant"] == 8 * 3
    assert verdict.compared["stock"] == 8 * 3 * 2 + 8


def test_judge_counts_what_people_do_when_they_act(pair: Pair) -> None:
    pair.shop.edit_customer(pair.shop_id, note="by a person")
    pair.till.edit_customer(pair.till_id, actor=API, note="by a person")
    pair.desk.edit_user(pair.desk_id, actor=API, notes="by a person")
    pair.sold()
    pair.move_shop(pair.shelf, -1)
    verdict = pair.judge()
    assert verdict.differences == []
    assert (verdict.edits["shop"], verdict.edits["till"], verdict.sales["till"], verdict.sales["shop"]) == (1, 0, 1, 0)
    assert verdict.units["moved at the till"] == -1


def test_judge_finds_a_value_when_it_was_not_carried_over(pair: Pair) -> None:
    pair.crm.edit_contact(pair.crm_id, lastname="Neu")
    assert pair.why() == [("customer", "family name", "the systems differ")]


def test_judge_finds_a_lost_edit_when_both_show_what_was_before(pair: Pair) -> None:
    before = (pair.shop.customer(pair.shop_id) or {})["lastName"]
    pair.shop.edit_customer(pair.shop_id, lastName="Neu")
    pair.clock.sleep(1)
    pair.shop.edit_customer(pair.shop_id, actor=API, lastName=before)
    assert pair.why() == [("customer", "family name", "an edit was lost")]


def test_judge_finds_a_lost_edit_when_it_stood_on_the_one_that_won(pair: Pair) -> None:
    pair.shop.edit_customer(pair.shop_id, note="first")
    pair.till.edit_customer(pair.till_id, actor=API, note="first")
    pair.desk.edit_user(pair.desk_id, actor=API, notes="first")
    pair.till.edit_customer(pair.till_id, note="second")
    pair.till.edit_customer(pair.till_id, actor=API, note="first")
    assert pair.why() == [("customer", "note", "an edit was lost")]


def test_judge_accepts_either_edit_when_both_sides_made_one_at_once(pair: Pair) -> None:
    pair.shop.edit_customer(pair.shop_id, note="here")
    pair.till.edit_customer(pair.till_id, note="there")
    pair.shop.edit_customer(pair.shop_id, actor=API, note="there")
    pair.desk.edit_user(pair.desk_id, actor=API, notes="there")
    verdict = pair.judge()
    assert (verdict.differences, verdict.both_edited) == ([], 1)


def test_judge_finds_a_price_when_the_till_kept_what_was_typed(pair: Pair) -> None:
    pair.till.edit_price(pair.shelf.variation, 1)
    assert pair.why() == [("variant", "price", "the systems differ")]


def test_judge_finds_a_double_sale_when_one_was_taken_off_twice(pair: Pair) -> None:
    pair.till.sell(pair.shelf.variation, pair.shelf.till_place, 1)
    pair.move_shop(pair.shelf, -2)
    assert pair.why() == [("stock", "for sale in the shop", "not opening + journals - kept")]


def test_judge_finds_units_when_both_agree_on_too_few(pair: Pair) -> None:
    pair.move_shop(pair.shelf, -1)
    pair.move_till(pair.shelf, 1)
    assert [what for what, *_ in pair.why()] == ["stock", "stock"]


def test_judge_finds_units_when_the_warehouse_was_touched(pair: Pair) -> None:
    pair.shop.adjust_stock(pair.shelf.variant, pair.world.shop_places["warehouse"], -1, actor=API)
    assert pair.why() == [("stock", "on hand", "units appeared or went")]


def test_judge_subtracts_what_is_kept_for_orders(pair: Pair) -> None:
    pair.shop.order(pair.shelf.variant, pair.shelf.shop_place, 2)
    pair.deal("#1001", "25.80")
    assert pair.why() == [("stock", "for sale at the till", "not opening + journals - kept")]
    pair.move_till(pair.shelf, 2)
    assert pair.why() == []


def test_judge_finds_a_customer_when_one_system_misses_it(pair: Pair) -> None:
    pair.shop.delete_customer(pair.shop_id)
    assert pair.why() == [("customer", "", "one system does not have it")]


def test_judge_finds_a_subscriber_when_they_unsubscribed_at_the_till(pair: Pair) -> None:
    pair.till.unsubscribe(pair.till_id)
    email = (pair.shop.customer(pair.shop_id) or {})["email"]
    assert [(each.key, each.field) for each in pair.judge().differences] == [(email, "marketing e-mail")]


def test_judge_weaves_an_address_when_two_lines_were_edited_at_once(pair: Pair) -> None:
    address = (pair.shop.customer(pair.shop_id) or {})["addresses"][0]
    pair.shop.edit_address(pair.shop_id, address["id"], address1="Neu 1")
    pair.till.edit_customer(pair.till_id, address={"address_line_2": "Apt 1"})
    pair.shop.edit_address(pair.shop_id, address["id"], actor=API, address2="Apt 1")
    pair.till.edit_customer(pair.till_id, actor=API, address={"address_line_1": "Neu 1"})
    pair.crm.edit_contact(pair.crm_id, actor=API, address="Neu 1")
    assert pair.why() == []


# ---- documents


def test_judge_finds_an_order_when_it_has_no_deal(pair: Pair) -> None:
    pair.ordered(deal=False)
    assert ("deal", "how many", "not exactly one deal") in pair.why()


def test_judge_finds_a_deal_when_it_was_made_twice(pair: Pair) -> None:
    pair.ordered()
    pair.deal("#1001", "25.80")
    assert pair.why() == [("deal", "how many", "not exactly one deal")]


def test_judge_finds_a_deal_when_it_is_a_cent_off_or_somebody_elses(pair: Pair) -> None:
    pair.ordered(amount="25.81", contact=pair.crm.contact_ids()[1])
    assert [(what, field) for what, field, _ in pair.why()] == [("deal", "amount"), ("deal", "whose")]


def test_judge_finds_a_refund_when_the_shop_booked_it_twice(pair: Pair) -> None:
    number = pair.ordered()
    pair.till.refund_cash("#1001", 500, pair.shelf.till_place)
    pair.shop.refund(number, "5.00", actor=API)
    assert [what for what, *_ in pair.why()] == ["shown to agents", "shown to agents"]  # nobody told the help desk yet
    pair.shop.refund(number, "5.00", actor=API)
    assert ("refund", "booked in the shop", "not booked once, to the cent") in pair.why()


def test_judge_finds_a_sum_when_agents_see_a_cent_less(pair: Pair) -> None:
    pair.ordered()
    pair.show(spent="25.79")
    assert [(each.what, each.field) for each in pair.judge().differences] == [("shown to agents", "spent")]


def test_judge_accepts_the_till_when_the_crm_cannot_have_seen_what_was_edited_there(pair: Pair) -> None:
    address = (pair.shop.customer(pair.shop_id) or {})["addresses"][0]
    pair.till.edit_customer(pair.till_id, address={"address_line_2": "Apt 1"})
    pair.clock.sleep(1)
    pair.crm.edit_contact(pair.crm_id, address="Neu 1")  # it has no second line
    pair.shop.edit_address(pair.shop_id, address["id"], actor=API, address2="Apt 1")
    pair.crm.edit_contact(pair.crm_id, actor=API, address=address["address1"])
    assert pair.why() == []
