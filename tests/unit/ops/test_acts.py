"""What a person asks to be done to an order is done once, from the state in which they saw it, or they are asked."""

from __future__ import annotations

import pytest

from hub.errors import UsageError
from hub.model.record import EntityType
from hub.model.review import ReviewKind
from hub.model.run import Mode
from hub.ops.acts import ask_for, preview_act
from hub.ops.find import find_entity
from hub.ops.modes import set_mode
from hub.ops.reviews import list_reviews, resolve_review
from hub.runtime.outbox import WRITES_STOPPED
from hub.runtime.restored import MAY_BE_DONE, mark
from tests.retailer import Break, Retailer, answer_with, lose_answer, lose_request, meanwhile
from tests.unit.ops.desk import Desk


class Counter(Desk):
    """An operator with one order of the shop that was read."""

    def __init__(self, shops: Retailer) -> None:
        super().__init__(shops)
        shop = shops.shop
        place = shop.add_location("Main")
        _, (variant,) = shop.add_product("Mug", [{"sku": "MUG-1", "price": "10.00"}])
        shop.set_stock(variant, place, 100)
        self.number = shop.order(variant, place, 2)
        shops.poll()
        shops.writes()
        name = f"shop/orders/gid://shopify/Order/{self.number}"
        self.order = self.look(lambda reader: find_entity(reader, EntityType.ORDER, name)).id

    def ask(self, verb: str, **args: object) -> None:
        ask_for(self.office, self.order, verb, args, "kim")

    def state(self, path: str = "state") -> object:
        return self.look(lambda reader: reader.entities([self.order])[self.order].golden[path].value)

    def sent(self) -> list[str]:
        return self.shops.writes()["shop"]

    def questions(self) -> list[str]:
        return [one["hint"].partition(";")[0] for one in self.look(list_reviews) if one["kind"] == ReviewKind.ACT.value]

    def answer(self, word: str) -> None:
        [review] = [one for one in self.shops.reviews() if one.kind is ReviewKind.ACT]
        resolve_review(self.office, review.id, word)

    def happened(self) -> list[str]:
        return [kind for kind in self.shops.happened() if kind.startswith("act ")]


@pytest.fixture
def counter(shops: Retailer) -> Counter:
    return Counter(shops)


def test_order_is_cancelled_in_the_shop_when_a_person_says_so(counter: Counter) -> None:
    counter.ask("cancel", reason="fraud")
    assert [(item.action, item.lines[0]["shown"]) for item in counter.plan()] == [("cancel", "open -> cancelled")]
    counter.shops.settle()
    assert (counter.sent(), counter.state()) == (["orderCancel"], "cancelled")
    assert (counter.plan(), counter.happened()) == ([], ["act asked for", "act done"])
    assert counter.shops.shop.state.orders[counter.number].reason == "FRAUD"


def test_order_is_sent_with_its_tracking_when_a_person_says_so(counter: Counter) -> None:
    counter.ask("fulfil", tracking="JJ1", company="DHL")
    counter.shops.settle()
    assert (counter.sent(), counter.state("fulfilment_state")) == (["fulfillmentCreate"], "fulfilled")
    assert counter.shops.shop.state.orders[counter.number].shipments[0].tracking == {"number": "JJ1", "company": "DHL"}


@pytest.mark.parametrize("verb", ["cancel", "fulfil"])
@pytest.mark.parametrize("fault", [lose_answer, lose_request, answer_with(500), answer_with(503)])
def test_act_is_done_once_when_its_answer_is_lost(counter: Counter, verb: str, fault: Break) -> None:
    counter.shops.wires["shop"].breaks.append(fault)
    counter.ask(verb)
    counter.shops.settle()
    row = counter.shops.shop.state.orders[counter.number]
    assert (row.cancelled is not None, len(row.shipments)) == (verb == "cancel", int(verb == "fulfil"))
    done = [one.action for one in counter.shops.shop.journal if one.actor == "api" and one.kind == "order"]
    assert done == [verb]
    assert (counter.plan(), counter.questions()) == ([], [])


def test_act_is_done_once_when_the_hub_died_after_it_was_sent(counter: Counter) -> None:
    counter.shops.wires["shop"].breaks.append(lose_answer)
    counter.ask("fulfil")
    counter.shops.round()
    counter.shops.restart()
    counter.shops.settle()
    assert len(counter.shops.shop.state.orders[counter.number].shipments) == 1
    assert counter.state("fulfilment_state") == "fulfilled"


def test_act_waits_for_the_shops_job_when_it_takes_its_time(counter: Counter) -> None:
    shop = counter.shops.shop
    shop.jobs_wait = True
    counter.ask("cancel")
    counter.shops.settle(5)
    assert (counter.sent(), counter.state()) == (["orderCancel"], "open")
    shop.run_jobs()
    counter.shops.settle()
    assert (counter.sent(), counter.state(), counter.questions()) == ([], "cancelled", [])


def test_person_is_asked_when_it_never_comes_to_be(counter: Counter) -> None:
    counter.shops.shop.jobs_wait = True
    counter.ask("cancel")
    counter.shops.settle(600)
    assert counter.sent() == ["orderCancel"] * 3
    assert counter.questions() == ["cancel: it was asked for three times, and is not so"]


def ended(counter: Counter) -> list[str]:
    """Return how questions about acts ended."""
    found = counter.look(lambda reader: list_reviews(reader, resolved=True))
    return [one["answer"] for one in found if one["kind"] == ReviewKind.ACT.value]


def test_question_ends_when_what_was_asked_for_is_found_done_after_all(counter: Counter) -> None:
    counter.shops.shop.jobs_wait = True
    counter.ask("cancel")
    counter.shops.settle(600)
    assert len(counter.questions()) == 1
    counter.shops.shop.run_jobs()
    counter.shops.settle(60)
    assert (counter.plan(), counter.happened()[-1]) == ([], "act done")
    assert (counter.questions(), ended(counter)) == ([], ["it is done there"])


def test_question_ends_when_the_system_is_only_watched_from_now_on(counter: Counter) -> None:
    counter.shops.shop.ship(counter.number, units={0: 1})
    counter.ask("fulfil")
    counter.shops.settle(60)
    assert len(counter.questions()) == 1
    set_mode(counter.office, "shop", Mode.OBSERVE)
    assert (counter.questions(), ended(counter)) == ([], ["it can be done no more"])


def test_other_questions_stay_when_an_act_is_done(counter: Counter) -> None:
    counter.shops.shop.ship(counter.number, units={0: 1})
    counter.ask("fulfil")
    counter.shops.settle(60)
    second = Counter(counter.shops)
    second.ask("cancel")
    counter.shops.settle(60)
    assert (second.state(), len(counter.questions()), ended(counter)) == ("cancelled", 1, [])


def test_person_is_asked_when_the_order_is_elsewhere_meanwhile(counter: Counter) -> None:
    """Rule 6.67: a delivery says which state it presumes, and is set aside where the remote is elsewhere."""
    counter.shops.shop.ship(counter.number, units={0: 1})
    counter.ask("fulfil")
    counter.shops.settle(60)
    assert (counter.sent(), counter.questions()) == ([], ["fulfil: it is no longer as it was: fulfilment_state"])
    counter.answer("yes")
    counter.shops.settle()
    assert (counter.sent(), counter.state("fulfilment_state")) == (["fulfillmentCreate"], "fulfilled")


def test_nothing_is_sent_when_it_is_there_already(counter: Counter) -> None:
    """Rule 6.68: "already there" is success."""
    counter.shops.shop.cancel_order(counter.number)
    counter.ask("cancel")
    counter.shops.settle()
    assert (counter.sent(), counter.state(), counter.happened()) == ([], "cancelled", ["act asked for", "act done"])


def test_person_is_asked_when_the_shop_refuses(counter: Counter) -> None:
    counter.shops.wires["shop"].breaks.append(meanwhile(lambda: counter.shops.shop.ship(counter.number)))
    counter.ask("cancel")
    counter.shops.settle(60)
    assert counter.questions() == ["cancel: Shopify does not cancel this order (INVALID)."]
    counter.answer("no")
    counter.shops.settle()
    assert (counter.plan(), counter.state(), counter.happened()[-1]) == ([], "open", "act given up")


def test_person_is_asked_when_the_store_was_restored_while_an_act_was_open(counter: Counter) -> None:
    counter.office.write(lambda unit: unit.set_flag(WRITES_STOPPED, "kim"))
    counter.ask("fulfil")
    counter.office.write(lambda unit: mark(unit, counter.office.clock.now() + 1))
    counter.office.write(lambda unit: unit.set_flag(WRITES_STOPPED, None))
    counter.shops.restart()
    counter.shops.poll(2)
    assert (counter.sent(), counter.questions()) == ([], [f"fulfil: {MAY_BE_DONE}"])


def test_act_is_refused_when_the_order_is_not_so_that_it_can_be_done(counter: Counter) -> None:
    counter.shops.shop.ship(counter.number)
    counter.shops.poll()
    with pytest.raises(UsageError, match="its fulfilment state is fulfilled"):
        counter.ask("cancel")


def test_act_is_refused_when_one_is_under_way(counter: Counter) -> None:
    counter.ask("cancel")
    with pytest.raises(UsageError, match="on its way"):
        counter.ask("fulfil")


def test_act_is_refused_when_its_system_is_only_watched(counter: Counter) -> None:
    set_mode(counter.office, "shop", Mode.OBSERVE)
    with pytest.raises(UsageError, match="only watched"):
        counter.ask("cancel")


def test_act_is_refused_when_its_system_knows_no_such_thing(counter: Counter) -> None:
    with pytest.raises(UsageError, match="not told to paint orders") as refused:
        counter.ask("paint")
    assert refused.value.fix


def test_preview_says_what_would_change_where(counter: Counter) -> None:
    found = counter.look(lambda reader: preview_act(reader, counter.office.ground, counter.order, "cancel", {"reason": "fraud"}))
    assert (found["connection"], found["changes"]) == ("shop", [{"field": "state", "from": "open", "to": "cancelled"}])
    assert counter.plan() == []
