"""A real Vendure, a simulated till and the hub as a process that is killed again and again: what both hold in the end.

Runs where SYNCLINE_LIVE is set (`make live`); the port of Vendure is VENDURE_PORT (4100). The tests follow one another in one
retailer, as days do; each can be run alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import httpx
import pytest

from tests.e2e.process import CLOCK, until
from tests.live.conftest import Say
from tests.live.retailer import LiveRetailer, names

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif("SYNCLINE_LIVE" not in os.environ, reason="starts a real server: set SYNCLINE_LIVE=1 or call `make live`"),
]
SHARED, ALONE = 10, 15
MAKE_AT_SHOP, CHANGE_AT_SHOP, SET_STOCK = "createCustomer", "updateCustomer", "updateProductVariants"
MAKE_AT_TILL, MOVE_STOCK = "POST /v2/customers", "POST /v2/inventory/changes/batch-create"
SOON_S = 60.0
LEVELS_ASK = {("inventory_level", "waiting for your yes")}


@pytest.fixture(scope="module")
def retailer(tmp_path_factory: pytest.TempPathFactory, say: Say) -> Iterator[LiveRetailer]:
    """Return a retailer after its first sync, in the middle of which the hub was killed."""
    retailer = LiveRetailer(tmp_path_factory.mktemp("live"), int(os.environ.get("VENDURE_PORT", "4100")))
    try:
        begin(retailer, say)
        yield retailer
        assert not retailer.till.breaches
    finally:
        retailer.close()


def begin(retailer: LiveRetailer, say: Say) -> None:
    """Let people be there on both sides, some on both; bring them together, with a kill in the middle of two creates."""
    known = sorted(retailer.at_shop().items())
    for email, doc in known[:SHARED]:
        retailer.enrol(doc["firstName"], email, family_name=doc["lastName"])
    for number in range(ALONE):
        retailer.enrol(f"Till{number}", f"till{number}@till.example", family_name="Roux")
    say(f"before: {len(known)} customers in Vendure, {SHARED + ALONE} at the till, {SHARED} of them in both")
    made = [retailer.ways["till"].stop_after(MAKE_AT_TILL, skip=15), retailer.ways["shop"].stop_after(MAKE_AT_SHOP, skip=4)]
    started = CLOCK.elapsed()
    retailer.start()
    until(lambda: all(each.is_here() for each in made))
    half = f"{len(retailer.at_shop())} and {len(retailer.at_till())}"
    retailer.kill()
    for each in made:
        each.let_go()
    retailer.start()
    until(lambda: len(retailer.at_shop()) == len(retailer.at_till()) == len(known) + ALONE)
    until(lambda: set(retailer.variations()) == set(retailer.variants()))
    took_s = CLOCK.elapsed() - started
    retailer.settle()
    say(f"first sync: {len(known) + ALONE} customers, {len(retailer.variations())} variants on each side in {took_s:.0f} s;")
    say(f"  killed with -9 at {half} customers, both answers to a create on their way: made once each")


def dialled(phone: str) -> str:
    """Return a French number as it is dialled from anywhere; what a cashier typed stays as it was typed."""
    return re.sub(r"^0", "+33", phone.replace(" ", ""))


@pytest.fixture(autouse=True)
def running(retailer: LiveRetailer) -> Iterator[None]:
    """Every test begins with a hub at rest and leaves nothing behind that is not agreed on."""
    yield
    retailer.settle()


@pytest.fixture(scope="module")
def counted(retailer: LiveRetailer, say: Say) -> LiveRetailer:
    """Return the retailer once all shelves are open: the shop counts the warehouse, the till counts Lyon, a person says yes."""
    skus, levels = retailer.tracked(), retailer.server.levels()
    for name in ("shop", "till"):
        retailer.ask("connection", "mode", name, "propose", "--yes")
    for place, sku in enumerate(skus):
        there = levels[f"{retailer.server.seed['variants'][sku]}:{retailer.at['lyon'][1]}"]
        retailer.count(sku, there.on_hand + place % 3, "lyon")
        retailer.count(sku, 0, "warehouse")
    differing = len(skus) + sum(place % 3 > 0 for place in range(len(skus)))
    until(lambda: retailer.under_way() == {"deliveries": differing}, SOON_S)
    assert {(item["entity"], item["state"].partition(":")[0]) for item in retailer.ask("plan")} == LEVELS_ASK
    assert retailer.ask("apply", "--all", "--yes")["approved"] == differing
    took_s = until(lambda: not retailer.level_differences("warehouse") and not retailer.level_differences("lyon"), SOON_S)
    for name in ("shop", "till"):
        retailer.ask("connection", "mode", name, "live", "--yes")
    say(f"stock opened: {differing} differing figures waited for a yes, 2 x {len(skus)} levels agree {took_s:.1f} s after it")
    return retailer


def test_first_sync_brings_everybody_to_both_when_killed_in_its_middle(retailer: LiveRetailer) -> None:
    shop, till = retailer.at_shop(), retailer.at_till()
    assert set(till) == set(shop)
    assert len(till) == len(retailer.till.customer_ids())
    assert {email: names(doc) for email, doc in till.items()} == {email: names(doc) for email, doc in shop.items()}
    cities = {email: doc["addresses"][0]["city"] for email, doc in shop.items() if doc["addresses"]}
    assert {email: doc["address"]["locality"] for email, doc in till.items() if "address" in doc} == cities


def test_catalogue_reaches_the_till(retailer: LiveRetailer) -> None:
    prices = {sku: one["price_money"]["amount"] for sku, one in retailer.variations().items()}
    assert prices == {sku: one["priceWithTax"] for sku, one in retailer.variants().items()}
    assert retailer.ask("deadletter", "list") == []  # a draft is shown in its own way at the till


def test_levels_agree_at_both_places_when_a_person_said_yes(counted: LiveRetailer) -> None:
    assert counted.level_differences("warehouse") == counted.level_differences("lyon") == {}


def test_edit_at_vendure_reaches_the_till(retailer: LiveRetailer, say: Say) -> None:
    _, shop_id, till_id = retailer.pick(0)
    retailer.server.edit_customer(shop_id, lastName="Lovelace", phoneNumber="+33123450001")
    lag_s = until(lambda: (retailer.till.customer(till_id) or {})["family_name"] == "Lovelace", SOON_S)
    assert (retailer.till.customer(till_id) or {})["phone_number"] == "+33123450001"
    say(f"edit in Vendure at the till after {lag_s:.1f} s (webhook)")


def test_edit_at_the_till_reaches_vendure(retailer: LiveRetailer, say: Say) -> None:
    _, shop_id, till_id = retailer.pick(1)
    retailer.edit_at_till(till_id, given_name="Zoë", phone_number="01 23 45 00 02")
    lag_s = until(lambda: (retailer.server.customer(shop_id) or {})["firstName"] == "Zoë", SOON_S)
    assert (retailer.server.customer(shop_id) or {})["phoneNumber"] == "+33123450002"
    say(f"edit at the till in Vendure after {lag_s:.1f} s (webhook)")


def test_edits_of_different_fields_both_stand(retailer: LiveRetailer) -> None:
    _, shop_id, till_id = retailer.pick(2)
    retailer.server.edit_customer(shop_id, firstName="Augusta")
    retailer.edit_at_till(till_id, family_name="Lovelace")
    both = {("Augusta", "Lovelace")}
    until(lambda: {names(retailer.server.customer(shop_id) or {}), names(retailer.till.customer(till_id) or {})} == both, SOON_S)


def test_later_edit_of_one_field_stands_on_both_when_the_hub_was_dead(retailer: LiveRetailer, say: Say) -> None:
    _, shop_id, till_id = retailer.pick(3)
    _, other_shop_id, other_till_id = retailer.pick(4)
    retailer.kill()
    retailer.server.edit_customer(shop_id, lastName="Atshop")
    retailer.edit_at_till(other_till_id, family_name="Attill")
    retailer.next_second()
    retailer.edit_at_till(till_id, family_name="Attill")
    retailer.server.edit_customer(other_shop_id, lastName="Atshop")
    retailer.start()
    lag_s = until(lambda: (retailer.server.customer(shop_id) or {})["lastName"] == "Attill", SOON_S)
    until(lambda: (retailer.till.customer(other_till_id) or {})["family_name"] == "Atshop", SOON_S)
    retailer.settle()
    assert (retailer.till.customer(till_id) or {})["family_name"] == "Attill"
    assert (retailer.server.customer(other_shop_id) or {})["lastName"] == "Atshop"
    say(f"two fields edited on both sides while the hub was dead: the later edit of each on both, {lag_s:.1f} s after its start")


def test_address_edits_reach_the_other_side(retailer: LiveRetailer) -> None:
    (one, doc), (other, _) = [pair for pair in sorted(retailer.at_shop().items()) if pair[1]["addresses"]][5:7]
    retailer.server.edit_address(doc["addresses"][0]["id"], city="Brühl")  # moves nothing but the address: only its webhook tells
    retailer.edit_at_till(retailer.at_till()[other]["id"], address={"locality": "Villeurbanne"})
    until(lambda: retailer.at_till()[one]["address"]["locality"] == "Brühl", SOON_S)
    until(lambda: retailer.at_shop()[other]["addresses"][0]["city"] == "Villeurbanne", SOON_S)


def test_customer_made_at_the_till_appears_in_vendure(retailer: LiveRetailer, say: Say) -> None:
    home = {"address_line_1": "Rue 9", "locality": "Lyon", "postal_code": "69001", "country": "FR"}
    retailer.enrol("Neu", "neu@till.example", family_name="Kunde", address=home)
    lag_s = until(lambda: retailer.at_shop().get("neu@till.example", {"addresses": []})["addresses"], SOON_S)
    doc = retailer.at_shop()["neu@till.example"]
    assert (names(doc), [one["city"] for one in doc["addresses"]]) == (("Neu", "Kunde"), ["Lyon"])
    say(f"customer made at the till in Vendure after {lag_s:.1f} s (our mark in externalRef makes the create safe)")


def test_customer_made_at_the_till_waits_for_a_yes_when_the_shop_may_only_be_proposed_to(
    retailer: LiveRetailer, say: Say
) -> None:
    retailer.ask("connection", "mode", "shop", "propose", "--yes")
    retailer.enrol("Frage", "frage@till.example")
    until(lambda: retailer.under_way() == {"deliveries": 1}, SOON_S)
    rounds = retailer.rounds()
    until(lambda: retailer.rounds() > rounds + 1, SOON_S)
    assert "frage@till.example" not in retailer.at_shop()
    (item,) = retailer.ask("plan", "--connection", "shop")
    assert (item["action"], item["state"]) == ("create", "waiting for your yes")
    retailer.ask("apply", str(item["id"]), "--yes")
    lag_s = until(lambda: "frage@till.example" in retailer.at_shop(), SOON_S)
    retailer.ask("connection", "mode", "shop", "live", "--yes")
    say(f"under `propose` the create waited for a yes, and was there {lag_s:.1f} s after it")


def test_customer_is_made_once_when_killed_in_the_middle_of_the_create(retailer: LiveRetailer, say: Say) -> None:
    stopped = retailer.ways["shop"].stop_after(MAKE_AT_SHOP)
    tries = retailer.ways["shop"].writes[MAKE_AT_SHOP]
    retailer.enrol("Phoenix", "phoenix@till.example")
    until(stopped.is_here, SOON_S)
    retailer.kill()
    stopped.let_go()
    till_id = retailer.at_till()["phoenix@till.example"]["id"]
    retailer.edit_at_till(till_id, family_name="Nach")
    retailer.start()
    lag_s = until(lambda: names(retailer.at_shop()["phoenix@till.example"]) == ("Phoenix", "Nach"), SOON_S)
    retailer.settle()
    assert [one["email_address"] for one in retailer.at_till().values()].count("phoenix@till.example") == 1
    assert retailer.ways["shop"].writes[MAKE_AT_SHOP] == tries + 1
    say(f"killed with -9 in a create: one record, found by its mark, with the edit made meanwhile {lag_s:.1f} s after the start")


def test_write_that_arrives_after_its_sender_died_is_taken_for_ours(retailer: LiveRetailer) -> None:
    _, shop_id, till_id = retailer.pick(6)
    stopped = retailer.ways["shop"].stop_before(CHANGE_AT_SHOP)
    retailer.edit_at_till(till_id, given_name="Vorher")
    until(stopped.is_here, SOON_S)
    retailer.kill()
    retailer.server.edit_customer(shop_id, lastName="Anders")
    retailer.edit_at_till(till_id, given_name="Nachher")
    stopped.let_go()
    assert (retailer.server.customer(shop_id) or {})["firstName"] == "Vorher"
    retailer.start()
    wanted = {("Nachher", "Anders")}
    until(
        lambda: {names(retailer.server.customer(shop_id) or {}), names(retailer.till.customer(till_id) or {})} == wanted, SOON_S
    )


def test_price_edit_at_vendure_reaches_the_till(retailer: LiveRetailer, say: Say) -> None:
    retailer.server.edit_variant(retailer.server.seed["variants"]["TEE-M"], price=4321)
    wanted = retailer.variants()["TEE-M"]["priceWithTax"]
    lag_s = until(lambda: retailer.variations()["TEE-M"]["price_money"]["amount"] == wanted, SOON_S)
    say(f"price set in Vendure at the till after {lag_s:.1f} s")


def test_order_at_vendure_reaches_the_till_and_a_sale_there_comes_back(counted: LiveRetailer, say: Say) -> None:
    on_hand, allocated, free = counted.units("TEE-L")
    assert free == on_hand - allocated
    order = counted.server.buy_as_guest("TEE-L", 2)
    lag_s = until(lambda: counted.units("TEE-L") == (on_hand, allocated + 2, free - 2), SOON_S)
    say(f"order of 2 in Vendure's shop: till shows {free} -> {free - 2} after {lag_s:.1f} s (stock webhook)")
    counted.server.fulfil(order)
    counted.settle()
    assert counted.units("TEE-L") == (on_hand - 2, allocated, free - 2)
    counted.sell("TEE-L", 1)
    lag_s = until(lambda: counted.units("TEE-L") == (on_hand - 3, allocated, free - 3), SOON_S)
    say(f"sale of 1 at the till: Vendure shows {on_hand - 2} -> {on_hand - 3} after {lag_s:.1f} s")


def test_order_reaches_the_till_by_the_full_read_when_no_webhook_comes(counted: LiveRetailer, say: Say) -> None:
    on_hand, allocated, free = counted.units("CHI-DUN-30")
    with counted.no_webhooks():
        order = counted.server.buy_as_guest("CHI-DUN-30", 1)
        lag_s = until(lambda: counted.units("CHI-DUN-30") == (on_hand, allocated + 1, free - 1), SOON_S)
        counted.server.cancel(order)
        back_s = until(lambda: counted.units("CHI-DUN-30") == (on_hand, allocated, free), SOON_S)
    say(f"without webhooks: an order after {lag_s:.1f} s, its cancellation after {back_s:.1f} s (all variants read every 3 s)")


def test_sales_on_both_sides_add_up_when_they_meet(counted: LiveRetailer) -> None:
    on_hand, allocated, free = counted.units("BOO-LAR-42")
    for _ in range(3):
        counted.sell("BOO-LAR-42", 1)
        counted.server.fulfil(counted.server.buy_as_guest("BOO-LAR-42", 2))
        counted.sell("BOO-LAR-42", 1)
    until(lambda: counted.units("BOO-LAR-42") == (on_hand - 12, allocated, free - 12), SOON_S)


def test_no_unit_is_lost_when_killed_while_stock_is_set_in_vendure(counted: LiveRetailer, say: Say) -> None:
    on_hand, allocated, free = counted.units("COF-OAK-1KG")
    stopped = counted.ways["shop"].stop_after(SET_STOCK)
    counted.sell("COF-OAK-1KG", 2)
    until(stopped.is_here, SOON_S)
    counted.kill()
    stopped.let_go()
    counted.sell("COF-OAK-1KG", 1)
    counted.server.fulfil(counted.server.buy_as_guest("COF-OAK-1KG", 3))
    counted.start()
    lag_s = until(lambda: counted.units("COF-OAK-1KG") == (on_hand - 6, allocated, free - 6), SOON_S)
    (question,) = counted.ask("review", "list")  # Vendure logs no sender: the hub counted right, and asks for a look at the shelf
    assert question["kind"] == "count"
    counted.ask("review", "resolve", str(question["id"]), str(on_hand - 6))
    counted.settle()
    assert counted.units("COF-OAK-1KG") == (on_hand - 6, allocated, free - 6)
    say(f"killed with -9 while setting stock, 4 more sold meanwhile: all 6 counted once {lag_s:.1f} s after the start,")
    say("  and one question, as Vendure names no sender: how many are on the shelf? Answered, nothing moved")


def test_no_unit_is_counted_twice_when_killed_while_stock_is_moved_at_the_till(counted: LiveRetailer) -> None:
    on_hand, allocated, free = counted.units("GLO-CLO-M")
    stopped = counted.ways["till"].stop_after(MOVE_STOCK)
    counted.server.buy_as_guest("GLO-CLO-M", 4)
    until(stopped.is_here, SOON_S)
    counted.kill()
    stopped.let_go()
    counted.sell("GLO-CLO-M", 1)
    counted.start()
    until(lambda: counted.units("GLO-CLO-M") == (on_hand - 1, allocated + 4, free - 5), SOON_S)


def test_sale_in_lyon_reaches_vendure(counted: LiveRetailer) -> None:
    on_hand, allocated, free = counted.units("SCA-FER-RUST", "lyon")
    counted.sell("SCA-FER-RUST", 2, "lyon")
    until(lambda: counted.units("SCA-FER-RUST", "lyon") == (on_hand - 2, allocated, (free or 0) - 2), SOON_S)


def test_webhook_is_refused_when_somebody_else_signed_it(retailer: LiveRetailer) -> None:
    answer = httpx.post(
        f"http://127.0.0.1:{retailer.port}/webhooks/shop",
        json={"id": "1", "event": "CustomerEvent", "entity": {"id": 1}},
        headers={"x-vendure-signature": "sha256=" + "0" * 64},
        trust_env=False,
    )
    assert answer.status_code == 401


def test_everything_agrees_and_rests_at_the_end(counted: LiveRetailer, say: Say) -> None:
    counted.settle(rounds=3)
    shop, till = counted.at_shop(), counted.at_till()
    assert {email: names(doc) for email, doc in till.items()} == {email: names(doc) for email, doc in shop.items()}
    said = {email: (doc["phoneNumber"] or "").replace(" ", "") for email, doc in shop.items()}
    phones = {email: phone for email, phone in said.items() if phone.startswith("+33")}
    assert {email: dialled(till[email]["phone_number"]) for email in phones} == phones
    prices = {sku: one["price_money"]["amount"] for sku, one in counted.variations().items()}
    assert prices == {sku: one["priceWithTax"] for sku, one in counted.variants().items()}
    assert counted.level_differences("warehouse") == counted.level_differences("lyon") == {}
    status = counted.ask("status")
    assert status["needs_you"] == {"questions": 0, "dead_letters": 0, "asking": 0, "paused": 0}
    answers = counted.server.webhooks()
    assert set(answers) <= {"200", "error: ECONNREFUSED", "error: ECONNRESET", "error: UND_ERR_SOCKET"}
    code, took_s = counted.stop()
    counted.start()
    assert code == 0
    levels = len(counted.tracked())
    values = 3 * len(shop) + len(prices) + 2 * levels
    say(f"end: {len(shop)} customers, {len(prices)} prices, 2 x {levels} levels: {values} values agree on both sides;")
    say(f"  nothing under way, no question open, SIGTERM ended the hub in {took_s:.1f} s")
    say(f"Vendure's webhooks: {answers['200']} accepted, {answers.total() - answers['200']} found the hub dead")
    written = {name: way.writes.total() for name, way in counted.ways.items()}
    say(f"the hub wrote {written['shop']} times to Vendure, {written['till']} times to the till")
