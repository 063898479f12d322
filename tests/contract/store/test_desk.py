import pytest

from hub.errors import InvariantBroken
from hub.model.record import Drift, DriftKind
from hub.model.review import Review, ReviewKind
from hub.model.run import ConnectionState, DeadLetter, DeadState, DriftCount, Mode
from hub.store import Store
from tests.contract.store.samples import waiting


def dead(ident: int, state: DeadState = DeadState.OPEN) -> DeadLetter:
    return DeadLetter(
        ident, "record_refused", "no id", "shop", "customers", "12", b'{"a":1}', 5, "email", "fix the mapping", 2, state
    )


def test_waiting_record_comes_back_whole(store: Store) -> None:
    with store.unit() as unit:
        unit.park([waiting(1, "1"), waiting(2, "2", waits_for="ref:locations/9", deadline=5)])
        assert unit.waiting(["link:1"]) == [waiting(1, "1")]
        assert unit.waiting_past("shop", 10, 10) == [waiting(2, "2", waits_for="ref:locations/9", deadline=5), waiting(1, "1")]
        assert unit.waiting_past("till", 10, 10) == []
        assert unit.waiting_past("shop", 9, 10) == [waiting(2, "2", waits_for="ref:locations/9", deadline=5)]
        unit.unpark([1])
        assert unit.waiting(["link:1"]) == []


def test_parking_keeps_the_read_that_was_sent_last(store: Store) -> None:
    with store.unit() as unit:
        unit.park([waiting(1, seq=5), waiting(2, seq=7), waiting(3, seq=6)])
        assert unit.waiting_of("shop", "customers", ["1"]) == {"1": waiting(2, seq=7)}
        unit.park([waiting(4, seq=6)])
        unit.park([waiting(5, "2", seq=1)])
        assert unit.waiting_of("shop", "customers", ["1"]) == {"1": waiting(2, seq=7)}
        unit.park([waiting(6, seq=8)])
        assert unit.waiting(["link:1"]) == [waiting(5, "2", seq=1), waiting(6, seq=8)]


def test_review_is_asked_once_while_it_is_open(store: Store) -> None:
    first, again = (
        Review(1, ReviewKind.MATCH, "1~2", 1, None, 5, {"same": ["email"]}),
        Review(2, ReviewKind.MATCH, "1~2", 1, None, 6),
    )
    other = Review(3, ReviewKind.CLASH, "1~2", 1, 4, 6)
    with store.unit() as unit:
        assert unit.open_reviews([first]) == [first]
        assert unit.open_reviews([again, other]) == [other]
        assert unit.reviews() == unit.reviews_about(["1~2"]) == unit.reviews_of([1]) == [first, other]
        first.resolved_at, first.answer = 9, "apart"
        unit.save_reviews([first])
        assert unit.open_reviews([again]) == [again]
        assert unit.reviews() == [again, other]
        assert unit.reviews(resolved=True) == [first]
        assert unit.reviews_by_id([1]) == {1: first}


def test_second_open_review_is_refused_when_saved_directly(store: Store) -> None:
    with pytest.raises(InvariantBroken), store.unit() as unit:
        unit.save_reviews([Review(n, ReviewKind.MATCH, "1~2", 1, None, 5) for n in (1, 2)])


def test_dead_letters_are_found_by_state_id_and_record(store: Store) -> None:
    with store.unit() as unit:
        unit.save_dead_letters([dead(1), dead(2), dead(3, DeadState.REPLAYED)])
        assert unit.dead_letters() == [dead(1), dead(2)]
        assert unit.dead_letters(after=1) == [dead(2)]
        assert unit.dead_letters(DeadState.REPLAYED) == [dead(3, DeadState.REPLAYED)]
        assert unit.dead_letters_by_id([3, 4]) == {3: dead(3, DeadState.REPLAYED)}
        assert unit.dead_letters_of("shop", "customers", ["12"]) == [dead(1), dead(2)]


def test_connections_and_flags_keep_their_latest_state(store: Store) -> None:
    with store.unit() as unit:
        unit.save_connection(ConnectionState("shop"))
        unit.save_connection(ConnectionState("shop", Mode.LIVE, "auth_failed", 2, 9))
        unit.set_flag("writes", "stopped")
        assert unit.connections() == {"shop": ConnectionState("shop", Mode.LIVE, "auth_failed", 2, 9)}
        assert unit.flags() == {"writes": "stopped"}
        unit.set_flag("writes", None)
        assert unit.flags() == {}


def test_drift_is_counted_per_place_and_kind(store: Store) -> None:
    surprise = Drift("customers", "nick", DriftKind.UNKNOWN_FIELD)
    with store.unit() as unit:
        unit.count_drift("shop", [surprise, surprise, Drift("customers", "nick", DriftKind.BAD_VALUE)], 5)
        unit.count_drift("shop", [surprise], 9)
        unit.count_drift("shop", [], 10)
        assert unit.drifts("shop") == unit.drifts() == [
            DriftCount("shop", "customers", "nick", "bad_value", 1, 5, 5),
            DriftCount("shop", "customers", "nick", "unknown_field", 3, 5, 9),
        ]  # fmt: skip
