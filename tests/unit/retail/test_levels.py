"""What reads of a level mean (DESIGN section 7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.config import Missing, MovesBy, Receives, Reports, StockRule
from hub.model.delivery import Attempt, AttemptState
from hub.model.outcome import OutcomeKind
from hub.model.review import Fate, ReviewKind
from hub.model.run import Mode
from hub.model.traits import Ordering, Traits
from hub.model.values import SECOND
from tests.unit.retail.shelf import KEYED, PAIR, PLAIN, Shelf

OPENS = StockRule(opening=True)
SHOP = StockRule(reports=Reports.BOTH)


@pytest.fixture
def shelf() -> Shelf:
    """A till that opened with 10, and a shop that shows 10 too."""
    made = Shelf({"till": OPENS, "shop": SHOP})
    made.see("till", on_hand=10)
    made.see("shop", on_hand=10, available=10, reserved=0)
    made.wait(60)
    return made


# --- opening (Rule 7.2)


def test_meet_moves_nothing_when_the_level_is_unopened() -> None:
    shelf = Shelf({"till": OPENS, "shop": SHOP})
    shelf.see("shop", on_hand=3, available=3, reserved=0)
    shelf.wait(60)
    shelf.see("shop", on_hand=1, available=1, reserved=0)
    assert shelf.deltas() == []
    assert shelf.level("shop").held == 1
    assert shelf.figures() == {"on_hand": None, "reserved": 0, "available": None}
    assert (shelf.due("shop"), "opening" in shelf.why("shop")) == (0, True)


def test_open_sets_the_balance_once_when_the_opening_connection_is_read() -> None:
    shelf = Shelf({"till": OPENS, "shop": SHOP})
    shelf.see("shop", on_hand=3, available=3, reserved=0)
    shelf.see("till", on_hand=10)
    assert shelf.deltas() == [10]
    assert shelf.known.opened == [PAIR]
    assert shelf.figures() == {"on_hand": 10, "reserved": 0, "available": 10}
    assert shelf.due("shop") == 7


def test_open_waits_for_a_vote_when_the_opening_connection_is_only_observed() -> None:
    shelf = Shelf({"till": OPENS})
    shelf.known.modes["till"] = Mode.OBSERVE
    shelf.see("till", on_hand=10)
    assert shelf.figures()["on_hand"] is None
    shelf.known.modes["till"] = Mode.LIVE
    shelf.refresh()
    assert shelf.figures()["on_hand"] == 10


def test_meet_moves_nothing_when_the_level_is_opened_already(shelf: Shelf) -> None:
    late = Shelf({"till": OPENS, "shop": SHOP})
    late.see("till", on_hand=10)
    late.see("shop", on_hand=4, available=4, reserved=0)
    assert (late.deltas(), late.due("shop")) == ([10], 6)


# --- movements (Rules 7.1, 7.3, 7.4, 7.5)


def test_follow_books_the_difference_when_a_level_changes(shelf: Shelf) -> None:
    assert shelf.see("till", on_hand=8) is Fate.APPLIED
    assert (shelf.deltas(), shelf.known.balances[PAIR].on_hand) == ([10, -2], 8)
    assert shelf.due("shop") == -2


def test_follow_adds_both_movements_when_two_connections_sell(shelf: Shelf) -> None:
    shelf.see("till", on_hand=8)
    shelf.see("shop", on_hand=9, available=9, reserved=0)
    assert shelf.figures()["on_hand"] == 7
    assert (shelf.due("till"), shelf.due("shop")) == (-1, -2)


def test_follow_books_nothing_when_only_the_reserved_figure_changes(shelf: Shelf) -> None:
    shelf.see("shop", on_hand=10, available=7, reserved=3)
    assert shelf.deltas() == [10]
    assert shelf.figures() == {"on_hand": 10, "reserved": 3, "available": 7}
    assert (shelf.due("till"), shelf.due("shop")) == (-3, 0)


def test_follow_sums_reservations_when_several_connections_report_both(shelf: Shelf) -> None:
    many = Shelf({"till": OPENS, "shop": SHOP, "market": SHOP})
    many.see("till", on_hand=10)
    many.see("shop", on_hand=10, available=8, reserved=2)
    many.see("market", on_hand=10, available=9, reserved=1)
    assert many.figures() == {"on_hand": 10, "reserved": 3, "available": 7}
    assert (many.due("till"), many.due("shop"), many.due("market")) == (-3, -1, -2)


def test_follow_books_the_available_figure_when_a_till_reports_it_alone() -> None:
    shelf = Shelf({"till": StockRule(opening=True, reports=Reports.AVAILABLE)})
    shelf.see("till", on_hand=99, available=10)
    shelf.wait(60)
    shelf.see("till", on_hand=99, available=7)
    assert shelf.deltas() == [10, -3]


def test_follow_books_the_only_figure_there_is_when_the_rule_names_the_other() -> None:
    shelf = Shelf({"till": StockRule(opening=True, reports=Reports.AVAILABLE)})
    shelf.see("till", on_hand=10)
    shelf.wait(60)
    shelf.see("till", on_hand=7)
    assert shelf.deltas() == [10, -3]


def test_follow_only_checks_when_the_stock_moves_by_documents() -> None:
    shelf = Shelf({"till": OPENS, "shop": StockRule(moves_by=MovesBy.DOCUMENTS)})
    shelf.see("till", on_hand=10)
    shelf.see("shop", on_hand=10)
    shelf.wait(60)
    shelf.see("shop", on_hand=8)
    assert (shelf.deltas(), shelf.due("shop")) == ([10], 0)
    assert shelf.level("shop", "check").held == -2


def test_follow_takes_no_movement_when_a_connection_is_only_observed(shelf: Shelf) -> None:
    shelf.known.modes["shop"] = Mode.OBSERVE
    shelf.see("shop", on_hand=5, available=2, reserved=3)
    assert shelf.deltas() == [10]
    assert shelf.figures()["reserved"] == 0
    assert shelf.due("shop") == 0


def test_follow_takes_a_negative_level_as_it_is(shelf: Shelf) -> None:
    shelf.see("till", on_hand=-2)
    assert shelf.figures()["on_hand"] == -2
    assert (shelf.due("till"), shelf.due("shop")) == (2, -10)


# --- order of reads (Rule 7.8)


def test_follow_books_nothing_when_the_read_is_older_than_what_is_known(shelf: Shelf) -> None:
    shelf.see("till", on_hand=8)
    assert shelf.see("till", on_hand=9, changed=-5) is Fate.SUPERSEDED
    assert shelf.deltas() == [10, -2]
    assert shelf.known.rereads[-1].reason == "lower version"


def test_follow_holds_without_a_movement_when_a_lower_version_stays(shelf: Shelf) -> None:
    shelf.see("till", on_hand=8)
    shelf.see("till", on_hand=9, changed=-5)
    shelf.wait(31)
    assert shelf.see("till", on_hand=9, changed=-36) is Fate.APPLIED
    assert (shelf.deltas(), shelf.level("till").held, shelf.due("till")) == ([10, -2], 9, -1)


def test_follow_counts_a_level_that_went_back_as_a_sign_of_a_restore(shelf: Shelf) -> None:
    shelf.see("till", on_hand=8)
    shelf.see("till", on_hand=9, changed=-5)
    shelf.wait(31)
    shelf.see("till", on_hand=9, changed=-36)
    assert list(shelf.known.state("till").signs["back"]) == [str(shelf.link("till").id)]


def restored() -> tuple[Shelf, Attempt]:
    """Return a change that is under way to a shop, which was restored meanwhile: it showed 10 at version 6."""
    shelf = Shelf({"till": OPENS, "shop": StockRule()}, {"shop": replace(KEYED, ordering=Ordering.COUNTER)})
    shelf.see("till", on_hand=10)
    shelf.see("shop", on_hand=10, version=6)
    shelf.wait(60)
    shelf.see("till", on_hand=9)
    return shelf, shelf.send("shop")


def test_answer_books_no_movement_when_it_shows_a_lower_version_than_the_one_before() -> None:
    shelf, attempt = restored()
    shelf.end(attempt, answer={"on_hand": 12, "version": 3})
    for _ in range(2):
        shelf.wait(60)
        shelf.see("shop", on_hand=12, version=3)
    assert (shelf.deltas(), shelf.due("shop")) == ([10, -1], -3)


def test_read_back_books_no_movement_when_it_shows_the_version_of_before() -> None:
    shelf, attempt = restored()
    shelf.end(attempt)
    shelf.wait(60)
    shelf.see("shop", on_hand=12, version=6)
    assert (shelf.deltas(), shelf.due("shop")) == ([10, -1], -3)


def test_follow_books_no_movement_when_the_system_was_restored(shelf: Shelf) -> None:
    shelf.see("till", on_hand=8)
    shelf.known.state("till").epoch = shelf.known.state("till").accepted = 1
    shelf.wait(60)
    assert shelf.see("till", on_hand=10) is Fate.APPLIED
    assert (shelf.deltas(), shelf.level("till").held, shelf.due("till")) == ([10, -2], 10, -2)
    shelf.wait(60)
    shelf.see("till", on_hand=9)
    assert shelf.deltas() == [10, -2, -1]


def test_lose_books_nothing_when_the_system_was_restored() -> None:
    shelf = Shelf({"till": StockRule(opening=True, missing=Missing.ZERO)})
    shelf.see("till", on_hand=10)
    shelf.known.state("till").epoch = shelf.known.state("till").accepted = 1
    shelf.lose("till")
    shelf.see("till", on_hand=10)
    assert shelf.deltas() == [10]


def test_follow_books_nothing_when_an_earlier_read_arrives_late(shelf: Shelf) -> None:
    seq = shelf.seq + 1
    shelf.seq += 1
    shelf.see("till", on_hand=8)
    assert shelf.see("till", on_hand=9, seq=seq) is Fate.SUPERSEDED
    assert shelf.deltas() == [10, -2]


def test_follow_books_the_later_read_when_the_times_are_equal(shelf: Shelf) -> None:
    shelf.see("till", on_hand=8)
    shelf.see("till", on_hand=7)
    assert shelf.deltas() == [10, -2, -1]


def test_follow_waits_when_a_slow_system_may_still_show_the_state_before() -> None:
    shelf = Shelf(
        {"till": OPENS}, {"till": Traits(Ordering.NONE, visible_after=10 * SECOND, adjust="idempotency_key", deltas=True)}
    )
    shelf.see("till", on_hand=10, changed=None)
    shelf.see("till", on_hand=8, changed=None)
    shelf.wait(3)
    assert shelf.see("till", on_hand=10, changed=None) is Fate.WAITING
    shelf.wait(10)
    shelf.see("till", on_hand=8, changed=None)
    assert shelf.deltas() == [10, -2]


# --- missing and gone levels (Rule 7.10)


def test_meet_books_everything_when_a_missing_level_means_zero() -> None:
    shelf = Shelf({"till": OPENS, "shop": StockRule(missing=Missing.ZERO)})
    shelf.see("till", on_hand=10)
    shelf.see("shop", on_hand=4)
    assert (shelf.deltas(), shelf.figures()["on_hand"]) == ([10, 4], 14)


def test_meet_books_everything_when_nobody_had_a_level_before_and_that_means_zero() -> None:
    rules = {"till": StockRule(opening=True, missing=Missing.ZERO), "shop": StockRule(missing=Missing.ZERO)}
    shelf = Shelf(rules)
    shelf.see("shop", on_hand=4)
    shelf.see("till", on_hand=7)
    assert (shelf.deltas(), shelf.figures()["on_hand"]) == ([0, 4, 7], 11)


def test_lose_knows_nothing_when_a_missing_level_is_unknown(shelf: Shelf) -> None:
    shelf.see("shop", on_hand=10, available=8, reserved=2)
    shelf.lose("shop")
    assert (shelf.deltas(), shelf.due("shop")) == ([10], 0)
    assert "not known" in shelf.why("shop")


def test_lose_books_the_rest_when_a_missing_level_means_zero() -> None:
    shelf = Shelf({"till": OPENS, "shop": StockRule(missing=Missing.ZERO)})
    shelf.known.first_reads["shop", "inventory"].complete = False
    shelf.see("till", on_hand=10)
    shelf.see("shop", on_hand=4)
    shelf.lose("shop")
    assert shelf.deltas() == [10, -4]


def test_open_starts_with_nothing_when_the_opening_connection_has_no_level_and_that_means_zero() -> None:
    shelf = Shelf({"till": StockRule(opening=True, missing=Missing.ZERO), "shop": SHOP})
    shelf.see("shop", on_hand=4, available=4, reserved=0)
    assert (shelf.deltas(), shelf.due("shop")) == ([0], -4)


def test_open_waits_when_nothing_is_there_for_an_opener_that_is_only_observed() -> None:
    shelf = Shelf({"till": StockRule(opening=True, missing=Missing.ZERO), "shop": SHOP})
    shelf.known.modes["till"] = Mode.OBSERVE
    shelf.see("till", on_hand=7)
    shelf.see("shop", on_hand=4, available=4, reserved=0)
    assert (shelf.figures()["on_hand"], shelf.due("shop")) == (None, 0)
    shelf.known.modes["till"] = Mode.LIVE
    shelf.refresh()
    assert (shelf.deltas(), shelf.due("shop")) == ([7], 3)


# --- fences and results (Rules 7.7, 7.9)


def test_follow_waits_when_our_change_is_on_its_way(shelf: Shelf) -> None:
    shelf.see("till", on_hand=8)
    attempt = shelf.send("shop")
    assert shelf.see("shop", on_hand=8, available=8, reserved=0) is Fate.WAITING
    shelf.end(attempt, answer={"on_hand": 8, "available": 8, "reserved": 0})
    assert shelf.deltas() == [10, -2]
    assert shelf.known.rereads[-1].reason == "owed"


def test_follow_waits_when_the_read_left_before_our_change_ended(shelf: Shelf) -> None:
    shelf.see("till", on_hand=8)
    attempt = shelf.send("shop")
    seq = shelf.seq
    shelf.end(attempt, answer={"on_hand": 8, "available": 8, "reserved": 0})
    shelf.wait(1)
    assert shelf.see("shop", on_hand=10, available=10, reserved=0, seq=seq) is Fate.WAITING
    assert shelf.deltas() == [10, -2]


def test_end_books_what_others_moved_when_the_answer_shows_more_than_our_change(shelf: Shelf) -> None:
    shelf.see("till", on_hand=8)
    attempt = shelf.send("shop")
    shelf.end(attempt, answer={"on_hand": 7, "available": 6, "reserved": 1})
    assert shelf.deltas() == [10, -2, -1]
    assert shelf.figures() == {"on_hand": 7, "reserved": 1, "available": 6}


def test_end_reads_back_when_the_answer_has_no_level(shelf: Shelf) -> None:
    shelf.see("till", on_hand=8)
    attempt = shelf.send("shop")
    shelf.end(attempt)
    assert (attempt.state, shelf.plan()[0].state.value) == (AttemptState.READ_BACK, "due")
    shelf.wait(1)
    shelf.see("shop", on_hand=5, available=5, reserved=0)
    assert (attempt.state, shelf.deltas()) == (AttemptState.CLOSED, [10, -2, -3])


def test_read_back_waits_when_it_left_before_the_change_had_to_be_visible() -> None:
    lagging = Traits(Ordering.NONE, visible_after=10 * SECOND, adjust="idempotency_key", deltas=True)
    shelf = Shelf({"till": OPENS, "shop": SHOP}, {"shop": lagging})
    shelf.see("till", on_hand=8)
    shelf.see("shop", on_hand=10, available=10, reserved=0, changed=None)
    shelf.wait(60)
    attempt = shelf.send("shop")
    shelf.end(attempt)
    shelf.wait(9)
    assert shelf.see("shop", on_hand=10, available=10, reserved=0, changed=None) is Fate.WAITING
    shelf.wait(2)
    assert shelf.see("shop", on_hand=8, available=8, reserved=0, changed=None) is Fate.APPLIED
    assert shelf.deltas() == [8]


def test_follow_leaves_it_to_the_key_when_nobody_knows_whether_our_change_happened(shelf: Shelf) -> None:
    shelf.see("till", on_hand=8)
    attempt = shelf.send("shop")
    shelf.end(attempt, OutcomeKind.UNKNOWN)
    shelf.wait(600)
    assert shelf.see("shop", on_hand=8, available=8, reserved=0) is Fate.WAITING
    assert attempt.state is AttemptState.UNKNOWN
    shelf.end(attempt, answer={"on_hand": 8, "available": 8, "reserved": 0})
    assert (shelf.deltas(), attempt.state) == ([10, -2], AttemptState.CLOSED)


def test_end_stays_unknown_when_sending_it_again_was_not_possible(shelf: Shelf) -> None:
    shelf.see("till", on_hand=8)
    attempt = shelf.send("shop")
    shelf.end(attempt, OutcomeKind.UNKNOWN)
    shelf.end(attempt, OutcomeKind.NOT_SENT)
    assert attempt.state is AttemptState.UNKNOWN
    link = shelf.link("shop")
    assert link is not None
    assert link.attempt_id == attempt.id


@pytest.mark.parametrize(("now", "due"), [(10, -2), (8, 0)])
def test_read_back_tells_whether_it_happened_when_there_is_no_key(now: int, due: int) -> None:
    shelf = Shelf({"till": OPENS, "shop": StockRule()}, {"shop": PLAIN})
    shelf.see("till", on_hand=8)
    shelf.see("shop", on_hand=10)
    shelf.wait(60)
    shelf.end(shelf.send("shop"), OutcomeKind.UNKNOWN)
    shelf.wait(3)
    assert shelf.see("shop", on_hand=now) is Fate.WAITING
    shelf.wait(3)
    shelf.see("shop", on_hand=now)
    assert (shelf.deltas(), shelf.due("shop"), shelf.known.questions) == ([8], due, [])


def test_read_back_asks_when_the_figure_fits_neither_story() -> None:
    shelf = Shelf({"till": OPENS, "shop": StockRule()}, {"shop": PLAIN})
    shelf.see("till", on_hand=4)
    shelf.see("shop", on_hand=10)
    shelf.wait(60)
    shelf.end(shelf.send("shop"), OutcomeKind.UNKNOWN)
    shelf.wait(10)
    shelf.see("shop", on_hand=3)
    assert [q.kind for q in shelf.known.questions] == [ReviewKind.COUNT]
    assert shelf.deltas() == [4, -1]


# --- going round (Rule 7.13)


def test_follow_stops_and_asks_when_changes_go_round_between_two_connections(shelf: Shelf) -> None:
    shown = {"till": 10, "shop": 10}
    for turn in range(9):
        name, other = ("till", "shop") if turn % 2 == 0 else ("shop", "till")
        shown[name] -= 1
        figures = {"on_hand": shown[name], "available": shown[name], "reserved": 0}
        shelf.see(name, **figures)
        if shelf.due(other) == 0:
            break
        attempt = shelf.send(other)
        shown[other] -= 1
        figures = {"on_hand": shown[other], "available": shown[other], "reserved": 0}
        shelf.end(attempt, answer=figures)
        shelf.wait(5)
    assert [q.kind for q in shelf.known.questions] == [ReviewKind.ECHO]
    assert (shelf.due("till"), shelf.due("shop")) == (0, 0)
    assert "stopped" in shelf.why("till")


def test_follow_goes_on_when_people_really_sell_in_turns(shelf: Shelf) -> None:
    for turn in range(10):
        name, other = ("till", "shop") if turn % 2 == 0 else ("shop", "till")
        units = shelf.level(name).held or 0
        shelf.see(name, on_hand=units - 1, available=units - 1, reserved=0)
        attempt = shelf.send(other)
        shelf.end(attempt, answer={"on_hand": units - 1, "available": units - 1, "reserved": 0})
        shelf.wait(90)
    assert shelf.known.questions == []


def test_known_rules_of_receiving_ask_for_the_same_delta(shelf: Shelf) -> None:
    takes = Shelf({"till": OPENS, "shop": SHOP.model_copy(update={"receives": Receives.AVAILABLE})}, {"till": KEYED})
    takes.see("till", on_hand=10)
    takes.see("shop", on_hand=10, available=7, reserved=3)
    takes.see("till", on_hand=8, changed=1)
    assert (takes.due("till"), takes.due("shop")) == (-3, -2)
