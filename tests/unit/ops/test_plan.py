"""Propose: nothing goes without a yes, a yes covers a line as it was shown, and a line that changed is shown again."""

from __future__ import annotations

import pytest

from hub.errors import UsageError
from hub.model.run import Mode
from hub.ops.modes import set_mode
from hub.ops.plan import approve
from tests.retailer import Retailer
from tests.unit.ops.desk import Desk, all_lines

ADA = {"firstName": "Ada", "lastName": "Berg", "email": "ada@example.org"}


def known_at_both(shops: Retailer) -> tuple[Desk, str]:
    """Return a desk and a customer's id at the shop; the till holds her too and is on trial."""
    ada = shops.shop.add_customer(**ADA)
    shops.settle()
    desk = Desk(shops)
    set_mode(desk.office, "till", Mode.PROPOSE)
    shops.writes()
    return desk, ada


def test_change_waits_for_a_yes_when_the_connection_is_on_trial(shops: Retailer) -> None:
    desk, ada = known_at_both(shops)
    shops.shop.edit_customer(ada, lastName="Holm")
    shops.poll()
    assert desk.lines() == {"family_name": "Berg -> Holm"}
    assert [item.state for item in desk.plan()] == ["waiting for your yes"]
    assert shops.writes()["till"] == []
    assert approve(desk.office, all_lines(desk.plan()), "eve") == {"plan": 1, "approved": 1, "changed": 0}
    shops.poll()
    assert shops.at_till()["ada@example.org"]["family_name"] == "Holm"
    assert desk.plan() == []


def test_yes_sends_only_its_lines_when_others_were_left_out(shops: Retailer) -> None:
    desk, ada = known_at_both(shops)
    shops.shop.edit_customer(ada, firstName="Adah", lastName="Holm")
    shops.poll()
    approve(desk.office, all_lines(desk.plan(), "family_name"), "eve")
    shops.poll()
    there = shops.at_till()["ada@example.org"]
    assert (there["given_name"], there["family_name"]) == ("Ada", "Holm")
    assert desk.lines() == {"given_name": "Ada -> Adah"}


def test_yes_is_void_when_the_line_changed_since_it_was_shown(shops: Retailer) -> None:
    desk, ada = known_at_both(shops)
    shops.shop.edit_customer(ada, lastName="Holm")
    shops.poll()
    shown = all_lines(desk.plan())
    shops.shop.edit_customer(ada, lastName="Lund")
    shops.poll()
    assert approve(desk.office, shown, "eve") == {"plan": None, "approved": 0, "changed": 1}
    shops.poll()
    assert shops.writes()["till"] == []
    assert desk.lines() == {"family_name": "Berg -> Lund"}


def test_line_is_left_out_when_it_changes_between_the_yes_and_the_sending(shops: Retailer) -> None:
    desk, ada = known_at_both(shops)
    shops.shop.edit_customer(ada, firstName="Adah", lastName="Holm")
    shops.poll()
    approve(desk.office, all_lines(desk.plan()), "eve")
    shops.shop.edit_customer(ada, lastName="Lund")
    shops.hub.lanes["shop"].poll_now({"customers"})
    shops.hub.lanes["shop"].pull_due()
    shops.settle()
    there = shops.at_till()["ada@example.org"]
    assert (there["given_name"], there["family_name"]) == ("Adah", "Berg")
    assert desk.lines() == {"family_name": "Berg -> Lund"}


def test_new_record_goes_whole_when_it_has_its_yes(shops: Retailer) -> None:
    desk, _ = known_at_both(shops)
    shops.shop.add_customer(firstName="Bo", lastName="Lind", email="bo@example.org")
    shops.poll()
    (item,) = desk.plan()
    assert (item.action, item.name) == ("create", "Bo Lind")
    assert approve(desk.office, all_lines([item], "family_name"), "eve")["approved"] == 0
    shops.poll()
    assert "bo@example.org" not in shops.at_till()
    approve(desk.office, all_lines(desk.plan()), "eve")
    shops.poll()
    assert shops.at_till()["bo@example.org"]["given_name"] == "Bo"


def test_live_sends_what_waited_when_the_trial_ends(shops: Retailer) -> None:
    desk, ada = known_at_both(shops)
    shops.shop.edit_customer(ada, lastName="Holm")
    shops.poll()
    assert [line["shown"] for item in desk.preview("till", Mode.LIVE) for line in item.lines] == ["Berg -> Holm"]
    assert shops.writes()["till"] == []
    set_mode(desk.office, "till", Mode.LIVE)
    shops.poll()
    assert shops.at_till()["ada@example.org"]["family_name"] == "Holm"


def test_observe_takes_values_back_when_a_connection_is_no_longer_trusted(shops: Retailer) -> None:
    desk, _ = known_at_both(shops)
    (bo,) = shops.till.customer_ids()
    shops.till.edit_customer(bo, note="likes tea")
    shops.poll()
    assert desk.customer("ada@example.org").golden["note"].value == "likes tea"
    done = set_mode(desk.office, "till", Mode.OBSERVE)
    assert (done["before"], done["mode"]) == ("propose", "observe")
    assert "note" not in desk.customer("ada@example.org").golden
    assert desk.preview("till", Mode.PROPOSE) == []
    set_mode(desk.office, "till", Mode.PROPOSE)
    assert desk.customer("ada@example.org").golden["note"].value == "likes tea"


def test_approve_is_refused_when_there_is_nothing_to_say_yes_to(shops: Retailer) -> None:
    with pytest.raises(UsageError, match="nothing to say yes to"):
        approve(Desk(shops).office, [], "eve")
